"""LangChain's retrieval chain as its library has it, over Recoupe's embedder, FAISS and model.

RetrievalQA of langchain-classic, chain type "stuff": the only chain whose prompt comes with the
library (the agents that now succeed it take a prompt from whoever writes them). The splitter has
the tutorial's 1,000 characters with 200 in common; the retriever its default of four passages.
"""

import os
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.systems.wrapped import (
    ANSWER_TOKENS,
    CONTEXT_TOKENS,
    Clock,
    Vectors,
    allowed_ids,
    engine_errors,
    forget_usage,
    opened,
    result_of,
    usage_of,
)
from eval.types import Collection, Found, Question, Result
from rag.config import Settings, go_offline
from rag.embed import Embedder
from rag.types import Document

if TYPE_CHECKING:
    from langchain_community.vectorstores import FAISS
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseLanguageModel
    from langchain_core.retrievers import BaseRetriever

CHUNK_CHARACTERS, OVERLAP_CHARACTERS = 1000, 200  # of LangChain's tutorial
DEFAULT_K = 4  # of its vector stores
BATCH_TOKENS = 512  # llama.cpp's own; ChatLlamaCpp's default of 8 only makes it slow


class LangChainSystem:
    """RetrievalQA over one collection."""

    name = "langchain"

    def __init__(
        self,
        store: "FAISS",
        llm: "BaseLanguageModel[Any]",
        documents: Mapping[str, Document],
        load: Mapping[str, float],
    ) -> None:
        self.load = load
        self._store = store
        self._llm = llm
        self._client = getattr(llm, "client", None)  # the Llama inside a ChatLlamaCpp
        self._documents = documents
        self._chunks = Counter(chunk.metadata["document_id"] for chunk in _chunks_in(store))

    @classmethod
    def open(
        cls,
        settings: Settings,
        collection: Collection,
        embedder: Embedder,
        cache: Path,
    ) -> "LangChainSystem":
        """Load the model and index the collection; vectors are kept in `cache`.

        Raises SettingsError where the extra is not installed, ModelError without the model.
        """
        llm, store, load = opened(
            "langchain", settings, collection, Vectors(embedder, cache), _load_llm, index_of
        )
        return cls(store, llm, collection.documents, load)

    def retrieve(self, question: Question, k: int) -> tuple[Found, ...]:
        """The `k` chunks that its retriever gives, best first. It tells no scores: 1 / rank."""
        return _found(self._retriever(question, k).invoke(question.text))

    def answer(self, question: Question) -> Result:
        """Run the chain, streamed. Raises EngineError."""
        with _quiet():  # imported before the clock starts
            from langchain_classic.chains import RetrievalQA

        forget_usage(self._client)
        clock = Clock()
        with _quiet(), engine_errors():
            chain = RetrievalQA.from_chain_type(
                self._llm, retriever=self._retriever(question), return_source_documents=True
            )
            said = chain.invoke({"query": question.text}, config={"callbacks": [_listener(clock)]})
        clock.mark("first_text")  # for a model that does not stream
        clock.mark("done")
        usage, hits = usage_of(self._client), _found(said["source_documents"])
        return result_of(self.name, question, said["result"], hits, self._documents, clock, usage)

    def close(self) -> None:
        """Free the model's memory."""
        if self._client is not None:
            self._client.close()

    def _retriever(self, question: Question, k: int = DEFAULT_K) -> "BaseRetriever":
        """The store's retriever; it filters what it has fetched, so it must fetch enough."""
        allowed = allowed_ids(question, self._documents)
        barred = sum(n for key, n in self._chunks.items() if key not in allowed)
        options: dict[str, Any] = {} if k == DEFAULT_K else {"k": k}
        if barred:
            options["filter"] = lambda metadata: metadata["document_id"] in allowed
            options["fetch_k"] = k + barred
        return self._store.as_retriever(search_kwargs=options)


def index_of(documents: Mapping[str, Document], vectors: Vectors) -> "FAISS":
    """The documents, cut by LangChain's splitter, in its FAISS store."""
    with _quiet():
        from langchain_community.vectorstores import FAISS
        from langchain_core.documents import Document as Text
        from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP_CHARACTERS, add_start_index=True
    )
    texts = [Text(one.text, metadata={"document_id": key}) for key, one in documents.items()]
    return FAISS.from_documents(splitter.split_documents(texts), _embeddings(vectors))


def _load_llm(path: Path, threads: int) -> "BaseLanguageModel[Any]":
    with _quiet():
        from langchain_community.chat_models import ChatLlamaCpp

    return ChatLlamaCpp(
        model_path=str(path),
        temperature=0.0,
        n_ctx=CONTEXT_TOKENS,
        max_tokens=ANSWER_TOKENS,
        n_threads=threads,
        n_batch=BATCH_TOKENS,
        # 0: as the model's file says. The class would impose the values of the first Llama,
        # with which Qwen writes nonsense.
        rope_freq_base=0.0,
        rope_freq_scale=0.0,
        verbose=False,
        model_kwargs={"n_threads_batch": threads},
    )


def _embeddings(vectors: Vectors) -> "Embeddings":
    from langchain_core.embeddings import Embeddings

    class RecoupeEmbeddings(Embeddings):  # type: ignore[misc, unused-ignore]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return vectors.of_passages(texts)

        def embed_query(self, text: str) -> list[float]:
            return vectors.of_query(text)

    return RecoupeEmbeddings()


def _listener(clock: Clock) -> "BaseCallbackHandler":
    from langchain_core.callbacks import BaseCallbackHandler

    class Listener(BaseCallbackHandler):  # type: ignore[misc, unused-ignore]
        def on_retriever_end(self, documents: Any, **_: Any) -> None:
            clock.mark("hits")

        def on_llm_new_token(self, token: Any, **_: Any) -> None:
            if str(token).strip():
                clock.mark("first_text")

    return Listener()


def _chunks_in(store: "FAISS") -> list[Any]:
    return [store.docstore.search(key) for key in store.index_to_docstore_id.values()]


def _found(chunks: list[Any]) -> tuple[Found, ...]:
    return tuple(
        Found(
            chunk.metadata["document_id"],
            chunk.metadata["start_index"],
            chunk.metadata["start_index"] + len(chunk.page_content),
            score=1 / rank,
            rank=rank,
        )
        for rank, chunk in enumerate(chunks, start=1)
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """No tracing to LangSmith, no notice that the documented chain has a successor."""
    go_offline()
    os.environ.update({"LANGSMITH_TRACING": "false", "LANGCHAIN_TRACING_V2": "false"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield
