"""Shares and rounded counts in words: la moitié, two-thirds, one in five, une dizaine, a dozen.

A share is a percentage, so that "la moitié" is 50 %; what only looks like one is left alone:
a quarter of an hour, un quart de finale, the third of May.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from rag.language import fold
from rag.types import LANGUAGES, Language
from rag.values.number_words import FIRST, value_of
from rag.values.units import MAGNITUDES, SPACE, Number, is_time, time_unit

_PARTS: dict[str, float] = {
    "moitie": 2, "half": 2, "halves": 2, "tiers": 3, "third": 3, "quart": 4, "quarter": 4,
    "cinquieme": 5, "fifth": 5, "sixieme": 6, "sixth": 6, "septieme": 7, "seventh": 7,
    "huitieme": 8, "eighth": 8, "neuvieme": 9, "ninth": 9, "dixieme": 10, "tenth": 10,
    "douzieme": 12, "vingtieme": 20, "twentieth": 20, "centieme": 100, "hundredth": 100,
}  # fmt: skip
_DENOMINATORS = frozenset((2, 3, 4, 5, 6, 8, 10))
_GROUPS = {
    "dizaine": 10, "douzaine": 12, "dozen": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
    "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "millier": 1000,
}  # fmt: skip
_NUMBERS = {language: f"{FIRST[language]}|\\d+" for language in LANGUAGES}
Read = Callable[["re.Match[str]", Language], Number | None]


def fractions(text: str, language: Language) -> Iterator[Number]:
    """The shares and rounded counts that `text` has words for, the surer readings first.

    A share is a percentage (33.3 for a third); a dozen is 12, and `about`.
    """
    lower = text.lower()
    for signs, pattern, read in _patterns(language):
        if not any(sign in lower for sign in signs):
            continue
        for match in pattern.finditer(text):
            if one := read(match, language):
                yield one


@cache
def _patterns(language: Language) -> list[tuple[list[str], re.Pattern[str], Read]]:
    """What a text must have one of to be worth a search, the search, and what reads its finds."""
    return [
        (signs.split("|"), re.compile(pattern.replace("_", SPACE), re.IGNORECASE), read)
        for signs, pattern, read in (_FRENCH if language == "fr" else _ENGLISH)
    ]


def _number(word: str | None, language: Language) -> float:
    """1 for an article or nothing."""
    word = fold(word or "").strip()
    if word in ("", "un", "une", "one", "a", "an", "le", "du"):
        return 1.0
    return float(word) if word.isdigit() else value_of(word, language)[0]


def _share(match: re.Match[str], language: Language) -> Number | None:
    part = fold(match["part"])
    size = _PARTS.get(part) or _PARTS[part.removesuffix("s")]
    number = _number(match["n"], language)
    if number >= size:
        return None
    return Number(100 * number / size, "%", match.start("share"), match.end("share"))


def _one_in(match: re.Match[str], language: Language) -> Number | None:
    number, of = _number(match["n"], language), _number(match["of"], language)
    if number >= of or not (of <= 10 or of in (20, 100, 1000)):
        return None  # 302 sur 544 counts
    return Number(100 * number / of, "%", match.start(), match.end())


def _group(match: re.Match[str], language: Language) -> Number:
    size = _GROUPS[fold(match["group"]).removesuffix("s")]
    number = 0.5 if match["half"] else _number(match["n"], language)
    return Number(number * size, "", match.start(), match.end(), about=True)


def _half_of(match: re.Match[str], language: Language) -> Number:
    """Half a million."""
    return Number(MAGNITUDES[language][fold(match["size"])] / 2, "", match.start(), match.end())


def _part_of(match: re.Match[str], language: Language) -> Number:
    """A quarter of a million."""
    part = fold(match["part"])
    size = _PARTS.get(part) or _PARTS[part.removesuffix("s")]
    whole = MAGNITUDES[language][fold(match["size"])]
    return Number(_number(match["n"], language) * whole / size, "", match.start(), match.end())


def _of_a_point(match: re.Match[str], language: Language) -> Number:
    """A quarter of a point, half a percentage point."""
    part = fold(match["part"] or match["part2"])
    return Number(1 / (2 if part == "demi" else _PARTS[part]), "pp", match.start(), match.end())


def _and_a_half(match: re.Match[str], language: Language) -> Number:
    """A year and a half."""
    unit = time_unit(match["time"]) if is_time(match["time"]) else ""
    return Number(1.5, unit, match.start(), match.end())


def _ratio(match: re.Match[str], language: Language) -> Number | None:
    """3/4 des élus, 2/3 of voters."""
    number, of = int(match["n"]), int(match["of"])
    if number >= of or of not in _DENOMINATORS:
        return None
    return Number(100 * number / of, "%", match.start(), match.end())


def _fold(match: re.Match[str], language: Language) -> Number:
    """Threefold."""
    return Number(value_of(match["n"], language)[0], "", match.start(), match.end())


def _both(match: re.Match[str], language: Language) -> Number:
    return Number(2.0, "", match.start(), match.end(), loose=True)


# In what follows, _ stands for any kind of space. A part that may also be something else (un
# tiers, a third) is a share only after or before words that make it one.
_TOLD_FR = "(?:près|plus|moins|autour|environ|presque|quasi(?:ment)?|à_peine)_"
_TOLD_EN = "(?:nearly|almost|about|around|roughly|over|under|than|by|just|least|most)_"
_PART_FR = "(?:tiers|quart|cinquième|sixième|septième|huitième|neuvième|dixième|vingtième|centième)"
_PART_EN = "(?:third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|twentieth|hundredth)"
_SIGNS_FR = "tiers|quart|ième"
_SIGNS_EN = _PART_EN[3:-1]
_SIGNS_OF = "|".join(
    f"sur {word}" for word in "de tr q ci si se h n di v ce m 1 2 3 4 5 6 7 8 9".split()
)
_NO_SHARE_FR = "(?!_(?:de_(?:finale|confiance)|d['’]heure|temps|payant|monde)|-)"
_END_FR = (
    r"\b(?=_(?:d(?:es|e_la|u|['’])|en\b|par\b)|[.,;:)]|$)"  # un cinquième, not "of a fifth man"
)
_NO_SHARE_EN = (
    "(?!_of_(?:an_hour|a_century|a_mile|(?-i:Jan|Feb|Mar|Apr|May|Ju[nl]|Aug|Sep|Oct|Nov|Dec))"
    "|_(?:party|time|person|year|day|place|round|match|term)|-)"
)
_NO_HALF = "".join(
    f"(?<!{word} )"
    for word in "first second third other latter last next top bottom better".split()
)

_FRENCH: list[tuple[str, str, Read]] = [
    ("demi", r"\b(?P<half>demi-|demie?_)(?P<n>)(?P<group>douzaine)\b", _group),
    ("demi", r"\b(?:un_)?demi(?:-|_)(?P<size>million|milliard)\b", _half_of),
    (
        "quart|tiers",
        r"\b(?P<n>un|deux|trois)_(?P<part>quarts?|tiers)_de_(?P<size>million|milliard)\b",
        _part_of,
    ),
    ("point", r"\b(?:un_)?(?:(?P<part>demi)(?:-|_)|(?P<part2>quart)_de_)point\b", _of_a_point),
    (
        " et demi",
        r"\bune?_(?P<time>(?!mill|bill)[^\W\d]{2,})_et_demie?\b",
        _and_a_half,
    ),
    (
        "moiti",
        r"(?<!à_)\b(?P<share>(?:la|de|une(?:_bonne|_petite)?)_(?P<n>)(?P<part>moitié))\b(?!-)",
        _share,
    ),
    (
        _SIGNS_FR,
        r"\b(?P<share>(?P<n>deux|trois|quatre|cinq|six|sept|huit|neuf)(?:_|-)"
        rf"(?P<part>tiers|{_PART_FR}s))\b{_NO_SHARE_FR}",
        _share,
    ),
    (
        _SIGNS_FR,
        rf"(?:\b{_TOLD_FR}(?:d['’]|de_|du_)?|\bd['’])(?P<share>(?:(?P<n>une?)_)?"
        rf"(?P<part>tiers|quart|{_PART_FR}{_END_FR}))\b{_NO_SHARE_FR}",
        _share,
    ),
    (
        _SIGNS_FR,
        r"\b(?P<share>(?P<n>un|le|du)(?:_bon|_petit)?_(?P<part>tiers|quart))\b"
        rf"{_NO_SHARE_FR}(?=(?:_seulement)?_d(?:es|e|u|['’]))",
        _share,
    ),
    (
        _SIGNS_FR,
        rf"\b(?P<share>(?P<n>un)_(?P<part>{_PART_FR}))\b{_NO_SHARE_FR}(?=_d(?:es|e_la|u|['’]))",
        _share,
    ),
    ("/", r"(?<![\w/.,])(?P<n>\d)/(?P<of>\d\d?)(?=_d(?:es|e|u|['’]))", _ratio),
    (
        _SIGNS_OF,
        rf"(?<!-)\b(?P<n>une?|{_NUMBERS['fr']})_(?:[^\W\d][\w-]+_|(?<=\D_))sur_"
        rf"(?P<of>{_NUMBERS['fr']})\b(?!_[^\W\d]{{3,}}[sx]\b|_?%|_(?:mill|jour|an)|[.,-]?\d)",
        _one_in,
    ),
    (
        "zaine|ngtaine|entaine|antaine|millier",
        r"\b(?P<half>)(?P<n>une|un|deux|trois|quatre)(?:_(?:bonne|petite|grosse))?_"
        r"(?P<group>(?:diz|douz|quinz|vingt|trent|cinquant|soixant|cent)aines?|milliers?"
        r"|quarantaines?(?=_(?:de_(?!\d|quatorze|jours)|d['’])))\b",
        _group,
    ),
]
_ENGLISH: list[tuple[str, str, Read]] = [
    (
        "half",
        r"(?<!and_a_)\bhalf(?:_|-)(?:a(?:_|-))?(?P<size>million|billion|trillion)\b",
        _half_of,
    ),
    (
        "quarter|third",
        r"\b(?P<n>an?|one|two|three)(?:_|-)(?P<part>quarters?|thirds?)_of_a_"
        r"(?P<size>million|billion|trillion)\b",
        _part_of,
    ),
    (
        "point",
        r"\b(?:(?P<part>half)(?:_|-)(?:a_)?|an?_(?P<part2>quarter)(?:_|-)(?:of_an?_)?)"
        r"(?:percentage(?:_|-))?point\b",
        _of_a_point,
    ),
    (
        "and a half",
        r"\b(?:a|one)_(?P<time>year|month|week|day|hour)_and_a_half\b",
        _and_a_half,
    ),
    (
        _SIGNS_EN,
        r"\b(?P<share>(?P<n>two|three|four|five|six|seven|eight|nine)(?:_|-)"
        rf"(?P<part>(?!quarter){_PART_EN}s))\b{_NO_SHARE_EN}",
        _share,
    ),
    (
        "quarter",
        rf"\b(?P<share>(?P<n>one|three)(?:_|-)(?P<part>quarters?))\b(?=_of\b|[.,;]){_NO_SHARE_EN}",
        _share,
    ),
    (
        f"half|{_SIGNS_EN}",
        rf"\b(?P<share>(?P<n>one)(?:_|-)(?P<part>(?!quarter){_PART_EN}|half))\b",
        _share,
    ),
    (
        _SIGNS_EN,
        rf"\b(?P<share>(?P<n>an?)_(?P<part>{_PART_EN}))\b(?=_of\b){_NO_SHARE_EN}",
        _share,
    ),
    (
        _SIGNS_EN,
        rf"\b{_TOLD_EN}(?:the_)?(?P<share>(?:(?P<n>an?)_)?(?P<part>{_PART_EN}))\b{_NO_SHARE_EN}",
        _share,
    ),
    (
        "half",
        rf"{_NO_HALF}(?<!-)\b(?P<share>(?P<n>)(?P<part>half))"
        r"(?=_(?:of|the|its|his|her|their|our|all|that|those|these|were|are|said|have)\b)"
        r"(?!_(?:of_)?(?:an|the)_hour)",
        _share,
    ),
    (
        "half",
        rf"\b{_TOLD_EN}(?P<share>(?P<n>a_)?(?P<part>half))\b(?!-|_(?:an?|hour|time|past)\b)",
        _share,
    ),
    (
        "one |1 ",
        rf"\b(?P<n>one|1)_(?:(?!of|more|day|week|month|year|person)[a-z]{{3,}}_)?in_(?:every_)?"
        rf"(?P<of>{_NUMBERS['en']})\b"
        r"(?!_(?:days|weeks|months|years|hours|minutes|games)|[.,-]?\d|_?%)",
        _one_in,
    ),
    (
        " in t| in f| in s| in e| in 1| in 2",
        rf"\b(?P<n>{_NUMBERS['en']})_in_(?P<of>three|four|five|six|seven|eight|ten|10|20|100)\b"
        r"(?!_(?:days|weeks|months|years|hours|minutes|seconds|games|matches|cities|countries|places"
        r"|areas|regions|towns|seasons|tests|cases|states)|[.,-]?\d|_?%)",
        _one_in,
    ),
    (
        "out of|in every",
        rf"\b(?P<n>one|{_NUMBERS['en']})_(?:out_of(?:_every)?|in_every)_(?P<of>{_NUMBERS['en']})\b"
        r"(?!_?%|[.,-]?\d)",
        _one_in,
    ),
    ("/", r"(?<![\w/.,])(?P<n>\d)/(?P<of>\d\d?)(?=_of\b)", _ratio),
    ("fold", rf"\b(?P<n>{FIRST['en']})-?fold\b", _fold),
    ("dozen", r"\b(?P<half>half(?:_|-))(?P<n>a_)(?P<group>dozen)\b", _group),
    ("dozen", r"\b(?P<half>)(?P<n>a|one|two|three|four|five|six)(?:_|-)(?P<group>dozen)\b", _group),
    ("both|twice", r"\b(?:both|twice)\b", _both),
]
