"""The command `recoupe`: what it prints, where, and with which exit code."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag import cli, terminal
from rag.claims import Claim
from rag.config import Settings
from rag.conflicts import Conflict
from rag.doctor import Check
from rag.dossier import Dossier
from rag.errors import EngineError
from rag.followup import Previous
from rag.ingest import document_id
from rag.shelf import Shelf
from rag.states import state_key
from rag.types import Answer, Event, Filters, Language, Sentence
from rag.values import figures
from rag.warm import passage_states
from tests.fakes import FakeAssistant, HashEmbedder, hit_on

BRIDGE = """---
title: The old bridge closes
author: Ann Reed
outlet: River Post
date: 2024-03-05
language: en
---
The bridge closes on Monday. It was built in 1921 of stone.
"""
HALL = """---
title: La halle rouvre
outlet: Le Courrier
date: 2024-04-02
language: fr
---
La halle rouvre samedi. Les travaux ont duré deux ans.
"""


class RecordingAssistant(FakeAssistant):
    """Remembers what it was asked."""

    def __init__(self, dossier: Dossier) -> None:
        super().__init__(dossier)
        self.asked: list[tuple[str, Language | None, Filters]] = []

    def stream(
        self,
        question: str,
        language: Language | None = None,
        filters: Filters = Filters(),
        as_of: date | None = None,
        previous: Sequence[Previous] = (),
    ) -> Iterator[Event]:
        self.asked.append((question, language, filters))
        return super().stream(question, language, filters, as_of, previous)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dossier that is not there yet, and a small predictable embedder for it."""
    monkeypatch.setattr("rag.models.model_path", lambda name, models: models / name)
    monkeypatch.setattr(
        "rag.embed.SentenceTransformerEmbedder.load", lambda folder, threads=0: HashEmbedder()
    )
    monkeypatch.setenv("RECOUPE_DOSSIER", str(tmp_path / "dossier"))
    return tmp_path / "dossier"


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder with two articles."""
    place = tmp_path / "articles"
    place.mkdir()
    (place / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    (place / "hall.md").write_text(HALL, encoding="utf-8")
    return place


@pytest.fixture
def filled(folder: Path, articles: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A dossier with the two articles in it."""
    assert cli.run(["add", str(articles)]) == 0
    capsys.readouterr()
    return folder


@pytest.fixture
def assistant(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordingAssistant]:
    """The assistant that `recoupe ask` opens."""
    fake = RecordingAssistant(Dossier.open(Settings(dossier=filled), HashEmbedder()))
    monkeypatch.setattr("rag.assistant.Assistant.open", lambda dossier=None, settings=None: fake)
    yield fake
    fake.close()


# -- usage and errors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask"], "QUESTION"),
        (["ask", "  "], "QUESTION"),
        (["ask", "Why?", "--lang", "de"], "'de' is not one of 'fr', 'en'"),
        (["ask", "Why?", "--from", "soon"], "'soon' does not match the formats '%Y-%m-%d'"),
        (["add"], "PATH|URL"),
        (["fly"], "'fly'"),
        (["models"], "Missing command"),
        (["serve", "--port", "99999"], "--port"),
        (["list", "--fast"], "--fast"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_wrong(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
    assert "--help'." in err


def test_wrong_usage_is_an_object_where_json_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["list", "--json", "--fast"]) == 2
    assert json.loads(capsys.readouterr().err).keys() == {"error"}


@pytest.mark.parametrize("command", [["ask", "Why?"], ["warm"], ["list"], ["remove", "bridge"]])
def test_a_dossier_that_is_not_there_is_not_made_by_looking_for_it(
    command: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(command) == 1
    out, err = capsys.readouterr()
    assert err == (
        f"There is no dossier in {folder}. Make one with 'recoupe add PATH --dossier {folder}'.\n"
    )
    assert not out and not folder.exists()


def test_an_error_is_an_object_where_json_is_wanted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["list", "--json"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert json.loads(err)["error"].startswith("There is no dossier in")


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*arguments: object, **options: object) -> Any:
        raise error

    return fail


def test_a_failing_model_is_one_line(
    assistant: RecordingAssistant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(assistant, "stream", failing(EngineError("llm.failed", code=-3)))
    assert cli.run(["ask", "Why?"]) == 1
    assert capsys.readouterr() == ("", "The language model failed (code -3). Ask again.\n")


def test_an_unforeseen_error_says_how_to_see_where_it_comes_from(
    assistant: RecordingAssistant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(assistant, "stream", failing(ZeroDivisionError("by\nzero")))
    assert cli.run(["ask", "Why?"]) == 1
    assert capsys.readouterr().err == (
        "Unforeseen error: ZeroDivisionError: by zero. "
        "Run again with RECOUPE_DEBUG=1 to see where it comes from.\n"
    )
    monkeypatch.setenv("RECOUPE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.run(["ask", "Why?"])


def test_ctrl_c_ends_quietly(
    assistant: RecordingAssistant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(assistant, "stream", failing(KeyboardInterrupt()))
    assert cli.run(["ask", "Why?"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from rag.cli import main; main()", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait()


def test_an_article_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say("a\x1b[2Jb\u202ec\r\n\td\u009b")
    assert capsys.readouterr().out == "a[2Jbc\n\td\n"


def test_every_command_takes_a_dossier_and_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    commands = "add ask warm conflicts copies recheck serve list dossiers remove reindex doctor"
    for command in [*commands.split(), "eval", "models list", "models pull"]:
        assert cli.run([*command.split(), "--help"]) == 0
        said = capsys.readouterr().out
        assert "--dossier DIR" in said and "--json" in said, command


# -- articles -------------------------------------------------------------------------------


def test_adding_says_what_became_of_each_source(
    folder: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (articles / "hall.md").unlink()
    (articles / "empty.txt").write_text("")
    assert cli.run(["add", str(articles)]) == 1
    out, err = capsys.readouterr()
    assert out == (
        f"added      {articles}/bridge.md  The old bridge closes\n1 failed, 1 added.\n"
    ) or out == (f"added      {articles}/bridge.md  The old bridge closes\n1 added, 1 failed.\n")
    assert err.startswith(f"failed {articles}/empty.txt: {articles}/empty.txt is empty.")
    assert cli.run(["add", str(articles / "bridge.md")]) == 0
    assert capsys.readouterr().out == (
        f"unchanged  {articles}/bridge.md  The old bridge closes\n1 unchanged.\n"
    )


def test_adding_as_json_is_one_object(
    folder: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["add", str(articles / "hall.md"), str(articles / "none.md"), "--json"]) == 1
    out, err = capsys.readouterr()
    failed, added = sorted(
        json.loads(out)["changes"], key=lambda one: str(one["outcome"]) != "failed"
    )
    assert added == {
        "path": f"{articles}/hall.md",
        "title": "La halle rouvre",
        "outcome": "added",
        "error": None,
    }
    assert (failed["outcome"], err) == ("failed", "")
    assert failed["error"].startswith(f"{articles}/none.md does not exist.")


def test_explaining_shows_the_metadata_and_the_lines_removed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(BRIDGE + "\nShare on Facebook\n", encoding="utf-8")
    assert cli.run(["add", str(page), "--explain"]) == 0
    assert capsys.readouterr().out == (
        f"added      {page}  The old bridge closes\n"
        "    title: The old bridge closes\n"
        "    author: Ann Reed\n"
        "    outlet: River Post\n"
        "    published: 2024-03-05\n"
        "    language: en\n"
        "    url: (not found)\n"
        "    line 10 removed, sharing: Share on Facebook\n"
        "1 added.\n"
    )
    assert cli.run(["add", str(page), "--explain", "--json"]) == 0
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert change["document"]["published"] == "2024-03-05"
    assert change["removed"] == [
        {"number": 10, "text": "Share on Facebook", "reason": "removed.share"}
    ]


def test_listing_dossiers_shows_where_each_is_and_how_much_it_holds(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Shelf(filled).create("Ports")
    assert cli.run(["dossiers"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{filled.name}  2  {filled}",
        f"Ports  0  {path}",
    ]
    assert cli.run(["dossiers", "--json"]) == 0
    dossiers = json.loads(capsys.readouterr().out)["dossiers"]
    assert [(one["name"], one["articles"], one["started"]) for one in dossiers] == [
        (filled.name, 2, True),
        ("Ports", 0, False),
    ]


def test_listing_shows_every_article(
    filled: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["list"]) == 0
    bridge, hall = capsys.readouterr().out.splitlines()
    assert bridge.endswith(
        f"  2024-03-05  en  River Post  The old bridge closes  {articles}/bridge.md"
    )
    assert hall.endswith(f"  2024-04-02  fr  Le Courrier  La halle rouvre  {articles}/hall.md")
    assert cli.run(["list", "--json"]) == 0
    documents = json.loads(capsys.readouterr().out)["documents"]
    assert [one["title"] for one in documents] == ["The old bridge closes", "La halle rouvre"]
    assert documents[0]["id"] == bridge.split()[0]


def test_removing_takes_all_that_are_named_or_none(
    filled: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["remove", "bridge", "harbour"]) == 1
    assert "harbour" in capsys.readouterr().err
    assert cli.run(["remove", "bridge", str(articles / "hall.md")]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["removed"] * 2
    assert cli.run(["list"]) == 0
    assert capsys.readouterr().out == ""
    assert (articles / "bridge.md").exists()


# -- questions ------------------------------------------------------------------------------


def test_asking_prints_the_answer_then_the_exact_words_behind_it(
    assistant: RecordingAssistant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["ask", "What closes on Monday", "--timings"]) == 0
    assert capsys.readouterr().out == (
        "The bridge closes on Monday [1].\n"
        "\n"
        '[1] River Post, Ann Reed, "The old bridge closes", 2024-03-05, paragraph 1'
        " — « The bridge closes on Monday. »\n"
        "\n"
        "total 1.25 s\n"
    )


def test_a_sentence_to_be_careful_with_is_named() -> None:
    sentence = Sentence(
        "Le pont a coûté 14 millions.", (1,), "unsupported", ("figure: 14 millions",)
    )
    answer = Answer("Combien ?", "fr", sentence.text, False, sentences=(sentence,))
    assert terminal.answer_lines(answer, with_timings=False) == [
        "",
        "Non vérifié : chiffre absent de la source : 14 millions (Le pont a coûté 14 millions.)",
    ]


def test_an_answer_as_json_has_the_promised_fields(
    assistant: RecordingAssistant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["ask", "What closes on Monday", "--json"]) == 0
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert (out.count("\n"), err) == (1, "")
    assert set(answer) == set(
        "question language text refused citations positions sentences hits dropped standalone"
        " models timings".split()
    )
    (citation,) = answer["citations"]
    assert set(citation) == set(
        "n passage_id document_id title author outlet published url path paragraph start end"
        " quote copies".split()
    )
    assert citation["quote"] == "The bridge closes on Monday."
    assert set(answer["positions"][0]) == {"text", "citations", "latest", "revised"}
    assert set(answer["sentences"][0]) == {
        "text", "citations", "status", "problems", "quotations",
    }  # fmt: skip
    assert set(answer["hits"][0]) == {"passage_id", "score", "rank", "answerable"}


def test_a_saved_answer_is_checked_against_what_the_articles_say_now(
    assistant: RecordingAssistant,
    articles: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["ask", "What closes on Monday", "--json"]) == 0
    saved = tmp_path / "answer.json"
    saved.write_text(capsys.readouterr().out, encoding="utf-8")
    assert cli.run(["recheck", str(saved)]) == 0
    assert capsys.readouterr().out == (
        "[1] still there: The old bridge closes — « The bridge closes on Monday. »\n"
    )
    (articles / "bridge.md").write_text(BRIDGE.replace("Monday", "Sunday"), encoding="utf-8")
    assert cli.run(["add", str(articles)]) == 0
    capsys.readouterr()
    assert cli.run(["recheck", str(saved), "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)["citations"]
    assert told["state"] == "changed"


def test_a_file_that_is_no_saved_answer_is_one_line_that_says_what_to_give(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "list.json").write_text("[1, 2]", encoding="utf-8")
    assert cli.run(["recheck", str(tmp_path / "list.json")]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path / 'list.json'} is no saved answer (TypeError). Give the file that "
        "'recoupe ask QUESTION --json' wrote.\n"
    )


def test_articles_that_are_one_source_are_listed_together(
    filled: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["copies"]) == 0
    assert capsys.readouterr().out == "No article is a copy of another.\n"
    long = BRIDGE + "\n".join(
        f"The {word} council of Larkmoor discussed the {word} question for {n} hours."
        for n, word in enumerate("harbour railway hospital library theatre market".split(), 2)
    )
    (articles / "one.md").write_text(long, encoding="utf-8")
    (articles / "two.md").write_text(long.replace("River Post", "Hill Times"), encoding="utf-8")
    assert cli.run(["add", str(articles)]) == 0
    capsys.readouterr()
    assert cli.run(["copies", "--json"]) == 0
    (group,) = json.loads(capsys.readouterr().out)["copies"]
    assert sorted(one["outlet"] for one in group) == ["Hill Times", "River Post"]


def test_disagreements_are_told_with_both_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    claims = [
        Claim(hit.document, 0, len(hit.document.text), figures(hit.document.text, "en")[0])
        for hit in (
            hit_on("The bridge cost 14 million euros.", "en", "Cheap", rank=1),
            hit_on("The bridge cost 17 million euros.", "en", "Dear", rank=2),
        )
    ]
    conflict = Conflict(*claims, 0.8)
    terminal.say_conflicts([conflict])
    assert capsys.readouterr().out == (
        "14 million euros / 17 million euros  (0.80)\n"
        '  "Cheap"\n    « The bridge cost 14 million euros. »\n'
        '  "Dear"\n    « The bridge cost 17 million euros. »\n'
    )
    told = terminal.conflict_object(conflict)
    assert [one["value"] for one in told["claims"]] == ["14 million euros", "17 million euros"]
    terminal.say_conflicts([])
    assert capsys.readouterr().out == "No figures of these articles seem to disagree.\n"


def test_a_refusal_is_an_answer(
    assistant: RecordingAssistant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["ask", "Who won the elections"]) == 0
    assert capsys.readouterr().out == "The dossier does not say.\n"


def test_filters_reach_the_search(assistant: RecordingAssistant, articles: Path) -> None:
    question = ["ask", "Que dit la mairie", "--lang", "en", "--in-language", "fr"]
    dates = ["--from", "2024-01-01", "--to", "2024-12-31"]
    assert cli.run([*question, *dates, "--outlet", "Le Courrier", "--document", "halle"]) == 0
    ((asked, language, filters),) = assistant.asked
    assert (asked, language) == ("Que dit la mairie", "en")
    assert (str(filters.published_from), str(filters.published_to)) == ("2024-01-01", "2024-12-31")
    assert (filters.outlets, filters.languages) == (("Le Courrier",), ("fr",))
    assert filters.document_ids == (document_id(str(articles / "hall.md")),)


# -- reading ahead --------------------------------------------------------------------------


class WarmingAssistant(FakeAssistant):
    """Reads two passages ahead, of which each takes half a megabyte."""

    interrupted = False

    def warm(self) -> Iterator[tuple[int, int]]:
        states = passage_states(self.dossier.settings)
        for done in range(3):
            if done:
                states.put(state_key(str(done)), bytes(500_000))
            if done == 1 and self.interrupted:
                raise KeyboardInterrupt
            yield done, 2


@pytest.fixture
def warming(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WarmingAssistant]:
    """The assistant that `recoupe warm` opens."""
    fake = WarmingAssistant(Dossier.open(Settings(dossier=filled), HashEmbedder()))
    monkeypatch.setattr("rag.assistant.Assistant.open", lambda dossier=None, settings=None: fake)
    yield fake
    fake.close()


def test_reading_ahead_shows_how_far_it_is_and_what_it_takes(
    warming: WarmingAssistant, filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["warm"]) == 0
    out, err = capsys.readouterr()
    assert out == f"2 of 2 passages are ready, 0.00 GB of 2.00 GB in {filled}/kv\n"
    counts = [line.rpartition(",")[0] for line in err.splitlines()]
    assert counts == [f"Reading ahead: {done} of 2" for done in range(3)]


def test_reading_ahead_as_json_is_one_object(
    warming: WarmingAssistant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["warm", "--json"]) == 0
    out, err = capsys.readouterr()
    expected = {"ready": 2, "passages": 2, "bytes": 1_008_192, "limit_bytes": 2_000_000_000}
    assert (json.loads(out), err) == (expected, "")


def test_what_does_not_fit_is_said_with_the_setting_that_makes_room(
    warming: WarmingAssistant, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (articles / "third.txt").write_text("A third article. It is short.", encoding="utf-8")
    assert cli.run(["add", str(articles)]) == 0
    capsys.readouterr()
    assert cli.run(["warm"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("2 of 3 passages are ready")
    assert second == "For more of them, raise the setting kv_gigabytes."


def test_ctrl_c_leaves_what_has_been_read_ahead(
    warming: WarmingAssistant, filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warming.interrupted = True
    assert cli.run(["warm"]) == 130
    assert capsys.readouterr().out == ""
    assert passage_states(Settings(dossier=filled)).count == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KV_GIGABYTES", "0", "Nothing to read ahead: the setting kv_gigabytes is 0. Raise it."),
        (
            "BASE_URL",
            "http://127.0.0.1:8080/v1",
            "Nothing to read ahead: the model is on a server (setting base_url), "
            "which keeps what it reads itself.",
        ),
    ],
)
def test_where_nothing_can_be_read_ahead_it_says_why(
    filled: Path,
    name: str,
    value: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"RECOUPE_{name}", value)
    assert cli.run(["warm"]) == 0
    assert capsys.readouterr().out == f"{said}\n"
    assert cli.run(["warm", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ready": 0, "why": said}


def test_adding_on_a_terminal_says_how_to_have_it_read_ahead(
    folder: Path,
    articles: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hint = "'recoupe warm' reads them ahead: answers then come sooner."
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert cli.run(["add", str(articles)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == hint
    assert cli.run(["add", str(articles)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 unchanged."


# -- the page and the models ----------------------------------------------------------------


def test_serving_opens_the_page_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[tuple[Any, ...]] = []
    page = SimpleNamespace(main=lambda *given, **options: served.append((given, options)))
    monkeypatch.setitem(sys.modules, "app", page)
    monkeypatch.setenv("DISPLAY", ":0")
    assert cli.run(["serve", "--dossier", str(tmp_path), "--port", "7999"]) == 0
    options = {"open_browser": True, "dossier": tmp_path, "with_mcp": False}
    assert served.pop() == ((7999, "127.0.0.1"), options)
    assert "http://127.0.0.1:7999 " in capsys.readouterr().out
    assert cli.run(["serve", "--no-browser", "--mcp", "--json"]) == 0
    options = {"open_browser": False, "dossier": None, "with_mcp": True}
    assert served.pop() == ((7860, "127.0.0.1"), options)
    assert json.loads(capsys.readouterr().out) == {"url": "http://127.0.0.1:7860"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_no_browser_is_opened_without_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not cli._has_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert cli._has_display()


def test_listing_models_says_which_are_there_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECOUPE_MODELS", str(tmp_path))
    monkeypatch.setattr("rag.models.is_present", lambda name, folder: name == Settings().embedder)
    assert cli.run(["models", "list", "--json"]) == 0
    models = {one["name"]: one for one in json.loads(capsys.readouterr().out)["models"]}
    embedder, llm = models[Settings().embedder], models[Settings().llm]
    assert (embedder["installed"], embedder["used"]) == (True, True)
    assert (llm["installed"], llm["bytes"]) == (False, 1_117_320_768)
    assert cli.run(["models", "list"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines.keys() == models.keys()
    assert "in use" in lines[Settings().embedder]
    assert "absent" in lines[Settings().llm] and "1.12 GB" in lines[Settings().llm]


def test_pulling_gets_the_models_in_use_and_shows_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pull(name: str, folder: Path, on_progress: Callable[[int, int], None]) -> Path:
        for done in (0, 10, 500_000_000, 1_000_000_000):
            on_progress(done, 1_000_000_000)
        return folder / name

    monkeypatch.setenv("RECOUPE_MODELS", str(tmp_path))
    monkeypatch.setattr("rag.models.pull", pull)
    seconds = iter((0.0, 5.0, 10.0) * 2)
    monkeypatch.setattr("rag.terminal.time.monotonic", lambda: next(seconds))
    assert cli.run(["models", "pull"]) == 0
    out, err = capsys.readouterr()
    names = (Settings().embedder, Settings().llm)
    assert out == "".join(f"{name} is ready in {tmp_path}/{name}\n" for name in names)
    assert err == "".join(
        f"{name}: 500 of 1000 MB, 100.0 MB/s, 5 s left\n"
        f"{name}: 1000 of 1000 MB, 100.0 MB/s, 0 s left\n"
        for name in names
    )


def test_pulling_an_unknown_model_names_those_that_exist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["models", "pull", "gpt-9"]) == 1
    assert Settings().llm in capsys.readouterr().err


def test_the_doctor_says_what_to_do_and_fails_where_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = [Check("disk", True, "9 GB"), Check("model", False, "absent", "pull it")]
    monkeypatch.setattr("rag.doctor.diagnose", lambda settings: iter(checks))
    assert cli.run(["doctor"]) == 1
    assert capsys.readouterr().out == (
        "ok       disk: 9 GB\nPROBLEM  model: absent\n         -> pull it\n"
    )
    assert cli.run(["doctor", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["checks"][1]["remedy"]) == (False, "pull it")
    checks.pop()
    assert cli.run(["doctor"]) == 0


def test_the_page_of_this_checkout_is_served_not_a_copy_of_when_it_was_installed(
    tmp_path: Path,
) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit('a copy')", encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        arguments = ["serve", "--no-browser", "--port", port, "--dossier", str(tmp_path / "d")]
        done = subprocess.run(
            [sys.executable, "-c", f"from rag.cli import run; raise SystemExit(run({arguments}))"],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
    assert (done.returncode, "a copy" in done.stderr, port in done.stderr) == (1, False, True)
