"""What Recoupe, the naive pipeline and extraction have in common: one retriever, one engine."""

import time

from eval.types import Cited, Found, Question, Usage
from rag.config import Settings
from rag.dossier import Dossier
from rag.llm import LlamaEngine, Work
from rag.models import model_path
from rag.types import Filters, Hit, Language


def filters(question: Question, dossier: Dossier) -> Filters:
    """The filters that keep to the documents a question is asked over."""
    if question.scope:
        return Filters(document_ids=tuple(set(question.scope) - set(question.excluded)))
    if question.excluded:
        known = {entry.document_id for entry in dossier.store.entries().values()}
        return Filters(document_ids=tuple(sorted(known - set(question.excluded))))
    return Filters()


def retrieve(
    dossier: Dossier, question: Question, language: Language, k: int
) -> tuple[list[Hit], tuple[Found, ...]]:
    """The `k` best passages for a question, as Recoupe finds them, in both words."""
    hits = dossier.retriever.retrieve(question.text, language, k, filters(question, dossier))
    return hits, tuple(found(hit) for hit in hits)


def found(hit: Hit) -> Found:
    passage = hit.passage
    return Found(passage.document_id, passage.start, passage.end, hit.score, hit.rank)


def cited(n: int, hit: Hit) -> Cited:
    """A citation of the whole passage."""
    passage = hit.passage
    return Cited(n, passage.document_id, passage.start, passage.end, passage.text)


def load_engine(settings: Settings) -> tuple[LlamaEngine, float]:
    """The language model of the settings, and the seconds it took to load."""
    started = time.perf_counter()
    path = model_path(settings.llm, settings.models)
    engine = LlamaEngine(path, settings.context_tokens, settings.threads)
    return engine, time.perf_counter() - started


def usage(before: Work, after: Work) -> Usage:
    """What an engine did between two moments."""
    return Usage(
        after.prompt_tokens - before.prompt_tokens,
        after.prompt_seconds - before.prompt_seconds,
        after.generated_tokens - before.generated_tokens,
        after.generation_seconds - before.generation_seconds,
    )
