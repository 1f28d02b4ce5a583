"""The scores that later runs are held against, question by question.

The quick suite asks as many questions as its time allows, so a run is compared with what the
baseline scored on the same questions: each figure must be within the baseline's 95 % interval
over them, or better.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.bootstrap import interval, mean
from eval.rundir import read_metrics, read_questions, read_scores
from rag.models.installed import write_safely

HIGHER_IS_BETTER = (
    "recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10", "right", "answer_language",
    "citation_recall", "citation_precision", "gold_cited", "quotes_exact", "rightly_refused",
    "position_recall", "position_precision",
)  # fmt: skip
LOWER_IS_BETTER = ("wrongly_refused", "obeyed", "wrong_language@10")
TIMES = ("done_time", "first_text_time")  # compared on the same processor only
_INNERMOST = re.compile(r"\{[^{}]*\}")
SLOWER = 1.5  # times the upper bound: machines that are shared are noisy


@dataclass(frozen=True, slots=True)
class Regression:
    """A figure that fell outside the baseline's interval."""

    dataset: str
    system: str
    measure: str
    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return (
            f"{self.dataset} {self.system} {self.measure}: {self.value:.3f} is outside "
            f"{self.low:.3f} to {self.high:.3f} (n = {self.n})"
        )


def keep(run: Path, path: Path) -> None:
    """Make the scores of the run in folder `run` the baseline at `path`."""
    metrics = read_metrics(run)
    clusters = {
        f"{dataset}/{question.id}": question.cluster or question.id
        for dataset, question in read_questions(run)
    }
    kept = {
        "identity": metrics["identity"],
        "figures": {
            dataset: {name: system["figures"]["all"] for name, system in one["systems"].items()}
            for dataset, one in metrics["datasets"].items()
        },
        "clusters": clusters,
        "scores": _rounded(read_scores(run)),
    }
    text = json.dumps(kept, ensure_ascii=False, indent=1)
    # A line a question, so that a change of the file shows which ones changed.
    text = _INNERMOST.sub(lambda match: " ".join(match[0].split()), text)
    write_safely(path, f"{text}\n".encode())


def regressions(run: Path, path: Path) -> list[Regression]:
    """The figures of a run that are worse than the baseline at `path` allows.

    Only questions and systems that both have are looked at. Raises OSError, ValueError where
    the baseline cannot be read.
    """
    baseline = json.loads(path.read_text(encoding="utf-8"))
    same_machine = (
        baseline["identity"]["machine"]["cpu"] == read_metrics(run)["identity"]["machine"]["cpu"]
    )
    found = []
    for dataset, systems in read_scores(run).items():
        for system, scores in systems.items():
            before = baseline["scores"].get(dataset, {}).get(system, {})
            measures = (*HIGHER_IS_BETTER, *LOWER_IS_BETTER, *(TIMES if same_machine else ()))
            for measure in measures:
                one = _regression(dataset, system, measure, scores, before, baseline["clusters"])
                found += [one] if one else []
    return found


def _regression(
    dataset: str,
    system: str,
    measure: str,
    now: Mapping[str, Mapping[str, float]],
    before: Mapping[str, Mapping[str, float]],
    clusters: Mapping[str, str],
) -> Regression | None:
    keys = [key for key in now if measure in now[key] and measure in before.get(key, {})]
    if not keys:
        return None
    groups = [clusters.get(f"{dataset}/{key}", key) for key in keys]
    statistic = _median if measure in TIMES else mean
    expected = interval([before[key][measure] for key in keys], groups, statistic)
    assert expected is not None  # there are keys
    value = statistic(np.array([now[key][measure] for key in keys]))
    if measure in HIGHER_IS_BETTER:
        worse = value < expected.low
    else:
        worse = value > expected.high * (SLOWER if measure in TIMES else 1)
    if not worse:
        return None
    return Regression(dataset, system, measure, value, expected.low, expected.high, len(keys))


def _median(values: np.ndarray) -> float:
    return float(np.median(values))


def _rounded(value: Any) -> Any:
    """Three decimals do, in a file that is kept in version control."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, 3) if isinstance(value, float) else value
