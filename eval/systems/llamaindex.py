"""LlamaIndex's query engine with its defaults, over Recoupe's embedder, FAISS and model.

VectorStoreIndex over FaissVectorStore, the default node parser (sentences up to 1,024 tokens),
`as_query_engine()` (two nodes, response mode "compact"), and LlamaCPP with the chat template of
the model's own file through the hook that its documentation gives for instruct models. Title,
outlet and date are metadata of its documents, which it embeds and shows to the model by default.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
    from llama_cpp import Llama
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM

_LARGEST_BATCH = 2048  # that LlamaIndex allows: as few files of vectors as can be


class LlamaIndexSystem:
    """The default query engine over one collection."""

    name = "llamaindex"

    def __init__(
        self,
        index: "VectorStoreIndex",
        llm: "LLM",
        documents: Mapping[str, Document],
        load: Mapping[str, float],
    ) -> None:
        self.load = load
        self._index = index
        self._engine: Any = index.as_query_engine(llm=llm, streaming=True)
        self._client = getattr(llm, "_model", None)  # the Llama inside a LlamaCPP
        self._documents = documents
        self._nodes = Counter(node.ref_doc_id for node in index.docstore.docs.values())

    @classmethod
    def open(
        cls,
        settings: Settings,
        collection: Collection,
        embedder: Embedder,
        cache: Path,
    ) -> "LlamaIndexSystem":
        """Load the model and index the collection; vectors are kept in `cache`.

        Raises SettingsError where the extra is not installed, ModelError without the model.
        """
        llm, index, load = opened(
            "llamaindex", settings, collection, Vectors(embedder, cache), _load_llm, index_of
        )
        return cls(index, llm, collection.documents, load)

    def retrieve(self, question: Question, k: int) -> tuple[Found, ...]:
        """The `k` nodes that its retriever gives, best first, with their cosines."""
        return _found(self._retrieve(question, k))

    def answer(self, question: Question) -> Result:
        """Run the engine's two steps, streamed. Raises EngineError."""
        from llama_index.core import QueryBundle

        forget_usage(self._client)
        clock = Clock()
        nodes = self._retrieve(question, self._engine.retriever.similarity_top_k)
        clock.mark("hits")
        text = ""
        with engine_errors():
            for piece in self._engine.synthesize(QueryBundle(question.text), nodes).response_gen:
                text += piece
                if text.strip():
                    clock.mark("first_text")
        clock.mark("first_text")  # for a reply without a word
        clock.mark("done")
        usage, hits = usage_of(self._client), _found(nodes)
        return result_of(self.name, question, text, hits, self._documents, clock, usage)

    def close(self) -> None:
        """Free the model's memory."""
        if self._client is not None:
            self._client.close()

    def _retrieve(self, question: Question, k: int) -> list[Any]:
        """Its FAISS store knows no filters: enough is fetched for `k` allowed nodes to remain."""
        allowed = allowed_ids(question, self._documents)
        barred = sum(n for key, n in self._nodes.items() if key not in allowed)
        nodes = self._index.as_retriever(similarity_top_k=k + barred).retrieve(question.text)
        return [node for node in nodes if node.node.ref_doc_id in allowed][:k]


def index_of(documents: Mapping[str, Document], vectors: Vectors) -> "VectorStoreIndex":
    """The documents, cut by LlamaIndex's default parser, in its FAISS store."""
    go_offline()
    import faiss
    from llama_index.core import Document as Text
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.vector_stores.faiss import FaissVectorStore

    store = FaissVectorStore(faiss_index=faiss.IndexFlatL2(vectors.dimensions))
    return VectorStoreIndex.from_documents(
        [Text(text=one.text, id_=key, metadata=_metadata(one)) for key, one in documents.items()],
        storage_context=StorageContext.from_defaults(vector_store=store),
        embed_model=_embedding(vectors),
    )


def _metadata(document: Document) -> dict[str, str]:
    """What Recoupe embeds and shows with a passage too; LlamaIndex puts it before each node."""
    known = {
        "title": document.title,
        "outlet": document.outlet,
        "date": document.published.isoformat() if document.published else "",
    }
    return {name: value for name, value in known.items() if value}


def _load_llm(path: Path, threads: int) -> "LLM":
    from llama_index.llms.llama_cpp import LlamaCPP

    llm = LlamaCPP(
        model_path=str(path),
        temperature=0.0,
        max_new_tokens=ANSWER_TOKENS,
        context_window=CONTEXT_TOKENS,
        model_kwargs={"n_threads": threads, "n_threads_batch": threads},
        verbose=False,
    )
    chat = _chat_format(llm._model)
    llm.messages_to_prompt = lambda turns: chat(
        [{"role": turn.role.value, "content": turn.content} for turn in turns]
    )
    llm.completion_to_prompt = lambda text: chat([{"role": "user", "content": text}])
    return llm


def _chat_format(llama: "Llama") -> Callable[[list[Any]], str]:
    """The chat template that the model's file holds."""
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    begin, end = (
        llama.detokenize([token], special=True).decode()
        for token in (llama.token_bos(), llama.token_eos())
    )
    template = llama.metadata["tokenizer.chat_template"]
    formatter = Jinja2ChatFormatter(template, eos_token=end, bos_token=begin)
    return lambda messages: str(formatter(messages=messages).prompt)


def _embedding(vectors: Vectors) -> "BaseEmbedding":
    from llama_index.core.base.embeddings.base import BaseEmbedding

    class RecoupeEmbedding(BaseEmbedding):  # type: ignore[misc, unused-ignore]
        def _get_query_embedding(self, query: str) -> list[float]:
            return vectors.of_query(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return vectors.of_query(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return vectors.of_passages([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return vectors.of_passages(texts)

    return RecoupeEmbedding(model_name="recoupe", embed_batch_size=_LARGEST_BATCH)


def _found(nodes: Sequence[Any]) -> tuple[Found, ...]:
    return tuple(
        Found(
            node.node.ref_doc_id,
            node.node.start_char_idx,
            node.node.end_char_idx,
            # FAISS gives the squared distance of unit vectors, which is 2 - 2 cosine.
            score=1 - float(node.score) / 2,
            rank=rank,
        )
        for rank, node in enumerate(nodes, start=1)
    )
