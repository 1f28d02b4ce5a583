"""What yesterday, l'an dernier, last Tuesday or three weeks ago mean, counted from a day."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from rag.dates.days import day_of
from rag.dates.spans import (
    Span,
    a_day,
    a_month,
    a_quarter,
    a_season,
    a_week,
    a_weekend,
    first_ahead,
    last_over,
    months,
    nearest,
    years,
)
from rag.language import fold
from rag.types import Language
from rag.values.number_words import FIRST, value_of


class Found(NamedTuple):
    """A match of one of the patterns of dates, to be read."""

    match: re.Match[str]
    language: Language
    reference: date | None

    def word(self, group: str) -> str:
        """What a group matched, folded; "" for nothing and for no such group."""
        return fold(self.match.groupdict().get(group) or "").rstrip(".")

    def number(self, group: str) -> int:
        """The number that a group has in digits or in words; 0 for none."""
        word = self.word(group)
        if digits := re.match(r"\d+", word):
            return int(digits[0])
        if word in ("un", "une", "a", "an", "one"):
            return 1
        spelt = self.match.groupdict().get(group)
        return int(value_of(spelt, self.language)[0]) if spelt else 0

    def day(self) -> date:
        """The day that relative dates count from."""
        assert self.reference is not None  # without one they are not read
        return self.reference


Read = Callable[[Found], Span | None]

DAYS: dict[Language, str] = {
    "fr": "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "en": "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
}
_UNITS: dict[Language, str] = {
    "fr": "jours?|semaines?|mois|trimestres?|ans?|années?",
    "en": "days?|weeks?|months?|quarters?|years?",
}
_KINDS = {
    "jour": "day", "journee": "day", "day": "day", "semaine": "week", "week": "week",
    "week-end": "weekend", "weekend": "weekend", "moi": "month", "month": "month",
    "trimestre": "quarter", "quarter": "quarter", "an": "year", "annee": "year", "year": "year",
    "ete": "summer", "summer": "summer", "hiver": "winter", "winter": "winter",
    "printemp": "spring", "spring": "spring", "automne": "autumn", "autumn": "autumn",
    "fall": "autumn",
}  # fmt: skip
_ADVERBS = {
    "avant-hier": -2, "the day before yesterday": -2, "hier": -1, "yesterday": -1,
    "aujourd'hui": 0, "today": 0, "tonight": 0,
    "ce matin": 0, "ce soir": 0, "cet apres-midi": 0, "this morning": 0, "this afternoon": 0,
    "this evening": 0, "last night": -1, "demain": 1, "tomorrow": 1, "apres-demain": 2,
}  # fmt: skip
_BEFORE = frozenset("dernier derniere passe passee last".split())
_AFTER = frozenset("prochain prochaine next".split())
_SOME = {"fr": rf"(?:{FIRST['fr']}|une?|\d{{1,3}})", "en": rf"(?:{FIRST['en']}|an?|one|\d{{1,3}})"}


def _kind(found: Found) -> str:
    word = found.word("unit").replace(" ", "-")
    return _KINDS.get(word) or _KINDS[word.removesuffix("s")]


def _moved(found: Found) -> int:
    """-1 for last, 1 for next, 0 for this."""
    word = found.word("rel")
    return -1 if word in _BEFORE else 1 if word in _AFTER else 0


def _shifted(kind: str, day: date, by: int) -> Span:
    """The day, week… that holds `day`, or the one so many before or after it."""
    if kind == "day":
        return a_day(day, by)
    if kind == "week":
        return a_week(day, by)
    if kind == "weekend":
        return a_weekend(day, by)
    if kind == "month":
        return a_month(day, by)
    if kind == "quarter":
        return a_quarter(day.year, (day.month + 2) // 3 + by)
    return years(day.year + by) if kind == "year" else _season(kind, day, by)


def _season(name: str, day: date, by: int) -> Span:
    """The last season of that name that was over, the next that will begin, or the one between."""
    near = [a_season(day.year + more, name) for more in (-1, 0, 1, 2)]
    if by:
        return last_over(near, day) if by < 0 else first_ahead(near, day)
    return min(near, key=lambda span: abs((span[0] - day) + (span[1] - day)))


def _adverb(found: Found) -> Span:
    return a_day(found.day(), _ADVERBS[re.sub(r"\s", " ", fold(found.match[0]))])


def _unit(found: Found) -> Span:
    return _shifted(_kind(found), found.day(), _moved(found))


def _ago(found: Found) -> Span:
    return _shifted(_kind(found), found.day(), -found.number("n"))


def _ahead(found: Found) -> Span:
    return _shifted(_kind(found), found.day(), found.number("n"))


def _over_the_last(found: Found) -> Span:
    """The last three days, months… up to this day."""
    kind, count, day = _kind(found), found.number("n"), found.day()
    if kind in ("day", "week"):
        return day - timedelta(days=count * (7 if kind == "week" else 1)), day
    size = {"month": 1, "quarter": 3, "year": 12}[kind]
    first, last = months(day.year, day.month - count * size)
    return first.replace(day=min(day.day, last.day)), day


def _weekday(found: Found) -> Span:
    """The last such day on or before the reference; before it where the text says last."""
    number = DAYS[found.language].split("|").index(found.word("day"))
    back, by = (found.day().weekday() - number) % 7, _moved(found)
    if by > 0:
        return a_day(found.day(), 7 - back)
    return a_day(found.day(), -7 if by < 0 and back == 0 else -back)


def _weekday_of_month(found: Found) -> Span | None:
    """Friday the 13th: the closest one that the calendar has."""
    day, weekday = found.day(), DAYS[found.language].split("|").index(found.word("day"))
    around = [day_of(first.year, first.month, found.number("d")) for first in _months_around(day)]
    spans = [a_day(one) for one in around if one and one.weekday() == weekday]
    return nearest(spans, day) if spans else None


def _months_around(day: date) -> list[date]:
    return [a_month(day, by)[0] for by in range(-12, 13)]


def no_day(found: Found) -> None:
    """From Monday to Friday, le dimanche, Tuesday week: no day that is told here."""


_NO_NAME_DAY = (
    r"(?<!black_)(?<!good_)(?<!ash_)(?<!bloody_)(?<!super_)(?<!cyber_)(?<!easter_)(?<!palm_)"
    r"(?<!every_)(?<!each_)(?<!chaque_)(?<!\ba_)(?<!\bun_)"
)
# In what follows, _ stands for any kind of space.
RELATIVE: dict[Language, list[tuple[str, Read]]] = {
    "fr": [
        (r"(?<!\w)(?:avant-hier|hier|aujourd['’]hui|après-demain|demain)\b(?!-)", _adverb),
        (r"\b(?:ce_(?:matin|soir)|cet_après-midi)\b", _adverb),
        (rf"\bil_y_a_(?P<n>{_SOME['fr']})_(?P<unit>{_UNITS['fr']})\b", _ago),
        (rf"\bdans_(?P<n>{_SOME['fr']})_(?P<unit>{_UNITS['fr']})\b", _ahead),
        (
            rf"\b(?:(?:ces|les|des|aux)_)(?P<n>{_SOME['fr']})_derni(?:er|ère)s_"
            rf"(?P<unit>{_UNITS['fr']})\b",
            _over_the_last,
        ),
        (
            r"\b(?:l['’]|la_|le_|d['’])?(?P<unit>an|année|mois|semaine|week-end|trimestre|été|hiver"
            r"|printemps|automne)_(?P<rel>derni(?:er|ère)|prochaine?|passée?)\b",
            _unit,
        ),
        (
            r"\b(?P<rel>cette|cet|ce)_(?P<unit>année|semaine|mois|week-end|trimestre|été|hiver"
            r"|printemps|automne)(?:-ci)?\b(?!-là)",
            _unit,
        ),
        (
            rf"\b(?P<day>{DAYS['fr']})_(?P<d>\d\d?)(?=_?(?:[.,;:!?)]|$)|_(?:à|au|aux|dans|en|sur|par"
            r"|devant|et|ou|où)\b)",
            _weekday_of_month,
        ),
        (
            rf"\bdu_(?:{DAYS['fr']})_au_(?:{DAYS['fr']})\b|\b(?:{DAYS['fr']})_en_(?:huit|quinze)\b"
            rf"|\ble_(?:{DAYS['fr']})\b(?!_(?:dernier|prochain|passé|\d))",
            no_day,
        ),
        (
            rf"{_NO_NAME_DAY}\b(?P<day>{DAYS['fr']})\b(?:_(?:matin|soir|après-midi|midi))?"
            r"(?:_(?P<rel>dernier|prochain|passé)\b)?(?!_(?:gras|saint|noir|de_pâques)|-)",
            _weekday,
        ),
    ],
    "en": [
        (r"\b(?:the_day_before_yesterday|yesterday|today|tonight|tomorrow|last_night)\b", _adverb),
        (r"\bthis_(?:morning|afternoon|evening)\b", _adverb),
        (rf"\b(?P<n>{_SOME['en']})_(?P<unit>{_UNITS['en']})_ago\b", _ago),
        (rf"\bin_(?P<n>{_SOME['en']})_(?P<unit>{_UNITS['en']})(?:['’]_time)\b", _ahead),
        (
            rf"\bthe_(?:last|past)_(?P<n>{FIRST['en']}|\d{{1,3}})_(?P<unit>{_UNITS['en']})\b",
            _over_the_last,
        ),
        (
            r"(?<!\bthe_)\b(?P<rel>last|next|this)_(?P<unit>week|weekend|month|quarter|year|summer|winter"
            r"|spring|autumn|fall)\b(?!-)",
            _unit,
        ),
        (
            rf"\b(?P<day>{DAYS['en']}),?_(?:the_)?(?P<d>\d\d?(?:st|nd|rd|th))\b",
            _weekday_of_month,
        ),
        (
            rf"\b(?:{DAYS['en']})(?:_?[-–]_?|_(?:to|through|until)_)(?:{DAYS['en']})\b"
            rf"|\b(?:{DAYS['en']})_week\b",
            no_day,
        ),
        (
            rf"{_NO_NAME_DAY}\b(?:(?P<rel>last|next|this)_)?(?P<day>{DAYS['en']})\b"
            r"(?:_(?:morning|night|afternoon|evening))?(?!_(?-i:Times|Mail|Post|Telegraph)|['’]?s_"
            r"(?-i:Child))",
            _weekday,
        ),
    ],
}
