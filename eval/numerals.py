"""Numbers spelt out in French or English, rewritten in digits: "vingt-cinq" is "25".

One newsroom spells small numbers out and another does not; a language model follows neither.
"""

import re
from functools import cache

from rag.types import Language

_SPELT: dict[Language, dict[int, str]] = {
    "fr": {
        **dict(enumerate("un deux trois quatre cinq six sept huit neuf dix onze douze".split(), 1)),
        **dict(enumerate("treize quatorze quinze seize".split(), 13)),
        20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante",
        70: "septante", 80: "huitante", 90: "nonante", 100: "cent", 1000: "mille",
    },
    "en": {
        **dict(enumerate("one two three four five six seven eight nine ten eleven".split(), 1)),
        **dict(enumerate("twelve thirteen fourteen fifteen sixteen seventeen".split(), 12)),
        18: "eighteen", 19: "nineteen", 20: "twenty", 30: "thirty", 40: "forty", 50: "fifty",
        60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety", 100: "hundred", 1000: "thousand",
    },
}  # fmt: skip
_OTHER_FORMS = {"une": 1, "vingts": 20, "cents": 100}
# French joins its last unit by "et", English what follows a hundred by "and".
_JOIN = {
    "fr": r"(?:[ -]et[ -](?=(?:une?|onze)\b)|[ -])",
    "en": r"(?:(?:(?<=hundred)|(?<=thousand)) and |[ -])",
}
_MAGNITUDE = re.compile(r"[ -](?:million|milliard|billion|trillion)", re.IGNORECASE)


def in_digits(text: str, language: Language) -> str:
    """`text` with the whole numbers below a million that it spells out written in digits.

    "Un", "une" and "one" alone stay words, unless a magnitude follows; so do words that make no
    number together ("two five") and what only rounds one ("a thousand").
    """
    table, pattern = _grammar(language)

    def written(match: re.Match[str]) -> str:
        parts = [part for part in re.split(r"[ -]", match[0].casefold()) if part in table]
        value = _value([table[part] for part in parts], language)
        if value is None or (value == 1 and not _MAGNITUDE.match(text, match.end())):
            return match[0]
        return str(value)

    return pattern.sub(written, text)


@cache
def _grammar(language: Language) -> tuple[dict[str, int], re.Pattern[str]]:
    """The values of the words of `language`, and what finds runs of them."""
    table = {word: value for value, word in _SPELT[language].items()}
    if language == "fr":
        table |= _OTHER_FORMS
    word = rf"(?:{'|'.join(sorted(table, key=len, reverse=True))})\b"
    run = rf"(?<![\w,.])(?<!\d[ -]){word}(?:{_JOIN[language]}{word})*"
    return table, re.compile(run, re.IGNORECASE)


def _value(parts: list[int], language: Language) -> int | None:
    """The number that `parts` make in this order; None where they make none."""
    total, current = 0, 0
    for part in parts:
        if part == 1000:
            if total or not (current or language == "fr"):
                return None
            total, current = 1000 * (current or 1), 0
        elif part == 100:
            if current > 9 or not (current or language == "fr"):
                return None
            current = 100 * (current or 1)
        elif part == 20 and language == "fr" and current % 100 == 4:
            current += 76  # quatre-vingts
        elif _fits(part, current % 100, language):
            current += part
        else:
            return None
    return total + current


def _fits(part: int, before: int, language: Language) -> bool:
    """Whether `part` may follow `before`, both below a hundred: 5 follows 20, and in French 15
    follows 60 (soixante-quinze)."""
    if part < 10:
        return before % 10 == 0 and (before != 10 or (language == "fr" and part >= 7))
    return before == 0 or (language == "fr" and part < 20 and before in (60, 80))
