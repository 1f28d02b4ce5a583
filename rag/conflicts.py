"""Figures that disagree between the articles of a dossier, found without any question.

Code proposes: sentences of two articles on one story (they share names that few others have) that
are near in meaning and give different values in the same unit. Each is then shown to the language
model, which says how likely it is that both values measure the same thing; and code decides, as a
model of this size takes many different things for one: a pair stays if neither value has a
likelier partner, and no article gives both as two different things.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rag.chunk import sentences
from rag.dates import dates
from rag.embed import Embedder
from rag.engine import Engine, Prompt, Turn
from rag.language import fold
from rag.names import names
from rag.quoted import on_one_line, quoted
from rag.read import prompt_text
from rag.retrieve import OTHER_LANGUAGE_BONUS
from rag.types import Document
from rag.values import Figure, figures, near

YES, NO = ("Yes", "yes"), ("No", "no")
SHARED_NAMES = 2  # that two articles on one story have in common, at least …
STORY_WEIGHT = 5.0  # … and what they weigh together: a name weighs more the fewer articles have it
NEAR_IN_MEANING = 0.845  # cosine of two sentences, that of the same language
PARTNERS = 2  # sentences of another article that each is compared with
LIKELY = 0.4  # probability that two values measure one thing, from which a pair is told
FOREIGN = 50  # articles imagined beside those of the dossier, none of which has any of its names


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that an article gives: `figure` delimits it in `document.text[start:end]`."""

    document: Document
    start: int
    end: int
    figure: Figure

    @property
    def quote(self) -> str:
        return self.document.text[self.start : self.end]

    @property
    def value(self) -> str:
        return self.quote[self.figure.start : self.figure.end]


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
) -> list[Conflict]:
    """The likely disagreements of these articles, the likeliest first.

    `on_progress(done, total)` counts the pairs that the model looks at. Raises EngineError.
    """
    pairs = candidates(documents, embedder)
    found = []
    for done, (one, other) in enumerate(pairs, start=1):
        prompt = _prompt(one, other)
        if engine.fits(prompt, 1):
            (likelihood,) = engine.probabilities([prompt], YES, NO)
            found.append(Conflict(one, other, likelihood))
        on_progress(done, len(pairs))
    return decided(found, documents)


def decided(found: Sequence[Conflict], documents: Sequence[Document]) -> list[Conflict]:
    """Those that are told, the likeliest first: each claim with its likeliest partner only."""
    claims = [claim for document in documents for claim in claims_of(document)]
    told: list[Conflict] = []
    taken: set[tuple[str, int, int]] = set()
    for conflict in sorted(found, key=lambda one: -one.likelihood):
        keys = {_key(conflict.one), _key(conflict.other)}
        if conflict.likelihood < LIKELY or keys & taken or _told_apart(conflict, claims):
            continue
        taken |= keys
        told.append(conflict)
    return told


def candidates(documents: Sequence[Document], embedder: Embedder) -> list[tuple[Claim, Claim]]:
    """Pairs of claims that may give different values for one thing, the nearest first."""
    stories = _same_story(documents)
    wanted = {document.id for pair in stories for document in pair}
    known = {d.id: claims_of(d) for d in documents if d.id in wanted}
    claims = [claim for told in known.values() for claim in told]
    if not claims:
        return []
    vectors = dict(
        zip(map(_key, claims), embedder.encode_passages([c.quote for c in claims]), strict=True)
    )
    found: dict[frozenset[tuple[str, int, int]], tuple[float, Claim, Claim]] = {}
    for a, b in stories:
        for nearness, one, other in _near(known[a.id], known[b.id], vectors):
            found[frozenset((_key(one), _key(other)))] = (nearness, one, other)
    ordered = sorted(found.values(), key=lambda pair: -pair[0])
    return [(one, other) for _, one, other in ordered]


def claims_of(document: Document) -> list[Claim]:
    """The figures of an article, those left out that only date something or point back."""
    found = []
    for start, end in sentences(document.text, document.language):
        sentence = document.text[start:end]
        days = dates(sentence, document.language, document.published)
        found += [
            Claim(document, start, end, figure)
            for figure in figures(sentence, document.language)
            if not figure.loose
            and figure.unit not in ("ordinal", "phone")
            and not any(day.start <= figure.start < day.end for day in days)
        ]
    return found


def _near(
    ours: Sequence[Claim], theirs: Sequence[Claim], vectors: dict[tuple[str, int, int], np.ndarray]
) -> Iterator[tuple[float, Claim, Claim]]:
    """The nearest of `theirs` to each of `ours` that differ in value."""
    for one in ours:
        rivals = [other for other in theirs if _differ(one, other)]
        scored = [(_nearness(one, other, vectors), other) for other in rivals]
        nearest = sorted(scored, key=lambda pair: -pair[0])[:PARTNERS]
        yield from ((score, one, other) for score, other in nearest if score >= NEAR_IN_MEANING)


def _nearness(one: Claim, other: Claim, vectors: dict[tuple[str, int, int], np.ndarray]) -> float:
    across = one.document.language != other.document.language
    cosine = float(vectors[_key(one)] @ vectors[_key(other)])
    return cosine + (OTHER_LANGUAGE_BONUS if across else 0.0)


def _differ(one: Claim, other: Claim) -> bool:
    """Whether the values are of one unit, and neither sentence has the other's value."""
    theirs = figures(other.quote, other.document.language)
    ours = figures(one.quote, one.document.language)
    return (
        one.figure.unit == other.figure.unit
        and not any(near(one.figure, figure) for figure in theirs)
        and not any(near(other.figure, figure) for figure in ours)
    )


def _same_story(documents: Sequence[Document]) -> list[tuple[Document, Document]]:
    """Pairs of articles that share names which few others have."""
    named = {
        document.id: {fold(name) for name in names(f"{document.title}. {document.text}")}
        for document in documents
    }
    spread = Counter(name for told in named.values() for name in told)
    weights = {n: math.log((len(documents) + FOREIGN) / count) for n, count in spread.items()}
    return [
        (a, b)
        for a, b in combinations(documents, 2)
        if len(shared := named[a.id] & named[b.id]) >= SHARED_NAMES
        and sum(weights[name] for name in shared) >= STORY_WEIGHT
    ]


def _told_apart(conflict: Conflict, claims: Sequence[Claim]) -> bool:
    """Whether one article gives both values, in different sentences: as two different things."""
    pair = (conflict.one.figure, conflict.other.figure)
    told: dict[str, list[set[int]]] = {}
    for claim in claims:
        for which, figure in enumerate(pair):
            if claim.figure.unit == figure.unit and claim.figure.same_value(figure):
                told.setdefault(claim.document.id, [set(), set()])[which].add(claim.start)
    return any(ones and others and not ones & others for ones, others in told.values())


def _key(claim: Claim) -> tuple[str, int, int]:
    return claim.document.id, claim.start, claim.figure.start


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
