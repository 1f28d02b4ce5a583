"""Which language an answer is in."""

import re

from rag.language import detect, words
from rag.types import Language

FEWEST_WORDS = 5  # below it nothing can be told: "14.3 billion dollars" looks French
_NOT_ITS_OWN = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"|\[\s*\d+(?:\s*[,;]\s*\d+)*\s*\]")


def spoken(text: str, expected: Language) -> Language:
    """The language of `text`, what it quotes and its markers left out; `expected` if too short."""
    own = _NOT_ITS_OWN.sub(" ", text)
    if sum(word.isalpha() for word in words(own)) < FEWEST_WORDS:
        return expected
    return detect(own, expected)
