"""The passages to read for a question: the best of each of its parts, and who is asked for first.

A passage in which a speaker is named once is found behind others about the same affair; where the
question asks for that speaker's words, it is the one to read. An overview needs one passage of each
article on its topic, not five of the nearest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from rag.embed import Embedder
from rag.language import words
from rag.overview import leading, on_topic
from rag.retrieve import Retriever
from rag.speech.saying import asks_what_was_said
from rag.topics import asks_for_overview
from rag.types import Filters, Hit, Language
from rag.verify import words_of

BEST_OF_PART = 2  # passages, for each part of a question that has several
MORE_FOR_PART = 2  # passages than for one question, for each part but the first
LOOKED_THROUGH = 4  # times as many as are wanted, for the words of one, or for all on something


@dataclass(frozen=True, slots=True)
class Finder:
    """What a question in `language` finds among the passages that `filters` let through."""

    retriever: Retriever
    embedder: Embedder
    language: Language
    filters: Filters = Filters()

    def passages(self, question: str, parts: Sequence[str], wanted: int) -> list[Hit]:
        """The `wanted` hits of `question`, best first; where it has parts, more, and the best of
        each part first. Raises StoreError."""
        hits = self._of_one(question, wanted)
        if len(parts) == 1:
            return hits
        found = [self._of_one(part, BEST_OF_PART) for part in parts]
        distinct = {hit.passage.id: hit for hit in chain(*zip_longest(*found), hits) if hit}
        return _ranked(list(distinct.values())[: wanted + MORE_FOR_PART * (len(parts) - 1)])

    def _of_one(self, question: str, wanted: int) -> list[Hit]:
        speaker = asks_what_was_said(question, self.language)
        if asks_for_overview(question):
            hits = self._retrieved(question, wanted * LOOKED_THROUGH)
            on = on_topic(hits, question, self.language)
            about = leading(on, question, self.language, self.embedder)
            return _ranked((about or hits)[:wanted])
        if speaker is None:
            return self._retrieved(question, wanted)
        hits = self._retrieved(question, wanted * LOOKED_THROUGH)
        first = [hit for hit in hits if _speaks(speaker, hit)]
        return _ranked([*first, *(hit for hit in hits if hit not in first)][:wanted])

    def _retrieved(self, question: str, wanted: int) -> list[Hit]:
        return self.retriever.retrieve(question, self.language, wanted, self.filters)


def _speaks(speaker: str, hit: Hit) -> bool:
    """Whether the passage has words of `speaker`, whom it or its title names."""
    named = {word for word in words(speaker) if len(word) > 2}
    document, passage = hit.document, hit.passage
    return bool(
        named.intersection(words(f"{document.title} {passage.text}"))
        and words_of(speaker, document, passage.start, passage.end)
    )


def _ranked(hits: Sequence[Hit]) -> list[Hit]:
    return [replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1)]
