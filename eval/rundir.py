"""The files of a run folder: what was asked, what each system did, and what it scored.

A run of hours may be stopped at any moment. Results are appended one at a time and synced; a
last line that lacks its end was cut by the stop and counts as never written. The other files
are replaced whole.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from eval.types import Question, Result
from rag.models.installed import write_safely

RESULTS, QUESTIONS = "results.jsonl", "questions.jsonl"
SCORES, METRICS, CHECKS = "scores.json", "metrics.json", "checks.json"
REPORT = "report.html"
T = TypeVar("T")


def read_results(run: Path) -> list[Result]:
    """Every result in the order it was appended; none where the run has not begun.

    Raises ValueError, naming the file and the line, for a whole line that is not a result.
    """
    return [_parsed(_result(), line, at) for line, at in _lines(run / RESULTS)]


def append_result(run: Path, result: Result) -> None:
    """Add one line, on the disk when this returns; a line that a stop had cut is dropped first."""
    path = run / RESULTS
    _drop_cut_line(path)
    with path.open("ab") as file:
        file.write(_result().dump_json(result) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_questions(run: Path) -> list[tuple[str, Question]]:
    """(dataset, question) for each question that was asked; errors as `read_results`."""
    return [
        (str(json.loads(line)["dataset"]), _parsed(_question(), line, at))
        for line, at in _lines(run / QUESTIONS)
    ]


def write_questions(run: Path, questions: Iterable[tuple[str, Question]]) -> None:
    """Put (dataset, question) pairs in the place of those that were there."""
    records = (
        {"dataset": dataset, **_question().dump_python(question, mode="json")}
        for dataset, question in questions
    )
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    write_safely(run / QUESTIONS, lines.encode())


def read_metrics(run: Path) -> dict[str, Any]:
    """What `eval.score` wrote. Raises FileNotFoundError if the run has not been scored."""
    metrics: dict[str, Any] = json.loads((run / METRICS).read_text(encoding="utf-8"))
    return metrics


def write_metrics(run: Path, metrics: Mapping[str, Any]) -> None:
    """Put `metrics` in the place of those that were there."""
    text = json.dumps(metrics, ensure_ascii=False, indent=1) + "\n"
    write_safely(run / METRICS, text.encode())


def read_scores(run: Path) -> dict[str, Any]:
    """Scores by dataset, system, question id and measure, as `eval.score` gave them."""
    scores: dict[str, Any] = json.loads((run / SCORES).read_text(encoding="utf-8"))
    return scores


def write_scores(run: Path, scores: Mapping[str, Any]) -> None:
    """Put `scores` in the place of those that were there."""
    write_safely(run / SCORES, (json.dumps(scores, ensure_ascii=False) + "\n").encode())


def read_checks(run: Path) -> list[dict[str, Any]]:
    """What `eval.checks` found out so far; none where it was not asked."""
    path = run / CHECKS
    checks: list[dict[str, Any]] = json.loads(path.read_bytes()) if path.is_file() else []
    return checks


def write_checks(run: Path, checks: Sequence[Mapping[str, Any]]) -> None:
    """Put `checks` in the place of those that were there."""
    write_safely(run / CHECKS, (json.dumps(checks, indent=1) + "\n").encode())


def _drop_cut_line(path: Path) -> None:
    """Make the file end with a whole line; what a stop left of another could hide the next."""
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


def _lines(path: Path) -> list[tuple[bytes, str]]:
    """The whole lines of a file, each with its place as an error names it."""
    content = path.read_bytes() if path.exists() else b""
    return [(line, f"{path}:{n}") for n, line in enumerate(content.split(b"\n")[:-1], 1)]


@cache
def _result() -> TypeAdapter[Result]:
    return TypeAdapter(Result)


@cache
def _question() -> TypeAdapter[Question]:
    return TypeAdapter(Question)


def _parsed(adapter: TypeAdapter[T], line: bytes, at: str) -> T:
    try:
        return adapter.validate_json(line)
    except ValidationError as error:
        raise ValueError(f"{at}: not what this file holds: {error}") from error
