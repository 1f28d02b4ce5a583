"""Are the frameworks measured on the documents they were given, and by what they really cite?

Without models: words are hashed, and the language model says what it is told to.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.extras import needs_extra
from eval.systems import System
from eval.systems.langchain import LangChainSystem
from eval.systems.llamaindex import LlamaIndexSystem
from eval.systems.wrapped import Vectors, allowed_ids, reply_to
from eval.types import Cited, Claim, Found, Question
from rag.errors import SettingsError
from rag.types import Document
from tests.fakes import HashEmbedder

HARBOUR = " ".join(f"Harbour worker number {n} described the flood." for n in range(300))
TEXTS = {
    "ferry": "The ferry to Ouistreham sank on Monday.",
    "bridge": "The bridge reopened on Saturday.\n\nThe mayor cut the ribbon.",
    "pont": "Le pont a rouvert samedi matin.",
    "harbour": HARBOUR,
}
DOCUMENTS = {key: Document(key, key, text, "en") for key, text in TEXTS.items()}
FERRY = Question("q", "When did the ferry to Ouistreham sink?", "en")
REPLY = "It sank on Monday. Nobody was hurt."

Open = Callable[..., System]


@pytest.fixture(params=["langchain", "llamaindex"])
def open_fake(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens a framework over DOCUMENTS, its model replying with `reply`."""
    pytest.importorskip(
        {"langchain": "langchain_community", "llamaindex": "llama_index.core"}[request.param]
    )

    def opened(reply: str = REPLY, embedder: Any = None) -> System:
        vectors = Vectors(embedder or HashEmbedder(), tmp_path / "cache")
        if request.param == "langchain":
            from eval.systems import langchain

            store = langchain.index_of(DOCUMENTS, vectors)
            return LangChainSystem(store, _chat_model(reply), DOCUMENTS, {})
        from eval.systems import llamaindex

        index = llamaindex.index_of(DOCUMENTS, vectors)
        return LlamaIndexSystem(index, _llm(reply), DOCUMENTS, {})

    return opened


def _chat_model(reply: str) -> Any:
    from langchain_core.language_models.chat_models import generate_from_stream
    from langchain_core.language_models.fake_chat_models import FakeListChatModel

    class Streaming(FakeListChatModel):  # type: ignore[misc, unused-ignore]
        def _generate(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
        ) -> Any:
            chunks = list(self._stream(messages, stop))
            for chunk in chunks:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            return generate_from_stream(iter(chunks))

    return Streaming(responses=[reply])


def _llm(reply: str, shown: Callable[[str], object] = lambda prompt: None) -> Any:
    """Says `reply`; `shown` is called with every prompt."""
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    class Saying(CustomLLM):  # type: ignore[misc, unused-ignore]
        @property
        def metadata(self) -> Any:
            return LLMMetadata()

        def complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
            return CompletionResponse(text=reply)

        def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
            shown(prompt)
            for word in reply.split(" "):
                yield CompletionResponse(text=reply, delta=word + " ")

    return Saying()


def test_what_is_found_is_where_it_says_it_is(open_fake: Open) -> None:
    best, *rest = open_fake().retrieve(FERRY, 40)
    assert (best.document_id, best.start, best.end) == ("ferry", 0, 39)
    spans = sorted((hit.start, hit.end) for hit in rest if hit.document_id == "harbour")
    assert (spans[0][0], spans[-1][1]) == (0, len(HARBOUR))
    for start, end in spans:
        assert HARBOUR[:start].endswith(("", " ")[start > 0])
        assert HARBOUR[end:].startswith(("", " ")[end < len(HARBOUR)])
    assert [hit.rank for hit in rest] == list(range(2, len(rest) + 2))
    scores = [best.score, *(hit.score for hit in rest)]
    assert scores == sorted(scores, reverse=True)


def test_only_the_documents_that_are_asked_over_are_found(open_fake: Open) -> None:
    system = open_fake()
    scoped = Question("q", FERRY.text, "en", scope=("pont", "bridge"))
    assert {hit.document_id for hit in system.retrieve(scoped, 20)} == {"pont", "bridge"}
    excluded = Question("q", FERRY.text, "en", excluded=("ferry", "harbour"))
    assert {hit.document_id for hit in system.answer(excluded).hits} == {"pont", "bridge"}


def test_excluding_a_document_leaves_as_many_passages_as_by_default(open_fake: Open) -> None:
    excluded = Question("q", "What did the harbour worker describe?", "en", excluded=("ferry",))
    system = open_fake()
    assert len(system.answer(excluded).hits) == {"langchain": 4, "llamaindex": 2}[system.name]


def test_each_claim_cites_every_source_of_the_answer_in_its_own_words(open_fake: Open) -> None:
    result = open_fake().answer(FERRY)
    reply = result.reply
    numbers = tuple(range(1, len(result.hits) + 1))
    assert reply.text == REPLY
    assert reply.claims == (
        Claim("It sank on Monday.", numbers),
        Claim("Nobody was hurt.", numbers),
    )
    assert reply.citations[0] == Cited(1, "ferry", 0, 39, TEXTS["ferry"])
    for cited in reply.citations:
        assert cited.quote == TEXTS[cited.document_id][cited.start : cited.end]


def test_a_refusal_cites_nothing(open_fake: Open) -> None:
    reply = open_fake("I don't know.").answer(FERRY).reply
    assert (reply.refused, reply.claims, reply.citations) == (True, (), ())


def test_the_first_words_are_timed_before_the_last(open_fake: Open) -> None:
    times = open_fake().answer(FERRY).times
    assert list(times) == ["hits", "first_text", "done"]
    assert 0 < times["hits"] < times["first_text"] < times["done"]


def test_what_was_embedded_once_is_not_embedded_again(open_fake: Open) -> None:
    class Asked(HashEmbedder):
        passages = 0

        def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
            self.passages += texts != [FERRY.text]
            return super().encode_passages(texts)

    first, second = Asked(), Asked()
    found = open_fake(embedder=first).retrieve(FERRY, 3)
    assert open_fake(embedder=second).retrieve(FERRY, 3) == found
    assert (first.passages, second.passages) == (1, 0)


def test_a_missing_package_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "langchain_community", None)
    command = r"pip install -e '\.\[langchain\]'"
    with pytest.raises(SettingsError, match=command), needs_extra("langchain"):
        import langchain_community  # noqa: F401


def test_an_excluded_document_is_not_asked_over_though_it_is_in_scope() -> None:
    question = Question("q", "?", "en", scope=("ferry", "bridge"), excluded=("bridge", "pont"))
    assert allowed_ids(question, DOCUMENTS) == {"ferry"}


def test_sources_are_numbered_from_one_without_any_framework() -> None:
    reply = reply_to(FERRY, "On Saturday.", [Found("bridge", 4, 10, 1.0, 1)], DOCUMENTS)
    assert reply.citations == (Cited(1, "bridge", 4, 10, "bridge"),)
    assert reply.claims == (Claim("On Saturday.", (1,)),)


def test_llamaindex_is_told_title_outlet_and_date_as_recoupe_is(tmp_path: Path) -> None:
    pytest.importorskip("llama_index.core")
    from eval.systems import llamaindex

    embedded: list[str] = []
    shown: list[str] = []

    class Recording(HashEmbedder):
        def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
            embedded.extend(texts)
            return super().encode_passages(texts)

    known = Document(
        "known", "k", HARBOUR, "en", title="Flood", outlet="Courier", published=date(2025, 6, 13)
    )
    documents = {"known": known, "bare": Document("bare", "b", TEXTS["ferry"], "en")}
    index = llamaindex.index_of(documents, Vectors(Recording(), tmp_path))
    system = LlamaIndexSystem(index, _llm(REPLY, shown.append), documents, {})

    header = "title: Flood\noutlet: Courier\ndate: 2025-06-13\n\n"
    assert TEXTS["ferry"] in embedded  # nothing stands before what has no title
    result = system.answer(Question("q", "Who described the flood?", "en", excluded=("bare",)))
    assert len(result.reply.citations) == 2
    for cited in result.reply.citations:
        assert cited.quote == HARBOUR[cited.start : cited.end]
        assert header + cited.quote in embedded
        assert header + cited.quote in shown[0]
