"""Passages that seem to give another value for what an answer says.

Found two ways: a passage that speaks of what was asked and has another figure of the same kind
has to be read; and a sentence of another article on the same story that is near in meaning to
the words that the answer rests on, and to the question, is taken at its word, however the reader
likes its passage: "put the cost of the line at" answers what it "will cost".
"""

from collections.abc import Sequence
from typing import NamedTuple

from rag.asides import own_words
from rag.asked import asks_for_date, asks_for_figure
from rag.changes import asks_for_change, tells_of_change
from rag.claims import (
    CERTAIN,
    NEAR_IN_MEANING,
    SHARED_NAMES,
    Claim,
    claims_of,
    corrects,
    differ,
    is_part,
    key,
    names_of,
    nearness,
    told_apart,
)
from rag.crosscheck import Value, all_values, conflicting, values, whole
from rag.embed import Embedder
from rag.evidence import evidence_of
from rag.language import stems
from rag.meaning import content_words, found_in, text_of
from rag.names import has_names_of
from rag.retrieve import OTHER_LANGUAGE_BONUS
from rag.types import Hit, Language, Position, Reading
from rag.values import Figure, figures, near
from rag.values.counted import counted
from rag.verify import content_share

RATIO = 4.0  # of two figures that may be of one thing, the larger to the smaller
ON_TOPIC = 0.6  # of a question's content words, in a passage that may give another value
NEAR_THE_QUESTION = 0.795  # cosine of a sentence and the question, as if both were in one language


class Rival(NamedTuple):
    """A passage, and its sentence that gives another value; None where it has to be read."""

    hit: Hit
    claim: Claim | None = None


def rivals(
    position: Position,
    candidates: Sequence[Hit],
    question: str,
    language: Language,
    embedder: Embedder,
    beside: Sequence[Hit] = (),
) -> list[Rival]:
    """Those of the `candidates` that seem to contradict the position, the surest first.

    `beside`: other passages of their articles, which are only taken at their word.
    """
    reading = position.readings[0]
    ours = values(reading, question, language)
    if not ours or not asks_for_figure(question):
        return []
    claims = (
        {}
        if asks_for_date(question)
        else _claims(reading, [*candidates, *beside], question, language, embedder)
    )
    sure = sorted((hit for hit in (*candidates, *beside) if hit.passage.id in claims),
                  key=lambda hit: -claims[hit.passage.id][0])  # fmt: skip
    others = [
        hit
        for hit in candidates
        if hit not in sure
        and _speaks_of(hit, question, language)
        and _rivalling(ours, all_values(whole(hit), question, hit.document.language))
    ]
    return [Rival(hit, claims[hit.passage.id][1]) for hit in sure] + [Rival(hit) for hit in others]


def _claims(
    reading: Reading,
    candidates: Sequence[Hit],
    question: str,
    language: Language,
    embedder: Embedder,
) -> dict[str, tuple[float, Claim]]:
    """By passage, the nearest sentence that contradicts the words of `reading`, and how near."""
    own = _own_claim(reading, language)
    if own is None or asks_for_date(question):
        return {}
    story = names_of(own.document)
    found = [
        (hit, claim)
        for hit in candidates
        if hit.document.id != own.document.id
        and len(story & names_of(hit.document)) >= SHARED_NAMES
        for claim in claims_of(hit.document, hit.passage.start, hit.passage.end)
        if _may_contradict(own, claim)
        and (tells_of_change(claim.quote) or not asks_for_change(question))
    ]
    if not found:
        return {}
    quotes = [own.quote, *(claim.quote for _, claim in found)]
    vectors = dict(
        zip([key(own), *(key(claim) for _, claim in found)], embedder.encode_passages(quotes),
            strict=True)
    )  # fmt: skip
    asked = embedder.encode_query(question)
    nearest: dict[str, tuple[float, Claim]] = {}
    for hit, claim in found:
        near_it = nearness(own, claim, vectors)
        across = claim.document.language != language
        to_question = float(vectors[key(claim)] @ asked) + OTHER_LANGUAGE_BONUS * across
        best = nearest.get(hit.passage.id, (NEAR_IN_MEANING, claim))[0]
        if corrects(own, claim):
            nearest[hit.passage.id] = (CERTAIN, claim)
        elif to_question >= NEAR_THE_QUESTION and near_it >= best:
            nearest[hit.passage.id] = (near_it, claim)
    return nearest


def speaks_of_it(claim: Claim, question: str, language: Language) -> bool:
    """Whether the words of a claim have one of the question's, in its language or the other."""
    asked = [
        word
        for word in content_words(text_of(question, language).words)
        if "people" not in word.concepts
    ]
    return bool(found_in(asked, language, text_of(claim.quote, claim.document.language)))


def _own_claim(reading: Reading, language: Language) -> Claim | None:
    """The figure of the article that the reading tells, in its sentence."""
    told = [one for one in figures(reading.text, language) if not one.loose]
    return next(
        (
            claim
            for claim in claims_of(reading.hit.document, reading.start, reading.end)
            if any(near(figure, claim.figure) for figure in told)
        ),
        None,
    )


def _may_contradict(own: Claim, claim: Claim) -> bool:
    """Whether both may count one thing: of one kind and order, and not told apart by anybody; or
    one says that the other's figure is not so."""
    if not differ(own, claim):
        return False
    return corrects(own, claim) or (
        _near_in_size(own.figure, claim.figure)
        and is_part(own.figure, own.quote) == is_part(claim.figure, claim.quote)
        and _count_the_same(own, claim)
        and not told_apart(own, claim, [*claims_of(own.document), *claims_of(claim.document)])
    )


def _count_the_same(own: Claim, claim: Claim) -> bool:
    """Of figures without unit: whether both say what they count, within a language the same."""
    if own.figure.unit:
        return True
    ours, theirs = (counted(one.quote, one.figure.end) for one in (own, claim))
    if ours is None or theirs is None:
        return False
    language = own.document.language
    return claim.document.language != language or (
        stems(ours["noun"], language) == stems(theirs["noun"], language)
    )


def _rivalling(ours: Sequence[Value], theirs: Sequence[Value]) -> bool:
    """Whether `theirs` has a value of the kind of `ours`, of the same order, and none of `ours`."""
    return conflicting(ours, theirs) and any(
        a.same(b) is False and _of_one_order(a, b) for a in ours for b in theirs
    )


def _of_one_order(a: Value, b: Value) -> bool:
    if not (isinstance(a.what, Figure) and isinstance(b.what, Figure)):
        return True
    return _near_in_size(a.what, b.what)


def _near_in_size(a: Figure, b: Figure) -> bool:
    low, high = sorted((abs(a.value), abs(b.value)))
    return high <= RATIO * low


def _speaks_of(hit: Hit, question: str, language: Language) -> bool:
    text = f"{hit.document.title} {own_words(hit.document, hit.passage)}"
    if language == hit.document.language:
        return content_share(question, text, language) >= ON_TOPIC
    return has_names_of(question, language, evidence_of(hit, text))
