"""What many tests need. Sockets that leave this machine are forbidden in pyproject.toml."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.config import PROJECT, Settings, go_offline

if TYPE_CHECKING:
    from rag.embed import SentenceTransformerEmbedder
    from rag.llm import LlamaEngine

go_offline()


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test means the defaults, whatever RECOUPE_* variables the user has set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RECOUPE_{name.upper()}", raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, with an own dossier that does not exist yet."""
    return Settings(dossier=tmp_path / "dossier")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material that is not part of the project; skips without it."""
    folder = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference material in {folder}")
    return folder


@pytest.fixture(scope="session")
def real_embedder() -> "SentenceTransformerEmbedder":
    """The default embedder, loaded once; for tests marked `model`."""
    from rag.embed import SentenceTransformerEmbedder
    from rag.models import model_path

    settings = Settings()
    folder = model_path(settings.embedder, settings.models)
    return SentenceTransformerEmbedder.load(folder, settings.threads)


@pytest.fixture(scope="session")
def real_engine() -> "Iterator[LlamaEngine]":
    """The default language model, loaded once; for tests marked `model`."""
    from rag.llm import LlamaEngine
    from rag.models import model_path

    settings = Settings()
    engine = LlamaEngine(
        model_path(settings.llm, settings.models), settings.context_tokens, settings.threads
    )
    yield engine
    engine.close()
