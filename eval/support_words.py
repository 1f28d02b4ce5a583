"""The amounts and dates of a text as `eval.support` compares them.

Beside what `rag.meaning` knows of words, what is known is in `support.toml`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale

from eval.normalize import tokens
from rag.language import fold
from rag.meaning import read
from rag.types import Language

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CURRENCIES = {"euros", "dollars", "pounds", "%"}
_RANGE = {"a", "to", "et", "and", "ou", "or"}
_AMBIGUOUS = {"march", "may"}  # months only beside a day or a year


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
    return frozenset(table()["units"].split())


def _unit(word: str, language: Language) -> str:
    if word in _CURRENCIES:
        return word
    concepts = {one for meant in read(word, language) for one in meant.concepts}
    return next(iter(sorted(concepts & measures())), "")
