"""Countries that a text names, in French and in English, and whether as where something is."""

import re
from functools import cache

from babel import Locale

from rag.language import fold
from rag.types import Language

# What newspapers write besides the names of the Unicode locale data (CLDR, by Babel), folded.
_ALSO: dict[Language, dict[str, str]] = {
    "fr": {
        "grande-bretagne": "GB", "angleterre": "GB", "ecosse": "GB", "pays de galles": "GB",
        "royaume-uni": "GB", "etats-unis": "US", "hollande": "NL", "birmanie": "MM",
    },
    "en": {
        "britain": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
        "uk": "GB", "united states": "US", "usa": "US", "holland": "NL",
        "turkey": "TR", "czech republic": "CZ", "ivory coast": "CI",
    },
}  # fmt: skip
# Which are also what people, towns and states are called, or common words.
_AMBIGUOUS = frozenset("chad jordan georgia georgie monaco jersey luxembourg panama".split())
_NAME_BEFORE = re.compile(r"[A-ZÀ-ÖØ-Þ][\w’'-]+,? $")
_WHERE: dict[Language, str] = {
    "fr": r"(?:en|au|aux|dans les?|dans l['’]|a travers l[ae]s?|a travers l['’])",
    "en": r"(?:in|across|throughout|within)(?: the)?",
}


def countries(text: str, language: Language) -> set[str]:
    """The ISO 3166 codes of the countries that `text` names."""
    return {_names(language)[found["name"]] for found in _named(language).finditer(fold(text))}


def countries_where(text: str, language: Language) -> set[str]:
    """Of these, those in which `text` says that something is: in Britain, en France; but not where
    the country only says of a town or a bay which one it is: Orvalde Bay in France."""
    folded = fold(text)
    as_written = text if len(text) == len(folded) else folded
    return {
        _names(language)[found["name"]]
        for found in _named(language).finditer(folded)
        if found["where"] and not _NAME_BEFORE.search(as_written, 0, found.start())
    }


@cache
def _names(language: Language) -> dict[str, str]:
    known = {
        fold(name): code
        for code, name in Locale(language).territories.items()
        if code.isalpha() and code.isupper() and len(code) == 2
    }
    known |= _ALSO[language]
    return {name: code for name, code in known.items() if name not in _AMBIGUOUS}


@cache
def _named(language: Language) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(_names(language), key=len, reverse=True)))
    return re.compile(rf"(?<![\w-])(?:(?P<where>{_WHERE[language]})\s?)?(?P<name>{names})(?![\w-])")
