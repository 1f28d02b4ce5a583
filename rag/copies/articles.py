"""Which articles are one source: reprints, wire copies and translations of the same article.

A translation keeps its article's order: names, figures and the words that French and English
share come in the same sequence and at the same distances. Two articles on one event share as
many of them, but scattered. So the longest chain of shared words in the order of both is looked
for (cognates cut at a few letters, as Simard, Foster and Isabelle 1992 align French and English
sentences by), and of it what also keeps its distances. What covers most of both texts is one
article. Two that contradict each other are kept apart, however alike: another figure in the same
place or, in one language, another name or a word such as "not" or "rose". A copy counts as no
agreement, but a contradiction must never be hidden as a copy.

It needs no vectors and no model: the texts decide, and a pair takes a millisecond.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np

from rag.copies.versions import other_figure, other_words
from rag.language import words
from rag.types import Document

COGNATE_LETTERS = 5  # government, gouvernement: the first letters of words that have as many
REPEATED = 2  # times in one text: a word that comes more often says nothing of the order
STEP_WORDS, STEP_SHARE = 8, 0.3  # how far two distances in step may differ
SURELY_LESS = 0.75  # of a strength: the share of words, in any order, below which it is not reached
PLAINLY_OTHER = 0.08  # of the anchors shared, in any order: below it nothing is looked at
KEPT_TEXTS, KEPT_PAIRS = 256, 1024  # are remembered, for the next question


@dataclass(frozen=True, slots=True)
class Rule:
    """When two texts are one article: the least `Likeness.strength`, across languages and within
    one, where other translations and other wordings are nearer; and the least `anchors` in step.
    """

    across: float = 0.12
    within: float = 0.18
    anchors: int = 6

    def least(self, same_language: bool) -> float:
        return self.within if same_language else self.across


RULE = Rule()


class Likeness(NamedTuple):
    """How far two texts go side by side.

    `anchors`: shared words that can tell the order and are in step. `share`: of the anchors of
    the text with fewer. `coverage`: of the words of either text, the less of the two, that lie
    between two anchors in step. `chain`: the places of the anchors, counted in words.
    """

    anchors: int
    share: float
    coverage: float
    chain: tuple[tuple[int, int], ...] = ()

    @property
    def strength(self) -> float:
        return self.share * self.coverage


class _Anchors(NamedTuple):
    places: dict[str, list[int]]  # of each word that can tell the order
    number: int
    words: int  # of the whole text


def families_of(documents: Sequence[Document], rule: Rule = RULE) -> dict[str, str]:
    """`{document id: family id}`: documents of one family are one source.

    The family's id is that of its first document in the order given, so that a document of which
    there is no copy here is its own family. Meant for the documents of some hits: every pair is
    compared.
    """
    distinct = list({document.id: document for document in documents}.values())
    return grouped(distinct, combinations(distinct, 2), rule)


def grouped(
    documents: Iterable[Document],
    pairs: Iterable[tuple[Document, Document]],
    rule: Rule = RULE,
) -> dict[str, str]:
    """As `families_of`, where only these `pairs` may be one article; the surest are joined first.

    No two documents of a family contradict each other, whichever copies stand between them.
    """
    families = {document.id: [document] for document in documents}
    order = {document_id: place for place, document_id in enumerate(families)}
    for one, other in sorted(
        (pair for pair in pairs if are_alike(*pair, rule)),
        key=lambda pair: -likeness(*pair).strength,
    ):
        ours, theirs = families[one.id], families[other.id]
        if ours is theirs or any(_conflict(a, b, rule) for a in ours for b in theirs):
            continue
        ours += theirs
        families |= dict.fromkeys((document.id for document in theirs), ours)
    return {key: min((one.id for one in f), key=order.__getitem__) for key, f in families.items()}


def are_copies(a: Document, b: Document, rule: Rule = RULE) -> bool:
    """Whether two documents are one article, and say nothing that contradicts the other."""
    return are_alike(a, b, rule) and not contradict(a, b)


def are_alike(a: Document, b: Document, rule: Rule = RULE) -> bool:
    """Whether two documents are versions of one article; they may contradict each other."""
    found = likeness(a, b)
    least = rule.least(a.language == b.language)
    return found.anchors >= rule.anchors and found.strength >= least


@lru_cache(KEPT_PAIRS)
def likeness(a: Document, b: Document) -> Likeness:
    """How far two texts go side by side; nothing but zeros where they plainly do not."""
    if b.id < a.id:
        found = likeness(b, a)
        return found._replace(chain=tuple((there, here) for here, there in found.chain))
    ours, theirs = _anchors(a), _anchors(b)
    shared = ours.places.keys() & theirs.places.keys()
    fewer = min(ours.number, theirs.number)
    if not shared or len(shared) < PLAINLY_OTHER * fewer:
        return Likeness(0, 0.0, 0.0)
    steps = _steps(
        [(p, q) for word in shared for p in ours.places[word] for q in theirs.places[word]]
    )
    chain = tuple(sorted({place for step in steps for place in step}))
    covered_here = sum(y[0] - x[0] for x, y in steps) / ours.words
    covered_there = sum(y[1] - x[1] for x, y in steps) / theirs.words
    return Likeness(len(chain), len(chain) / fewer, min(covered_here, covered_there), chain)


@lru_cache(KEPT_PAIRS)
def contradict(a: Document, b: Document) -> bool:
    """Whether two versions of one article give different facts in the same place."""
    found = likeness(a, b)
    return other_figure(a, b, found.chain) or (
        a.language == b.language and other_words(a, b, found.share)
    )


def signature(document: Document) -> np.ndarray:
    """What `may_be_alike` knows a text by: hashes (n,) int64, ascending, good in this process."""
    hashes = sorted(map(hash, _anchors(document).places))
    return np.array(hashes, dtype=np.int64)


def may_be_alike(ours: np.ndarray, theirs: np.ndarray, least: float) -> bool:
    """Whether texts of these signatures share enough for their strength to be `least`."""
    shared = len(np.intersect1d(ours, theirs, assume_unique=True))
    return shared > 0 and shared >= SURELY_LESS * least * min(len(ours), len(theirs))


def _conflict(a: Document, b: Document, rule: Rule) -> bool:
    return are_alike(a, b, rule) and contradict(a, b)


@lru_cache(KEPT_TEXTS)
def _anchors(document: Document) -> _Anchors:
    found = words(document.text)
    places: dict[str, list[int]] = {}
    for place, word in enumerate(found):
        if word[0].isdigit() or len(word) >= COGNATE_LETTERS:
            places.setdefault(word if word[0].isdigit() else word[:COGNATE_LETTERS], []).append(
                place
            )
    telling = {word: at for word, at in places.items() if len(at) <= REPEATED}
    return _Anchors(telling, sum(map(len, telling.values())), len(found))


def _steps(pairs: list[tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The steps, in step, of the chain of `pairs` that ascends on both sides and is worth most.

    Each anchor is worth one; where the distances differ the chain breaks, which costs one.
    """
    pairs.sort()
    here, there = np.array(pairs).T
    worth = np.ones(len(pairs))
    before = np.full(len(pairs), -1)
    for n in range(1, len(pairs)):
        x, y = here[n] - here[:n], there[n] - there[:n]
        broken = abs(x - y) > STEP_WORDS + STEP_SHARE * np.minimum(x, y)
        gained = np.where((x > 0) & (y > 0), worth[:n] - broken, 0.0)
        best = int(gained.argmax())
        if gained[best] > 0:
            worth[n] += gained[best]
            before[n] = best if broken[best] else best + len(pairs)
    steps = []
    n = int(worth.argmax())
    while before[n] >= 0:
        last, in_step = before[n] % len(pairs), before[n] >= len(pairs)
        if in_step:
            steps.append((pairs[last], pairs[n]))
        n = int(last)
    return steps[::-1]


def forget() -> None:
    """Free what is remembered of texts and pairs."""
    for remembered in (_anchors, likeness, contradict):
        remembered.cache_clear()
