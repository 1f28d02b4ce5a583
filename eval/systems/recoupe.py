"""Recoupe itself, timed as a user would see it: evidence, first reading, first text, done."""

import time
from collections.abc import Mapping
from dataclasses import replace

from eval.markers import without_markers
from eval.spoken import spoken
from eval.systems import Bench
from eval.systems.parts import WithEngine, filters, found, usage
from eval.types import Cited, Claim, Question, ReadPassage, Reply, Result
from rag.assistant import Assistant, open_engine
from rag.language import detect
from rag.llm import LlamaEngine
from rag.read import passage_prompt
from rag.types import (
    Answer,
    Done,
    Event,
    HitsFound,
    Language,
    PassageRead,
    Reading,
    ReadingDelta,
    TextDelta,
)

_MOMENTS: dict[type[Event], str] = {
    HitsFound: "hits",
    PassageRead: "first_reading",
    ReadingDelta: "first_text",  # the words of a source, on screen as they are written
    TextDelta: "first_text",
    Done: "done",
}


class RecoupeSystem(WithEngine):
    """The assistant over the bench's dossier."""

    name = "recoupe"

    def __init__(self, bench: Bench, engine: LlamaEngine, load: Mapping[str, float]) -> None:
        super().__init__(bench, engine, load)
        self._assistant = Assistant(bench.settings, bench.dossier, bench.embedder, engine)

    @classmethod
    def _engine_of(cls, bench: Bench) -> LlamaEngine:
        """With what it keeps of the passages it has read, as its users have it."""
        engine = open_engine(bench.dossier.settings)
        assert isinstance(engine, LlamaEngine)
        return engine

    def read_ahead(self, question: Question) -> None:
        """Read all passages that the question finds, as the page does when nobody asks."""
        for hit in self._hits(question, detect(question.text), self._top_k):
            self._engine.keep(passage_prompt(hit.document, hit.passage))

    def answer(self, question: Question) -> Result:
        before = replace(self._engine.work)
        started = time.perf_counter()
        times: dict[str, float] = {}
        readings: list[Reading] = []
        for event in self._assistant.stream(
            question.text, filters=filters(question, self._dossier)
        ):
            times.setdefault(_MOMENTS[type(event)], time.perf_counter() - started)
            if isinstance(event, HitsFound):
                hits = event.hits
            elif isinstance(event, PassageRead):
                readings.append(event.reading)
            elif isinstance(event, Done):
                answer = event.answer
        read = tuple(_read_passage(reading) for reading in readings)
        probabilities = {reading.hit.passage.id: reading.answerable for reading in readings}
        return Result(
            dataset="",
            question_id=question.id,
            system=self.name,
            reply=_reply(answer, readings, question.language),
            hits=tuple(
                replace(found(hit), answerable=probabilities.get(hit.passage.id)) for hit in hits
            ),
            readings=read,
            times=times,
            usage=usage(before, self._engine.work),
        )


def _read_passage(reading: Reading) -> ReadPassage:
    passage = reading.hit.passage
    return ReadPassage(
        passage.document_id, passage.start, passage.end, reading.text, reading.answerable
    )


def _reply(answer: Answer, readings: list[Reading], expected: Language) -> Reply:
    """The answer in the words of the evaluation; `expected` is the language it should be in.

    Its confidence is that of the surest passage: of those that answered or, for a refusal, of
    all.
    """
    speaking = [reading for reading in readings if reading.text] or readings
    confidence = max((reading.answerable for reading in speaking), default=0.0)
    language = spoken(answer.text, expected)
    if answer.refused:
        return Reply(answer.text, language, True, confidence)
    return Reply(
        text=answer.text,
        language=language,
        refused=False,
        confidence=confidence,
        claims=tuple(Claim(without_markers(s.text), s.citations) for s in answer.sentences),
        citations=tuple(
            Cited(c.n, c.document_id, c.start, c.end, c.quote) for c in answer.citations
        ),
        positions=tuple(Claim(p.text, p.citations) for p in answer.positions),
    )
