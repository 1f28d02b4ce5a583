"""Figures that disagree between the articles of a dossier, found without any question.

Code proposes: sentences of two articles on one story (they share names that few others have) that
are near in meaning, say something in the same words around their figures, in one language or
across, and give different values in the same unit. Each is then shown to the language
model, which says how likely it is that both values measure the same thing; and code decides, as a
model of this size takes many different things for one: a pair stays if neither value has a
likelier partner, and no article gives both as two different things. A pair of which one sentence
says that the other's value is not so needs no model.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rag.claims import (
    CERTAIN,
    NEAR_IN_MEANING,
    SHARED_NAMES,
    Claim,
    Key,
    claims_of,
    corrects,
    differ,
    key,
    may_be_of_one_thing,
    names_of,
    nearness,
    told_apart,
)
from rag.copies.articles import grouped
from rag.embed import Embedder
from rag.engine import Engine, Prompt, Turn
from rag.quoted import on_one_line, quoted
from rag.read import prompt_text
from rag.types import Document
from rag.values import near

YES, NO = ("Yes", "yes"), ("No", "no")
STORY_WEIGHT = 5.0  # what the names of a story weigh together: one more the fewer articles have it
PARTNERS = 2  # sentences of another article that each is compared with
LIKELY = 0.3  # probability that two values measure one thing, from which a pair is told
FOREIGN = 50  # articles imagined beside those of the dossier, none of which has any of its names


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two claims with different values, and how likely it is that they measure one thing."""

    one: Claim
    other: Claim
    likelihood: float


def conflicts(
    documents: Sequence[Document],
    embedder: Embedder,
    engine: Engine,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    most: int | None = None,
) -> list[Conflict]:
    """The likely disagreements of these articles, the likeliest first.

    `on_progress(done, total)` counts the pairs that the model looks at; `most` of them, the
    nearest, where that is given. Raises EngineError.
    """
    pairs = candidates(documents, embedder)[:most]
    found = []
    for done, (one, other) in enumerate(pairs, start=1):
        prompt = _prompt(one, other)
        if corrects(one, other):
            found.append(Conflict(one, other, CERTAIN))
        elif engine.fits(prompt, 1):
            (likelihood,) = engine.probabilities([prompt], YES, NO)
            found.append(Conflict(one, other, likelihood))
        on_progress(done, len(pairs))
    return decided(found, documents)


def decided(found: Sequence[Conflict], documents: Sequence[Document]) -> list[Conflict]:
    """Those that are told, the likeliest first: each claim with its likeliest partner only, or
    with another value of a third article that has none yet."""
    claims = [claim for document in documents for claim in claims_of(document)]
    told: list[Conflict] = []
    taken: dict[Key, list[Claim]] = {}  # what each claim is told against
    for conflict in sorted(found, key=lambda one: -one.likelihood):
        one, other = conflict.one, conflict.other
        known = taken.get(key(one), []), taken.get(key(other), [])
        if (
            conflict.likelihood < LIKELY
            or all(known)
            or any(_is_told(other, told_against) for told_against in known[0])
            or any(_is_told(one, told_against) for told_against in known[1])
            or (conflict.likelihood < CERTAIN and told_apart(one, other, claims))
        ):
            continue
        taken.setdefault(key(one), []).append(other)
        taken.setdefault(key(other), []).append(one)
        told.append(conflict)
    return told


def _is_told(claim: Claim, against: Claim) -> bool:
    """Whether a claim is of the same article, or gives the same value, as one told already."""
    return claim.document.id == against.document.id or near(claim.figure, against.figure)


def candidates(documents: Sequence[Document], embedder: Embedder) -> list[tuple[Claim, Claim]]:
    """Pairs of claims that may give different values for one thing, the nearest first."""
    stories = _of_two_sources(_same_story(documents), documents)
    wanted = {document.id for pair in stories for document in pair}
    known = {d.id: claims_of(d) for d in documents if d.id in wanted}
    claims = [claim for told in known.values() for claim in told]
    if not claims:
        return []
    vectors = dict(
        zip(map(key, claims), embedder.encode_passages([c.quote for c in claims]), strict=True)
    )
    found: dict[frozenset[Key], tuple[float, Claim, Claim]] = {}
    for a, b in stories:
        for score, one, other in _near(known[a.id], known[b.id], vectors):
            found[frozenset((key(one), key(other)))] = (score, one, other)
    ordered = sorted(found.values(), key=lambda pair: -pair[0])
    return [(one, other) for _, one, other in ordered]


def _near(
    ours: Sequence[Claim], theirs: Sequence[Claim], vectors: Mapping[Key, np.ndarray]
) -> Iterator[tuple[float, Claim, Claim]]:
    """The nearest of `theirs` to each of `ours` that differ in value."""
    for one in ours:
        rivals = [
            other
            for other in theirs
            if differ(one, other) and (corrects(one, other) or may_be_of_one_thing(one, other))
        ]
        scored = [
            (CERTAIN if corrects(one, other) else nearness(one, other, vectors), other)
            for other in rivals
        ]
        nearest = sorted(scored, key=lambda pair: -pair[0])[:PARTNERS]
        yield from ((score, one, other) for score, other in nearest if score >= NEAR_IN_MEANING)


def _same_story(documents: Sequence[Document]) -> list[tuple[Document, Document]]:
    """Pairs of articles that share names which few others have."""
    named = {document.id: names_of(document) for document in documents}
    spread = Counter(name for told in named.values() for name in told)
    weights = {n: math.log((len(documents) + FOREIGN) / count) for n, count in spread.items()}
    return [
        (a, b)
        for a, b in combinations(documents, 2)
        if len(shared := named[a.id] & named[b.id]) >= SHARED_NAMES
        and sum(weights[name] for name in shared) >= STORY_WEIGHT
    ]


def _of_two_sources(
    pairs: Sequence[tuple[Document, Document]], documents: Sequence[Document]
) -> list[tuple[Document, Document]]:
    """The pairs without copies: of what was printed twice, the first speaks for all."""
    family = grouped(documents, pairs)
    return [(a, b) for a, b in pairs if family[a.id] == a.id and family[b.id] == b.id]


def _prompt(one: Claim, other: Claim) -> Prompt:
    asked = prompt_text("same_thing").format(
        title_a=on_one_line(one.document.title),
        sentence_a=quoted(one.quote),
        value_a=one.value,
        title_b=on_one_line(other.document.title),
        sentence_b=quoted(other.quote),
        value_b=other.value,
    )
    return Prompt((Turn("system", prompt_text("comparing")),), "", asked)
