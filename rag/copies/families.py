"""The articles of a dossier that are one source, found among all and kept up to date.

An answer has no need of it: `families_of` of `rag.copies.articles` compares the articles of its
hits. This is for the dossier as a whole. A new article is compared with those whose mean vectors
are nearest, in each language apart, since two texts are nearer for being in one language, whatever
they say. The nearest are only where to look; `rag.copies.articles` decides by the texts. Nothing
is written to the dossier: what is known is of the passages up to a number, as in the index.
"""

import threading

import numpy as np

from rag.copies.articles import RULE, Rule, are_alike, grouped, may_be_alike, signature
from rag.store import Store
from rag.types import LANGUAGES, Language

NEIGHBOURS = 5  # articles in each language that a new one is compared with
_AT_ONCE = 1024  # new articles


class Families:
    """The copies in one dossier; sees what other processes add to it. Thread-safe."""

    def __init__(self, store: Store, rule: Rule = RULE) -> None:
        self._store = store
        self._rule = rule
        self._lock = threading.Lock()
        self._revision = -1
        self._passages: dict[int, str] = {}  # the document of each passage that is known
        self._sums: dict[Language, dict[str, np.ndarray]] = {one: {} for one in LANGUAGES}
        self._signatures: dict[str, np.ndarray] = {}
        self._alike: set[tuple[str, str]] = set()
        self._family_of: dict[str, str] = {}

    def all(self) -> dict[str, str]:
        """`{document id: family id}`: the family's id is that of its first article to come.

        The first call compares all articles; later ones only what has come since. Raises
        StoreError if the dossier cannot be read.
        """
        with self._lock, self._store.reading():
            if self._store.revision != self._revision:
                self._refresh()
            return dict(self._family_of)

    def copies_of(self, document_id: str) -> list[str]:
        """The other articles that are one source with this one, in the order they came."""
        families = self.all()
        own = families.get(document_id)
        return [key for key, family in families.items() if family == own and key != document_id]

    def _refresh(self) -> None:
        new = self._follow()
        for key in new:
            self._signatures[key] = signature(self._store.document(key))
        for one, other in sorted(self._candidates(new)):
            same = any(one in sums and other in sums for sums in self._sums.values())
            ours, theirs = self._signatures[one], self._signatures[other]
            if may_be_alike(ours, theirs, self._rule.least(same)) and are_alike(
                self._store.document(one), self._store.document(other), self._rule
            ):
                self._alike.add((one, other))
        self._family_of = self._grouped()
        self._revision = self._store.revision

    def _follow(self) -> list[str]:
        """Forget the articles that are gone or changed; the ids of those that are new."""
        numbers = {one: self._store.numbers_in(one) for one in LANGUAGES}
        there = set(np.concatenate(list(numbers.values())).tolist())
        gone = {self._passages.pop(number) for number in self._passages.keys() - there}
        self._alike = {pair for pair in self._alike if gone.isdisjoint(pair)}
        for key in gone:
            self._signatures.pop(key, None)
        last = max(self._passages, default=0)
        new: dict[str, None] = {}
        for language in LANGUAGES:
            sums = self._sums[language]
            for document_id in gone:
                sums.pop(document_id, None)
            for found, vectors in self._store.vectors(language, after=last):
                owners = self._store.owners(found.tolist())
                self._passages |= owners
                for number, vector in zip(found.tolist(), vectors.astype(np.float32), strict=True):
                    key = owners[number]
                    sums[key] = sums[key] + vector if key in sums else vector
                    new[key] = None
        return list(new)

    def _candidates(self, new: list[str]) -> set[tuple[str, str]]:
        """Pairs of a new article and one of those nearest to it, ids in ascending order."""
        pairs = set()
        own = {key: vector for sums in self._sums.values() for key, vector in sums.items()}
        for sums in self._sums.values():
            if not sums:
                continue
            ids, means = list(sums), _unit(np.stack(list(sums.values())))
            for start in range(0, len(new), _AT_ONCE):
                asked = new[start : start + _AT_ONCE]
                scores = _unit(np.stack([own[key] for key in asked])) @ means.T
                kept = min(NEIGHBOURS + 1, len(ids))  # one of them is itself
                nearest = np.argpartition(-scores, kept - 1, axis=1)[:, :kept]
                for key, row in zip(asked, nearest.tolist(), strict=True):
                    pairs |= {(min(key, ids[n]), max(key, ids[n])) for n in row if ids[n] != key}
        return pairs

    def _grouped(self) -> dict[str, str]:
        """The families of all articles; only those with a likeness need their texts."""
        paired = {key for pair in self._alike for key in pair}
        order = [entry.document_id for entry in self._store.entries().values()]
        texts = {key: self._store.document(key) for key in order if key in paired}
        pairs = [(texts[one], texts[other]) for one, other in sorted(self._alike)]
        return {key: key for key in order} | grouped(texts.values(), pairs, self._rule)


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit
