"""Two runs side by side: what changed is found question by question."""

import json
from pathlib import Path

import pytest

from eval.baseline import keep, regressions
from eval.compare import compare, lines, markdown_table
from eval.run import run_with
from eval.rundir import SCORES, read_metrics, read_scores
from rag.config import Settings
from rag.errors import SettingsError
from tests.eval.systems import QuotingSystem, collection, places, plan
from tests.fakes import HashEmbedder


def a_run(folder: Path, settings: Settings, failing: tuple[str, ...] = ()) -> Path:
    system = QuotingSystem(failing=failing)
    openers = {system.name: system.open}
    return run_with(openers, HashEmbedder(), {}, plan(), [collection()], settings, places(folder))


@pytest.fixture
def good(tmp_path: Path, settings: Settings) -> Path:
    return a_run(tmp_path / "good", settings)


@pytest.fixture
def bad(tmp_path: Path, settings: Settings) -> Path:
    return a_run(tmp_path / "bad", settings, ("bridge-cost", "tunnel-cost", "tunnel-date"))


def test_what_flipped_is_listed_with_its_question(good: Path, bad: Path) -> None:
    compared = compare(good, bad)
    assert [(flip.question_id, flip.a, flip.b) for flip in compared.flips] == [
        ("bridge-cost", (), ("failed",)),
        ("tunnel-cost", (), ("failed",)),
        ("tunnel-date", (), ("failed",)),
    ]
    assert compared.flips[0].question == "How much did the Arlen bridge cost?"


def test_a_difference_is_paired_and_has_a_direction(good: Path, bad: Path) -> None:
    (right,) = [one for one in compare(good, bad).differences if one.measure == "right"]
    assert (right.a, right.b, right.change.value, right.change.n) == (1.0, 0.25, -0.75, 4)
    assert right.change.high < 0
    assert any(line.endswith("*") and " right " in line for line in lines(compare(good, bad)))


def test_the_same_run_differs_in_nothing(good: Path) -> None:
    compared = compare(good, good)
    assert (compared.flips, compared.identity) == ((), {})
    assert {one.change.value for one in compared.differences} == {0.0}


def test_the_table_shows_each_system_with_its_interval(good: Path) -> None:
    table = markdown_table(read_metrics(good))
    assert "**tiny**, 6 questions of 6 over 2 documents" in table
    assert "| quoting | 1.00 (0.34–1.00) | 0.00 (0.00–0.66) | 1.00 (0.34–1.00) |" in table


def test_a_run_as_good_as_the_baseline_passes(good: Path, tmp_path: Path) -> None:
    keep(good, tmp_path / "baseline.json")
    assert regressions(good, tmp_path / "baseline.json") == []


def test_a_worse_run_fails_and_says_where(good: Path, bad: Path, tmp_path: Path) -> None:
    keep(good, tmp_path / "baseline.json")
    (right,) = [
        one for one in regressions(bad, tmp_path / "baseline.json") if one.measure == "right"
    ]
    assert str(right) == "tiny quoting right: 0.250, and not at least 0.342 (n = 4)"


def test_what_was_not_asked_did_not_flip(good: Path, tmp_path: Path, settings: Settings) -> None:
    system = QuotingSystem(failing=("bridge-cost", "bridge-date"))
    short = run_with(
        {"quoting": system.open},
        HashEmbedder(),
        {},
        plan(2),
        [collection()],
        settings,
        places(tmp_path / "short"),
    )
    assert {flip.question_id for flip in compare(good, short).flips} <= set(system.asked)


def test_runs_with_nothing_in_common_are_an_error(good: Path, bad: Path) -> None:
    (bad / SCORES).write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsError, match="no set or system"):
        compare(good, bad)


def test_a_check_that_compares_nothing_is_an_error(good: Path, bad: Path, tmp_path: Path) -> None:
    keep(good, tmp_path / "baseline.json")
    (bad / SCORES).write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsError, match="baseline"):
        regressions(bad, tmp_path / "baseline.json")


def test_a_better_run_passes(good: Path, bad: Path, tmp_path: Path) -> None:
    keep(bad, tmp_path / "baseline.json")
    assert regressions(good, tmp_path / "baseline.json") == []


def test_a_slow_day_of_the_machine_is_no_regression(good: Path, tmp_path: Path) -> None:
    keep(good, tmp_path / "baseline.json")
    scores = read_scores(good)
    for one in scores["tiny"]["quoting"].values():
        one["done_time"] = 100.0
    (good / SCORES).write_text(json.dumps(scores), encoding="utf-8")
    assert regressions(good, tmp_path / "baseline.json") == []
