"""A text as `eval.support` compares it: words with what they mean, amounts, dates, clauses.

What is known of words in both languages is in `support.toml`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import get_month_names
from rapidfuzz import fuzz

from rag.language import fold, stems, words
from rag.types import LANGUAGES, Language
from rag.values import figures
from rag.verify import names

SAME_NAME = 85.0  # rapidfuzz ratio from which two spellings are one name
COGNATE = 75.0  # … and from which two words are of one family: they must begin alike, too
_BREAK = re.compile(
    r"[,;:.!?](?=\s|$)|\s[–—]\s|[«»“”\"]|\b(?:et|and|mais|but|qui|who|which|dont|while|when|lorsque"
    r"|quand|because|tandis que|alors que|whereas)\b"
)
_RANGE = re.compile(r"\s*(?:à|to|et|and|ou|or|[-–])\s*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, folded, with its stem and the `concepts` that `support.toml` knows it for."""

    text: str
    stem: str
    concepts: frozenset[str]
    name: bool
    light: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of something: `unit` is a currency, "%", a measure, or "" for things counted."""

    value: float
    unit: str

    def agrees(self, other: "Amount") -> bool:
        """The same number; money and percentages are never mere counts, nor one another."""
        units = {self.unit, other.unit}
        measures = units & set(table()["rules"]["units"].split())
        same_unit = len(units) == 1 or ("" in units and bool(measures))
        return same_unit and abs(self.value - other.value) <= 1e-6 * max(1.0, abs(self.value))


@cache
def table() -> dict[str, Any]:
    """`support.toml`."""
    return tomllib.loads(files("eval").joinpath("support.toml").read_text(encoding="utf-8"))


@cache
def _concepts(language: Language) -> dict[str, frozenset[str]]:
    """The concepts of a stem in `language`, to which `negate` is added for verbs that negate."""
    found: dict[str, frozenset[str]] = {}
    lists = [(name, forms[language]) for name, forms in table()["concepts"].items()]
    for name, forms in [*lists, ("negate", table()["negation"]["verbs"][language])]:
        for stem in stems(forms, language):
            found[stem] = found.get(stem, frozenset()) | {name}
    return found


def _meaning(word: str, stem: str, language: Language) -> frozenset[str]:
    known = _concepts(language)
    if stem not in known and language == "fr" and word.endswith("ent"):
        stem = stems(f"{word[:-3]}er", "fr")[0]  # Snowball leaves "réclament" as it is
    return known.get(stem, frozenset())


@cache
def _light(language: Language) -> frozenset[str]:
    listed = table()["light"][language]
    return (
        frozenset(words(listed)) | frozenset(stems(listed, language)) | _calendar(language).keys()
    )


@cache
def _calendar(language: Language) -> dict[str, int]:
    """The months of `language`, folded, from 1; its days of the week from -7."""
    days = Locale(language).days["format"]["wide"]
    months = get_month_names(locale=language)
    return {fold(name): number for number, name in months.items()} | {
        fold(name): number - 7 for number, name in days.items()
    }


@cache
def other_names(language: Language) -> dict[str, frozenset[str]]:
    """Words of the names of countries, languages, cities in `language`: those of the other."""
    other: Language = "en" if language == "fr" else "fr"
    ours, theirs = Locale(language), Locale(other)
    pairs = [
        (getattr(ours, kind).get(code, ""), name)
        for kind in ("territories", "languages")
        for code, name in getattr(theirs, kind).items()
    ]
    cities = table()["names"]["pairs"].items()
    pairs += [(fr, en) if language == "fr" else (en, fr) for fr, en in cities]
    found: dict[str, frozenset[str]] = {}
    for own, foreign in pairs:
        for word in words(own):
            found[word] = found.get(word, frozenset()) | frozenset(words(foreign))
    return found


def read(text: str, language: Language) -> list[Word]:
    """The words of `text` in order, its numbers left out."""
    countries = {
        word.capitalize() for word in re.findall(r"\w+", text) if fold(word) in _all_names()
    }
    called = {word for name in names(text, countries) for word in words(name)}
    known, light = _concepts(language), _light(language)
    text = _in_digits(text, language)
    return [
        Word(word, stem, _meaning(word, stem, language), word in called,
             word in light or (stem in light and stem not in known) or len(word) < 3)
        for word, stem in zip(words(text), stems(text, language), strict=True)
        if not word[0].isdigit()
    ]  # fmt: skip


@cache
def _all_names() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in other_names(language))


def clauses(text: str) -> list[str]:
    """`text` cut where a clause may end: at punctuation, at and, but, who, when and the like."""
    return [part for part in _BREAK.split(text) if part.strip()]


@cache
def alike(one: Word, other: Word, same_language: bool) -> bool:
    """Whether two words say the same: one stem, one concept, or of one family by their look."""
    if one.concepts & other.concepts or one.text == other.text:
        return True
    if same_language and one.stem == other.stem:
        return True
    ratio = fuzz.ratio(one.text, other.text)
    if same_language and (one.name or other.name):
        return ratio >= SAME_NAME
    begin = 5 if same_language else 3
    return one.text[:begin] == other.text[:begin] and ratio >= COGNATE


def dates(text: str, language: Language) -> list[frozenset[tuple[int, int]]]:
    """The dates written out in `text` as (day, month), each with the ways to read it.

    12/06 is June or December in English. A month without a day has the day 0.
    """
    return [_days(match, language) for match in _date(language).finditer(text)]


def calendar(text: str, language: Language) -> set[int]:
    """The months (from 1) and days of the week (from -7) that `text` names."""
    return {_calendar(language)[word] for word in words(text) if word in _calendar(language)}


@cache
def _date(language: Language) -> re.Pattern[str]:
    listed = [name for name in get_month_names(locale=language).values()]
    month = "|".join(sorted({*listed, *map(fold, listed)}))
    after = r"(?:in|since|until|by|next|last|en|fin|début|depuis|jusqu['’]en|à partir de)"
    return re.compile(
        rf"\b(?P<d1>\d\d?)(?:er|st|nd|rd|th)?\s(?:of\s)?(?P<m1>{month})\b(?:,?\s(?P<y1>\d{{4}}))?"
        rf"|\b(?P<m2>{month})\s(?P<d2>\d\d?)(?:st|nd|rd|th)?\b(?:,?\s(?P<y2>\d{{4}}))?"
        rf"|\b(?P<m3>{month})\s(?P<y3>\d{{4}})|\b{after}\s(?P<m4>{month})\b"
        r"|\b(?P<d5>\d\d?)[/.](?P<m5>\d\d?)[/.](?P<y5>\d{4})|\b(?P<y6>\d{4})-(?P<m6>\d\d)-(?P<d6>\d\d)",
        re.IGNORECASE,
    )


def _group(match: re.Match[str], letter: str) -> str:
    return next((v for k, v in match.groupdict().items() if k[0] == letter and v), "")


def _days(match: re.Match[str], language: Language) -> frozenset[tuple[int, int]]:
    day, month = int(_group(match, "d") or 0), _group(match, "m")
    if not month.isdigit():
        return frozenset({(day, _calendar(language)[fold(month)])})
    ways = {(day, int(month))} | (
        {(int(month), day)} if match["m5"] and language == "en" else set()
    )
    return frozenset(ways)


def amounts(text: str, language: Language) -> list[Amount]:
    """The amounts in `text`, in digits or spelt out; of its dates, the years only."""
    text = _date(language).sub(lambda match: f" {_group(match, 'y')} ", text)
    for fraction, percent in table()["fractions"][language].items():
        text = re.sub(rf"\b{fraction}\b", f"{percent} %", text, flags=re.IGNORECASE)
    text = _in_digits(text, language)
    found: list[Amount] = []
    following, begins = "", len(text) + 1
    for figure in reversed(figures(text, language)):
        unit = figure.unit or _measure(text[figure.end :], language)
        if not unit and _RANGE.fullmatch(text[figure.end : begins]):
            unit = following  # from 1.70 to 1.90 euro
        found.append(Amount(figure.value, unit))
        following, begins = unit, figure.start
    return found[::-1]


def _measure(after: str, language: Language) -> str:
    """The measure that the first word of `after` is, or ""."""
    units = table()["rules"]["units"].split()
    following = read(" ".join(re.sub(r"^\s?(?:de|of)\b", "", after).split()[:1]), language)
    return next((unit for word in following for unit in units if unit in word.concepts), "")


@cache
def _spelt(language: Language) -> dict[str, int]:
    numbers = table()["numbers"]
    tens = dict(zip(numbers[f"tens_{language}"].split(), range(20, 100, 10), strict=False))
    ones = {word: value for value, word in enumerate(numbers[language].split(), 2)}
    joined = {f"{t}-{o}": tens[t] + ones[o] for t in tens for o in ones if ones[o] < 10}
    return {**ones, **tens, **joined}


def _in_digits(text: str, language: Language) -> str:
    """`text` with its small spelt-out numbers in digits: trois is 3, twenty-five is 25."""
    spelt = _spelt(language)
    return re.sub(
        r"\b[a-z]+(?:-[a-z]+)?\b",
        lambda match: str(spelt.get(match[0].casefold(), match[0])),
        text,
        flags=re.IGNORECASE,
    )
