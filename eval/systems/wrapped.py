"""What the systems built on a framework share: vectors, clock, token counts, and the reply.

A framework gets Recoupe's embedder with its prefixes, and the same file of weights, so that the
chains are compared and not the models.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from eval.extras import needs_extra
from eval.refusals import is_refusal
from eval.spoken import spoken
from eval.types import Cited, Claim, Collection, Found, Question, Reply, Result, Usage
from rag.config import Settings, physical_cores
from rag.embed import Embedder
from rag.errors import EngineError
from rag.models import model_path
from rag.sentences import sentences
from rag.types import Document

CONTEXT_TOKENS = 4096
ANSWER_TOKENS = 256
Llm = TypeVar("Llm")
Index = TypeVar("Index")


@contextmanager
def engine_errors() -> Iterator[None]:
    """Raises EngineError where llama-cpp-python fails inside, as on a prompt beyond its context."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise EngineError("llm.failed", code=error) from error


class Vectors:
    """Recoupe's embedder as lists of floats; those of passages are kept in `folder`.

    Plain arrays of numbers, and not an index saved by its framework: LangChain's is a pickle,
    which runs what it holds when it is loaded.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._folder = folder
        self.dimensions = embedder.dimensions

    def of_query(self, text: str) -> list[float]:
        """(dimensions,), unit length."""
        vector: list[float] = self._embedder.encode_query(text).tolist()
        return vector

    def of_passages(self, texts: Sequence[str]) -> list[list[float]]:
        """(n, dimensions), unit length; read from the folder where these texts are known."""
        parts = json.dumps([self._embedder.fingerprint, *texts])
        path = self._folder / f"{sha256(parts.encode()).hexdigest()}.npy"
        if path.exists():
            vectors = np.load(path, allow_pickle=False)
        else:
            vectors = self._embedder.encode_passages(texts)
            _save(path, vectors)
        rows: list[list[float]] = vectors.tolist()
        return rows


class Clock:
    """Seconds since it was made, by moment; a moment counts the first time."""

    def __init__(self) -> None:
        self._begun = perf_counter()
        self.times: dict[str, float] = {}

    def mark(self, moment: str) -> None:
        """It is now `moment`, unless that has been."""
        self.times.setdefault(moment, perf_counter() - self._begun)


def opened(
    extra: str,
    settings: Settings,
    collection: Collection,
    vectors: Vectors,
    load_llm: Callable[[Path, int], Llm],
    index_of: Callable[[Mapping[str, Document], Vectors], Index],
) -> tuple[Llm, Index, dict[str, float]]:
    """A framework's model, with as many threads as Recoupe would use, its index of the
    collection, and the seconds that each took.

    Raises SettingsError where the extra is not installed, ModelError without the model.
    """
    path = model_path(settings.llm, settings.models)
    with needs_extra(extra):
        loading = Clock()
        llm = load_llm(path, settings.threads or physical_cores())
        loading.mark("load_llm")
        indexing = Clock()
        index = index_of(collection.documents, vectors)
        indexing.mark("index")
    return llm, index, loading.times | indexing.times


def allowed_ids(question: Question, documents: Mapping[str, Document]) -> frozenset[str]:
    """The ids of the documents that the question may be answered from."""
    return frozenset(question.scope or documents) - frozenset(question.excluded)


def forget_usage(llama: Any) -> None:
    """Set the token counts of a `llama_cpp.Llama` to zero; None has no counts."""
    if llama is not None:
        import llama_cpp

        llama_cpp.llama_perf_context_reset(llama._ctx.ctx)


def usage_of(llama: Any) -> Usage:
    """Tokens and seconds that a `llama_cpp.Llama` counted since `forget_usage`."""
    if llama is None:
        return Usage()
    import llama_cpp

    counts = llama_cpp.llama_perf_context(llama._ctx.ctx)
    return Usage(
        prompt_tokens=counts.n_p_eval,
        prompt_seconds=counts.t_p_eval_ms / 1000,
        generated_tokens=counts.n_eval,
        generation_seconds=counts.t_eval_ms / 1000,
    )


def result_of(
    system: str,
    question: Question,
    text: str,
    hits: tuple[Found, ...],
    documents: Mapping[str, Document],
    clock: Clock,
    usage: Usage,
) -> Result:
    """What a framework did with `question`; the clock must have marked "done"."""
    return Result(
        dataset="",
        question_id=question.id,
        system=system,
        reply=reply_to(question, text.strip(), hits, documents),
        hits=hits,
        times=dict(clock.times),
        usage=usage,
    )


def reply_to(
    question: Question, text: str, hits: Sequence[Found], documents: Mapping[str, Document]
) -> Reply:
    """`text` as a Reply. A framework names sources of the whole: every claim cites them all."""
    language = spoken(text, question.language)
    if is_refusal(text, language):
        return Reply(text, language, refused=True)
    citations = tuple(_cite(n, hit, documents) for n, hit in enumerate(hits, start=1))
    numbers = tuple(citation.n for citation in citations)
    claims = tuple(Claim(text[start:end], numbers) for start, end in sentences(text, language))
    return Reply(text, language, refused=False, claims=claims, citations=citations)


def _cite(n: int, hit: Found, documents: Mapping[str, Document]) -> Cited:
    quote = documents[hit.document_id].text[hit.start : hit.end]
    return Cited(n, hit.document_id, hit.start, hit.end, quote)


def _save(path: Path, vectors: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    with temporary.open("wb") as file:
        np.save(file, vectors, allow_pickle=False)
    os.replace(temporary, path)
