"""Periods of the calendar as closed intervals of days: months, quarters, seasons, weeks."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

Span = tuple[date, date]
AHEAD = 1.25  # how much further a day ahead counts than one as far back
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}


def a_day(day: date, after: int = 0) -> Span:
    moved = day + timedelta(days=after)
    return moved, moved


def a_week(day: date, after: int = 0) -> Span:
    """The week of `day`, or the one so many weeks after it, Monday to Sunday (ISO 8601)."""
    monday = day + timedelta(days=7 * after - day.weekday())
    return monday, monday + timedelta(days=6)


def a_weekend(day: date, after: int = 0) -> Span:
    _, sunday = a_week(day, after)
    return sunday - timedelta(days=1), sunday


def months(year: int, month: int, count: int = 1) -> Span:
    """`count` months from this one, which may be outside 1 to 12: 0 is the December before."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    last = month + count - 1
    last_year, last = year + (last - 1) // 12, (last - 1) % 12 + 1
    return date(year, month, 1), date(last_year, last, monthrange(last_year, last)[1])


def a_month(day: date, after: int = 0) -> Span:
    return months(day.year, day.month + after)


def a_quarter(year: int, number: int) -> Span:
    return months(year, 3 * number - 2, 3)


def a_half(year: int, number: int) -> Span:
    return months(year, 6 * number - 5, 6)


def years(first: int, last: int | None = None) -> Span:
    return date(first, 1, 1), date(first if last is None else last, 12, 31)


def a_season(year: int, name: str, ends_next_year: bool = False) -> Span:
    """The season of three whole months, as meteorologists count them in the north.

    Winter 2024 is that which ends in 2024, unless it `ends_next_year`: winter 2024-25.
    """
    month = _SEASONS[name]
    return months(year - (name == "winter" and not ends_next_year), month, 3)


def nearest(candidates: Iterable[Span], day: date) -> Span:
    """The span that begins closest to `day`; news being of the past, ahead is further than back."""
    return min(
        candidates,
        key=lambda span: abs(span[0] - day) * (AHEAD if span[0] > day else 1),
    )


def latest(candidates: Iterable[Span], day: date) -> Span:
    """Of spans that have begun on `day`, the last one."""
    return max(span for span in candidates if span[0] <= day)


def last_over(candidates: Iterable[Span], day: date) -> Span:
    """Of spans that were over before `day`, the last one."""
    return max(span for span in candidates if span[1] < day)


def first_ahead(candidates: Iterable[Span], day: date) -> Span:
    """Of spans that begin after `day`, the first one."""
    return min(span for span in candidates if span[0] > day)
