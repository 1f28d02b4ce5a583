"""The page when it cannot answer, yet or at all: what is seen first, and when all goes wrong."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import app
from eval.footprint import free_port
from rag.config import Settings
from rag.dossier import Dossier
from rag.errors import ModelError, RecoupeError, StoreError
from rag.page.desk import Desk
from tests.fakes import FakeAssistant, HashEmbedder

if TYPE_CHECKING:
    from rag.assistant import Assistant

ARTICLES = {
    f"{name}.txt": f"{title}. Les travaux durent jusqu’en mai, selon la mairie."
    for name, title in (
        ("pont", "Le pont de Nantes ferme lundi"),
        ("quai", "Le quai des Barges rouvre mardi"),
        ("gare", "La gare de Dole perd deux guichets"),
    )
}


class SlowEmbedder(HashEmbedder):
    """Embeds one article, then waits."""

    def __init__(self, go_on: threading.Event) -> None:
        super().__init__()
        self._go_on = go_on
        self._calls = 0

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        self._calls += 1
        if self._calls > 1:
            self._go_on.wait()
        return super().encode_passages(texts)


class LoadingAssistant(FakeAssistant):
    """Its models are never loaded."""

    go_on: threading.Event

    def load(self) -> None:
        self.go_on.wait()


@contextmanager
def troubled(folder: Path) -> Iterator[dict[str, str]]:
    """The address of a page by what is the matter with it: "empty" (no article), "loading" (the
    models), "missing" (a model), "error" (a damaged dossier), "adding" (to be made so: articles
    that are added are embedded for ever).
    """
    go_on = threading.Event()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    loading = LoadingAssistant(_dossier(folder / "loading", HashEmbedder()))
    loading.go_on = go_on
    loading.dossier.add([folder / name for name in ARTICLES])
    desks = {
        "empty": _desk(FakeAssistant(_dossier(folder / "empty", HashEmbedder()))),
        "loading": _desk(loading),
        "missing": Desk(_raising(_missing_model())),
        "error": Desk(_raising(StoreError("store.corrupted", path=folder / "dossier.db"))),
        "adding": _desk(FakeAssistant(_dossier(folder / "adding", SlowEmbedder(go_on)))),
    }
    blocks = {name: app.build_app(desk) for name, desk in desks.items()}
    ports = {name: free_port() for name in blocks}
    for name, page in blocks.items():
        threading.Thread(target=desks[name].open, daemon=True).start()
        page.launch(**app.launch_options("127.0.0.1", ports[name]), prevent_thread_lock=True)
    try:
        yield {name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}
    finally:
        go_on.set()
        for page in blocks.values():
            page.close()


def _dossier(folder: Path, embedder: HashEmbedder) -> Dossier:
    return Dossier.open(Settings(dossier=folder, warm=False), embedder)


def _desk(assistant: FakeAssistant) -> Desk:
    return Desk(lambda: assistant)  # type: ignore[arg-type, return-value]


def _missing_model() -> ModelError:
    name = Settings().llm
    return ModelError("models.absent", name=name, path=f"models/{name}.gguf")


def _raising(error: RecoupeError) -> Callable[[], "Assistant"]:
    def fail() -> "Assistant":
        raise error

    return fail
