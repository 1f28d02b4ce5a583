"""Does an answer say the opposite of a word of its source? "Higher doses" is not "lower doses".

Asked about what its passage says the contrary of, a small model repeats the question's word in the
sentence of the article. `opposites.toml` has the pairs, in either language.
"""

import tomllib
from functools import cache
from importlib.resources import files

from rag.language import words
from rag.types import Language


def says_the_opposite(text: str, quote: str, language: Language) -> bool:
    """Whether `text` has a word of a pair and `quote`, in the same language, only its opposite."""
    ours, theirs = set(words(text)), set(words(quote))
    return any(
        ours & one and theirs & other and not theirs & one and not ours & other
        for pair in _pairs(language)
        for one, other in (pair, pair[::-1])
    )


@cache
def _pairs(language: Language) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    raw = tomllib.loads(files("rag").joinpath("opposites.toml").read_text(encoding="utf-8"))
    sides = (line.split("|") for line in raw[language]["pairs"].splitlines())
    return tuple((frozenset(one.split()), frozenset(other.split())) for one, other in sides)
