"""The report of a run: one HTML page that needs nothing else, in French or in English.

It says what was run on what, how the systems compare on each data set, and lays out every wrong
answer with what the system read and cited. The page holds no script, and its policy lets none
run: whatever an article or a model wrote shows as text.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from eval import plots, report_tables, rundir
from eval.types import ANSWERLESS, Question, Result
from eval.wording import duration, label, moment, number, say, seconds
from rag.models.installed import write_safely
from rag.types import Language

GROUPS = ("lang", "kind", "direction")
OPEN_UP_TO = 12  # wrong answers of a system that are shown unfolded
Faults = Callable[[Question, Result], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A result that counts as wrong. `rank` is that of the first relevant document found."""

    anchor: str
    question: Question
    result: Result
    faults: tuple[str, ...]
    relevant: frozenset[str]
    rank: int | None


@dataclass(frozen=True, slots=True)
class WrongOfSystem:
    """The wrong answers of a system among `total` results."""

    system: str
    total: int
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its title and how to read it; without a picture, why there is none."""

    title: str
    svg: str
    note: str


@dataclass(frozen=True, slots=True)
class Section:
    """All that the page says of one data set; `headline` is None where nothing was answered."""

    name: str
    counts: str
    headline: report_tables.Table | None
    groups: tuple[report_tables.Table, ...]
    retrieval: report_tables.Table | None
    everything: report_tables.Table | None
    plots: tuple[Plot, ...]
    wrong: tuple[WrongOfSystem, ...]


def write(run: Path, language: Language = "en", *, faults: Faults | None = None) -> Path:
    """Write `run/report.html` and return its path; errors as `render`."""
    path = run / rundir.REPORT
    write_safely(path, render(run, language, faults=faults).encode())
    return path


def render(run: Path, language: Language = "en", *, faults: Faults | None = None) -> str:
    """The page over the files of `run`; `faults` says what is wrong with a result.

    Without it, `eval.score` says so from the scores of the run.

    Raises FileNotFoundError if the run has not been scored, and ValueError for a spoilt line.
    """
    metrics = rundir.read_metrics(run)
    wrong = wrong_answers(run, faults or _by_scores(run))
    sections = [
        _section(name, one, wrong.get(name, ()), language)
        for name, one in metrics["datasets"].items()
    ]
    checked = report_tables.checks(rundir.read_checks(run), language)
    return _page(metrics, sections, checked, language)


def _by_scores(run: Path) -> Faults:
    from eval.score import faults

    scores = rundir.read_scores(run)
    return lambda question, result: faults(scores[result.dataset][result.system][question.id])


def wrong_answers(run: Path, faults: Faults) -> dict[str, tuple[WrongOfSystem, ...]]:
    """By data set, what each system got wrong, in the order of the run.

    A question that was asked again counts once, with its last result.
    """
    questions = {(name, question.id): question for name, question in rundir.read_questions(run)}
    last = {(one.dataset, one.system, one.question_id): one for one in rundir.read_results(run)}
    found: dict[str, dict[str, list[tuple[Question, Result]]]] = {}
    for one in last.values():
        question = questions.get((one.dataset, one.question_id))
        if question is None:
            raise ValueError(f"{run}: no question {one.question_id} in {one.dataset}")
        found.setdefault(one.dataset, {}).setdefault(one.system, []).append((question, one))
    return {
        dataset: tuple(
            WrongOfSystem(system, len(pairs), tuple(_wrong(pairs, faults)))
            for system, pairs in systems.items()
        )
        for dataset, systems in found.items()
    }


def _wrong(pairs: list[tuple[Question, Result]], faults: Faults) -> Iterator[Wrong]:
    for question, result in pairs:
        found = faults(question, result)
        if found:
            relevant = frozenset(
                {*question.relevant, *(gold.document_id for gold in question.gold)}
            )
            ranks = [hit.rank for hit in result.hits if hit.document_id in relevant]
            anchor = f"{result.dataset}.{result.system}.{question.id}"
            yield Wrong(anchor, question, result, found, relevant, min(ranks, default=None))


def _section(
    name: str, data: Mapping[str, Any], wrong: tuple[WrongOfSystem, ...], language: Language
) -> Section:
    numbers = {
        key: number(data.get(key, 0), language, 0) for key in ("documents", "questions", "asked")
    }
    counts = say("page.counts", language, **numbers)
    systems = data["systems"]
    everything = report_tables.everything(systems, language)
    if not everything.lines:
        return Section(name, counts, None, (), None, None, (), wrong)
    headline = report_tables.headline(systems, language)
    groups = [report_tables.grouped(prefix, systems, language) for prefix in GROUPS]
    return Section(
        name,
        counts,
        headline if headline.lines else None,
        tuple(table for table in groups if table),
        report_tables.retrieval(systems, language),
        everything,
        tuple(_plots(systems, plots.Sheet(tuple(systems), language, name))),
        wrong,
    )


def _plots(systems: Mapping[str, Any], sheet: plots.Sheet) -> Iterator[Plot]:
    yield _plot("recall", plots.recall(_each(systems, "recall_curve"), sheet), sheet)
    yield _risk(systems, sheet)
    for plot in (
        _plot("reliability", plots.reliability(_each(systems, "reliability"), sheet), sheet),
        _plot("times", plots.times(_steps(systems), sheet), sheet),
    ):
        if plot.svg:
            yield plot
    for at, (name, kinds) in enumerate(_each(systems, "errors").items()):
        plot = _plot("errors", plots.errors(name, kinds, sheet), sheet)
        yield Plot(f"{plot.title} · {name}", plot.svg, "" if at else plot.note)


def _plot(name: str, svg: str, sheet: plots.Sheet) -> Plot:
    note = f"plot.{name}_note" if svg else "plot.no_recall"
    return Plot(say(f"plot.{name}", sheet.language), svg, say(note, sheet.language))


def _risk(systems: Mapping[str, Any], sheet: plots.Sheet) -> Plot:
    curves = _each(systems, "risk_coverage")
    thresholds = {name: systems[name].get("suggested_threshold") for name in curves}
    svg = plots.risk_coverage(curves, thresholds, sheet)
    title = say("plot.risk", sheet.language)
    if not svg:
        return Plot(title, "", say("plot.no_risk", sheet.language))
    shown = ", ".join(
        f"{name} {number(at, sheet.language)}" for name, at in thresholds.items() if at is not None
    )
    key = "plot.risk_note" if shown else "plot.risk_note_bare"
    note = say(key, sheet.language, thresholds=shown)
    without = ", ".join(name for name in systems if name not in curves)
    more = say("plot.without", sheet.language, systems=without) if without else ""
    return Plot(title, svg, f"{note} {more}".rstrip())


def _each(systems: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: one[key] for name, one in systems.items() if one.get(key)}


def _steps(systems: Mapping[str, Any]) -> dict[str, dict[str, tuple[float, float]]]:
    """{system: {step: (median, 95th percentile)}}, in seconds."""
    found = {}
    for name, one in systems.items():
        figures = one["figures"].get("all", {})
        values = {key: figure["value"] for key, figure in figures.items()}
        found[name] = {
            step: (values[f"{step}_median"], values[f"{step}_p95"])
            for step in plots.STEPS
            if report_tables.is_number(values.get(f"{step}_median"))
            and report_tables.is_number(values.get(f"{step}_p95"))
        }
    return found


def _page(
    metrics: Mapping[str, Any],
    sections: list[Section],
    checked: report_tables.Table | None,
    language: Language,
) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    identity = {**metrics["identity"], "peak_memory_mb": metrics.get("peak_memory_mb")}
    return environment.get_template("report.html.jinja").render(
        language=language,
        sections=sections,
        checks=checked,
        identity=list(_flat(identity, language)),
        titles={
            key: one
            for data in metrics["datasets"].values()
            for key, one in data.get("titles", {}).items()
        },
        started=moment(metrics["started"], language),
        took=duration(metrics["seconds"], language),
        answerless=ANSWERLESS,
        open_up_to=OPEN_UP_TO,
        t=partial(say, language=language),
        named=partial(label, language=language),
        number=partial(number, language=language),
        seconds=partial(seconds, language=language),
    )


def _flat(
    identity: object, language: Language, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """(name, value) for each leaf of the identity of a run, the names of its branches before it."""
    if isinstance(identity, Mapping):
        for key, value in identity.items():
            yield from _flat(value, language, (*path, label("identity", key, language)))
    elif isinstance(identity, list | tuple):
        yield " · ".join(path), ", ".join(map(str, identity))
    elif isinstance(identity, float):
        yield " · ".join(path), number(identity, language, 1)
    elif identity is not None:
        yield " · ".join(path), str(identity)
