"""Figures of an answer, written as its language and its source write them."""

import math
import re

from rag.language import fold
from rag.types import Language
from rag.values.digits import parse
from rag.values.figures import Figure, figures
from rag.values.units import SPACE

_GAP = SPACE[1:-1]
_WITH_MAGNITUDE = re.compile(
    rf"(?<![\w.,])(?P<currency>(?:US|CA?|A)?\$|€|£)?[{_GAP}]?"
    rf"(?P<number>\d{{1,3}}(?:[{_GAP}]\d{{3}})+(?:[.,]\d+)?|\d(?:[\d.,]*\d)?)"
    rf"[{_GAP}-](?P<word>[^\W\d_]+)"
)
_DECIMALS = re.compile(r"(?<![\d.,])(?P<whole>\d{1,3})(?:,\s|[.,])(?P<part>\d{1,2})(?!\d|[.,]\d)")
_OF_MONEY = re.compile(
    rf"(?P<number>\d(?:[\d.,]*\d)?)(?P<gap>[{_GAP}])(?P<word>million|milliard|billion)s?"
    rf"[{_GAP}](?:de[{_GAP}]|d['’])?(?P<currency>euros?|dollars?)\b"
)
_SIGNED = re.compile(
    rf"(?<![\w.,])(?P<currency>(?:US)?\$|€|£)[{_GAP}]?(?P<number>\d(?:[\d.,]*\d)?)"
    rf"(?P<gap>[{_GAP}])(?P<word>million|milliard)s?\b"
)
_CURRENCIES = {"€": "euros", "$": "dollars", "US$": "dollars", "£": "livres sterling"}
_LIVRES = re.compile(rf"[{_GAP}](?:de[{_GAP}])?livres\b")
_BOOKS = re.compile(r" books\b")
_FOREIGN: dict[Language, dict[str, float]] = {  # words that say it in the other language
    "fr": {"thousand": 1e3, "billion": 1e9, "bn": 1e9, "trillion": 1e12},
    "en": {"mille": 1e3, "milliard": 1e9, "md": 1e9, "billion": 1e12},
}
_SPELT: dict[Language, dict[float, str]] = {
    "fr": {1e3: "mille", 1e6: "million", 1e9: "milliard", 1e12: "billion"},
    "en": {1e3: "thousand", 1e6: "million", 1e9: "billion", 1e12: "trillion"},
}
_THOUSANDS: dict[Language, re.Pattern[str]] = {  # as the other language sets them apart
    "fr": re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,.]\d)"),
    "en": re.compile(rf"(?<![\d.,])\d{{1,3}}(?:[{_GAP}.]\d{{3}})+(?![\d,.]\d)"),
}
_ROUNDED: dict[Language, re.Pattern[str]] = {
    "fr": re.compile(r"\b(?:environ|approximativement|à peu près) $"),
    "en": re.compile(r"\b(?:about|approximately|around|roughly) $"),
}


def as_exact(text: str, language: Language, evidence: list[Figure]) -> str:
    """`text` without "about" before a figure that `evidence` gives exactly.

    A small model writes "environ 436 millions" where its source says 436 millions.
    """
    for figure in reversed(figures(text, language)):
        rounded = _ROUNDED[language].search(text, 0, figure.start)
        exact = any(not one.approximate and one.same_value(figure) for one in evidence)
        if rounded and exact:
            text = f"{text[: rounded.start()]}{text[figure.start :]}"
    return text


def in_own_words(text: str, language: Language, evidence: list[Figure]) -> str:
    """`text` with the magnitudes of `language` where it has those of the other one.

    A small model that reads "$14.3 billion" answers in French "14,3 billion dollars". Only a
    figure that `evidence` has, with the other language's word and not with this one's, is
    rewritten: 14,3 milliards de dollars.
    """
    text = _with_own_decimals(_with_own_thousands(text, language, evidence), language, evidence)
    for match in reversed(list(_WITH_MAGNITUDE.finditer(text))):
        size = _FOREIGN[language].get(fold(match["word"]).removesuffix("s"))
        number = parse(match["number"])
        if size is None or number is None:
            continue
        value = number * size
        if any(abs(figure.value - value) <= 1e-6 * value for figure in evidence):
            spelt_out = _spelt_out(match, number, size, language)
            text = f"{text[: match.start()]}{spelt_out}{text[match.end() :]}"
    if language == "fr":
        text = _SIGNED.sub(_in_french, _OF_MONEY.sub(_in_french, text))
    return text


def in_pounds(text: str, language: Language, source: str) -> str:
    """`text`, which tells a sum, with the pounds of a French `source`, "livres" there, that a small
    model takes for books."""
    if language != "en":
        return text
    sums = [one.value for one in figures(source, "fr") if _LIVRES.match(source, one.end)]
    for one in reversed(figures(text, "en")):
        books = _BOOKS.match(text, one.end)
        if books and any(math.isclose(one.value, known) for known in sums):
            text = f"{text[: one.end]} pounds{text[books.end() :]}"
    return text


def _in_french(match: re.Match[str]) -> str:
    """« 7,4 millions d'euros », where a model writes "7,4 million euros" or "€7,4 million"."""
    number = parse(match["number"])
    plural = "s" if number is not None and number >= 2 else ""
    of_currency = _of(_CURRENCIES.get(match["currency"], match["currency"]))
    return f"{match['number']}{match['gap']}{match['word']}{plural} {of_currency}"


def _of(currency: str) -> str:
    """« d'euros », « de dollars »."""
    return f"d'{currency}" if currency.startswith("euro") else f"de {currency}"


def in_digits(text: str, language: Language, evidence: list[Figure]) -> str:
    """`text` with digits for a number that `evidence` has and that the other language spells.

    A small model that reads French answers "Twenty-two opérations", in French too.
    """
    known = figures(text, language)
    for figure in reversed(figures(text, "en" if language == "fr" else "fr")):
        written = text[figure.start : figure.end]
        if (
            re.fullmatch(r"[A-Za-z]{4,}(?:-[a-z]+)?", written)
            and not figure.unit
            and not any(own.start < figure.end and figure.start < own.end for own in known)
            and any(math.isclose(one.value, figure.value) for one in evidence)
        ):
            text = f"{text[: figure.start]}{figure.value:g}{text[figure.end :]}"
    return text


def _with_own_thousands(text: str, language: Language, evidence: list[Figure]) -> str:
    """`text` with thousands apart as `language` has them, in figures that `evidence` has."""

    def written(match: re.Match[str]) -> str:
        number = float(re.sub(r"\D", "", match.group()))
        if not any(math.isclose(one.value, number) for one in evidence):
            return match.group()
        return f"{number:,.0f}".replace(",", "," if language == "en" else "\u202f")

    return _THOUSANDS[language].sub(written, text)


def _with_own_decimals(text: str, language: Language, evidence: list[Figure]) -> str:
    """`text` with the decimal mark of `language`, in figures that `evidence` has.

    From "1,35 million" a small model makes "1, 35 million" in English.
    """

    def written(match: re.Match[str]) -> str:
        number = float(f"{match['whole']}.{match['part']}")
        sizes = [number * size for size in (1.0, 1e3, 1e6, 1e9, 1e12)]
        is_known = any(math.isclose(one.value, size) for size in sizes for one in evidence)
        mark = "." if language == "en" else ","
        return f"{match['whole']}{mark}{match['part']}" if is_known else match.group()

    return _DECIMALS.sub(written, text)


def _spelt_out(match: re.Match[str], number: float, size: float, language: Language) -> str:
    """A number and its magnitude as `language` writes them."""
    written, currency = match["number"], match["currency"] or ""
    if language == "en":
        return f"{currency}{written.replace(',', '.')} {_SPELT['en'][size]}"
    plural = "s" if number >= 2 and size > 1e3 else ""
    words = f"{written.replace('.', ',')} {_SPELT['fr'][size]}{plural}"
    if currency:
        return f"{words} {_of(_CURRENCIES[currency]) if currency in _CURRENCIES else currency}"
    return f"{words} de" if re.match(r"\s(?:dollars|euros)", match.string[match.end() :]) else words
