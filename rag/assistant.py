"""The parts put together: a question goes in, an answer with its exact sources comes out."""

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from rag.compose import Composition, compose, with_markers
from rag.config import Settings, go_offline
from rag.crosscheck import group
from rag.dossier import Dossier
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.errors import SettingsError
from rag.language import detect
from rag.llm import Engine, LlamaEngine
from rag.models import model_path
from rag.read import read
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
    TextDelta,
)

QUESTION_CHARACTERS = 1000


class Assistant:
    """Answers questions over one dossier. Thread-safe; the model answers one at a time."""

    def __init__(
        self, settings: Settings, dossier: Dossier, embedder: Embedder, engine: Engine | None = None
    ) -> None:
        self.settings = settings
        self.dossier = dossier
        self._embedder = embedder
        self._engine = engine
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
                self._engine = LlamaEngine(
                    model_path(self.settings.llm, self.settings.models),
                    self.settings.context_tokens,
                    self.settings.threads,
                )
                self._load_seconds["load_llm"] = time.perf_counter() - started
            return self._engine

    def close(self) -> None:
        """Free the language model and close the dossier."""
        with self._loading:
            if isinstance(self._engine, LlamaEngine):
                self._engine.close()
        self.dossier.close()

    def stop(self) -> None:
        """Stop the question that another thread is waiting for: its stream raises EngineError."""
        if self._engine is not None:
            self._engine.stop()

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
        """HitsFound, then a PassageRead for each passage, TextDeltas, and Done.

        Closing the iterator stops the model. Raises as `ask` does.
        """
        question = _checked(question)
        language = language or detect(question)
        clock = _Clock()
        with clock.step("retrieve"):
            hits = self.dossier.retriever.retrieve(question, language, filters=filters)
        yield HitsFound(language, tuple(hits))
        readings: list[Reading] = []
        with closing(self._read(hits, question, language, clock)) as reader:
            for reading in reader:
                readings.append(reading)
                yield PassageRead(reading)
        with clock.step("compose"):
            composition = compose(group(readings, question, language), hits, question, language)
        text = ""
        for sentence in composition.sentences:
            delta = f"{' ' if text else ''}{with_markers(sentence)}"
            text += delta
            yield TextDelta(delta)
        yield Done(self._answer(question, language, text, composition, hits, readings, clock))

    def _read(
        self, hits: Sequence[Hit], question: str, language: Language, clock: "_Clock"
    ) -> Generator[Reading]:
        if not hits:
            return
        engine = self.load()
        threshold = self.settings.answerable_threshold
        with clock.step("read"):
            yield from read(hits, question, language, engine, self._embedder, threshold)

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
        answerable = {r.hit.passage.id: r.answerable for r in readings}
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
            self.seconds[name] = time.perf_counter() - started

    def total(self) -> float:
        return time.perf_counter() - self._started


def _checked(question: str) -> str:
    question = " ".join(question.split())
    if not question:
        raise SettingsError("ask.empty")
    if len(question) > QUESTION_CHARACTERS:
        raise SettingsError("ask.long", characters=len(question), limit=QUESTION_CHARACTERS)
    return question
