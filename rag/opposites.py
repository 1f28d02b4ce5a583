"""Does a text say the opposite of a word of another? "Higher doses" is not "lower doses".

Asked about what its passage says the contrary of, a small model repeats the question's word in the
sentence of the article, or takes the one for the other. `opposites.toml` has the pairs, in either
language.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from rag.language import words
from rag.names import names
from rag.types import Language

_Pair = tuple[frozenset[str], frozenset[str]]


def says_the_opposite(text: str, quote: str, language: Language) -> bool:
    """Whether `text` has a word of a pair and `quote`, in the same language, only its opposite."""
    ours, theirs = set(words(text)), set(words(quote))
    pairs = (*_pairs(language, "pairs"), *_pairs(language, "converses"))
    return any(_is_opposite(ours, theirs, pair) for pair in pairs)


def asks_the_opposite(question: str, quote: str, language: Language) -> bool:
    """Whether `question` has a word of a pair and `quote`, in the same language, only its opposite.

    Words of names and of set phrases (first lady, Middle East) do not count, nor converses: who
    sold a house is told by who bought it from whom.
    """
    ours, theirs = _described(question, language), _described(quote, language)
    return any(_is_opposite(ours, theirs, pair) for pair in _pairs(language, "pairs"))


def _is_opposite(ours: set[str], theirs: set[str], pair: _Pair) -> bool:
    return any(
        bool(ours & one and theirs & other) and not theirs & one and not ours & other
        for one, other in (pair, pair[::-1])
    )


def _described(text: str, language: Language) -> set[str]:
    plain = " ".join(words(text))
    for phrase in _listed()[language]["phrases"].splitlines():
        plain = re.sub(rf"\b{phrase}\b", " ", plain)
    return set(plain.split()) - {part for name in names(text) for part in words(name)}


@cache
def _pairs(language: Language, which: str) -> tuple[_Pair, ...]:
    sides = (line.split("|") for line in _listed()[language][which].splitlines())
    return tuple((frozenset(one.split()), frozenset(other.split())) for one, other in sides)


@cache
def _listed() -> Any:
    return tomllib.loads(files("rag").joinpath("opposites.toml").read_text(encoding="utf-8"))
