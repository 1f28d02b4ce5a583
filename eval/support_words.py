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
from rapidfuzz import fuzz

from eval.normalize import tokens
from eval.numerals import in_digits
from rag.language import fold, stems, words
from rag.names import names
from rag.types import LANGUAGES, Language

SAME_NAME = 85.0  # rapidfuzz ratio from which two spellings are one name
COGNATE = 75.0  # … and from which two words are of one family: they must begin alike, too
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CURRENCIES = {"euros", "dollars", "pounds", "%"}
_RANGE = {"a", "to", "et", "and", "ou", "or"}
_AMBIGUOUS = {"march", "may"}  # months only beside a day or a year


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
        same_unit = len(units) == 1 or ("" in units and not units & _CURRENCIES)
        return same_unit and abs(self.value - other.value) <= 1e-6 * max(1.0, abs(self.value))


@cache
def table() -> dict[str, Any]:
    """`support.toml`."""
    return tomllib.loads(files("eval").joinpath("support.toml").read_text(encoding="utf-8"))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """A regular expression of `support.toml`."""
    return re.compile(table()["patterns"][name])


@cache
def _concepts(language: Language) -> dict[str, frozenset[str]]:
    """The concepts of a stem in `language`, to which `negate` is added for verbs that negate."""
    found: dict[str, frozenset[str]] = {}
    lists = [(name, forms[language]) for name, forms in table()["concepts"].items()]
    for name, forms in [*lists, ("negate", table()["negation"]["verbs"][language])]:
        for stem in stems(forms, language):
            found[stem] = found.get(stem, frozenset()) | {name}
    return found


@cache
def _light(language: Language) -> frozenset[str]:
    listed, locale = table()["light"][language], Locale(language)
    dated = [*locale.months["format"]["wide"].values(), *locale.days["format"]["wide"].values()]
    return frozenset(words(listed)) | frozenset(stems(listed, language)) | set(map(fold, dated))


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


@cache
def _all_names() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in other_names(language))


def read(text: str, language: Language) -> list[Word]:
    """The words of `text` in order, its numbers left out."""
    listed = {word.capitalize() for word in re.findall(r"\w+", text) if fold(word) in _all_names()}
    called = {word for name in names(text, listed) for word in words(name)}
    known, light = _concepts(language), _light(language)
    text = in_digits(text, language)
    return [
        Word(word, stem, known.get(stem, frozenset()), word in called,
             word in light or (stem in light and stem not in known) or len(word) < 3)
        for word, stem in zip(words(text), stems(text, language), strict=True)
        if not word[0].isdigit()
    ]  # fmt: skip


def clauses(text: str) -> list[str]:
    """`text` cut where a clause may end: at punctuation, at and, but, who, when and the like."""
    return [part for part in pattern("break").split(text) if part.strip()]


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


@cache
def _calendar(kind: str) -> frozenset[str]:
    return frozenset(fold(name) for name in getattr(Locale("en"), kind)["format"]["wide"].values())


@cache
def _tokens(text: str, language: Language) -> list[str]:
    """The `tokens` of `text`; 12/06/2025 is the 12th of June, in English also December the 6th."""
    ways = r"\3-\2-\1" if language == "fr" else r"\3-\2-\1 \3-\1-\2"
    return tokens(re.sub(r"\b(\d\d)/(\d\d)/(\d{4})\b", ways, text), language)


def dates(text: str, language: Language) -> set[tuple[str, str]]:
    """The dates and days of the week in `text` as ("13th", "june"), ("", "june"), ("", "friday").

    A date with a day is there without it, too.
    """
    there = ["", *_tokens(text, language), ""]
    found = {("", word) for word in there if word in _calendar("days")}
    for before, word, after in zip(there, there[1:], there[2:], strict=False):
        day = before if re.fullmatch(r"\d+th", before) else ""
        sure = word not in _AMBIGUOUS or day or re.fullmatch(r"\d{4}", after)
        if word in _calendar("months") and sure:
            found |= {(day, word), ("", word)}
    return found


@cache
def amounts(text: str, language: Language) -> tuple[Amount, ...]:
    """The amounts in `text`, in digits or spelt out; of its dates, the years only."""
    for fraction, percent in table()["fractions"][language].items():
        text = re.sub(rf"\b{fraction}\b", f"{percent} %", text, flags=re.IGNORECASE)
    there = _tokens(text, language)
    found = []
    for place, word in enumerate(there):
        if _NUMBER.fullmatch(word):
            after = there[place + 1 : place + 4]
            if after and after[0] in _RANGE and len(after) == 3 and _NUMBER.fullmatch(after[1]):
                after = after[2:]  # from 1.70 to 1.90 euro
            found.append(Amount(float(word), _unit(after[0], language) if after else ""))
    return tuple(found)


@cache
def measures() -> frozenset[str]:
    """The concepts that are units of measure."""
    return frozenset(table()["rules"]["units"].split())


def _unit(word: str, language: Language) -> str:
    if word in _CURRENCIES:
        return word
    concepts = {one for meant in read(word, language) for one in meant.concepts}
    return next(iter(sorted(concepts & measures())), "")
