"""What a refusal offers: the passages that seem nearest to an answer, and of each the sentence.

An answer that the reader was not sure enough of is often there: whoever asked sees it at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rag.asides import asides, spoken
from rag.embed import Embedder
from rag.events import events_in, tells_of
from rag.locate import points_back, sentences_of
from rag.types import Hit, Language, Reading

OFFERED = 3  # passages
OF_THE_EVENT = 2.0  # more than two sentences can differ in nearness


class Offer(NamedTuple):
    """A passage, and where in its document the words are that are shown."""

    hit: Hit
    start: int
    end: int


def closest(
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    question: str,
    language: Language,
    embedder: Embedder,
) -> list[Offer]:
    """Of these hits, those that the reader found likeliest to answer, then the first of the others.

    Of each the sentence that is closest in meaning to the question, whichever language it is in,
    with the one before where it points back to that; one that tells of an event which is asked
    after, or that there was none, is closer than any other.
    """
    likely: dict[str, float] = {}
    for one in readings:
        known = likely.get(one.hit.passage.id, 0.0)
        likely[one.hit.passage.id] = max(known, one.answerable)
    best = sorted(hits, key=lambda hit: -likely.get(hit.passage.id, 0.0))[:OFFERED]
    spans = [[span for span in sentences_of(h) if span not in asides(h.document)] for h in best]
    texts = [
        hit.document.text[start:end]
        for hit, own in zip(best, spans, strict=True)
        for start, end in own
    ]
    if not texts:
        return [Offer(hit, *spoken(hit.document, hit.passage)) for hit in best]
    events = events_in(question, language)
    near = iter((embedder.encode_passages(texts) @ embedder.encode_query(question)).tolist())
    offers = []
    for hit, own in zip(best, spans, strict=True):
        of = hit.document
        told = [tells_of(of.text[start:end], of.language, events) for start, end in own]
        offers.append(_offer(hit, own, [next(near) + OF_THE_EVENT * one for one in told]))
    return offers


def _offer(hit: Hit, spans: Sequence[tuple[int, int]], near: Sequence[float]) -> Offer:
    if not spans:
        return Offer(hit, *spoken(hit.document, hit.passage))
    best = max(range(len(spans)), key=lambda n: near[n])
    first = best - 1 if best and points_back(hit.document, spans[best]) else best
    return Offer(hit, spans[first][0], spans[best][1])
