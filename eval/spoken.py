"""Which language an answer is in."""

import re

from eval.markers import without_markers
from rag.language import detect, words
from rag.types import Language

FEWEST_WORDS = 5  # below it nothing can be told: "14.3 billion dollars" looks French
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")


def spoken(text: str, expected: Language) -> Language:
    """The language of `text`, what it quotes and its markers left out; `expected` if it is too
    short, or has nothing but names."""
    own = _QUOTED.sub(" ", without_markers(text))
    long_enough = sum(word.isalpha() for word in words(own)) >= FEWEST_WORDS
    if not long_enough or not any(word[0].islower() for word in own.split()):
        return expected
    return detect(own, expected)
