"""BM25 over the store's full text, in numpy: FTS5's own costs a microsecond for each passage.

Scores are those of FTS5's `bm25()` (Robertson's, k1 = 1.2, b = 0.75), to the rounding. FTS5
itself reads a word's passages three times, and looks up the length of each: here the lengths
are in memory (four bytes a passage), and a word's passages are read once.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from rag.store import Store, WordTotals
from rag.types import LANGUAGES, Language

K1, B = 1.2, 0.75
LEAST_WEIGHT = 1e-6  # of a word that more than half of the passages hold
QUERY_STEMS = 64  # distinct ones: a pasted article is a question too
# Words in more passages than this say nothing: without them BM25 finds as well or slightly
# better (recall at 5 of the fused search +0.002 in French, the same in English), in less time.
COMMON_SHARE, COMMON_PASSAGES = 0.3, 20
PASSAGES_KEPT = 2_000_000  # of words asked for before, in memory: 16 bytes each

_Occurrences = tuple[np.ndarray, np.ndarray]  # passage numbers, ascending, and how often in each


class WordSearch:
    """Finds passages by their words. To be used within `store.reading()`, by a thread at a time.

    It keeps what one revision of the dossier says and follows the store to the next.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision = -1
        self._lengths = np.zeros(1, dtype=np.int32)  # by passage number, both languages
        self._totals: dict[Language, WordTotals] = {}
        self._passages: dict[tuple[Language, str], int] = {}
        self._kept: dict[tuple[Language, str], _Occurrences] = {}
        self._kept_size = 0

    def refresh(self) -> None:
        """Follow the store to what it holds now. Raises StoreError."""
        revision = self._store.revision
        if revision == self._revision:
            return
        self._passages.clear()
        self._forget()
        for language in LANGUAGES:
            self._totals[language] = self._store.word_totals(language)
        self._read_lengths()
        self._revision = revision

    def search(
        self, words: Sequence[str], language: Language, k: int, allowed: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """The numbers of the `k` passages in `language` that best match any of these stems.

        Best first, with their scores: higher is better. `allowed` (bool, by passage number) says
        which may be found; what it does not reach may not. Raises StoreError.
        """
        self.refresh()
        found = list(self._weighted(words, language))
        if not found:
            return []
        numbers = np.concatenate([one for one, _ in found])
        scores = np.bincount(numbers, np.concatenate([weights for _, weights in found]))
        if allowed is not None:
            scores = scores[: len(allowed)] * allowed[: len(scores)]
        return _best(scores, k)

    def _weighted(
        self, words: Sequence[str], language: Language
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For each word that tells something, the passages that hold it and its share of BM25."""
        totals = self._totals[language]
        average = totals.stems / max(totals.passages, 1)
        for word in self._telling(words, language):
            numbers, times = self._passages_of(word, language)
            share = (totals.passages - len(numbers) + 0.5) / (len(numbers) + 0.5)
            weight = max(math.log(share), LEAST_WEIGHT)
            long = 1 - B + B * self._lengths[numbers] / average
            yield numbers, weight * times * (K1 + 1) / (times + K1 * long)

    def _telling(self, words: Sequence[str], language: Language) -> list[str]:
        """Those of `words` that some passages hold, but not too many."""
        asked = list(dict.fromkeys(words))[:QUERY_STEMS]
        known = self._passages
        unknown = [word for word in asked if (language, word) not in known]
        if unknown:
            counts = self._store.passages_with(unknown, language)
            known |= {(language, word): counts.get(word, 0) for word in unknown}
        common = max(COMMON_SHARE * self._totals[language].passages, COMMON_PASSAGES)
        return [word for word in asked if 0 < known[language, word] <= common]

    def _passages_of(self, word: str, language: Language) -> _Occurrences:
        kept = self._kept
        if (language, word) not in kept:
            every = self._store.occurrences(word, language)
            first = np.flatnonzero(np.diff(every, prepend=0))
            if self._kept_size + len(first) > PASSAGES_KEPT:
                self._forget()
            kept[language, word] = every[first], np.diff(first, append=len(every))
            self._kept_size += len(first)
        return kept[language, word]

    def _forget(self) -> None:
        self._kept.clear()
        self._kept_size = 0

    def _read_lengths(self) -> None:
        """Those of the passages that came since; who is gone is in no word's passages."""
        known = len(self._lengths)
        new = [self._store.lengths(language, known - 1) for language in LANGUAGES]
        last = max((int(numbers[-1]) for numbers, _ in new if len(numbers)), default=known - 1)
        lengths = np.zeros(last + 1, dtype=np.int32)
        lengths[:known] = self._lengths
        for numbers, values in new:
            lengths[numbers] = values
        self._lengths = lengths


def _best(scores: np.ndarray, k: int) -> list[tuple[int, float]]:
    numbers = np.flatnonzero(scores > 0)
    found = scores[numbers]
    if len(found) > k:  # all that are no worse than the k-th, so that ties are told by number
        good = found >= np.partition(found, -k)[-k]
        numbers, found = numbers[good], found[good]
    order = np.lexsort((numbers, -found))[:k]
    return list(zip(numbers[order].tolist(), found[order].tolist(), strict=True))
