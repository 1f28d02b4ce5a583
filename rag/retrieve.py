"""Question -> hits: dense and BM25, fused, filtered, reprints folded."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.bm25 import WordSearch
from rag.config import Settings
from rag.copies.reprints import Candidate, is_reprint
from rag.embed import Embedder
from rag.index import EXACT_UP_TO, Index, Selection
from rag.language import stems
from rag.store import Store
from rag.types import LANGUAGES, Document, Filters, Hit, Language

# The score is the cosine, plus BM25 times a weight, plus a bonus for passages in the other
# language. E5 embedders are trained with a temperature of 0.01, so a cosine over 0.01 is a
# logit, and BM25 is a sum of log odds: the two can be added as they are, which keeps what ranks
# throw away. A passage with no word of the question gets nothing from BM25, however high it
# ranks there; that is what pulls same-language passages over the cross-lingual answer in
# reciprocal rank fusion. The figures are in eval/README.md.
BM25_WEIGHT = 0.004
# How much nearer two texts are for being in the same language, whatever they say: half the
# squared distance between the mean vectors of parallel French and English sentences is 0.033.
OTHER_LANGUAGE_BONUS = 0.033
SELECTIONS_KEPT = 8  # of the last filters, so that a question need not list their passages
CONSIDERED = 4  # times top_k: the candidates looked at for reprints


class Retriever:
    """Finds the passages of one dossier; sees what other processes add to it."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        settings: Settings,
        exact_up_to: int = EXACT_UP_TO,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._settings = settings
        self._exact_up_to = exact_up_to  # passages in one language
        self._words = WordSearch(store)
        self._index: Index | None = None
        self._selections: dict[tuple[int, Filters], Selection] = {}

    def refresh(self) -> Index:
        """The index of what the dossier holds now, whichever process changed it."""
        if self._index is None:
            self._index = Index.open(self._store, self._exact_up_to)
        self._index.refresh(self._store)
        with self._store.reading():
            self._words.refresh()
        return self._index

    def retrieve(
        self,
        question: str,
        language: Language,
        top_k: int | None = None,
        filters: Filters = Filters(),
    ) -> list[Hit]:
        """The `top_k` best passages for `question`, best first; fewer where there are no more.

        A score is a cosine with additions, comparable within one question only. Raises
        StoreError if the dossier cannot be read.
        """
        index = self.refresh()
        if index.is_empty:
            return []
        vector = self._embedder.encode_query(question)
        wanted = top_k or self._settings.top_k
        with self._store.reading():
            scores = self._scores(index, vector, question, language, filters)
            ranked = sorted(scores, key=lambda passage_id: (-scores[passage_id], passage_id))
            return self._fold(ranked[: wanted * CONSIDERED], scores, wanted)

    def _scores(
        self,
        index: Index,
        vector: np.ndarray,
        question: str,
        language: Language,
        filters: Filters,
    ) -> dict[str, float]:
        """`{passage id: score}` of the candidates; `vector` is that of `question`."""
        k = self._settings.candidate_k
        scores: dict[int, float] = {}
        for searched in filters.languages or LANGUAGES:
            selection = self._selection(replace(filters, languages=()))
            words = stems(question, searched)
            allowed = selection.allowed if selection else None
            lexical = dict(self._words.search(words, searched, k, allowed))
            dense = dict(index.search(vector, searched, k, selection))
            dense |= self._cosines(vector, [one for one in lexical if one not in dense])
            bonus = 0.0 if searched == language else OTHER_LANGUAGE_BONUS
            for number, cosine in dense.items():
                scores[number] = cosine + bonus + BM25_WEIGHT * lexical.get(number, 0.0)
        ids = self._store.ids(list(scores))
        return {passage_id: scores[number] for number, passage_id in ids.items()}

    def _cosines(self, vector: np.ndarray, numbers: Sequence[int]) -> dict[int, float]:
        if not numbers:
            return {}
        found, vectors = self._store.vectors_of(numbers)
        return dict(
            zip(found.tolist(), (vectors.astype(np.float32) @ vector).tolist(), strict=True)
        )

    def _selection(self, filters: Filters) -> Selection | None:
        """The passages that `filters` let through; None for all."""
        if filters == Filters():
            return None
        key = (self._store.revision, filters)
        if key not in self._selections:
            if len(self._selections) >= SELECTIONS_KEPT:
                self._selections.clear()
            self._selections[key] = Selection.of(self._store.numbers(filters))
        return self._selections[key]

    def _fold(self, ranked: list[str], scores: dict[str, float], wanted: int) -> list[Hit]:
        """The first `wanted` of these passages that are no reprints of one before them."""
        documents: dict[str, Document] = {}
        kept: list[tuple[Candidate, list[str]]] = []
        for passage in self._store.passages(ranked):
            document_id = passage.document_id
            if document_id not in documents:
                documents[document_id] = self._store.document(document_id)
            candidate = Candidate.of(passage, documents[document_id])
            originals = (copies for one, copies in kept if is_reprint(candidate, one))
            copies = next(originals, None)
            if copies is not None:
                copies.append(passage.id)
            elif len(kept) < wanted:
                kept.append((candidate, []))
        return [
            Hit(one.passage, one.document, scores[one.passage.id], rank, tuple(copies))
            for rank, (one, copies) in enumerate(kept, start=1)
        ]
