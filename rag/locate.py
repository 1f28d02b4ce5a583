"""Where in a passage the words are that an answer rests on, as exact offsets."""

import re
from collections.abc import Sequence

import numpy as np

from rag.asides import asides
from rag.denial import denies
from rag.embed import Embedder
from rag.evidence import Evidence
from rag.names import missing_names, names
from rag.sentences import sentences
from rag.types import Document, Hit, Language, Reading
from rag.values import figures
from rag.verify import content_stems

QUOTE_SENTENCES = 3  # at most, in the exact words shown for a reading
WEIGHTS = {
    "figure": 4.0,
    "denial": 4.0,
    "name": 2.0,
    "stem": 1.0,
}  # what a quote shares with its reading
ASKED = 0.5  # of that weight has what the question says, too
SENTENCE_COST = 1.5  # what one more sentence must bring in
_BACK: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"[“\"(]?(?:It|He|She|They|This|That|These|Those|His|Her|Their|Its|Both|Such)\b"
    ),
    "fr": re.compile(
        r"[«“\"( \u00a0\u202f]*(?:Ils?|Elles?|Cet(?:te)?|Ces?|Cela|Ça|C['’]|Celles?-ci|Celui-ci"
        r"|Ceux-ci|Son|Sa|Ses|Leurs?|Tous deux|Toutes deux)\b"
    ),
}
CLOSEST = 4.0  # the sentence closest in meaning counts as much as a figure


def locate(
    text: str, hit: Hit, language: Language, embedder: Embedder, question: str = ""
) -> tuple[int, int]:
    """Where in the document the words are that `text` rests on: `(start, end)`.

    The run of sentences of the passage that shares most with `text`: figures and names above
    all, then words, or closeness of meaning where the article is in the other language. What
    `text` only repeats of the `question` that it answers tells less of where its answer is, and so
    do the names of the article's title.
    """
    document, passage = hit.document, hit.passage
    spans = sentences_of(hit) or [(passage.start, passage.end)]
    own = [span not in asides(document) for span in spans]
    titled = _marks(" ".join(names(document.title)), document.language)
    wanted, asked = _marks(text, language), _marks(question, language) | titled
    weights = {mark: WEIGHTS[mark[0]] * (ASKED if mark in asked else 1.0) for mark in wanted}
    having = [wanted & _marks(document.text[a:b], document.language) for a, b in spans]
    close = [0.0] * len(spans)
    if language != document.language:
        close = _closeness(text, [document.text[a:b] for a, b in spans], embedder)

    def worth(window: tuple[int, int]) -> float:
        first, last = window
        shared = set().union(*having[first : last + 1])
        marks = sum(weights[mark] for mark in shared)
        return marks + max(close[first : last + 1]) - SENTENCE_COST * (last - first)

    windows = [
        (first, last)
        for first in range(len(spans))
        for last in range(first, min(first + QUOTE_SENTENCES, len(spans)))
        if all(own[first : last + 1]) or not any(own)
    ]
    first, last = max(windows, key=worth)
    while first and last - first + 1 < QUOTE_SENTENCES and points_back(document, spans[first]):
        if not own[first - 1]:
            break
        first -= 1
    return spans[first][0], spans[last][1]


def sentences_of(hit: Hit) -> list[tuple[int, int]]:
    """`(start, end)` in the document of each sentence of the passage."""
    at = hit.passage.start
    return [(at + a, at + b) for a, b in sentences(hit.passage.text, hit.document.language)]


def introduction(reading: Reading, language: Language) -> tuple[int, int] | None:
    """The sentence of the passage that names what the reading names and its quote does not.

    "Her solicitor said that …" answers for Miriam Adelstern only beside the sentence that names
    her. Of several, the nearest; None where the quote, or its source, has all the names, or where
    the passage has none of those that it lacks.
    """
    document = reading.hit.document
    unknown = set(_names_left_out(reading, reading.quote, language))
    if not unknown:
        return None
    spans = [span for span in sentences_of(reading.hit) if span not in asides(document)]

    def cost(span: tuple[int, int]) -> tuple[int, int]:
        left = unknown.intersection(
            _names_left_out(reading, document.text[span[0] : span[1]], language)
        )
        return len(left), abs(span[0] - reading.start)

    nearest = min(spans, key=cost, default=(0, 0))
    return nearest if cost(nearest)[0] < len(unknown) else None


def _names_left_out(reading: Reading, quote: str, language: Language) -> list[str]:
    """The names of a reading that neither `quote` nor what is known of its article has."""
    document = reading.hit.document
    around = "\n".join((document.title, document.outlet, document.author, quote))
    evidence = Evidence(quote, around, document.text, document.language)
    return missing_names(reading.text, language, evidence)


def points_back(document: Document, span: tuple[int, int]) -> bool:
    """Whether a sentence begins with a word for something that was named before it."""
    return _BACK[document.language].match(document.text, span[0]) is not None


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
        | ({("denial", "")} if denies(text, language) else set())
    )
