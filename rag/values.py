"""Figures in a text, as values that can be compared across French and English.

14,3 milliards de dollars, $14.3 billion and 14.3bn USD are one value: 14.3e9 with unit "USD".
"""

import re
from dataclasses import dataclass

from rag.language import fold
from rag.types import Language

_SPACE = " \u00a0\u202f\u2009"
_NUMBER = re.compile(
    rf"(?<![\w.,])(?P<currency>(?:US|CA?|A)?\$|€|£|USD|EUR|GBP|CAD)?[{_SPACE}]?"
    rf"(?P<number>\d{{1,3}}(?:[{_SPACE}]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d[\d.,]*\d|\d)"
    rf"(?P<after>[{_SPACE}-]?[^\W\d_]*)"
)
_MAGNITUDES: dict[Language, dict[str, float]] = {
    "fr": {"mille": 1e3, "million": 1e6, "milliard": 1e9, "billion": 1e12, "md": 1e9, "mds": 1e9},
    "en": {
        "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
        "bn": 1e9, "mn": 1e6,
    },
}  # fmt: skip
_SPELT: dict[Language, dict[float, str]] = {
    "fr": {1e3: "mille", 1e6: "million", 1e9: "milliard", 1e12: "billion"},
    "en": {1e3: "thousand", 1e6: "million", 1e9: "billion", 1e12: "trillion"},
}
_AFTER_CURRENCY = {"k": 1e3, "m": 1e6, "b": 1e9}  # $5m is money; 5 m is a length
_UNIT = re.compile(
    rf"[{_SPACE}-]*(?:(?:de|d'|of)[{_SPACE}]*)?"
    r"(?P<unit>(?:us|c|ca|a)?\$|€|£|%|(?:usd|eur|gbp|cad|(?:us |american |canadian )?dollars?"
    r"|euros?|pounds?|livres sterling|percent|per cent|pour cent)\b)"
    r"(?P<nation> (?:canadiens?|americains?))?"
)
_UNITS = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "us dollar": "USD",
    "american dollar": "USD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "canadian dollar": "CAD",
    "a$": "AUD", "€": "EUR", "eur": "EUR", "euro": "EUR", "£": "GBP", "gbp": "GBP",
    "pound": "GBP", "livres sterling": "GBP", "%": "%", "percent": "%", "per cent": "%",
    "pour cent": "%",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text: `value` in units (not millions), `unit` "" where none is written.

    `start` and `end` delimit it, unit included, in the text it was found in.
    """

    value: float
    unit: str
    start: int
    end: int

    def same_value(self, other: "Figure") -> bool:
        """The same number of the same thing; a missing unit agrees with any."""
        units_agree = self.unit == other.unit or not self.unit or not other.unit
        return units_agree and abs(self.value - other.value) <= 1e-6 * max(1.0, abs(self.value))


def figures(text: str, language: Language) -> list[Figure]:
    """The figures written with digits in `text`, in order."""
    found = []
    for match in _NUMBER.finditer(text):
        value = _parse(match["number"])
        end = match.end("number")
        magnitude = _magnitude(match["after"], language, bool(match["currency"]))
        if magnitude:
            end = match.end("after")
        unit_match = _UNIT.match(_plain(text[end : end + 40]))
        unit = _unit(match["currency"], unit_match)
        if unit_match:
            end += unit_match.end()
        found.append(Figure(value * (magnitude or 1), unit, match.start(), end))
    return found


def missing_figures(claim: list[Figure], evidence: list[Figure]) -> list[Figure]:
    """The figures of `claim` that no figure of `evidence` has the value of."""
    return [f for f in claim if not any(f.same_value(other) for other in evidence)]


def in_own_words(text: str, language: Language, evidence: list[Figure]) -> str:
    """`text` with the magnitudes of `language` where it has those of the other one.

    A small model that reads "$14.3 billion" answers in French "14,3 billion dollars". Only a
    figure that `evidence` has, with the other language's word and not with this one's, is
    rewritten: 14,3 milliards de dollars.
    """
    other: Language = "en" if language == "fr" else "fr"
    for match in reversed(list(_NUMBER.finditer(text))):
        word = fold(match["after"]).strip(_SPACE + "-")
        size = _MAGNITUDES[other].get(word) or _MAGNITUDES[other].get(word.removesuffix("s"))
        if size is None or word.removesuffix("s") == "million":
            continue
        value = _parse(match["number"]) * size
        if any(abs(figure.value - value) <= 1e-6 * value for figure in evidence):
            text = f"{text[: match.start()]}{_spelt(match, size, language)}{text[match.end() :]}"
    return text


def _spelt(match: re.Match[str], size: float, language: Language) -> str:
    """A number and its magnitude as `language` writes them."""
    number, currency = match["number"], match["currency"] or ""
    if language == "en":
        return f"{currency}{number.replace(',', '.')} {_SPELT['en'][size]}"
    plural = "s" if _parse(number) >= 2 and size > 1e3 else ""
    spelt = f"{number.replace('.', ',')} {_SPELT['fr'][size]}{plural}"
    if currency:
        return f"{spelt} {currency}"
    return f"{spelt} de" if re.match(r"\s(?:dollars|euros)", match.string[match.end() :]) else spelt


def _parse(number: str) -> float:
    """A written number: a last separator not followed by exactly three digits is decimal."""
    compact = re.sub(rf"[{_SPACE}]", "", number)
    separators = [char for char in compact if char in ".,"]
    if not separators:
        return float(compact)
    last = separators[-1]
    whole, _, decimals = compact.rpartition(last)
    grouped = len(decimals) == 3 and (separators.count(last) == len(separators)) and whole != "0"
    digits = re.sub(r"[.,]", "", whole)
    return float(digits + decimals) if grouped else float(f"{digits or 0}.{decimals or 0}")


def _magnitude(after: str, language: Language, currency: bool) -> float | None:
    word = fold(after).strip(_SPACE + "-")
    if currency and word in _AFTER_CURRENCY:
        return _AFTER_CURRENCY[word]
    # An article may borrow the other language's word, but "billion" means what it says here.
    table = {**_MAGNITUDES["fr"], **_MAGNITUDES["en"], **_MAGNITUDES[language]}
    return table.get(word) or table.get(word.removesuffix("s"))


def _plain(text: str) -> str:
    """Lower case without accents, character for character, so that offsets stay."""
    folded = (fold(char) for char in text)
    return "".join(f if len(f) == 1 else char for f, char in zip(folded, text, strict=True))


def _unit(currency: str | None, match: re.Match[str] | None) -> str:
    if match and match["nation"] and "canadien" in match["nation"]:
        return "CAD"
    written = match["unit"] if match else (currency or "").casefold()
    return _UNITS.get(written) or _UNITS.get(written.removesuffix("s"), "")
