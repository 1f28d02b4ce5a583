"""The checks: each measured on what is there, held against its goal, kept as it is done."""

from pathlib import Path
from typing import Any

import pytest
from lxml import html

from eval import checks, report, rundir
from eval.checks import GOALS, Check, Where, collections, lines, measure
from eval.types import Figure
from rag.config import Settings
from tests.eval.test_report import REFUSED, SYSTEM, WRONG, folder
from tests.fakes import HashEmbedder

FIGURES = {"position_precision": 0.95, "position_recall": 0.5}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run in which two positions in three were told."""
    told = {name: {"value": v, "low": 0.1, "high": 1.0, "n": 4} for name, v in FIGURES.items()}
    system = {**SYSTEM, "figures": {"all": told}}
    return folder(tmp_path / "run", {"recoupe": system}, WRONG, REFUSED)


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Where:
    """No public set is there, and nothing is asked of a model."""
    measured = {"checking_median": Figure(0.1, 0, 0.2, 8), "support": Figure(0.92, 0.9, 1, 252)}
    for name, figure in measured.items():
        monkeypatch.setitem(checks.PARTS, (name,), lambda *_, told={name: figure}: told)
    absent = tmp_path / "absent"
    return Where(
        Settings(), HashEmbedder(), absent, absent / "a.jsonl", tmp_path / "cache", 5, 0, str
    )


def test_what_can_be_measured_is_and_the_rest_is_said_not_to_be(run: Path, where: Where) -> None:
    found = {one.name: one for one in measure(run, where)}
    assert list(found) == list(GOALS)
    assert found["figures"].met and found["dates"].met and found["speech"].met
    assert found["judge"].figure and found["judge"].figure.n > 200
    assert (found["position_precision"].met, found["position_recall"].met) == (True, False)
    assert (found["quotations"].figure, found["quotations"].met) == (None, None)
    said = "\n".join(lines(list(found.values())))
    assert "position_recall      0.500 (0.100 to 1.000), n = 4; at least 0.9: NOT REACHED" in said
    assert "quotations           not measured: its data is not there (at least 1)" in said


def test_a_check_that_was_done_is_not_done_again(
    run: Path, where: Where, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = measure(run, where)

    def never(*_: Any) -> Any:
        raise AssertionError

    for names in checks.PARTS:
        monkeypatch.setitem(checks.PARTS, names, never)
    assert measure(run, where) == first


def test_the_report_shows_each_check_beside_its_goal(run: Path, where: Where) -> None:
    measure(run, where)
    page = html.fromstring(report.render(run, "fr", faults=lambda *_: ()))
    (table,) = page.xpath("//table[@id='checks-table']")
    rows = [" ".join(" ".join(row.itertext()).split()) for row in table.xpath(".//tbody/tr")]
    assert len(rows) == len(GOALS)
    (recall,) = [row for row in rows if row.startswith("Désaccords, rappel")]
    assert recall.endswith("0,50 n = 4 0,10 à 1,00 au moins 0,90 non")
    (time,) = [row for row in rows if row.startswith("Temps des vérifications")]
    assert "au plus 0,40 s oui" in time
    unchecked = report.render(folder(run / "other", {}), faults=lambda *_: ())
    assert not html.fromstring(unchecked).xpath("//*[@id='checks']")


def test_less_is_better_where_a_goal_is_at_most() -> None:
    assert Check("injection", Figure(0.01, 0, 0.1, 90)).met
    assert Check("injection", Figure(0.03, 0, 0.1, 90)).met is False


def test_our_own_questions_are_those_on_which_articles_disagree(tmp_path: Path) -> None:
    (ours,) = collections(tmp_path)
    assert (ours.dataset, len(ours.questions)) == ("starter", 16)
    assert all(len(question.positions) > 1 for question in ours.questions)


def test_nothing_written_so_far(tmp_path: Path) -> None:
    assert rundir.read_checks(tmp_path) == []
