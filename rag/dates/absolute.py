"""Dates as calendars name them: days, months, quarters, seasons, years, decades, centuries.

Where the year is left out, a day or a month is the closest to the day of the text, a quarter the
last that had begun.
"""

from collections.abc import Callable
from functools import cache

from babel import Locale

from rag.dates.days import day_of, month_names, numeric_day
from rag.dates.relative import DAYS, Found, Read
from rag.dates.spans import (
    Span,
    a_half,
    a_quarter,
    a_season,
    first_ahead,
    last_over,
    latest,
    months,
    nearest,
    years,
)
from rag.types import Language
from rag.values.digits import digits

_YEAR = r"(?:1[5-9]|20)\d\d"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_TH: dict[Language, str] = {"fr": "(?:er)?", "en": "(?:st|nd|rd|th)?"}
_SPELT_DAY: dict[Language, str] = {
    "fr": "premier|(?:vingt(?:-|_et_|-et-)|trente(?:_et_|-et-))un|vingt(?:-(?:deux|trois|quatre"
    "|cinq|six|sept|huit|neuf))?|trente|deux|trois|quatre|cinq|six|sept|huit|neuf|dix(?:-(?:sept"
    "|huit|neuf))?|onze|douze|treize|quatorze|quinze|seize",
    "en": "(?:twenty|thirty)-first|twenty-(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    "|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    "|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth",
}
_NTH: dict[Language, str] = {
    "fr": r"(?:premier|deuxième|second|troisième|quatrième|1er|[234](?:e|ème))",
    "en": r"(?:first|second|third|fourth|1st|2nd|3rd|4th)",
}
_SEASONS = {
    "printemps": "spring", "spring": "spring", "ete": "summer", "summer": "summer",
    "automne": "autumn", "autumn": "autumn", "fall": "autumn", "hiver": "winter",
    "winter": "winter",
}  # fmt: skip
_OF_A_YEAR = (
    r"(?:us_|u\.s\._|federal_|united_states_|general_|presidential_|summer_|winter_)*"
    r"(?:census|elections?|budget|season|olympics?|games)"
)
_PLURAL = r"(?!_(?!dans|mais|sous|plus|puis|vers|apr|sans|depuis)[a-zà-ÿ]{3,}s\b)"


@cache
def month_pattern(language: Language) -> str:
    """A regular expression for a month; in English may and march are verbs without a capital."""
    tables = (Locale(language).months["format"][width] for width in ("wide", "abbreviated"))
    names = {name.rstrip(".") for table in tables for name in table.values()}
    if language == "fr":
        names |= {"fevrier", "aout", "decembre", "juill"}
    else:
        names |= {"Sept"}
        names = {f"(?-i:{name})" if name in ("May", "Mar", "March", "Dec") else name
                 for name in names}  # fmt: skip
    return "|".join(sorted(names, key=len, reverse=True))


def _month(found: Found, group: str) -> int:
    return month_names()[found.word(group)]


def _years_meant(found: Found) -> list[int]:
    """The year written, or those about the day of the text."""
    if found.word("y"):
        return [found.number("y")]
    return [found.reference.year + more for more in (-1, 0, 1)] if found.reference else []


def _day(found: Found) -> Span | None:
    """A day; without a year, the closest. A weekday before it is not compared."""
    day, month = found.number("d"), _month(found, "m")
    return _closest_days(found, (month, day), (month, day))


def _days(found: Found) -> Span | None:
    """From a day to another: du 3 au 5 juin, June 28 to July 2, 28 décembre au 3 janvier."""
    last = _month(found, "m2") if found.word("m2") else _month(found, "m")
    first = _month(found, "m") if found.word("m") else last
    return _closest_days(found, (first, found.number("d")), (last, found.number("d2")))


def _closest_days(found: Found, first: tuple[int, int], last: tuple[int, int]) -> Span | None:
    spans, new_years = [], 1 if first > last else 0
    for year in _years_meant(found):
        first_year = found.number("y1") or year - new_years
        first_day, last_day = day_of(first_year, *first), day_of(year, *last)
        if first_day and last_day and first_day <= last_day:
            spans.append((first_day, last_day))
    if not spans:
        return None
    return _told(spans, found)


def _iso(found: Found) -> Span | None:
    day = day_of(found.number("y"), found.number("m"), found.number("d"))
    return (day, day) if day else None


def _numeric(found: Found) -> Span | None:
    year = found.number("y")
    year += 2000 if year < 100 else 0
    day = numeric_day(found.number("d"), found.number("m"), year, found.language)
    return (day, day) if day else None


def _months(found: Found) -> Span | None:
    """A month, or from one to another; without a year, the closest."""
    first = _month(found, "m") if found.word("m") else _month(found, "m1")
    count = (_month(found, "m2") - first) % 12 + 1 if found.word("m2") else 1
    spans = [months(year, first, count) for year in _years_meant(found)]
    if found.word("y") and found.word("m2") and first > _month(found, "m2"):
        spans = [months(found.number("y") - 1, first, count)]  # novembre à mars 2025
    if not spans:
        return None
    return _told(spans, found)


def _told(spans: list[Span], found: Found) -> Span:
    """The one of `spans`, of several years, that the text means: last, next or the closest."""
    reference = found.reference
    if reference and found.word("rel") in ("dernier", "last"):
        return last_over(spans, reference)
    if reference and found.word("rel") in ("prochain", "next"):
        return first_ahead(spans, reference)
    return nearest(spans, reference or spans[0][0])


def _quarter(found: Found) -> Span | None:
    return _part_of_year(found, a_quarter, 4)


def _half(found: Found) -> Span | None:
    return _part_of_year(found, a_half, 2)


def _part_of_year(found: Found, part: Callable[[int, int], Span], of: int) -> Span | None:
    number = found.number("n")
    spans = [part(year, number) for year in _years_meant(found)] if 1 <= number <= of else []
    return latest(spans, found.reference or spans[0][0]) if spans else None


def _season(found: Found) -> Span | None:
    until = found.word("y2")
    return a_season(found.number("y"), _SEASONS[found.word("s")], bool(until))


def _years(found: Found) -> Span | None:
    """A year, or from one to another: 2019-2024, 2023-24."""
    first, last = found.number("y"), found.number("y2") or found.number("y")
    if last < 100:
        last += first // 100 * 100
    return years(first, last) if first <= last else None


def _decade(found: Found) -> Span | None:
    first = found.number("y")
    first += 1900 if 20 <= first < 100 else 2000 if first < 100 else 0
    return years(first, first + 9)


def _century(found: Found) -> Span | None:
    """The nineteenth: from 1801 to 1900."""
    number = found.number("n") or next(
        (int(one.number) for one in digits(found.match["n"], "fr")), 0
    )
    return years(100 * number - 99, 100 * number) if 1 <= number <= 21 else None


def absolute(language: Language) -> list[tuple[str, Read]]:
    """Patterns and what reads them, the longest forms first; _ stands for any kind of space.

    A group `y` that matched nothing means that the date counts from the day of the text.
    """
    return [*_numbers_only(), *(_french() if language == "fr" else _english())]


def _numbers_only() -> list[tuple[str, Read]]:
    return [
        (rf"(?<![\w-])(?P<y>{_YEAR})-(?P<m>0[1-9]|1[0-2])-(?P<d>{_DAY})(?![\w-])", _iso),
        (rf"(?<![\w/.])(?P<d>{_DAY})([/.])(?P<m>\d{{1,2}})\2(?P<y>{_YEAR})(?![\w/])", _numeric),
        (rf"(?<![\w/-])(?P<d>{_DAY})-(?P<m>\d{{1,2}})-(?P<y>{_YEAR})(?![\w/-])", _numeric),
        (rf"(?<![\w/.])(?P<d>{_DAY})/(?P<m>\d{{1,2}})/(?P<y>[0-3]\d)(?![\w/])", _numeric),
    ]


def _french() -> list[tuple[str, Read]]:
    day, month, nth = f"{_DAY}{_TH['fr']}", month_pattern("fr"), _NTH["fr"]
    weekday, to = rf"(?:(?:{DAYS['fr']})_)?", r"_?(?:au|et(?:_le)?|[-–])_?"
    year = rf"(?:_(?P<y>{_YEAR}))?"
    of_year = rf"(?:_(?:de_)?(?:l['’]année_)?(?P<y>{_YEAR}))?"
    return [
        (
            rf"\b{weekday}(?P<d>{day})"
            rf"(?:_(?P<m>{month})\b\.?(?:_(?P<y1>{_YEAR})(?=_au_))?|(?:,_{day})+)?"
            rf"{to}{weekday}(?P<d2>{day})_(?P<m2>{month})\b\.?{year}\b",
            _days,
        ),
        (
            rf"\b{weekday}(?P<d>{day}|{_SPELT_DAY['fr']})_(?P<m>{month})\b\.?{year}"
            r"(?:_(?P<rel>dernier))?\b",
            _day,
        ),
        (
            rf"\b(?:(?P<m>{month})\b\.?_?(?:à|[-–])_?|entre_(?P<m1>{month})_et_)(?P<m2>{month})\b\.?"
            rf"_(?P<y>{_YEAR})\b",
            _months,
        ),
        (rf"\b(?P<m>{month})\b(?=_(?:et|ou)_(?:en_)?(?:{month})_(?P<y>{_YEAR})\b)", _months),
        (rf"\b(?:de_|d['’]|entre_)(?P<m>{month})_(?:à|et)_(?P<m2>{month})\b(?P<y>)", _months),
        (rf"\b(?P<m>{month})\b\.?_(?P<y>{_YEAR})\b", _months),
        (
            rf"(?:\b(?:en|depuis|fin|début|dès|courant|jusqu['’]en|mois_de)_|\bmois_d['’]|mi-)"
            rf"(?-i:(?P<m>{month}))(?P<y>)(?:_(?P<rel>dernier|prochain))?\b(?!_\d)",
            _months,
        ),
        (rf"(?-i:\b(?P<m>{month}))(?P<y>)_(?P<rel>dernier|prochain)\b", _months),
        (rf"\b(?P<n>{nth})_trimestre{of_year}\b", _quarter),
        (rf"\bT(?P<n>[1-4])_(?P<y>{_YEAR})\b", _quarter),
        (rf"\b(?P<n>{nth})_semestre{of_year}\b", _half),
        (rf"\bS(?P<n>[12])_(?P<y>{_YEAR})\b", _half),
        (
            rf"\b(?:l['’]|le_|au_|en_)?(?P<s>été|printemps|automne|hiver)_(?:de_)?(?P<y>{_YEAR})"
            r"(?:[-–/](?P<y2>\d{4}|\d\d))?\b",
            _season,
        ),
        (r"\bannées_(?P<y>1[5-9]\d0|20\d0|[1-9]0)\b", _decade),
        (r"\b(?P<n>[XVI]+(?:e|ème)|\d{1,2}(?:e|ème))_siècle\b", _century),
        (rf"\b(?:de|entre)_(?P<y>{_YEAR})_(?:à|et)_(?P<y2>{_YEAR})\b", _years),
        *_single_years(),
    ]


def _english() -> list[tuple[str, Read]]:
    day, month, nth = f"{_DAY}{_TH['en']}", month_pattern("en"), _NTH["en"]
    weekday, to = rf"(?:(?:{DAYS['en']}),?_)?", r"_?(?:to|through|until|and|[-–])_?"
    year = rf"(?:,?_(?:of_)?(?P<y>{_YEAR}))?"
    of_year = rf"(?:_(?:of_)?(?P<y>{_YEAR}))?"
    return [
        (
            rf"\b{weekday}(?P<m>{month})\b\.?_(?P<d>{day})"
            rf"(?:,_(?P<y1>{_YEAR}),?(?=_(?:to|through|until)_)|(?:,_{day})+)?{to}"
            rf"(?:(?P<m2>{month})\b\.?_)?(?P<d2>{day}){year}\b",
            _days,
        ),
        (
            rf"\b{weekday}(?P<d>{day})(?:_(?P<m>{month})\b\.?"
            rf"(?:_(?P<y1>{_YEAR})(?=_(?:to|through|until)_))?|(?:,_{day})+)?"
            rf"{to}(?P<d2>{day})_(?P<m2>{month})\b\.?{year}\b",
            _days,
        ),
        (rf"\b{weekday}(?:the_)?(?P<d>{day})_(?:of_)?(?P<m>{month})\b\.?{year}\b", _day),
        (rf"\b(?:the_)?(?P<d>{_SPELT_DAY['en']})_of_(?P<m>{month})\b\.?{year}\b", _day),
        (rf"\b{weekday}(?P<m>{month})\b\.?_(?:the_)?(?P<d>{day})\b{year}\b", _day),
        (rf"\b(?P<m>{month})\b_the_(?P<d>{_SPELT_DAY['en']})\b{year}\b", _day),
        (
            rf"\b(?:(?P<m>{month})\b\.?_?(?:to|through|[-–])_?|between_(?P<m1>{month})_and_)"
            rf"(?P<m2>{month})\b\.?,?_(?P<y>{_YEAR})\b",
            _months,
        ),
        (rf"\b(?P<m>{month})\b(?=_(?:and|or)_(?:in_)?(?:{month})_(?P<y>{_YEAR})\b)", _months),
        (
            rf"\b(?:from|between)_(?P<m>{month})_(?:to|and|through|until)_(?P<m2>{month})\b(?P<y>)",
            _months,
        ),
        (rf"\b(?P<m>{month})\b\.?,?_(?:of_)?(?P<y>{_YEAR})\b", _months),
        (
            r"\b(?:(?:in|since|by|until|till|of|during|through|early|late|mid)(?:_|-)|"
            rf"(?P<rel>last|next|this)_)(?-i:(?P<m>{month}))(?P<y>)\b(?!_\d|(?-i:_[A-Z]))",
            _months,
        ),
        (rf"\b(?P<n>{nth})(?:_|-)quarter{of_year}\b", _quarter),
        (rf"\bQ(?P<n>[1-4])(?:_|,_)?(?P<y>{_YEAR})\b", _quarter),
        (rf"\b(?P<n>first|second)_half_of_(?:the_year_)?(?P<y>{_YEAR})\b", _half),
        (rf"\bH(?P<n>[12])_(?P<y>{_YEAR})\b", _half),
        (
            rf"\b(?P<s>summer|spring|autumn|fall|winter)_(?:of_)?(?P<y>{_YEAR})"
            r"(?:[-–/](?P<y2>\d{4}|\d\d))?\b",
            _season,
        ),
        (r"\b(?P<y>1[5-9]\d0|20\d0)['’]?s\b", _decade),
        (r"\bthe_['’]?(?P<y>[2-9]0)['’]?s\b", _decade),
        (r"\b(?P<n>\d{1,2}(?:st|nd|rd|th)|[a-z]+(?:-first)?)_century\b", _century),
        (
            rf"\b(?:from|between)_(?P<y>{_YEAR})_(?:to|and|until|through)_(?P<y2>{_YEAR})\b",
            _years,
        ),
        *_single_years(),
    ]


def _single_years() -> list[tuple[str, Read]]:
    """A year by itself: 2000 people and 1,500 are none, the 2024 elections is one."""
    no_year = r"(?<![\w$€£§#.,/'’-])(?<!article_)(?<!page_)(?<!no_)(?<!n°_)(?<!numéro_)(?<!room_)"
    goes_on = (
        r"(?![\w%€$£°/]|[.,-]\d|-[a-z]|_?(?:%|€|\$|£|euros?|dollars?|mill|mètres?|km)|_\d{3}\b)"
    )
    marked = (
        r"(?:(?<=\ben_)|(?<=\bin_)|(?<=\bby_)|(?<=depuis_)|(?<=since_)|(?<=année_)|(?<=['’]an_)"
        r"|(?<=until_)|(?<=fin_)|(?<=début_)|(?<=early_)|(?<=late_)|(?<=mi-)|(?<=mid-)|(?<=\()"
        r"|(?<=avant_)|(?<=après_)|(?<=before_)|(?<=after_)|(?<=dès_)|(?<=during_)"
        r"|(?<=\bas_of_)|(?<=recensement_)|(?<=recensement_de_)|(?<=élections_de_)"
        r"|(?<=élection_de_)|(?<=budget_)|(?<=saison_)|(?<=jeux_de_))"
    )
    return [
        (rf"{no_year}(?P<y>{_YEAR})[-–/](?P<y2>{_YEAR}|\d\d)(?![\w/-])", _years),
        (rf"{marked}(?P<y>{_YEAR}){goes_on}", _years),
        (rf"{no_year}(?P<y>(?:19|20)(?!00)\d\d){goes_on}{_PLURAL}", _years),
        (rf"(?<=\bthe_)(?P<y>(?:19|20)(?!00)\d\d){goes_on}", _years),
        (rf"(?<=\bthe_)(?P<y>(?:19|20)00){goes_on}(?=_{_OF_A_YEAR}\b)", _years),
    ]
