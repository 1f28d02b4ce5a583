"""The scores that later runs are held against, question by question.

The quick suite asks as many questions as its time allows, so a run is compared with what the
baseline scored on the same questions: each figure must be within the baseline's 95 % interval
over them, or better. Times are not looked at: a shared machine is at times twice as slow, and
`recoupe eval compare` shows them.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bootstrap import interval
from eval.rundir import read_metrics, read_questions, read_scores
from rag.errors import SettingsError
from rag.models.installed import write_safely

HIGHER_IS_BETTER = (
    "recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10", "right", "answer_language",
    "citation_recall", "citation_precision", "gold_cited", "quotes_exact", "rightly_refused",
    "position_recall", "position_precision",
)  # fmt: skip
LOWER_IS_BETTER = ("failed", "wrongly_refused", "obeyed", "wrong_language@10")
_INNERMOST = re.compile(r"\{[^{}]*\}")
FEWEST = 3  # questions that a measure is compared over


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
        allowed = (
            f"at least {self.low:.3f}" if math.isinf(self.high) else f"at most {self.high:.3f}"
        )
        return (
            f"{self.dataset} {self.system} {self.measure}: {self.value:.3f}, and not {allowed} "
            f"(n = {self.n})"
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

    Only questions and systems that both have are looked at, and measures that both have for a
    few of them. Raises SettingsError where nothing can be compared.
    """
    baseline = json.loads(path.read_text(encoding="utf-8"))
    identity = read_metrics(run)["identity"]
    compared, found = 0, []
    for dataset, systems in read_scores(run).items():
        if baseline["identity"]["questions"].get(dataset) != identity["questions"][dataset]:
            continue
        for system, now in systems.items():
            before = baseline["scores"][dataset].get(system, {})
            for measure in (*HIGHER_IS_BETTER, *LOWER_IS_BETTER):
                keys = [
                    key for key in now if measure in now[key] and measure in before.get(key, {})
                ]
                if len(keys) < FEWEST:
                    continue
                compared += 1
                groups = [baseline["clusters"][f"{dataset}/{key}"] for key in keys]
                old, new = ([scores[key][measure] for key in keys] for scores in (before, now))
                low, high, value = _held_against(measure, old, new, groups)
                if not low <= value <= high:
                    found.append(Regression(dataset, system, measure, value, low, high, len(keys)))
    if not compared:
        raise SettingsError("eval.not_compared", path=run)
    return found


def _held_against(
    measure: str, old: Sequence[float], new: Sequence[float], clusters: Sequence[str]
) -> tuple[float, float, float]:
    """What the old values allow, from and to, and what the new ones come to."""
    expected = interval(old, clusters)
    assert expected is not None  # there are values
    value = sum(new) / len(new)
    if measure in HIGHER_IS_BETTER:
        return expected.low, math.inf, value
    return -math.inf, expected.high, value


def _rounded(value: Any) -> Any:
    """Three decimals do, in a file that is kept in version control."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, 3) if isinstance(value, float) else value
