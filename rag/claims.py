"""The figures that articles give, each in its sentence, and how near two of them are.

What is needed to find, without asking anybody, who else gives a value for the same thing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from rag.asides import asides
from rag.dates import dates
from rag.language import fold
from rag.meaning import alike, clause_at, content_words, found_in, read, text_of
from rag.names import names
from rag.retrieve import OTHER_LANGUAGE_BONUS
from rag.sentences import sentences
from rag.types import Document
from rag.values import Figure, figures, near
from rag.values.counted import counted
from rag.values.units import is_time

CERTAIN = 1.0  # nearness of what takes back the very figure: "not 4,200 but 6,800"
NEAR_IN_MEANING = 0.845  # cosine of two sentences, that of the same language
SHARED_NAMES = 2  # that two articles on one story have in common, at least
_MONEY = frozenset("million milliard billion livr pound euro dollar".split())  # stems, in both
# "by 29 votes to 5": what is counted is votes, or goals
_SCORE = re.compile(
    r"\b(?:by|par) (?P<won>\d+) (?:votes? |voix )?(?:to|against|contre|à) (?P<lost>\d+)\b"
)
RATIO = 10.0  # of two figures of one thing, the larger to the smaller, at most
Key = tuple[str, int, int]
_DENIED = re.compile(
    r"(?:\bnot|\bpas|\brather than|\binstead of|\b(?:et )?non(?: pas)?|\bau lieu d[e’']"
    r"|\bplutôt qu[e’'])"
    r"\s*(?:the|about|some|only|les?|environ)?\s*[$€£]?$"
)
# "of the year" only dates what it stands beside
_PART = re.compile(
    r"\s+(?:of (?:the|this|that|these|those|its|their) (?!year|month|week)\w"
    r"|(?:de|sur) (?:cette|ce|cet|ces|cela) (?!année|mois|semaine)\w)"
)


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
    """The figures of an article, those left out that only date something or point back, that it
    says are not so ("240, not the 310 announced"), or that stand in an aside.

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
            and not is_denied(figure, sentence)
        ]
    return found


def is_denied(figure: Figure, text: str) -> bool:
    """Whether `text` says that its figure is not so, but another."""
    return bool(_DENIED.search(text, 0, figure.start))


def is_part(figure: Figure, text: str) -> bool:
    """Whether a figure of `text` is said to be a part of a sum or a number: "$5m of the money"."""
    return bool(_PART.match(text, figure.end)) and figure.unit != "%"


def differ(one: Claim, other: Claim) -> bool:
    """Whether the values are of one unit, and neither sentence has the other's value, but as one
    that is not so."""
    return (
        one.figure.unit == other.figure.unit
        and not _has_value(other, one.figure)
        and not _has_value(one, other.figure)
    )


def _has_value(claim: Claim, figure: Figure) -> bool:
    told = figures(claim.quote, claim.document.language)
    return any(near(figure, one) and not is_denied(one, claim.quote) for one in told)


def corrects(one: Claim, other: Claim) -> bool:
    """Whether one of the sentences says that the other's value is not so, "not the 310", of what
    that one counts."""
    return any(
        is_denied(figure, a.quote) and near(replace(figure, unit=b.figure.unit), b.figure)
        for a, b in ((one, other), (other, one))
        for figure in figures(a.quote, a.document.language)
        if figure.unit in ("", b.figure.unit) and _counts_what_is_in(a, b)
    )


def _counts_what_is_in(claim: Claim, other: Claim) -> bool:
    """Whether what a claim counts, if it says so, is in the other's sentence; people are by any
    name."""
    noun = counted(claim.quote, claim.figure.end)
    if noun is None:
        return True
    named = read(noun[0], claim.document.language)
    there = text_of(other.quote, other.document.language)
    return any("people" in word.concepts for word in named) or bool(
        found_in(named, claim.document.language, there)
    )


def may_be_of_one_thing(one: Claim, other: Claim) -> bool:
    """Whether both are of one order, both of a whole or both of a part, neither or both of a score
    or a vote, count no two different
    things, and the clauses of both have a word in common, in one language or across: of what they
    count, or of what they say of it. Words for times and money are in common to too many, and of
    sums so is that they are lost: a grant, sales."""
    if _is_of_a_score(one) != _is_of_a_score(other):
        return False
    low, high = sorted((abs(one.figure.value), abs(other.figure.value)))
    parts = [is_part(claim.figure, claim.quote) for claim in (one, other)]
    if high > RATIO * low or parts[0] != parts[1] or _count_different_things(one, other):
        return False
    ours, theirs = (
        text_of(clause_at(claim.quote, claim.figure.start), claim.document.language)
        for claim in (one, other)
    )
    wanted = [
        word
        for word in content_words(ours.words)
        if not (is_time(word.text) or word.stem in _MONEY)
        and not (one.figure.is_money and "lose" in word.concepts)
    ]
    return bool(found_in(wanted, ours.language, theirs))


def _is_of_a_score(claim: Claim) -> bool:
    return any(
        score.start() <= claim.figure.start < score.end() for score in _SCORE.finditer(claim.quote)
    )


def _count_different_things(one: Claim, other: Claim) -> bool:
    """Whether both say what they count, in one language, and that is not the same: four lots and
    fourteen patients, but not people and patients."""
    language = one.document.language
    found = [counted(claim.quote, claim.figure.end) for claim in (one, other)]
    if one.figure.unit or language != other.document.language or not all(found):
        return False
    ours, theirs = (read(noun[0], language) for noun in found if noun)
    people = any("people" in word.concepts for word in (*ours, *theirs))
    return not people and not any(alike(a, b, True) for a in ours for b in theirs)


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
