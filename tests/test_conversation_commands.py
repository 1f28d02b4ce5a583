"""`recoupe conversations` and `recoupe export`: what was asked on the page, at the command line."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from rag import cli
from rag.archive.records import Rating
from rag.archive.store import Archive
from rag.store import Store
from tests.archive.conversations import BRIDGE, DISAGREEMENT, QUAY, REFUSAL

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def dossier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dossier of two articles, in which nothing was asked yet."""
    folder = tmp_path / "dossier"
    monkeypatch.setenv("RECOUPE_DOSSIER", str(folder))
    put(folder, BRIDGE, QUAY)
    return folder


@pytest.fixture
def asked(dossier: Path) -> str:
    """The identifier of a conversation of two questions, the second rated."""
    archive = Archive.open(dossier)
    first = archive.add(None, DISAGREEMENT.question, DISAGREEMENT)
    second = archive.add(first.conversation_id, REFUSAL.question, REFUSAL)
    archive.rate(second.id, Rating("down", "incomplete", "Who did?"))
    archive.close()
    return first.conversation_id


def put(folder: Path, *documents) -> None:
    store = Store.open(folder)
    for document in documents:
        store.put(document, "sha", [], np.zeros((0, 64)))
    store.close()


def said(capsys: Capture, *arguments: str) -> str:
    assert cli.run(list(arguments)) == 0
    return capsys.readouterr().out


def failed(capsys: Capture, *arguments: str) -> str:
    assert cli.run(list(arguments)) != 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    return lines[0]


def test_conversations_are_listed_and_found(asked: str, capsys: Capture) -> None:
    line = said(capsys, "conversations", "list")
    assert line.startswith(f"{asked}  ")
    assert line.endswith("  2 questions    Combien a coûté le pont ?\n")
    assert said(capsys, "conversations", "list", "--search", "COUTE") == line
    assert said(capsys, "conversations", "list", "--search", "quay") == ""
    (told,) = json.loads(said(capsys, "conversations", "list", "--json"))["conversations"]
    assert (told["id"], told["turns"]) == (asked, 2)


def test_a_conversation_is_shown_with_its_sources(asked: str, capsys: Capture) -> None:
    shown = said(capsys, "conversations", "show", asked)
    assert "\n> Combien a coûté le pont ?  (" in shown
    assert f"\n{DISAGREEMENT.text}\n" in shown
    assert '[1] Le Courrier, Ana Rey, "Le pont ouvre", 2024-03-05, paragraphe 2' in shown
    assert "Since then:" not in shown
    told = json.loads(said(capsys, "conversations", "show", asked, "--json"))
    assert [turn["question"] for turn in told["turns"]] == [
        "Combien a coûté le pont ?",
        "Who paid?",
    ]
    assert told["turns"][0]["answer"] == json.loads(json.dumps(asdict(DISAGREEMENT)))
    assert told["turns"][1]["rating"]["comment"] == "Who did?"


def test_evidence_that_was_corrected_is_told_when_it_is_shown(
    asked: str, dossier: Path, capsys: Capture
) -> None:
    store = Store.open(dossier)
    store.remove(BRIDGE.id)
    store.close()
    put(dossier, replace(BRIDGE, id="newer", text="Rien."))
    shown = said(capsys, "conversations", "show", asked)
    assert (
        "\nSince then:\n[1] NO LONGER in the article: it was replaced by another version: "
        "Le pont ouvre — « Le pont a coûté 14 millions d’euros »\n"
    ) in shown
    told = json.loads(said(capsys, "conversations", "show", asked, "--json"))
    assert [[one["state"] for one in turn["lost"]] for turn in told["turns"]] == [["changed"], []]


@pytest.mark.parametrize(
    ("arguments", "name", "begins"),
    [
        ([], "kept.md", b"# Combien a co\xc3\xbbt\xc3\xa9 le pont"),
        ([], "kept.html", b"<!DOCTYPE html>"),
        ([], "kept.json", b'{\n  "turns": ['),
        ([], "kept.docx", b"PK\x03\x04"),
        (["--format", "html"], "kept.txt", b"<!DOCTYPE html>"),
        ([], "kept", b"# Combien"),
    ],
)
def test_a_conversation_is_written_in_the_format_asked_for(
    asked: str, tmp_path: Path, capsys: Capture, arguments: list[str], name: str, begins: bytes
) -> None:
    out = tmp_path / name
    told = said(capsys, "conversations", "export", asked, *arguments, "--out", str(out))
    assert told == f"Written to {out}\n"
    assert out.read_bytes().startswith(begins)


def test_an_export_is_printed_where_no_file_is_named(asked: str, capsys: Capture) -> None:
    french = said(capsys, "conversations", "export", asked)
    assert "\n### Sources citées\n" in french
    english = said(capsys, "conversations", "export", asked, "--lang", "en")
    assert "\n### Cited sources\n" in english
    told = json.loads(said(capsys, "conversations", "export", asked, "--json"))
    assert told == {"text": french}


def test_feedback_is_written_as_json_lines(asked: str, tmp_path: Path, capsys: Capture) -> None:
    (line,) = said(capsys, "export", "feedback").splitlines()
    told = json.loads(line)
    assert (told["question"], told["rating"], told["reason"], told["comment"]) == (
        "Who paid?",
        "down",
        "incomplete",
        "Who did?",
    )
    out = tmp_path / "feedback.jsonl"
    result = json.loads(said(capsys, "export", "feedback", "--out", str(out), "--json"))
    assert result == {"path": str(out), "bytes": len(line.encode()) + 1}
    assert out.read_text(encoding="utf-8") == f"{line}\n"


def test_a_deleted_conversation_is_gone(asked: str, capsys: Capture) -> None:
    assert said(capsys, "conversations", "delete", asked).startswith(f"deleted  {asked}  ")
    assert said(capsys, "conversations", "list") == ""
    assert failed(capsys, "conversations", "show", asked) == (
        f"No conversation '{asked}' in this dossier. See the list with: recoupe conversations list."
    )


@pytest.mark.parametrize("command", ["show", "export", "delete"])
def test_an_unknown_conversation_is_told_in_one_line(
    dossier: Path, capsys: Capture, command: str
) -> None:
    assert failed(capsys, "conversations", command, "nothing").startswith(
        "No conversation 'nothing'"
    )


def test_what_cannot_be_written_is_told_in_one_line(
    asked: str, tmp_path: Path, capsys: Capture
) -> None:
    place = tmp_path / "absent" / "kept.md"
    line = failed(capsys, "conversations", "export", asked, "--out", str(place))
    assert line == (
        f"{place} cannot be written (No such file or directory). Choose another place with --out."
    )
    line = failed(capsys, "conversations", "export", asked, "--format", "docx")
    assert "a Word document needs a file: --out FILE" in line


def test_without_a_dossier_there_is_nothing_to_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("RECOUPE_DOSSIER", str(tmp_path / "none"))
    assert "There is no dossier" in failed(capsys, "conversations", "list")
    assert not (tmp_path / "none").exists()
