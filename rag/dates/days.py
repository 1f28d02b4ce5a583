"""What a written day is made of: names of months, and numbers that make a day or do not."""

from datetime import date
from functools import cache

from babel import Locale

from rag.language import fold
from rag.types import LANGUAGES, Language


@cache
def month_names() -> dict[str, int]:
    """`{name: month}`: the names of months, folded, full and short, in both languages."""
    names = {"sept": 9, "juill": 7}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in Locale(language).months["format"][width].items():
                names[fold(name).rstrip(".")] = number
    return names


def day_of(year: int, month: int, day: int) -> date | None:
    """None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def numeric_day(first: int, second: int, year: int, language: Language) -> date | None:
    """The day that 03/06/2025 is, None where it may be two days: 3 June in French.

    Day first in French; in English only where one of the two can be no month.
    """
    if language == "fr" or first > 12 or first == second:
        return day_of(year, second, first)
    return day_of(year, first, second) if second > 12 else None
