"""The archive keeps what was asked and answered, whoever writes and whatever goes wrong."""

import multiprocessing
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.archive.records import Rating, title_of
from rag.archive.store import FILE, SCHEMA_VERSION, Archive
from rag.errors import RecoupeError, SettingsError, StoreError
from rag.types import LANGUAGES
from tests.archive.conversations import DISAGREEMENT, REFUSAL


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = Archive.open(tmp_path / "dossier", busy_seconds=0.1)
    yield opened
    opened.close()


def ask(archive: Archive, question: str, conversation: str | None = None, text: str = "Yes."):
    answer = replace(REFUSAL, question=question, text=text)
    return archive.add(conversation, question, answer)


def titles(archive: Archive, search: str = "") -> list[str]:
    return [one.title for one in archive.conversations(search)]


def error_key(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(RecoupeError) as caught:
        call(*arguments)
    for language in LANGUAGES:
        assert "\n" not in caught.value.text(language)
    return caught.value.key


def test_a_conversation_comes_back_with_its_turns_in_order(archive: Archive) -> None:
    first = archive.add(None, "Combien ?", DISAGREEMENT)
    second = archive.add(first.conversation_id, "Qui ?", REFUSAL, "Qui a payé le pont ?")
    assert archive.turns(first.conversation_id) == [first, second]
    (conversation,) = archive.conversations()
    assert (conversation.title, conversation.turns) == ("Combien ?", 2)
    assert (conversation.started, conversation.changed) == (first.asked, second.asked)
    assert archive.conversation(first.conversation_id) == conversation


def test_the_conversation_asked_last_comes_first(archive: Archive) -> None:
    old = ask(archive, "Old?")
    ask(archive, "New?")
    assert titles(archive) == ["New?", "Old?"]
    ask(archive, "And then?", old.conversation_id)
    assert titles(archive) == ["Old?", "New?"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ELECTRICITE", ["Où va l’électricité ?"]),
        ("l'électricité", ["Où va l’électricité ?"]),
        ("oeuvres", ["Qui peint ?"]),
        ("peint ŒUVRES", ["Qui peint ?"]),
        ("peint électricité", []),
        ("%", []),
        ("  ", ["Qui peint ?", "Où va l’électricité ?"]),
    ],
)
def test_words_are_found_whatever_their_accents_and_capitals(
    archive: Archive, search: str, found: list[str]
) -> None:
    ask(archive, "Où va l’électricité ?", text="À Lyon.")
    ask(archive, "Qui peint ?", text="Les œuvres sont de Rey.")
    assert titles(archive, search) == found


def test_a_conversation_is_found_by_the_title_it_was_given(archive: Archive) -> None:
    turn = ask(archive, "Who?")
    archive.rename(turn.conversation_id, "  Enquête\nsur le pont ")
    assert titles(archive, "enquete") == ["Enquête sur le pont"]
    archive.rename(turn.conversation_id, " ")
    assert titles(archive) == ["Who?"]


def test_a_long_question_makes_a_title_cut_between_words() -> None:
    assert title_of("mot " * 30) == "mot " * 18 + "mot…"
    assert title_of("x" * 100) == "x" * 79 + "…"


def test_a_deleted_conversation_is_gone_from_the_disk_too(archive: Archive, tmp_path: Path) -> None:
    turn = ask(archive, "Who is the informant Xylander?", text="Xylander is in the archive.")
    kept = ask(archive, "Kept?")
    archive.delete(turn.conversation_id)
    archive.delete("unknown")
    assert titles(archive) == ["Kept?"]
    assert error_key(archive.turns, turn.conversation_id) == "archive.no_conversation"
    assert archive.turns(kept.conversation_id) == [kept]
    for file in (tmp_path / "dossier").iterdir():
        assert b"ylander" not in file.read_bytes()


def test_a_rating_is_kept_changed_and_taken_back(archive: Archive) -> None:
    turn = ask(archive, "Who?")
    ask(archive, "Unrated?")
    archive.rate(turn.id, Rating("down", "incomplete", "Et l’année ?"))
    assert archive.rated() == [replace(turn, rating=Rating("down", "incomplete", "Et l’année ?"))]
    archive.rate(turn.id, Rating("up"))
    assert [one.rating for one in archive.rated()] == [Rating("up")]
    archive.rate(turn.id, None)
    assert archive.rated() == []
    assert archive.turns(turn.conversation_id) == [turn]


@pytest.mark.parametrize("values", [("great", None), ("down", "rude")])
def test_an_unknown_rating_is_refused(values) -> None:
    assert error_key(Rating, *values) == "archive.rating"
    with pytest.raises(SettingsError, match=r"wrong, not_in_source|up, down"):
        Rating(*values)


def test_what_is_no_longer_there_is_told(archive: Archive) -> None:
    assert error_key(ask, archive, "Who?", "unknown") == "archive.no_conversation"
    assert error_key(archive.rename, "unknown", "x") == "archive.no_conversation"
    assert error_key(archive.conversation, "unknown") == "archive.no_conversation"
    assert error_key(archive.rate, 7, Rating("up")) == "archive.no_turn"
    assert archive.conversations() == []


def test_text_that_is_not_unicode_is_told_and_keeps_nothing(archive: Archive) -> None:
    assert error_key(ask, archive, "Why \ud83d?") == "archive.unicode"
    assert archive.conversations() == []


def test_a_full_disk_is_told_and_changes_nothing(archive: Archive) -> None:
    ask(archive, "Before?")
    pages = archive._db.all("PRAGMA page_count")[0][0]
    archive._db.all(f"PRAGMA max_page_count = {pages}")
    assert error_key(ask, archive, "Big?", None, "word " * 50_000) == "store.full"
    assert titles(archive) == ["Before?"]
    archive._db.all("PRAGMA max_page_count = 1000000")
    ask(archive, "After?")
    assert titles(archive) == ["After?", "Before?"]


def test_an_archive_that_may_not_be_written_is_told(archive: Archive) -> None:
    ask(archive, "Before?")
    archive._db.all("PRAGMA query_only = ON")
    assert error_key(ask, archive, "After?") == "store.read_only"
    assert titles(archive) == ["Before?"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert error_key(Archive.open, tmp_path / "file") == "store.read_only"


def test_an_archive_that_another_program_holds_is_told(archive: Archive, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "dossier" / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert error_key(ask, archive, "Who?") == "store.locked"
    other.execute("ROLLBACK")
    other.close()
    ask(archive, "Who?")
    assert titles(archive) == ["Who?"]


def test_an_archive_of_a_newer_version_is_told(archive: Archive, tmp_path: Path) -> None:
    archive._db.all(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert error_key(Archive.open, tmp_path / "dossier") == "archive.newer"


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, " * 1000)
    assert error_key(Archive.open, tmp_path) == "archive.corrupted"


def test_a_damaged_answer_is_told(archive: Archive, tmp_path: Path) -> None:
    turn = ask(archive, "Who?")
    other = sqlite3.connect(tmp_path / "dossier" / FILE)
    other.execute("UPDATE turns SET answer = '{'")
    other.commit()
    other.close()
    assert error_key(archive.turns, turn.conversation_id) == "archive.record"


def test_threads_share_one_archive(archive: Archive) -> None:
    turn = ask(archive, "0")
    threads = [
        threading.Thread(target=ask, args=(archive, str(n), turn.conversation_id))
        for n in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = [one.question for one in archive.turns(turn.conversation_id)]
    assert sorted(asked) == list("012345678")


def write_ten(folder: Path, name: str) -> None:
    archive = Archive.open(folder)
    for number in range(10):
        ask(archive, f"{name} {number}")
    archive.close()


def test_processes_share_one_archive(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write_ten, args=(tmp_path, name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    archive = Archive.open(tmp_path)
    assert sorted(titles(archive)) == sorted(f"{name} {n}" for name in "ab" for n in range(10))
    archive.close()


def test_the_archive_goes_with_its_dossier(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path)
    ask(archive, "Who?")
    archive.close()
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


def test_an_error_that_is_no_database_s_leaves_nothing_half_done(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = ask(archive, "Before?")
    monkeypatch.setattr("rag.archive.store.to_json", lambda answer: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask(archive, "After?")
    assert titles(archive) == ["Before?"]
    assert isinstance(StoreError("archive.no_turn", number=turn.id), RecoupeError)
