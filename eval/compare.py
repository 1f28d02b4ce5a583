"""Two runs side by side, or several systems of one run, as tables of text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.bootstrap import paired
from eval.report_tables import HEADLINE
from eval.rundir import read_metrics, read_questions, read_scores
from eval.score import faults
from eval.types import Figure
from eval.wording import label, seconds
from rag.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of both runs over the questions that both asked; `change` is b minus a."""

    dataset: str
    system: str
    measure: str
    a: float
    b: float
    change: Figure


@dataclass(frozen=True, slots=True)
class Flip:
    """A question whose faults differ between the runs; no faults: the answer was good."""

    dataset: str
    system: str
    question_id: str
    question: str
    a: tuple[str, ...]
    b: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs: in what they were, what they measured, and where."""

    identity: Mapping[str, tuple[Any, Any]]
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]

    def as_object(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def compare(a: Path, b: Path) -> Comparison:
    """What differs between the runs in folders `a` and `b`, paired by question.

    A system that only one of them has is compared with the one system of the other, so that
    `recoupe` of one run may be set against `naive` of another. Raises SettingsError where the
    runs have nothing in common.
    """
    ours, theirs = read_scores(a), read_scores(b)
    questions = {(dataset, q.id): q for dataset, q in (*read_questions(a), *read_questions(b))}
    differences: list[Difference] = []
    flips: list[Flip] = []
    for dataset in sorted(ours.keys() & theirs.keys()):
        for system, other in _pairs(ours[dataset], theirs[dataset]):
            one, two = ours[dataset][system], theirs[dataset][other]
            common = sorted(one.keys() & two.keys())
            name = system if system == other else f"{system} → {other}"
            clusters = {key: questions[dataset, key].cluster or key for key in common}
            differences += _differences(dataset, name, one, two, clusters)
            flips += [
                Flip(dataset, name, key, questions[dataset, key].text, was, now)
                for key in common
                if "failed" in one[key]
                and "failed" in two[key]
                and (was := faults(one[key])) != (now := faults(two[key]))
            ]
    if not differences:
        raise SettingsError("eval.nothing_common", a=a, b=b)
    return Comparison(_identities(a, b), tuple(differences), tuple(flips))


def _pairs(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[str, str]]:
    both = [(name, name) for name in ours if name in theirs]
    if not both and len(ours) == len(theirs) == 1:
        return [(next(iter(ours)), next(iter(theirs)))]
    return both


def _differences(
    dataset: str,
    system: str,
    one: Mapping[str, Mapping[str, float]],
    two: Mapping[str, Mapping[str, float]],
    clusters: Mapping[str, str],
) -> list[Difference]:
    """One for each measure that both have for some question."""
    found = []
    for measure in dict.fromkeys(name for key in clusters for name in one[key]):
        keys = [key for key in clusters if measure in one[key] and measure in two[key]]
        if not keys:
            continue
        a = [one[key][measure] for key in keys]
        b = [two[key][measure] for key in keys]
        change = paired(b, a, [clusters[key] for key in keys])
        assert change is not None  # there are keys
        found.append(Difference(dataset, system, measure, sum(a) / len(a), sum(b) / len(b), change))
    return found


def _identities(a: Path, b: Path) -> dict[str, tuple[Any, Any]]:
    """Where the two were not the same: name to both values."""
    ours, theirs = read_metrics(a)["identity"], read_metrics(b)["identity"]
    names = dict.fromkeys((*ours, *theirs))
    return {
        name: (ours.get(name), theirs.get(name))
        for name in names
        if ours.get(name) != theirs.get(name)
    }


def lines(comparison: Comparison) -> list[str]:
    """The comparison as lines of text."""
    shown = [f"{name}: {a} | {b}" for name, (a, b) in comparison.identity.items()]
    for one in comparison.differences:
        change = one.change
        sure = "" if change.low <= 0 <= change.high else "  *"
        shown.append(
            f"{one.dataset:12} {one.system:20} {one.measure:20} {one.a:8.3f} {one.b:8.3f}  "
            f"{change.value:+.3f} [{change.low:+.3f}, {change.high:+.3f}] n={change.n}{sure}"
        )
    for flip in comparison.flips:
        was, now = (", ".join(of) or "good" for of in (flip.a, flip.b))
        shown.append(f"{flip.dataset} {flip.system} {flip.question_id}: {was} -> {now}")
        shown.append(f"    {flip.question}")
    return shown


def markdown_table(metrics: Mapping[str, Any]) -> str:
    """The systems of a run side by side, a table for each set of questions."""
    blocks = []
    for dataset, entry in metrics["datasets"].items():
        rows = [
            f"**{dataset}**, {entry['asked']} questions of {entry['questions']} over "
            f"{entry['documents']} documents",
            "",
            "| | " + " | ".join(label("measure", name, "en") for name in HEADLINE) + " |",
            "|---" * (len(HEADLINE) + 1) + "|",
        ]
        for system, found in entry["systems"].items():
            figures = found["figures"]["all"]
            rows.append(f"| {system} | " + " | ".join(_cells(figures)) + " |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks)


def _cells(figures: Mapping[str, Mapping[str, float]]) -> Sequence[str]:
    return [_cell(name, figures[name]) if name in figures else "–" for name in HEADLINE]


def _cell(name: str, figure: Mapping[str, float]) -> str:
    """A figure with its interval; times in seconds."""
    if name.startswith("done"):
        return seconds(figure["value"], "en")
    return f"{figure['value']:.2f} ({figure['low']:.2f}–{figure['high']:.2f})"
