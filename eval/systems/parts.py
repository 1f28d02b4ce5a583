"""What Recoupe, the naive pipeline and extraction have in common: one retriever, one engine."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Self

from eval.systems import Bench
from eval.types import Cited, Found, Question, Usage
from rag.dossier import Dossier
from rag.engine import Work
from rag.language import detect
from rag.llm import LlamaEngine
from rag.models import model_path
from rag.types import Filters, Hit, Language

NOWHERE = ""  # the id of no document: a filter that names none lets everything through


def filters(question: Question, dossier: Dossier) -> Filters:
    """The filters that keep to the documents a question is asked over."""
    if not question.scope and not question.excluded:
        return Filters()
    within = set(question.scope) or {one.document_id for one in dossier.store.entries().values()}
    left = sorted(within - set(question.excluded))
    return Filters(document_ids=tuple(left) or (NOWHERE,))


class Retrieving:
    """A system that retrieves as Recoupe does, over the bench's dossier."""

    def __init__(self, bench: Bench) -> None:
        self._dossier = bench.dossier
        self._top_k = bench.settings.top_k

    def retrieve(self, question: Question, k: int) -> tuple[Found, ...]:
        hits = self._hits(question, detect(question.text), k)
        return tuple(one for hit in hits for one in with_copies(hit))

    def _hits(self, question: Question, language: Language, k: int) -> list[Hit]:
        within = filters(question, self._dossier)
        return self._dossier.retriever.retrieve(question.text, language, k, within)


class WithEngine(Retrieving):
    """The same with a language model of its own."""

    def __init__(self, bench: Bench, engine: LlamaEngine, load: Mapping[str, float]) -> None:
        super().__init__(bench)
        self.load = load
        self._engine = engine

    @classmethod
    def open(cls, bench: Bench) -> Self:
        """Load the language model of the settings. Raises ModelError."""
        started = time.perf_counter()
        engine = cls._engine_of(bench)
        return cls(bench, engine, {"load_llm": time.perf_counter() - started})

    @classmethod
    def _engine_of(cls, bench: Bench) -> LlamaEngine:
        path = model_path(bench.settings.llm, bench.settings.models)
        return LlamaEngine(path, bench.settings.context_tokens, bench.settings.threads)

    def close(self) -> None:
        """Free the model's memory."""
        self._engine.close()


def with_copies(hit: Hit) -> Iterator[Found]:
    """The stretch found, then the reprints folded into it, each as a document of its own."""
    yield found(hit)
    for copy in hit.copies:
        yield replace(found(hit), document_id=copy.rpartition("-")[0], start=0, end=0)


def found(hit: Hit) -> Found:
    passage = hit.passage
    return Found(passage.document_id, passage.start, passage.end, hit.score, hit.rank)


def cited(n: int, hit: Hit) -> Cited:
    """A citation of the whole passage."""
    passage = hit.passage
    return Cited(n, passage.document_id, passage.start, passage.end, passage.text)


def usage(before: Work, after: Work) -> Usage:
    """What an engine did between two moments."""
    return Usage(
        after.prompt_tokens - before.prompt_tokens,
        after.prompt_seconds - before.prompt_seconds,
        after.generated_tokens - before.generated_tokens,
        after.generation_seconds - before.generation_seconds,
    )
