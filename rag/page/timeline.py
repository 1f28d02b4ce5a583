"""The articles of a dossier over time, as bars that choose a range of dates.

A bar is a day, a month, a year or ten years, whichever leaves the plot readable. Each is a button:
the first one pressed chooses its period, a second one makes the range from the one to the other,
and a third begins anew. So a range needs no dragging, and no mouse.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Literal, NamedTuple

from babel.dates import format_date

from rag.messages import long_date, message
from rag.types import Filters, Language

DAYS, MONTHS, YEARS = 31, 36, 60  # the most bars of each, before the next longer period is used
LABELS = 8  # the most of them under the bars

Unit = Literal["day", "month", "year", "decade"]


class Bar(NamedTuple):
    """A period from `first` to `last`, both included, and how many articles it has."""

    first: date
    last: date
    articles: int


def bars(days: Sequence[date], counted: Sequence[date] | None = None) -> list[Bar]:
    """One bar after the other from the earliest of `days` to the latest, those without articles
    too; of them only the `counted` ones count, where these are given."""
    if not days:
        return []
    unit = _unit(min(days), max(days))
    counts = Counter(_start(day, unit) for day in (days if counted is None else counted))
    found = []
    first, end = _start(min(days), unit), max(days)
    while first <= end:
        last = _end(first, unit)
        found.append(Bar(first, last, counts[first]))
        if last >= date(9990, 1, 1):
            break
        first = date.fromordinal(last.toordinal() + 1)
    return found


def next_range(bar: Bar, filters: Filters) -> str:
    """What pressing `bar` chooses, as "first/last" in ISO dates; "/" chooses all days.

    One period chosen before: the range from the one to the other. Otherwise `bar` alone.
    """
    first, last = filters.published_from, filters.published_to
    if first is None or last is None or last < first:
        return f"{bar.first}/{bar.last}"
    if (first, last) == (bar.first, bar.last):
        return "/"
    if _is_one_period(first, last):
        return f"{min(first, bar.first)}/{max(last, bar.last)}"
    return f"{bar.first}/{bar.last}"


def plot(
    days: Sequence[date],
    counted: Sequence[date],
    undated: int,
    filters: Filters,
    language: Language,
) -> str:
    """HTML of the bars over all `days`, as high as the articles of `counted`; nothing where there
    are not two periods to choose from.
    """
    found = bars(days, counted)
    if len(found) < 2:
        return ""
    highest = max(1, *(bar.articles for bar in found))
    step = -(-len(found) // LABELS)
    items = "".join(
        _bar(bar, highest, _label(bar, n, step, language), filters, language)
        for n, bar in enumerate(found)
    )
    label = escape(message("page.timeline", language))
    note = escape(message("page.timeline_hint", language))
    more = (
        f" {escape(message('page.timeline_undated', language, count=undated))}" if undated else ""
    )
    return (
        f'<div class="timeline" role="group" aria-label="{label}">'
        f'<div class="bars">{items}</div></div><p class="folded">{note}{more}</p>'
    )


def _label(bar: Bar, n: int, step: int, language: Language) -> str:
    """The words under every so many bars; a narrow screen leaves out every other one of them."""
    if n % step:
        return ""
    also = " also" if n // step % 2 else ""
    return f'<span class="when{also}">{escape(_short(bar, language))}</span>'


def _bar(bar: Bar, highest: int, short: str, filters: Filters, language: Language) -> str:
    name = _name(bar, language)
    key = "page.timeline_bar_one" if bar.articles == 1 else "page.timeline_bar"
    label = escape(message(key, language, period=name, count=bar.articles))
    pressed = "true" if _is_chosen(bar, filters) else "false"
    height = max(3, round(100 * bar.articles / highest)) if bar.articles else 0
    return (
        f'<button type="button" class="bar" data-act="range" data-key="bar-{bar.first}" '
        f'data-value="{next_range(bar, filters)}" aria-pressed="{pressed}" aria-label="{label}" '
        f'title="{label}"><span class="room"><i style="height: {height}%"></i></span>'
        f"{short}</button>"
    )


def _is_chosen(bar: Bar, filters: Filters) -> bool:
    first, last = filters.published_from, filters.published_to
    if first is None and last is None:
        return False
    return (first is None or bar.last >= first) and (last is None or bar.first <= last)


def _unit(first: date, last: date) -> Unit:
    if (last - first).days < DAYS:
        return "day"
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months <= MONTHS:
        return "month"
    return "year" if last.year - first.year < YEARS else "decade"


def _start(day: date, unit: Unit) -> date:
    if unit == "day":
        return day
    if unit == "month":
        return day.replace(day=1)
    year = day.year if unit == "year" else max(1, day.year - day.year % 10)
    return date(year, 1, 1)


def _end(first: date, unit: Unit) -> date:
    if unit == "day":
        return first
    if unit == "month":
        return first.replace(day=monthrange(first.year, first.month)[1])
    year = first.year if unit == "year" else first.year - first.year % 10 + 9
    return date(year, 12, 31)


def _is_one_period(first: date, last: date) -> bool:
    return any(_start(first, unit) == first and _end(first, unit) == last for unit in _UNITS)


_UNITS: tuple[Unit, ...] = ("day", "month", "year", "decade")


def _name(bar: Bar, language: Language) -> str:
    if bar.first == bar.last:
        return long_date(bar.first, language)
    if _end(bar.first, "month") == bar.last:
        return str(format_date(bar.first, "LLLL y", locale=language))
    return _short(bar, language)


def _short(bar: Bar, language: Language) -> str:
    if bar.first == bar.last:
        return str(format_date(bar.first, "d MMM", locale=language))
    if _end(bar.first, "month") == bar.last:
        return str(format_date(bar.first, "MMM y", locale=language))
    same = bar.first.year == bar.last.year
    return str(bar.first.year) if same else f"{bar.first.year}–{bar.last.year}"
