"""The tables of the report: from the figures of `metrics.json` to cells of text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, TypeGuard

from eval.wording import label, number, say, seconds
from rag.types import Language

HEADLINE = (
    "right wrongly_refused rightly_refused citation_precision citation_recall answer_language "
    "done_median done_p95"
).split()
GROUPED = (
    "right wrongly_refused rightly_refused citation_precision citation_recall answer_language "
    "obeyed done_median"
).split()
RETRIEVAL = "recall@1 recall@5 recall@10 mrr@10 ndcg@10 wrong_language@10".split()
LOWER_IS_BETTER = (
    "wrongly_refused aurc ece obeyed failed wrong_language@10 peak_memory_mb injection elsewhere"
).split()
BARE = ("aurc", "ece")  # one number for a whole run
TIMES = ("_median", "_p95")
Systems = Mapping[str, Mapping[str, Any]]  # as under "systems" in metrics.json


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its interval and number of questions, as text; empty where not measured."""

    value: str = ""
    interval: str = ""
    n: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The name of a row or a column; `better` is "higher", "lower" or empty."""

    name: str
    what: str = ""
    better: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row; `group` is named over `span` rows, on the first of them only."""

    head: Head
    cells: tuple[Cell, ...]
    group: str = ""
    span: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `corner` names its first columns."""

    caption: str
    corner: tuple[str, ...]
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]


def headline(systems: Systems, language: Language) -> Table:
    """The systems side by side, a measure a row."""
    return _side_by_side("page.headline", HEADLINE, systems, language)


def everything(systems: Systems, language: Language) -> Table:
    """Every measure over all questions, a measure a row, then loading and memory."""
    names = dict.fromkeys(name for one in systems.values() for name in _figures(one, "all"))
    table = _side_by_side("page.everything", names, systems, language)
    return Table(table.caption, table.corner, table.heads, table.lines + _costs(systems, language))


def retrieval(systems: Systems, language: Language) -> Table | None:
    """A system a row, a measure a column; None where nothing was measured."""
    rows = [(("", name, 0), _figures(one, "all")) for name, one in systems.items()]
    return _crossed("page.retrieval", RETRIEVAL, rows, language)


def grouped(prefix: str, systems: Systems, language: Language) -> Table | None:
    """The systems under each value of `prefix` ("lang", "kind", "direction"); None without."""
    groups = dict.fromkeys(
        group
        for one in systems.values()
        for group, figures in one["figures"].items()
        if group.startswith(f"{prefix}:") and not figures.keys().isdisjoint(GROUPED)
    )
    rows = []
    for group in groups:
        title = group_name(group, language)
        for at, (name, one) in enumerate(systems.items()):
            place = (title, name, 0 if at else len(systems))
            rows.append((place, _figures(one, group)))
    table = _crossed(f"page.{prefix}", GROUPED, rows, language)
    if table is None:
        return None
    return replace(table, heads=tuple(replace(one, what="") for one in table.heads))


def checks(found: Sequence[Mapping[str, Any]], language: Language) -> Table | None:
    """What `eval.checks` measured, a check a row, beside what it has to reach; None without."""
    if not found:
        return None
    heads = tuple(Head(say(n, language)) for n in ("page.value", "page.goal", "page.reached"))
    rows = tuple(Line(head(one["name"], language), _checked(one, language)) for one in found)
    return Table(say("page.checks", language), (say("page.measure", language),), heads, rows)


def _checked(check: Mapping[str, Any], language: Language) -> tuple[Cell, ...]:
    bound = "page.at_most" if check["at_most"] else "page.at_least"
    goal = say(bound, language, value=_written(check["name"], check["value"], language))
    verdict = ""
    if check["met"] is not None:
        verdict = say("page.yes" if check["met"] else "page.no", language)
    return cell(check["name"], check["figure"], language), Cell(goal), Cell(verdict)


def group_name(group: str, language: Language) -> str:
    """What a reader calls `kind:quotation`, `lang:fr` or `direction:fr→en`."""
    prefix, _, value = group.partition(":")
    if prefix == "direction":
        return " → ".join(label("language", one, language) for one in value.split("→"))
    return label({"lang": "language"}.get(prefix, prefix), value, language)


def head(name: str, language: Language) -> Head:
    """A measure as it is named, explained and judged."""
    what = label("what", name, language)
    better = "lower" if name in LOWER_IS_BETTER or name.endswith(TIMES) else "higher"
    return Head(label("measure", name, language), "" if what == name else what, better)


def cell(name: str, figure: Mapping[str, Any] | None, language: Language) -> Cell:
    """A figure of `metrics.json` as text; an absent one, or one that is no number, is empty."""
    if not figure or not is_number(figure.get("value")):
        return Cell()
    ends = [figure.get("low"), figure.get("high")]
    shown = [_written(name, end, language) for end in ends if is_number(end)]
    interval = (
        say("page.interval", language, low=shown[0], high=shown[1]) if len(shown) == 2 else ""
    )
    n = say("page.size", language, n=number(figure["n"], language, 0)) if "n" in figure else ""
    return Cell(_written(name, figure["value"], language), interval, n)


def _written(name: str, value: float, language: Language) -> str:
    if name.endswith(TIMES):
        return seconds(value, language)
    if name.endswith("_rate"):
        return say("page.rate", language, value=number(value, language, 1))
    return number(value, language)


def is_number(value: object) -> TypeGuard[float]:
    """Whether there is a value to show: not None, not NaN."""
    return isinstance(value, int | float) and isfinite(value)


def _figures(system: Mapping[str, Any], group: str) -> Mapping[str, Any]:
    """The figures of a group; for all questions, with those that have no interval."""
    figures: Mapping[str, Any] = system["figures"].get(group, {})
    if group != "all":
        return figures
    return {**figures, **{name: {"value": system[name]} for name in BARE if name in system}}


def _side_by_side(
    caption: str, names: Iterable[str], systems: Systems, language: Language
) -> Table:
    figures = [_figures(one, "all") for one in systems.values()]
    lines = [
        Line(head(name, language), tuple(cell(name, one.get(name), language) for one in figures))
        for name in names
    ]
    return Table(
        say(caption, language),
        (say("page.measure", language),),
        tuple(Head(name) for name in systems),
        tuple(line for line in lines if any(one.value for one in line.cells)),
    )


def _crossed(
    caption: str,
    names: Iterable[str],
    rows: Iterable[tuple[tuple[str, str, int], Mapping[str, Any]]],
    language: Language,
) -> Table | None:
    """(group, system, span) down, the measures that any row has across."""
    rows = list(rows)
    names = [name for name in names if any(name in figures for _, figures in rows)]
    if not names:
        return None
    corner = [say("page.group", language)] if any(group for (group, _, _), _ in rows) else []
    lines = [
        Line(
            Head(system), tuple(cell(name, one.get(name), language) for name in names), group, span
        )
        for (group, system, span), one in rows
    ]
    return Table(
        say(caption, language),
        (*corner, say("page.system", language)),
        tuple(head(name, language) for name in names),
        tuple(lines),
    )


def _costs(systems: Systems, language: Language) -> tuple[Line, ...]:
    loads = dict.fromkeys(name for one in systems.values() for name in one.get("load", {}))
    lines = [
        Line(
            Head(label("measure", name, language), better="lower"),
            tuple(
                Cell(seconds(one["load"][name], language))
                if name in one.get("load", {})
                else Cell()
                for one in systems.values()
            ),
        )
        for name in loads
    ]
    memory = tuple(_memory(one.get("peak_memory_mb"), language) for one in systems.values())
    if any(one.value for one in memory):
        lines.append(Line(head("peak_memory_mb", language), memory))
    return tuple(lines)


def _memory(megabytes: object, language: Language) -> Cell:
    if not is_number(megabytes):
        return Cell()
    return Cell(say("page.megabytes", language, value=number(megabytes, language, 0)))
