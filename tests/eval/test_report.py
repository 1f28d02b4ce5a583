"""The report of a run: every wrong answer is laid out, nothing in it can run, in both languages."""

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from lxml import html

from eval import plots, report, report_tables, rundir, wording
from eval.types import Cited, ExpectedPosition, Found, Gold, Question, ReadPassage, Reply, Result
from rag.types import LANGUAGES, Language
from tests.page.browsing import chromium

EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script> {{ 7*7 }} $x$'
HERE = Path(report.__file__).parent
PAID = Question(
    "fr-1",
    "Combien a payé la mairie ?",
    "fr",
    "disagreement",
    True,
    answers=("2,3 millions", "2,1 millions"),
    gold=(Gold("d1", 3, 9, "La mairie a payé 2,3 millions."),),
    relevant={"d1": 1},
    positions=(ExpectedPosition(("2,3",), ("d1",)), ExpectedPosition(("2,1",), ("d2",))),
)
NEVER = Question("en-1", "Why did the mayor resign?", "en", "false_premise", False)
REPLY = Reply("Neuf euros [1].", "fr", False, 0.42, citations=(Cited(1, "d7", 5, 9, "neuf"),))
HITS = (Found("d7", 0, 50, 0.91, 1), Found("d1", 10, 1200, 0.85, 2))
WRONG = Result(
    "starter",
    "fr-1",
    "recoupe",
    REPLY,
    hits=HITS,
    readings=(ReadPassage("d7", 0, 50, "Neuf euros.", 0.93), ReadPassage("d1", 10, 1200, "", 0.1)),
    times={"done": 4.25},
)
REFUSED = Result("starter", "en-1", "recoupe", Reply("Nothing says so.", "en", True))
SYSTEM: dict[str, Any] = {
    "figures": {
        "all": {
            "right": {"value": 0.81, "low": 0.7, "high": 0.9, "n": 18},
            "done_median": {"value": 8.44, "low": 7.0, "high": 10.26, "n": 18},
            "done_p95": {"value": 14.0, "low": 12.0, "high": 16.0, "n": 18},
            "recall@5": {"value": 0.5, "low": 0.25, "high": 0.75, "n": 18},
        },
        "kind:disagreement": {"right": {"value": 0.5, "low": 0.1, "high": 0.9, "n": 2}},
        "direction:fr→en": {"right": {"value": 0.25, "low": 0.1, "high": 0.9, "n": 2}},
    },
    "recall_curve": [0.25, 0.5],
    "errors": {"disagreement": {"asked": 2, "wrong": 1}},
}
SURE = SYSTEM | {
    "risk_coverage": [
        {"threshold": 0.9, "coverage": 0.5, "risk": 0.0},
        {"threshold": 0.4, "coverage": 1.0, "risk": 0.5},
    ],
    "suggested_threshold": 0.61,
    "reliability": [{"low": 0.0, "high": 1.0, "confidence": 0.6, "accuracy": 0.5, "n": 2}],
    "aurc": 0.125,
}
SHEET = plots.Sheet(("recoupe", "naive"), "fr", "starter")


def only_wrong(question: Question, result: Result) -> tuple[str, ...]:
    return ("wrong", "unsupported") if result.reply.text.startswith("Neuf") else ()


def folder(path: Path, systems: dict[str, Any], *results: Result, asked: int = 2) -> Path:
    """A finished run over PAID and NEVER."""
    rundir.write_questions(path, [("starter", PAID), ("starter", NEVER)])
    for result in results:
        rundir.append_result(path, result)
    starter = {"documents": 44, "questions": 1680, "asked": asked, "systems": systems}
    rundir.write_metrics(
        path,
        {
            "identity": {"commit": "abc+", "machine": {"memory_gb": 23.54}, "systems": ["a", "b"]},
            "started": "2026-11-22T03:10:00",
            "seconds": 312.4,
            "datasets": {"starter": starter},
        },
    )
    return path


def page(run: Path, language: Language = "en") -> Any:
    return html.fromstring(report.render(run, language, faults=only_wrong))


def words(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return folder(tmp_path, {"recoupe": SURE, "naive": SYSTEM}, WRONG, REFUSED)


# -- the wrong answers ----------------------------------------------------------------------


def test_a_wrong_answer_is_laid_out_with_all_that_explains_it(run: Path) -> None:
    (card,) = page(run).xpath("//article")
    shown = words(card)
    for fact in (
        "wrong unsupported disagreement · French · fr-1 Combien a payé la mairie ?",
        "2,3 millions or 2,1 millions",
        "Version 2: 2,1 d2",
        "La mairie a payé 2,3 millions. d1",
        "Neuf euros [1].",
        "[1] neuf d7 characters 5 to 9",
        "None of the expected answers is in the answer",
        "At least one sentence is not borne out",
        "confidence 0.42 · 4.2\xa0s · expected document found at rank 2".replace("\xa0", " "),
        "0.93 d7 characters 0 to 50 Neuf euros.",
        "0.10 d1 ✓ expected characters 10 to 1,200 nothing on the question",
    ):
        assert fact in shown


def test_what_should_have_been_refused_says_so(tmp_path: Path) -> None:
    answered = replace(REFUSED, reply=Reply("Neuf fois.", "fr", False))
    (card,) = page(folder(tmp_path, {"recoupe": SURE}, answered)).xpath("//article")
    assert "A refusal: the articles do not answer." in words(card)


def test_the_wrong_answers_are_counted_by_system(tmp_path: Path) -> None:
    right = replace(REFUSED, system="naive")
    shown = words(page(folder(tmp_path, {"recoupe": SURE}, WRONG, REFUSED, right)))
    assert "recoupe 1 wrong answer among 2" in shown
    assert "naive no wrong answer among 1" in shown


def test_a_question_asked_again_counts_once_with_its_last_result(tmp_path: Path) -> None:
    better = replace(WRONG, reply=replace(REPLY, text="2,3 millions [1]."))
    shown = words(page(folder(tmp_path, {"recoupe": SURE}, WRONG, better)))
    assert "no wrong answer among 1" in shown


def test_a_failure_shows_what_it_failed_with(tmp_path: Path) -> None:
    failed = replace(WRONG, reply=Reply("", "fr", False), error="no <b>memory</b>")
    made = report.render(
        folder(tmp_path, {"recoupe": SURE}, failed), faults=lambda question, result: ("failed",)
    )
    assert "<b>Failed:</b> no &lt;b&gt;memory&lt;/b&gt;" in made


def test_a_result_to_no_known_question_is_not_passed_over(tmp_path: Path) -> None:
    stray = replace(WRONG, question_id="fr-99")
    with pytest.raises(ValueError, match="no question fr-99 in starter"):
        page(folder(tmp_path, {"recoupe": SURE}, stray))


def test_without_other_judgement_the_scores_of_the_run_say_what_is_wrong(run: Path) -> None:
    scores = {"fr-1": {"right": 0.0}, "en-1": {"rightly_refused": 1.0}}
    rundir.write_scores(run, {"starter": {"recoupe": scores}})
    made = html.parse(report.write(run, "fr")).getroot()
    assert [words(one) for one in made.find_class("fault")] == ["fausse"]


# -- the tables -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "right", "median"),
    [
        ("fr", ("0,81", "0,70 à 0,90", "n = 18"), ("8,4\xa0s", "7,0\xa0s à 10,3\xa0s", "n = 18")),
        ("en", ("0.81", "0.70 to 0.90", "n = 18"), ("8.4\xa0s", "7.0\xa0s to 10.3\xa0s", "n = 18")),
    ],
)
def test_a_figure_has_its_interval_and_its_number_in_the_language(
    language: Language, right: tuple[str, ...], median: tuple[str, ...]
) -> None:
    lines = report_tables.headline({"recoupe": SYSTEM}, language).lines
    cells = [line.cells[0] for line in lines]
    assert cells[0] == report_tables.Cell(*right)
    assert cells[1] == report_tables.Cell(*median)


@pytest.mark.parametrize("figure", [None, {}, {"value": None, "n": 0}, {"value": float("nan")}])
def test_what_was_not_measured_is_not_a_number(figure: dict[str, Any] | None) -> None:
    assert report_tables.cell("right", figure, "en") == report_tables.Cell()


def test_systems_stand_side_by_side_and_a_missing_measure_is_a_dash(tmp_path: Path) -> None:
    poor = {"figures": {"all": {"right": {"value": 0.5, "low": 0.2, "high": 0.8, "n": 3}}}}
    made = page(folder(tmp_path, {"recoupe": SYSTEM, "naive": poor}))
    rows = [
        [words(cell) for cell in row.iter("td")]
        for row in made.xpath("//table[@id='set-1-headline']//tr")
    ]
    assert rows[1] == ["0.81 n = 18 0.70 to 0.90", "0.50 n = 3 0.20 to 0.80"]
    assert rows[2] == ["8.4 s n = 18 7.0 s to 10.3 s", "–"]


def test_groups_are_named_for_a_reader() -> None:
    assert report_tables.group_name("direction:fr→en", "fr") == "français → anglais"
    assert report_tables.group_name("kind:false_premise", "en") == "false premise"
    assert report_tables.group_name("kind:made up", "en") == "made up"
    table = report_tables.grouped("direction", {"a": SYSTEM, "b": SYSTEM}, "en")
    assert table is not None
    assert [(line.group, line.span, line.head.name) for line in table.lines] == [
        ("French → English", 2, "a"),
        ("French → English", 0, "b"),
    ]
    assert report_tables.grouped("lang", {"a": SYSTEM}, "en") is None


def test_a_group_of_which_no_answer_was_measured_takes_no_room() -> None:
    found = {"recall@5": {"value": 0.5, "low": 0.1, "high": 0.9, "n": 2}}
    figures = SYSTEM["figures"] | {"kind:dated": found}
    table = report_tables.grouped("kind", {"a": SYSTEM | {"figures": figures}}, "en")
    assert table is not None and [line.group for line in table.lines] == ["disagreement"]


def test_less_is_better_only_where_it_is() -> None:
    better = {name: report_tables.head(name, "en").better for name in ("right", "ece", "hits_p95")}
    assert better == {"right": "higher", "ece": "lower", "hits_p95": "lower"}


def test_a_number_without_interval_is_among_all_measures() -> None:
    lines = report_tables.everything({"recoupe": SURE}, "en").lines
    assert [line.cells[0].value for line in lines if "Area" in line.head.name] == ["0.12"]


def test_the_run_says_what_it_was(run: Path) -> None:
    shown = words(page(run, "fr"))
    assert "Commencée le 22 novembre 2026, 03:10, terminée en 5 min 12 s." in shown
    assert "machine · mémoire (Go) 23,5" in shown and "version (commit) abc+" in shown
    assert "systèmes a, b" in shown
    assert "questions du jeu : 1 680 · posées : 2" in shown


# -- empty states ---------------------------------------------------------------------------


def test_a_data_set_without_answers_says_so(tmp_path: Path) -> None:
    made = page(folder(tmp_path, {"recoupe": {"figures": {"all": {}}}}, asked=0))
    assert [words(one) for one in made.find_class("empty")] == [
        "No question of this set was answered: there is nothing to measure."
    ]
    assert made.xpath("//section//table | //section//svg") == []


def test_without_confidence_there_is_a_word_in_place_of_the_curve(tmp_path: Path) -> None:
    shown = words(page(folder(tmp_path, {"naive": SYSTEM}, WRONG)))
    assert "No curve: no system gives a confidence." in shown


def test_a_system_without_confidence_is_named_beside_the_curve(run: Path) -> None:
    shown = words(page(run))
    assert "suggested threshold: recoupe 0.61. Gives no confidence, hence absent: naive." in shown


# -- what data may hold ---------------------------------------------------------------------


def test_nothing_that_data_holds_can_run(tmp_path: Path) -> None:
    question = replace(PAID, text=EVIL, kind=EVIL, answers=(EVIL,), gold=(Gold(EVIL, 0, 1, EVIL),))
    reply = Reply(f"Neuf {EVIL}", "fr", False, 0.5, citations=(Cited(1, EVIL, 0, 1, EVIL),))
    read, hit = ReadPassage(EVIL, 0, 1, EVIL, 0.5), Found(EVIL, 0, 1, 0.5, 1)
    result = replace(WRONG, system=EVIL, reply=reply, readings=(read,), hits=(hit,), error=EVIL)
    evil = SURE | {"errors": {EVIL: {"asked": 1, "wrong": 1}}}
    folder(tmp_path, {EVIL: evil}, result)
    rundir.write_questions(tmp_path, [("starter", question)])
    metrics = rundir.read_metrics(tmp_path)
    metrics["datasets"] = {"starter": metrics["datasets"]["starter"]}
    metrics["identity"] = {EVIL: EVIL}
    rundir.write_metrics(tmp_path, metrics)
    made = page(tmp_path)
    assert {one.tag for one in made.iter()} & {"script", "img", "iframe", "object", "link"} == set()
    assert not [name for one in made.iter() for name in one.attrib if name.startswith("on")]
    assert "49 $x$" not in words(made) and EVIL in words(made)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_nothing_of_any_network(run: Path, language: Language) -> None:
    made = report.render(run, language, faults=only_wrong)
    addresses = re.findall(r"""(?:src|href|xmlns[:\w]*)="([^"]*)"|url\(([^)]*)\)|@import""", made)
    assert {one or two for one, two in addresses if not (one or two).startswith("#")} == {
        "http://www.w3.org/2000/svg"
    }
    assert "default-src 'none'" in made


def test_every_link_leads_somewhere_and_every_id_is_one(run: Path) -> None:
    made = page(run)
    ids = Counter(one.get("id") for one in made.iter() if one.get("id"))
    assert {name: n for name, n in ids.items() if n > 1} == {}
    text = html.tostring(made, encoding="unicode")
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)) != set()
    for pair in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text):
        assert "".join(pair) in ids


# -- the plots ------------------------------------------------------------------------------

DRAWN = {
    "recall": lambda: plots.recall({"recoupe": [0.25, 0.5], "naive": [0.1, 0.2]}, SHEET),
    "risk": lambda: plots.risk_coverage(
        {"recoupe": SURE["risk_coverage"]}, {"recoupe": 0.61}, SHEET
    ),
    "reliability": lambda: plots.reliability({"recoupe": SURE["reliability"]}, SHEET),
    "times": lambda: plots.times({"recoupe": {"hits": (0.1, 0.25), "done": (2.0, 5.5)}}, SHEET),
    "errors": lambda: plots.errors("recoupe", {"dated": {"asked": 4, "wrong": 3}}, SHEET),
}
each_plot = pytest.mark.parametrize("name", DRAWN)


@each_plot
def test_the_same_figures_give_the_same_picture(name: str) -> None:
    assert DRAWN[name]() == DRAWN[name]()


@each_plot
def test_a_picture_takes_its_colours_and_its_font_from_the_page(name: str) -> None:
    svg = DRAWN[name]()
    assert re.findall(r"#[0-9a-f]{6}\b", svg) == []
    assert "var(--s1)" in svg and "DejaVu" not in svg
    assert "<style" not in svg and "<metadata" not in svg


@each_plot
def test_a_picture_is_named_for_those_who_do_not_see_it(name: str) -> None:
    svg = html.fromstring(DRAWN[name]())
    title = wording.say(f"plot.{name}", "fr")
    assert svg.get("role") == "img" and svg.get("aria-label").startswith(f"{title}, starter")
    assert svg.find("title").text.startswith(title)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("recall", "0,8"), ("times", "5,5\xa0s"), ("errors", "à une date"), ("risk", "0,2")],
)
def test_the_numbers_and_words_of_a_picture_are_in_the_language(name: str, shown: str) -> None:
    assert f">{shown}<" in DRAWN[name]() or f" · {shown}<" in DRAWN[name]()


def test_systems_are_told_apart_without_colours() -> None:
    svg = DRAWN["recall"]()
    assert len(set(re.findall(r"stroke-dasharray: ([\d., ]+)", svg))) == 1  # the other is solid
    names = {one.get("href") for one in html.fromstring(svg).iter("use")}
    assert len(names) >= 2


def test_a_plot_of_nothing_is_nothing() -> None:
    assert plots.recall({"recoupe": []}, SHEET) == ""
    assert plots.risk_coverage({}, {}, SHEET) == ""
    assert plots.reliability({"recoupe": [{"n": 0}]}, SHEET) == ""
    assert plots.times({"recoupe": {}}, SHEET) == ""
    assert plots.errors("recoupe", {}, SHEET) == ""


# -- the words ------------------------------------------------------------------------------


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_word_exists_in_both_languages_with_the_same_blanks() -> None:
    table = wording.table()
    assert [key for key, texts in table.items() if set(texts) != set(LANGUAGES)] == []
    assert [key for key, one in table.items() if blanks(one["fr"]) != blanks(one["en"])] == []


def test_no_word_is_kept_that_nothing_says() -> None:
    code = "".join((HERE / name).read_text("utf-8") for name in ("report.html.jinja", "report.py"))
    code += "".join((HERE / name).read_text("utf-8") for name in ("report_tables.py", "plots.py"))
    ours = {key for key in wording.table() if key.split(".")[0] in ("page", "wrong")}
    said = set(re.findall(r"(?:page|wrong)\.[a-z_]+", code))
    put_together = {f"page.{name}" for name in ("lang", "kind", "direction", "higher", "lower")}
    assert ours - said - put_together == set()


@pytest.mark.parametrize(
    ("value", "shown"), [(0.123, "0,12"), (1.26, "1,3"), (14.0, "14,0"), (1234.5, "1\u202f234")]
)
def test_seconds_have_the_digits_that_matter(value: float, shown: str) -> None:
    assert wording.seconds(value, "fr") == f"{shown}\xa0s"


@pytest.mark.parametrize(
    ("value", "shown"), [(59.4, "59.4 s"), (312.4, "5 min 12 s"), (7384, "2 h 3 min")]
)
def test_how_long_a_run_took_is_readable(value: float, shown: str) -> None:
    assert wording.duration(value, "en").replace("\xa0", " ") == shown


def test_importing_the_report_loads_no_drawing_library() -> None:
    program = (
        "import sys, eval.report; print(*{'matplotlib', 'jinja2', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("", "")


# -- in a browser ---------------------------------------------------------------------------


@pytest.mark.browser
def test_a_phone_never_scrolls_the_page_sideways(run: Path) -> None:
    path = report.write(run, "fr", faults=only_wrong)
    with chromium() as browser:
        shown = browser.new_page(viewport={"width": 390, "height": 800})
        shown.goto(path.as_uri())
        shown.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert shown.evaluate("document.documentElement.scrollWidth") == 390
