"""The doctor finds what is wrong and says what to do."""

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag import doctor
from rag.config import OFFLINE_ENVIRONMENT, PROJECT, Settings
from rag.dossier import Dossier
from tests.fakes import FakeAssistant, HashEmbedder

if TYPE_CHECKING:
    from rag.embed import SentenceTransformerEmbedder


def test_a_missing_model_is_named_with_the_command_that_gets_it(settings: Settings) -> None:
    found = doctor.check_model(settings.llm, settings.dossier)
    assert (found.name, found.ok) == (f"model {settings.llm}", False)
    assert found.remedy == f"Get it: recoupe models pull {settings.llm}"


def test_a_damaged_model_is_found(settings: Settings) -> None:
    settings.dossier.mkdir()
    (settings.dossier / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf").write_bytes(b"GGUF")
    found = doctor.check_model(settings.llm, settings.dossier)
    assert not found.ok and "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf" in found.detail


def test_a_place_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert doctor.check_writable(tmp_path / "new" / "dossier").ok
    found = doctor.check_writable(file)
    assert (found.ok, found.detail) == (False, f"not possible in {file} (Not a directory)")
    assert "--dossier" in found.remedy
    assert os.listdir(tmp_path) == ["file"]


def test_a_full_disk_is_found(tmp_path: Path) -> None:
    assert doctor.check_space(tmp_path / "new", wanted=1).ok
    found = doctor.check_space(tmp_path, wanted=10**18)
    assert not found.ok
    assert found.remedy == f"Free at least 1000000000.0 GB on the disk of {tmp_path}."


def test_whoever_leaves_this_machine_is_seen() -> None:
    with doctor.watched_network() as attempts:
        sys.audit("socket.getaddrinfo", "localhost", 80, 0, 0, 0)
        sys.audit("socket.connect", None, ("127.0.0.1", 80))
        sys.audit("socket.connect", None, "/run/some.socket")
        assert attempts == []
        sys.audit("socket.getaddrinfo", "example.org", 443, 0, 0, 0)
        sys.audit("socket.connect", None, ("192.0.2.1", 443))
    sys.audit("socket.connect", None, ("192.0.2.2", 443))
    assert attempts == ["example.org", "192.0.2.1"]
    found = doctor.check_network(attempts)
    assert (found.ok, found.detail) == (False, "connections attempted: example.org, 192.0.2.1")


@pytest.mark.parametrize("name", OFFLINE_ENVIRONMENT)
def test_a_library_that_may_look_things_up_is_seen(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor.check_network([]).ok
    monkeypatch.delenv(name)
    assert not doctor.check_network([]).ok


def test_without_models_and_articles_the_rest_is_still_checked(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"models": settings.dossier})
    found = {one.name: one for one in doctor.diagnose(nowhere)}
    assert [name for name, one in found.items() if one.ok] == ["writing", "free disk"]
    assert found["dossier"].remedy == f"Add some: recoupe add PATH --dossier {settings.dossier}"


@pytest.fixture
def assistant(settings: Settings, tmp_path: Path) -> FakeAssistant:
    return FakeAssistant(Dossier.open(settings, HashEmbedder()))


def test_a_question_that_is_answered_is_reported_with_its_time(
    assistant: FakeAssistant, tmp_path: Path
) -> None:
    article = tmp_path / "article.md"
    article.write_text("---\ntitle: Fair\n---\nThe fair opens, they say. It is cold.\n")
    assistant.dossier.add([article])
    found = doctor.check_question(assistant)  # type: ignore[arg-type]
    assert (found.ok, found.detail) == (True, "answered in 1.2 s, citations: 1")


def test_questions_without_answers_are_a_problem(assistant: FakeAssistant, tmp_path: Path) -> None:
    article = tmp_path / "article.md"
    article.write_text("---\ntitle: Fair\n---\nThe fair opens. It is cold.\n")
    assistant.dossier.add([article])
    found = doctor.check_question(assistant)  # type: ignore[arg-type]
    assert (found.ok, found.detail) == (
        False,
        '“What does the article "Fair" say?” was not answered',
    )


@pytest.mark.model
def test_a_healthy_machine_has_nothing_to_report(
    settings: Settings, real_embedder: "SentenceTransformerEmbedder"
) -> None:
    with closing(Dossier.open(settings, real_embedder)) as dossier:
        dossier.add(sorted((PROJECT / "seeds").glob("*.md"))[:1])
    assert [one for one in doctor.diagnose(settings) if not one.ok] == []
