"""Dates as French and English pages write them."""

import re
from datetime import date, timedelta

import dateparser

from rag.dates.days import day_of, month_names, numeric_day
from rag.language import fold
from rag.types import Language

_MONTHS = "|".join([*month_names(), "fev"])
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?=\b|t)")
_WORDS = re.compile(
    rf"\b\d{{1,2}}(?:er|st|nd|rd|th)?[ .-]+(?:of )?(?:{_MONTHS})\b\.?,?[ -]+\d{{4}}\b"
    rf"|\b(?:{_MONTHS})\b\.? +\d{{1,2}}(?:er|st|nd|rd|th)?,? +\d{{4}}\b"
)
_NUMERIC = re.compile(r"\b(\d{1,2})([/.-])(\d{1,2})\2(\d{4})\b")
_WRITTEN = re.compile(r"[\s,.-]+")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:er|st|nd|rd|th)\b")
_EARLIEST = date(1800, 1, 1)
_UNSET_CLOCK = date(1970, 1, 1)  # what a missing timestamp becomes


def find_date(text: str, language: Language) -> date | None:
    """The first whole calendar date in `text`, None where there is none to rely on.

    Relative dates ("il y a 3 heures", "1 month ago") count from a day that nobody recorded, so
    they are no date. 03/06/2025 is 3 June in French, and ambiguous in English: no date either.
    Neither is a day that has not come yet, or one before newspapers recorded it.
    """
    folded = fold(text)
    found = [
        (match.start(), day)
        for pattern, read in ((_ISO, _iso), (_WORDS, _words), (_NUMERIC, _numeric))
        for match in pattern.finditer(folded)
        if (day := read(match, language)) and _credible(day)
    ]
    return min(found)[1] if found else None


def without_dates(text: str) -> str:
    """`text` folded, whatever is written like a whole date taken out."""
    folded = fold(text)
    for pattern in (_ISO, _WORDS, _NUMERIC):
        folded = pattern.sub(" ", folded)
    return folded


def has_date(text: str) -> bool:
    """Whether something written like a whole date stands in `text`."""
    return without_dates(text) != fold(text)


def _iso(match: re.Match[str], language: Language) -> date | None:
    return day_of(int(match[1]), int(match[2]), int(match[3]))


def _words(match: re.Match[str], language: Language) -> date | None:
    written = _ORDINAL.sub(r"\1", _WRITTEN.sub(" ", match[0])).replace(" of ", " ")
    other: Language = "en" if language == "fr" else "fr"
    parsed = dateparser.parse(
        written, languages=[language, other], settings={"STRICT_PARSING": True}
    )
    return parsed.date() if parsed else None


def _numeric(match: re.Match[str], language: Language) -> date | None:
    return numeric_day(int(match[1]), int(match[3]), int(match[4]), language)


def _credible(day: date) -> bool:
    tomorrow = date.today() + timedelta(days=1)  # already today, in another time zone
    return _EARLIEST <= day <= tomorrow and day != _UNSET_CLOCK
