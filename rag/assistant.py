"""The parts put together: a question goes in, an answer with its exact sources comes out."""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path

from rag.asked import split
from rag.compose import Composition, Part, compose, with_markers
from rag.confidence import Confidence, fitted
from rag.config import Settings, go_offline
from rag.crosscheck import group
from rag.dossier import Dossier
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.engine import Engine
from rag.errors import SettingsError
from rag.language import detect
from rag.llm import LlamaEngine
from rag.models import fingerprint, model_path
from rag.read import instructions, read
from rag.server import open_server
from rag.types import (
    Answer,
    AnsweredHit,
    Done,
    Event,
    Filters,
    Hit,
    HitsFound,
    Language,
    PassageRead,
    Reading,
    ReadingDelta,
    TextDelta,
)
from rag.warm import obstacle, passage_states, warm

QUESTION_CHARACTERS = 1000
BEST_OF_PART = 2  # passages, for each part of a question that has several


class Assistant:
    """Answers questions over one dossier. Thread-safe; the model answers one at a time."""

    def __init__(
        self,
        settings: Settings,
        dossier: Dossier,
        embedder: Embedder,
        engine: Engine | None = None,
        confidence: Confidence | None = None,
    ) -> None:
        """`engine` and `confidence` are those of the settings and the fitted one if not given."""
        self.settings = settings
        self.dossier = dossier
        self._embedder = embedder
        self._engine = engine
        self._confidence = confidence or fitted()
        self._loading = threading.Lock()
        self._load_seconds: dict[str, float] = {}

    @classmethod
    def open(cls, dossier: Path | None = None, settings: Settings | None = None) -> "Assistant":
        """Open the dossier (default: as the settings say) with the models of its settings.

        The language model is loaded with the first question, or by `load`. Raises SettingsError,
        ModelError, StoreError.
        """
        go_offline()
        settings = settings or Settings.load(dossier)
        started = time.perf_counter()
        embedder = SentenceTransformerEmbedder.load(
            model_path(settings.embedder, settings.models), settings.threads
        )
        assistant = cls(settings, Dossier.open(settings, embedder), embedder)
        assistant._load_seconds["load_embedder"] = time.perf_counter() - started
        return assistant

    def load(self) -> Engine:
        """The language model, loaded if it was not. Raises ModelError."""
        with self._loading:
            if self._engine is None:
                started = time.perf_counter()
                self._engine = open_engine(self.settings)
                self._load_seconds["load_llm"] = time.perf_counter() - started
            return self._engine

    def close(self) -> None:
        """Free the language model and close the dossier."""
        with self._loading:
            if self._engine is not None:
                self._engine.close()
        self.dossier.close()

    def stop(self) -> None:
        """Stop the question that another thread is waiting for: its stream raises EngineError."""
        if self._engine is not None:
            self._engine.stop()

    def warm(self, wanted: Callable[[], bool] = lambda: True) -> Generator[tuple[int, int]]:
        """Read passages ahead of any question; `(ready, in all)` as `rag.warm.warm` does.

        Nothing where `rag.warm.obstacle` says why. Raises ModelError, StoreError.
        """
        if obstacle(self.settings) is None:
            states = passage_states(self.settings)
            yield from warm(self.dossier, self.load(), states, wanted)

    def ask(
        self, question: str, language: Language | None = None, filters: Filters = Filters()
    ) -> Answer:
        """The answer to `question`, in its language or in `language`.

        Raises SettingsError for a question that is empty or too long, EngineError, StoreError.
        """
        *_, last = self.stream(question, language, filters)
        assert isinstance(last, Done)
        return last.answer

    def stream(
        self, question: str, language: Language | None = None, filters: Filters = Filters()
    ) -> Generator[Event]:
        """HitsFound; for each passage ReadingDeltas, if it answers, and a PassageRead; then
        TextDeltas, and Done.

        Closing the iterator stops the model. Raises as `ask` does.
        """
        question = _checked(question)
        language = language or detect(question)
        asked = split(question, language)
        clock = _Clock()
        with clock.step("retrieve"):
            hits = self._retrieve(question, asked, language, filters)
        yield HitsFound(language, tuple(hits))
        readings: list[Reading] = []
        parts: list[Part] = []
        for one in asked:
            said: list[Reading] = []
            with closing(self._read(hits, one, language, clock)) as reader:
                for event in reader:
                    if isinstance(event, Reading):
                        said.append(event)
                    yield PassageRead(event) if isinstance(event, Reading) else event
            parts.append(Part(one, group(said, one, language)))
            readings += said
        with clock.step("compose"):
            composition = compose(parts, hits, language)
        text = ""
        for sentence in composition.sentences:
            delta = f"{' ' if text else ''}{with_markers(sentence)}"
            text += delta
            yield TextDelta(delta)
        yield Done(self._answer(question, language, text, composition, hits, readings, clock))

    def _retrieve(
        self, question: str, parts: Sequence[str], language: Language, filters: Filters
    ) -> list[Hit]:
        """The hits of the question; where it has parts, the best of each part go first."""
        retrieve = self.dossier.retriever.retrieve
        hits = retrieve(question, language, filters=filters)
        if len(parts) == 1:
            return hits
        found = [retrieve(part, language, BEST_OF_PART, filters) for part in parts]
        distinct = {hit.passage.id: hit for hit in chain(*zip_longest(*found), hits) if hit}
        kept = list(distinct.values())[: self.settings.top_k]
        return [replace(hit, rank=rank) for rank, hit in enumerate(kept, start=1)]

    def _read(
        self, hits: Sequence[Hit], question: str, language: Language, clock: "_Clock"
    ) -> Generator[Reading | ReadingDelta]:
        if not hits:
            return
        engine, confidence = self.load(), self._confidence
        threshold = self.settings.answerable_threshold or confidence.thresholds[language]
        with clock.step("read"):
            yield from read(hits, question, language, engine, self._embedder, confidence, threshold)

    def _answer(
        self,
        question: str,
        language: Language,
        text: str,
        composition: Composition,
        hits: Sequence[Hit],
        readings: Sequence[Reading],
        clock: "_Clock",
    ) -> Answer:
        answerable: dict[str, float] = {}
        for reading in readings:  # a passage is read once for each part of the question
            known = answerable.get(reading.hit.passage.id, 0.0)
            answerable[reading.hit.passage.id] = max(known, reading.answerable)
        with self._loading:
            load_seconds, self._load_seconds = self._load_seconds, {}
        return Answer(
            question=question,
            language=language,
            text=text,
            refused=composition.refused,
            citations=composition.citations,
            positions=composition.positions,
            sentences=composition.sentences,
            hits=tuple(
                AnsweredHit(h.passage.id, h.score, h.rank, answerable.get(h.passage.id))
                for h in hits
            ),
            models={"embedder": self.settings.embedder, "llm": self.settings.llm},
            timings={**load_seconds, **clock.seconds, "total": clock.total()},
        )


def open_engine(settings: Settings) -> Engine:
    """The language model of the settings: the local one, or a server's.

    Raises ModelError, SettingsError.
    """
    if settings.base_url:
        return open_server(settings)
    engine = LlamaEngine(
        model_path(settings.llm, settings.models),
        settings.context_tokens,
        settings.threads,
        passage_states(settings),
        fingerprint(settings.llm),
    )
    engine.keep(instructions())  # a second that no question has to wait for
    return engine


class _Clock:
    """Seconds by step, and since the question was asked."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def total(self) -> float:
        return time.perf_counter() - self._started


def _checked(question: str) -> str:
    question = " ".join(question.split())
    if not question:
        raise SettingsError("ask.empty")
    if len(question) > QUESTION_CHARACTERS:
        raise SettingsError("ask.long", characters=len(question), limit=QUESTION_CHARACTERS)
    return question
