"""The figures that articles give, each in its sentence, and how near two of them are.

What is needed to find, without asking anybody, who else gives a value for the same thing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from rag.asides import asides
from rag.dates import dates
from rag.language import fold
from rag.meaning import clause_at, content_words, found_in, text_of
from rag.names import names
from rag.retrieve import OTHER_LANGUAGE_BONUS
from rag.sentences import sentences
from rag.types import Document
from rag.values import Figure, figures, near
from rag.values.units import is_time

NEAR_IN_MEANING = 0.845  # cosine of two sentences, that of the same language
SHARED_NAMES = 2  # that two articles on one story have in common, at least
Key = tuple[str, int, int]


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


def key(claim: Claim) -> Key:
    """What tells a claim from all others."""
    return claim.document.id, claim.start, claim.figure.start


def claims_of(document: Document, start: int = 0, end: int | None = None) -> list[Claim]:
    """The figures of an article, those left out that only date something or point back, or
    that stand in an aside.

    With `start` and `end`, those of the sentences between these offsets.
    """
    found, left_out = [], set(asides(document))
    for a, b in sentences(document.text[start:end], document.language):
        if (start + a, start + b) in left_out:
            continue
        sentence = document.text[start + a : start + b]
        days = dates(sentence, document.language, document.published)
        found += [
            Claim(document, start + a, start + b, figure)
            for figure in figures(sentence, document.language)
            if not figure.loose
            and figure.unit not in ("ordinal", "phone")
            and not any(day.start <= figure.start < day.end for day in days)
        ]
    return found


def differ(one: Claim, other: Claim) -> bool:
    """Whether the values are of one unit, and neither sentence has the other's value."""
    theirs = figures(other.quote, other.document.language)
    ours = figures(one.quote, one.document.language)
    return (
        one.figure.unit == other.figure.unit
        and not any(near(one.figure, figure) for figure in theirs)
        and not any(near(other.figure, figure) for figure in ours)
    )


def may_be_of_one_thing(one: Claim, other: Claim) -> bool:
    """Whether the clauses of both figures have a word in common, in one language or across: of
    what they count, or of what they say of it. Words for times are in common to too many."""
    ours, theirs = (
        text_of(clause_at(claim.quote, claim.figure.start), claim.document.language)
        for claim in (one, other)
    )
    wanted = [word for word in content_words(ours.words) if not is_time(word.text)]
    return bool(found_in(wanted, ours.language, theirs))


def told_apart(one: Claim, other: Claim, claims: Iterable[Claim]) -> bool:
    """Whether an article of these `claims` gives both values, in different sentences: as two
    different things."""
    told: dict[str, list[set[int]]] = {}
    for claim in claims:
        for which, figure in enumerate((one.figure, other.figure)):
            if claim.figure.unit == figure.unit and claim.figure.same_value(figure):
                told.setdefault(claim.document.id, [set(), set()])[which].add(claim.start)
    return any(ones and others and not ones & others for ones, others in told.values())


def nearness(one: Claim, other: Claim, vectors: Mapping[Key, np.ndarray]) -> float:
    """The cosine of the two sentences, as if both were in one language."""
    across = one.document.language != other.document.language
    cosine = float(vectors[key(one)] @ vectors[key(other)])
    return cosine + (OTHER_LANGUAGE_BONUS if across else 0.0)


def names_of(document: Document) -> set[str]:
    """The names of an article and its title, folded."""
    return {fold(name) for name in names(f"{document.title}. {document.text}")}
