"""Dates and periods in a text, as closed intervals of days that can be compared.

13 juin 2025, June 13, 2025 and 13/06/2025 are one day; juin 2025 and Q2 2025 are periods that
contain it. "L'an dernier" and "on Tuesday" say which days they mean once it is known from which
day they count.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from rag.dates.absolute import absolute
from rag.dates.relative import RELATIVE, Found, Read, no_day
from rag.dates.spans import Span
from rag.language import fold
from rag.types import Language
from rag.values.units import SPACE

FEW_DAYS = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class When:
    """The days that a text names, `first` and `last` included, and where: `text[start:end]`.

    `relative`: counted from the day of the text, as last week, Tuesday and 13 June are.
    """

    first: date
    last: date
    start: int
    end: int
    relative: bool = False


def dates(text: str, language: Language, reference: date | None = None) -> list[When]:
    """The dates and periods that `text` names, in order.

    `reference` is the day that the text was published, or that a question is asked: relative
    dates, those without a year among them, are left out where it is None. A weekday is the last
    one on or before it, a day or month without a year the closest. 03/06/2025 is 3 June in
    French, and no date in English, where it may be March.
    """
    found: list[When] = []
    taken: list[tuple[int, int]] = []
    for pattern, read, always in _patterns(language):
        for match in pattern.finditer(text):
            start, end = match.span()
            relative = always or ("y" in pattern.groupindex and not match["y"])
            if relative and reference is None:
                continue
            if any(start < last and first < end for first, last in taken):
                continue
            if span := _read(read, Found(match, language, reference)):
                found.append(When(*span, start, end, relative))
            if span or read is no_day:
                taken.append((start, end))
    return sorted(found, key=lambda when: when.start)


def _read(read: Read, found: Found) -> Span | None:
    """What `read` makes of a match; None for a day outside the calendar (9999 years ago)."""
    try:
        return read(found)
    except (ValueError, OverflowError):
        return None


def same(a: When, b: When) -> bool:
    """Whether two dates may be one: equal, or one a period that contains the other."""
    return (a.first <= b.first and b.last <= a.last) or (b.first <= a.first and a.last <= b.last)


def about(when: When, day: date) -> bool:
    """Whether a date is within a few days of `day`, that of an article: it tells of such a date as
    its news."""
    return when.first - FEW_DAYS <= day <= when.last + FEW_DAYS


def is_open(when: When, text: str) -> bool:
    """Whether it is since, before or after that date of `text` that something was so."""
    before = text[: when.start]
    return any(pattern.search(before) for pattern in (_SINCE, _BEFORE, _AFTER))


def asked_period(question: str, language: Language, today: date) -> tuple[date, date] | None:
    """The days that a question asks about, from the first to the last it names; None for none.

    "Since 2020" runs to today, "before 2020" from the first day there is. "Today" names no day:
    it asks how things stand (`asks_for_latest`).
    """
    asked = [
        _opened(when, question, today)
        for when in dates(question, language, today)
        if fold(question[when.start : when.end]) not in ("today", "aujourd'hui")
    ]
    if not asked:
        return None
    return min(first for first, _ in asked), max(last for _, last in asked)


def asks_for_latest(question: str) -> bool:
    """Whether the newest article has the answer: latest, most recent, aujourd'hui."""
    return _LATEST.search(fold(question)) is not None


_LATEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|currently|right now|today|nowadays|at present|as of now"
    r"|so far|to date|up[ -]to[ -]date|what(?:'s| is) new|aujourd'hui|actuellement|maintenant"
    r"|en ce moment|a ce jour|a l'heure actuelle|a l'heure qu'il est|desormais|quoi de neuf"
    r"|ou en est|ou en sont|plus recente?s?|a jour)\b|\bnow\b|\bcurrent (?!of|account)"
    r"|\bdernier(?:e?s?) (?:(?:chiffre|bilan|nouvelle|information|donnee|estimation|etat|point"
    r"|version|sondage|decompte|actualite|developpement|cours|taux|prix|info|prevision|annonce"
    r"|resultat|statistique|rapport)s?|mises? a jour|evolutions?|connue?s?)\b"
    r"|\bderniere?s? \w+ connue?s?\b"
)
_ARTICLE = r"\W+(?:le|la|l['’]|the)?\W*$"
_SINCE = re.compile(rf"\b(?:depuis|since|à (?:partir|compter) de){_ARTICLE}", re.IGNORECASE)
_BEFORE = re.compile(
    rf"\b(?:avant|before|(?P<in>jusqu['’](?:en|au|à)|until|till)){_ARTICLE}", re.IGNORECASE
)
_AFTER = re.compile(rf"\b(?:après|after){_ARTICLE}", re.IGNORECASE)


def _opened(when: When, question: str, today: date) -> Span:
    """What a question asks for with since, before or after a date."""
    before = question[: when.start]
    if _SINCE.search(before):
        return when.first, max(today, when.last)
    if _AFTER.search(before) and when.last < today:
        return when.last + timedelta(days=1), today
    if found := _BEFORE.search(before):
        return date.min, when.last if found["in"] else when.first - timedelta(days=1)
    return when.first, when.last


@cache
def _patterns(language: Language) -> list[tuple[re.Pattern[str], Read, bool]]:
    """What finds dates and what reads them, and whether they always count from a day."""
    listed = [(*one, False) for one in absolute(language)]
    listed += [(*one, True) for one in RELATIVE[language]]
    return [
        (re.compile(pattern.replace("_", SPACE), re.IGNORECASE), read, always)
        for pattern, read, always in listed
    ]
