"""Where in a passage the words are that an answer rests on, as exact offsets."""

from collections.abc import Sequence

import numpy as np

from rag.chunk import sentences
from rag.embed import Embedder
from rag.names import names
from rag.types import Hit, Language
from rag.values import figures
from rag.verify import content_stems

QUOTE_SENTENCES = 3  # at most, in the exact words shown for a reading
WEIGHTS = {"figure": 4.0, "name": 2.0, "stem": 1.0}  # what a quote shares with its reading
SENTENCE_COST = 1.5  # what one more sentence must bring in
CLOSEST = 4.0  # the sentence closest in meaning counts as much as a figure


def locate(text: str, hit: Hit, language: Language, embedder: Embedder) -> tuple[int, int]:
    """Where in the document the words are that `text` rests on: `(start, end)`.

    The run of sentences of the passage that shares most with `text`: figures and names above
    all, then words, or closeness of meaning where the article is in the other language.
    """
    document, passage = hit.document, hit.passage
    spans = [
        (passage.start + start, passage.start + end)
        for start, end in sentences(passage.text, document.language)
    ]
    wanted = _marks(text, language)
    having = [wanted & _marks(document.text[a:b], document.language) for a, b in spans]
    close = [0.0] * len(spans)
    if language != document.language:
        close = _closeness(text, [document.text[a:b] for a, b in spans], embedder)

    def worth(window: tuple[int, int]) -> float:
        first, last = window
        shared = set().union(*having[first : last + 1])
        marks = sum(WEIGHTS[kind] for kind, _ in shared)
        return marks + max(close[first : last + 1]) - SENTENCE_COST * (last - first)

    windows = [
        (first, last)
        for first in range(len(spans))
        for last in range(first, min(first + QUOTE_SENTENCES, len(spans)))
    ]
    first, last = max(windows, key=worth)
    return spans[first][0], spans[last][1]


def _closeness(text: str, candidates: Sequence[str], embedder: Embedder) -> list[float]:
    """How close in meaning each candidate is to `text`, from 0 for the furthest to CLOSEST."""
    similarity = embedder.encode_passages(candidates) @ embedder.encode_query(text)
    spread = float(np.ptp(similarity)) or 1.0
    return [CLOSEST * float(value - similarity.min()) / spread for value in similarity]


def _marks(text: str, language: Language) -> set[tuple[str, str]]:
    """What a text can be recognised by, as (kind, words)."""
    return (
        {("figure", f"{figure.value:g}") for figure in figures(text, language)}
        | {("name", name.casefold()) for name in names(text)}
        | {("stem", stem) for stem in content_stems(text, language)}
    )
