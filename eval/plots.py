"""The plots of the report: numbers in, the text of an inline SVG out.

Systems are told apart by dash and marker too, faults by hatching, so that nothing hangs on
colour alone. A plot of nothing is "".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eval.svg import COLOURS, LINE, PAPER, SOFT, drawn, inline
from eval.wording import label, number, say, seconds
from rag.types import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = ("hits", "first_reading", "first_text", "done")
FAULTS = (
    "wrong",
    "wrongly refused",
    "not refused",
    "wrong language",
    "unsupported",
    "obeyed",
    "failed",
)
MARKERS, HATCHES = "osD^vPX", ("", "////", "||||", "xxxx", "----", "\\\\\\\\", "++++")
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1, 2)), (0, (1, 1)))
WIDTH, HEIGHT, ROW = 4.4, 3.0, 0.19  # inches
LONGEST = 24  # characters of a name: a longer one would leave no room for the plot


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all plots of a page share; `systems` in order, so that each keeps its look."""

    systems: tuple[str, ...]
    language: Language
    dataset: str


def recall(curves: Mapping[str, Sequence[float]], sheet: Sheet) -> str:
    """Recall against the number of passages kept; "" where there is no curve."""
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return ""
    with drawn(WIDTH, HEIGHT) as (figure, axes):
        for name, curve in curves.items():
            axes.plot(range(1, len(curve) + 1), curve, label=_brief(name), **_line(name, sheet))
        axes.set_ylim(0, 1.04)
        axes.set_xticks(range(1, max(map(len, curves.values())) + 1))
        _finish(axes, "recall", sheet, whole_x=True)
        ends = {
            name: f"{_short(c[0], sheet)} → {_short(c[-1], sheet)}" for name, c in curves.items()
        }
        return inline(figure, _title("recall", sheet), ends)


def risk_coverage(
    curves: Mapping[str, Sequence[Mapping[str, float]]],
    thresholds: Mapping[str, float | None],
    sheet: Sheet,
) -> str:
    """Share of answers wrong against share of questions answered; a circle at each threshold.

    Method: El-Yaniv and Wiener, "On the foundations of noise-free selective classification",
    2010. "" where no system has a confidence.
    """
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return ""
    with drawn(WIDTH, HEIGHT) as (figure, axes):
        for name, curve in curves.items():
            look = _line(name, sheet)
            x, y = [p["coverage"] for p in curve], [p["risk"] for p in curve]
            axes.plot(x, y, label=_brief(name), **look | {"markevery": max(1, len(x) // 8)})
            _circle(axes, curve, thresholds.get(name), look["color"])
        highest = max(point["risk"] for curve in curves.values() for point in curve)
        axes.set(xlim=(0, 1.04), ylim=(-0.02, max(0.2, highest) * 1.15))
        _finish(axes, "risk", sheet)
        said = {
            name: _short(at, sheet) for name in curves if (at := thresholds.get(name)) is not None
        }
        return inline(figure, _title("risk", sheet), said)


def reliability(bins: Mapping[str, Sequence[Mapping[str, Any]]], sheet: Sheet) -> str:
    """Share of answers right against the confidence stated, a point a bin, larger with its n.

    Method: DeGroot and Fienberg, "The comparison and evaluation of forecasters", 1983. "" where
    no bin holds an answer.
    """
    filled = {name: [one for one in row if one["n"]] for name, row in bins.items()}
    filled = {name: row for name, row in filled.items() if row}
    if not filled:
        return ""
    most = max(one["n"] for row in filled.values() for one in row)
    with drawn(WIDTH, HEIGHT) as (figure, axes):
        exact = say("plot.diagonal", sheet.language)
        axes.plot([0, 1], [0, 1], color=SOFT, linewidth=0.9, linestyle=(0, (1, 2)), label=exact)
        for name, row in filled.items():
            look = _line(name, sheet)
            x, y = [one["confidence"] for one in row], [one["accuracy"] for one in row]
            axes.plot(x, y, label=_brief(name), **look)
            sizes = [20 + 90 * one["n"] / most for one in row]
            axes.scatter(x, y, s=sizes, color=look["color"], marker=look["marker"])
        axes.set(xlim=(0, 1.04), ylim=(-0.03, 1.06))
        _finish(axes, "reliability", sheet)
        counts = {name: f"n = {sum(one['n'] for one in row)}" for name, row in filled.items()}
        return inline(figure, _title("reliability", sheet), counts)


def times(steps: Mapping[str, Mapping[str, tuple[float, float]]], sheet: Sheet) -> str:
    """Median and 95th percentile in seconds, by system and step: {system: {step: (…, …)}}."""
    rows = [(step, name) for step in STEPS for name in steps if step in steps[name]]
    if not rows:
        return ""
    with drawn(WIDTH, 0.9 + ROW * 1.5 * len(rows)) as (figure, axes):
        longest = max(0.01, *(steps[name][step][1] for step, name in rows))
        places, centres = _places(rows)
        for (step, name), y in zip(rows, places, strict=True):
            _span(axes, y, steps[name][step], longest, name, sheet)
        names = [label("step", step, sheet.language) for step in centres]
        axes.set_yticks(list(centres.values()), names)
        axes.invert_yaxis()
        axes.set_xlim(0, longest * 1.42)
        axes.grid(axis="y", visible=False)
        _finish(axes, "times", sheet, y_label=False)
        said = {
            f"{name}, {step}": seconds(steps[name][step][0], sheet.language) for step, name in rows
        }
        return inline(figure, _title("times", sheet), said)


def errors(system: str, kinds: Mapping[str, Mapping[str, int]], sheet: Sheet) -> str:
    """Stacked bars of the faults of one system, by kind of question, over the number asked."""
    from matplotlib.ticker import MaxNLocator

    if not kinds:
        return ""
    shown = [fault for fault in FAULTS if any(row.get(fault) for row in kinds.values())]
    with drawn(WIDTH, 1.0 + ROW * 1.35 * len(kinds)) as (figure, axes):
        y = range(len(kinds))
        asked = [row.get("asked", 0) for row in kinds.values()]
        text = say("plot.asked", sheet.language)
        axes.barh(y, asked, height=0.72, color=LINE, edgecolor=SOFT, linewidth=0.5, label=text)
        left = [0] * len(kinds)
        for fault in shown:
            width = [row.get(fault, 0) for row in kinds.values()]
            axes.barh(y, width, left=left, height=0.72, **_bar(fault, sheet.language))
            left = [a + b for a, b in zip(left, width, strict=True)]
        axes.set_yticks(y, [_brief(label("kind", kind, sheet.language)) for kind in kinds])
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _finish(axes, "errors", sheet, y_label=False, whole_x=True)
        said = {
            label("kind", kind, sheet.language): f"{done} / {of}"
            for kind, done, of in zip(kinds, left, asked, strict=True)
        }
        return inline(figure, f"{_title('errors', sheet)}, {system}", said)


def _line(name: str, sheet: Sheet) -> dict[str, Any]:
    at = sheet.systems.index(name)
    return {
        "color": _colour(at),
        "linestyle": DASHES[at % len(DASHES)],
        "marker": MARKERS[at % len(MARKERS)],
        "markersize": 5,
        "linewidth": 1.6,
    }


def _bar(fault: str, language: Language) -> dict[str, Any]:
    at = FAULTS.index(fault)
    return {
        "color": _colour(at),
        "hatch": HATCHES[at],
        "edgecolor": PAPER,
        "linewidth": 0.5,
        "label": label("fault", fault, language),
    }


def _colour(at: int) -> str:
    return COLOURS[at % len(COLOURS)]


def _circle(
    axes: "Axes", curve: Sequence[Mapping[str, float]], threshold: float | None, colour: str
) -> None:
    """Mark the last point of `curve` that the threshold lets through."""
    through = [p for p in curve if threshold is not None and p["threshold"] >= threshold]
    if through:
        point = max(through, key=lambda one: one["coverage"])
        x, y = point["coverage"], point["risk"]
        axes.scatter(x, y, s=170, facecolors="none", edgecolors=colour, linewidths=1.6)


def _places(rows: Sequence[tuple[str, str]]) -> tuple[list[float], dict[str, float]]:
    """Where each (step, system) stands, steps apart from each other, and each step's middle."""
    order = list(dict.fromkeys(step for step, _ in rows))
    places = [at + 0.6 * order.index(step) for at, (step, _) in enumerate(rows)]
    of = {
        step: [y for y, row in zip(places, rows, strict=True) if row[0] == step] for step in order
    }
    return places, {step: sum(ys) / len(ys) for step, ys in of.items()}


def _span(
    axes: "Axes",
    y: float,
    span: tuple[float, float],
    longest: float,
    name: str,
    sheet: Sheet,
) -> None:
    median, high = span
    look = _line(name, sheet)
    at = sheet.systems.index(name)
    bar = {"color": look["color"], "hatch": HATCHES[at % len(HATCHES)], "edgecolor": PAPER}
    first = _brief(name) not in axes.get_legend_handles_labels()[1]
    axes.barh(y, median, height=0.8, linewidth=0, label=_brief(name) if first else "_", **bar)
    axes.plot([median, high], [y, y], color=look["color"], linewidth=1.4)
    axes.plot([high], [y], marker="|", color=look["color"], markersize=8, markeredgewidth=1.6)
    text = f"{seconds(median, sheet.language)} · {seconds(high, sheet.language)}"
    axes.text(high + longest * 0.02, y, text, va="center", fontsize=8)


def _finish(
    axes: "Axes", name: str, sheet: Sheet, *, y_label: bool = True, whole_x: bool = False
) -> None:
    """Axes named, their numbers in the language, the legend on top of the plot."""
    from matplotlib.ticker import FuncFormatter

    shown = FuncFormatter(lambda value, _: _short(value, sheet))
    if not whole_x:
        axes.xaxis.set_major_formatter(shown)
    if y_label:
        axes.yaxis.set_major_formatter(shown)
        axes.set_ylabel(say(f"plot.{name}_y", sheet.language))
    axes.set_xlabel(say(f"plot.{name}_x", sheet.language))
    axes.tick_params(length=0)
    handles, labels = axes.get_legend_handles_labels()
    axes.figure.legend(
        handles, labels, loc="outside upper left", ncols=3, handlelength=2.4, columnspacing=1.2
    )


def _title(name: str, sheet: Sheet) -> str:
    return f"{say(f'plot.{name}', sheet.language)}, {sheet.dataset}"


def _brief(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _short(value: float, sheet: Sheet) -> str:
    """As few decimals as say it, two at most: 0,5 and 0,25 and 10."""
    digits = next(n for n in (0, 1, 2) if n == 2 or abs(round(value, n) - value) < 1e-9)
    return number(value, sheet.language, digits)
