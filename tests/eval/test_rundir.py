"""A run folder: what was measured in hours is still there after a stop, exactly as it was."""

from pathlib import Path

import pytest

from eval import rundir
from eval.types import (
    Cited,
    Claim,
    ExpectedPosition,
    Found,
    Gold,
    Question,
    ReadPassage,
    Reply,
    Result,
    Usage,
)

CLAIM = Claim("Le pont a rouvert.", (1, 2))
RESULT = Result(
    "starter",
    "fr-1",
    "recoupe",
    Reply("Le pont a rouvert [1].", "fr", False, 0.9, (CLAIM,), (Cited(1, "d1", 0, 5, "«é»"),)),
    hits=(Found("d1", 0, 20, 0.87, 1), Found("d2", 3, 9, 0.5, 2, 0.25)),
    readings=(ReadPassage("d1", 0, 20, "Le pont\na rouvert\u2028.", 0.97),),
    times={"hits": 0.2, "done": 3.5},
    usage=Usage(100, 1.5, 20, 2.0),
)
FAILED = Result("starter", "fr-2", "recoupe", Reply("", "fr", True), error="no memory")
QUESTION = Question(
    "fr-1",
    "Le pont ?",
    "fr",
    "disagreement",
    True,
    answers=("rouvert",),
    parts=(("a", "b"), ("c",)),
    gold=(Gold("d1", 0, 5, "Le po"),),
    relevant={"d1": 2},
    positions=(ExpectedPosition(("un",), ("d1",)), ExpectedPosition(("deux",), ("d2", "d3"))),
    scope=("d1", "d2"),
)


def test_a_result_comes_back_as_it_was(tmp_path: Path) -> None:
    rundir.append_result(tmp_path, RESULT)
    rundir.append_result(tmp_path, FAILED)
    assert rundir.read_results(tmp_path) == [RESULT, FAILED]


def test_a_question_comes_back_with_its_data_set(tmp_path: Path) -> None:
    asked = [("starter", QUESTION), ("piaf", Question("fr-1", "Où ?", "fr"))]
    rundir.write_questions(tmp_path, asked)
    assert rundir.read_questions(tmp_path) == asked


@pytest.mark.parametrize("kept", range(0, 400, 25))
def test_a_line_cut_by_a_stop_is_dropped_and_nothing_else(tmp_path: Path, kept: int) -> None:
    rundir.append_result(tmp_path, RESULT)
    path = tmp_path / rundir.RESULTS
    path.write_bytes(path.read_bytes() * 2)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + kept])
    assert rundir.read_results(tmp_path) == [RESULT]
    rundir.append_result(tmp_path, FAILED)
    assert rundir.read_results(tmp_path) == [RESULT, FAILED]


def test_a_first_line_cut_by_a_stop_leaves_an_empty_run(tmp_path: Path) -> None:
    (tmp_path / rundir.RESULTS).write_bytes(b'{"dataset":"sta')
    assert rundir.read_results(tmp_path) == []
    rundir.append_result(tmp_path, RESULT)
    assert rundir.read_results(tmp_path) == [RESULT]


def test_a_run_that_has_not_begun_has_no_results(tmp_path: Path) -> None:
    assert rundir.read_results(tmp_path) == []
    assert rundir.read_questions(tmp_path) == []


def test_a_spoilt_line_is_named_and_never_skipped(tmp_path: Path) -> None:
    rundir.append_result(tmp_path, RESULT)
    with (tmp_path / rundir.RESULTS).open("ab") as file:
        file.write(b'{"dataset":"starter"}\n')
    with pytest.raises(ValueError, match=r"results\.jsonl:2: not what this file holds"):
        rundir.read_results(tmp_path)


def test_metrics_come_back_and_leave_no_temporary_file(tmp_path: Path) -> None:
    rundir.write_metrics(tmp_path, {"seconds": 1.0, "datasets": {"é": {}}})
    rundir.write_metrics(tmp_path, {"seconds": 2.5, "datasets": {"é": {}}})
    assert rundir.read_metrics(tmp_path) == {"seconds": 2.5, "datasets": {"é": {}}}
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]


def test_metrics_of_a_run_that_was_not_scored_are_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rundir.read_metrics(tmp_path)
