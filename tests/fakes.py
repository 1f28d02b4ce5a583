"""Predictable stand-ins for the models, with the interfaces of the real ones."""

import math
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from pathlib import Path

import numpy as np

from rag.compose import with_markers
from rag.confidence import Confidence
from rag.config import Settings
from rag.dossier import Dossier
from rag.engine import Piece, Prompt
from rag.evidence import citation_of
from rag.followup import Previous, leans, with_topic
from rag.language import detect, words
from rag.types import (
    Answer,
    AnsweredHit,
    CitedPosition,
    Document,
    Done,
    Event,
    Filters,
    Hit,
    HitsFound,
    Language,
    Passage,
    PassageRead,
    Reading,
    Sentence,
    TextDelta,
)


class HashEmbedder:
    """An Embedder of 64 dimensions: each word's first six letters are hashed to a signed axis.

    Texts that share words are near each other; nothing is learnt, nothing is random. Words of
    three letters and fewer weigh a tenth, so that "de la" and "of the" bring no texts together.
    """

    fingerprint = "hash-embedder-64"
    dimensions = 64

    def encode_query(self, text: str) -> np.ndarray:
        """(64,) float32, unit length; the same as the passage with this text."""
        return self.encode_passages([text])[0]

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """(n, 64) float32, unit length."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            vector[0] = 1e-6  # a text without words has a direction too
            for word in words(text):
                digest = blake2b(word[:6].encode(), digest_size=2).digest()
                sign = 1 if digest[1] % 2 else -1
                vector[digest[0] % self.dimensions] += sign * (1 if len(word) > 3 else 0.1)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def count_tokens(self, text: str) -> int:
        """One token a word."""
        return len(words(text))


class AllAlike(HashEmbedder):
    """Everything is near in meaning to everything."""

    def encode_passages(self, texts: list[str]) -> np.ndarray:  # type: ignore[override]
        return np.tile(self.encode_query(""), (len(texts), 1))

    def encode_query(self, text: str) -> np.ndarray:
        return np.eye(1, 8, dtype=np.float32)[0]


class FakeAssistant:
    """The Assistant without models, over a real dossier: what it answers is known beforehand.

    It reads the first sentence of each of the first three articles, in the order they came. The
    articles whose text holds the last word of the question answer it; none: it refuses.
    `before_each` is called before every event, so that a test can stop it there.
    """

    def __init__(self, dossier: Dossier, before_each: Callable[[], object] = lambda: None) -> None:
        self.dossier = dossier
        self.before_each = before_each
        self.closed_streams = 0

    def over(self, dossier: Path) -> "FakeAssistant":
        """The same over another dossier."""
        settings = Settings(dossier=dossier)
        return FakeAssistant(Dossier.open(settings, HashEmbedder()), self.before_each)

    def is_read_ahead(self, document_id: str) -> bool | None:
        """Only articles in French were."""
        return self.dossier.store.document(document_id).language == "fr"

    def load(self) -> None:
        """There is no model to load."""

    def stop(self) -> None:
        """Nothing to stop: every event comes at once."""

    def ask(
        self,
        question: str,
        language: Language | None = None,
        filters: Filters = Filters(),
        as_of: date | None = None,
        previous: Sequence[Previous] = (),
    ) -> Answer:
        """The answer that ends the stream."""
        *_, last = self.stream(question, language, filters, as_of, previous)
        assert isinstance(last, Done)
        return last.answer

    def stream(
        self,
        question: str,
        language: Language | None = None,
        filters: Filters = Filters(),
        as_of: date | None = None,
        previous: Sequence[Previous] = (),
    ) -> Iterator[Event]:
        """Hits, then readings, then the text in three pieces, then the answer.

        A question that leans on `previous` is understood as being about the one before it.
        """
        spoken = language or detect(question)
        leaning = bool(previous) and leans(question, spoken)
        understood = with_topic(question, previous, spoken) if leaning else ""
        try:
            for event in self._events(question, spoken):
                self.before_each()
                yield _understood(event, understood)
        finally:
            self.closed_streams += 1

    def close(self) -> None:
        """As the real one does."""
        self.dossier.close()

    def _events(self, question: str, language: Language) -> Iterator[Event]:
        hits = [_first_sentence(*pair) for pair in enumerate(self.dossier.documents()[:3], 1)]
        yield HitsFound(language, tuple(hits))
        wanted = words(question)[-1]
        readings = [_read(hit, wanted) for hit in hits]
        yield from map(PassageRead, readings)
        answering = [reading for reading in readings if reading.text]
        answer = _answer(question, language, hits, readings, answering)
        third = len(answer.text) // 3
        for piece in (
            answer.text[:third],
            answer.text[third : 2 * third],
            answer.text[2 * third :],
        ):
            yield TextDelta(piece)
        yield Done(answer)


def _log_odds(probability: float) -> float:
    return math.log((probability + 1e-9) / (1 - probability + 1e-9))


def _understood(event: Event, standalone: str) -> Event:
    if isinstance(event, HitsFound):
        return replace(event, standalone=standalone)
    if isinstance(event, Done):
        return Done(replace(event.answer, standalone=standalone))
    return event


def _first_sentence(rank: int, document: Document) -> Hit:
    end = document.text.find(".") + 1
    passage = Passage(f"{document.id}-0000", document.id, 0, end, document.text[:end], 1)
    return Hit(passage, document, 1 / rank, rank)


def _read(hit: Hit, wanted: str) -> Reading:
    if wanted not in words(hit.document.text):
        return Reading(hit, 0.1)
    return Reading(hit, 0.9, hit.passage.text, hit.passage.start, hit.passage.end)


def _answer(
    question: str,
    language: Language,
    hits: list[Hit],
    readings: list[Reading],
    answering: list[Reading],
) -> Answer:
    sentences = tuple(
        Sentence(reading.text, (n,), *(("supported",) if n == 1 else ("partly", ("figure: 2016",))))
        for n, reading in enumerate(answering, 1)
    )
    refusal = {"fr": "Le dossier ne le dit pas.", "en": "The dossier does not say."}[language]
    return Answer(
        question=question,
        language=language,
        text=" ".join(map(with_markers, sentences)) or refusal,
        refused=not answering,
        citations=tuple(
            citation_of(n, one.hit, one.start, one.end) for n, one in enumerate(answering, 1)
        ),
        positions=tuple(
            CitedPosition(reading.text, (n,)) for n, reading in enumerate(answering, 1)
        ),
        sentences=sentences,
        hits=tuple(
            AnsweredHit(hit.passage.id, hit.score, hit.rank, reading.answerable)
            for hit, reading in zip(hits, readings, strict=True)
        ),
        models={"llm": "fake"},
        timings={"total": 1.25},
    )


def hit_on(
    text: str,
    language: Language = "en",
    title: str = "",
    outlet: str = "",
    published: date | None = None,
    rank: int = 1,
) -> Hit:
    """A hit on an article whose one passage is all of `text`."""
    document = Document(
        id=f"doc{rank}",
        path=f"/articles/{rank}.txt",
        text=text,
        language=language,
        title=title,
        outlet=outlet,
        published=published,
    )
    passage = Passage(f"doc{rank}-0000", document.id, 0, len(text), text, 1)
    return Hit(passage, document, 1 / rank, rank)


def reading_of(hit: Hit, text: str, answerable: float = 0.9) -> Reading:
    """A reading that quotes the whole passage."""
    return Reading(hit, answerable, text, hit.passage.start, hit.passage.end)


SURE = Confidence(  # what the reader says, neither more nor less
    {"intercept": 0.0, "says_yes": 1.0},
    {"intercept": 0.0, "says_yes": 1.0},
    worth_asking=0.5,
    thresholds={"fr": 0.5, "en": 0.5},
)


class ScriptedEngine:
    """An Engine that knows passages by words in them: `{words: (probability, reply)}`.

    A prompt that holds none of the words has probability 0. `asked` keeps every prompt.
    """

    name = "scripted"
    probed = False

    def __init__(
        self,
        script: Mapping[str, tuple[float, str]],
        ready: Sequence[str] = (),
        room: int = 100_000,
    ) -> None:
        self.script = script
        self.ready = ready
        self.room = room
        self.asked: list[Prompt] = []
        self.stopped = 0

    def probe(self, prompts: Sequence[Prompt]) -> list[float]:
        """The log-odds of the scripted probabilities."""
        self.asked += prompts
        return [_log_odds(self._line(prompt)[0]) for prompt in prompts]

    def probabilities(
        self, prompts: Sequence[Prompt], yes: Sequence[str], no: Sequence[str]
    ) -> list[float]:
        """The scripted probabilities."""
        self.asked += prompts
        return [self._line(prompt)[0] for prompt in prompts]

    def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[Piece]:
        """The scripted replies, word by word, each prompt in its turn."""
        self.asked += prompts
        try:
            pieces = [re.findall(r"\S+\s*", self._line(prompt)[1]) for prompt in prompts]
            for step in range(max_tokens):
                for i, words_of_it in enumerate(pieces):
                    if step < len(words_of_it):
                        yield Piece(i, words_of_it[step], -0.1)
        finally:
            self.stopped += 1

    def fits(self, prompt: Prompt, max_tokens: int) -> bool:
        """Whether it has at most `room` characters."""
        return len(prompt.passage + prompt.asked) <= self.room

    def is_ready(self, prompt: Prompt) -> bool:
        """Whether the passage holds one of the words of `ready`."""
        return any(word in prompt.passage for word in self.ready)

    def close(self) -> None:
        """Nothing to free."""

    def settle(self) -> None:
        """Nothing is in memory."""

    def stop(self) -> None:
        """Nothing is under way between two calls."""

    def _line(self, prompt: Prompt) -> tuple[float, str]:
        text = prompt.passage or prompt.asked
        return next((line for key, line in self.script.items() if key in text), (0.0, ""))
