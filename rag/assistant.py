"""The parts put together: a question goes in, an answer with its exact sources comes out."""

import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from rag.asked import asks_for_figure, split
from rag.asked_dates import written_out
from rag.closest import closest
from rag.compose import (
    Composition,
    Part,
    compose,
    compose_differences,
    refused,
    with_markers,
)
from rag.confidence import Confidence, fitted, signs_before
from rag.config import Settings, go_offline
from rag.conflicts import Conflict, conflicts
from rag.copies.articles import families_of
from rag.crosscheck import group
from rag.differences import articles_on, differences
from rag.dossier import Dossier
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.engine import Engine
from rag.errors import SettingsError
from rag.finding import Finder
from rag.followup import Previous, leans, standalone, with_topic
from rag.language import detect
from rag.llm import LlamaEngine
from rag.models import fingerprint, model_path
from rag.overview import on_topic, overview
from rag.probe import Probe, probe_of
from rag.read import instructions, passage_prompt, read, read_claim
from rag.rivals import Rival, rivals, speaks_of_it
from rag.server import open_server
from rag.topics import asks_for_differences, asks_for_overview
from rag.translate import Translation, translate
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
    Position,
    Reading,
    TextDelta,
)
from rag.verbatim import in_their_words
from rag.verify import prepare
from rag.warm import Keeper, is_read_ahead, obstacle, passage_states, warm

MODEL_SETTINGS = (  # what a model is loaded with: dossiers that share it must agree on these
    "models", "embedder", "llm", "threads", "context_tokens", "base_url", "server_model",
    "allow_remote_server",
)  # fmt: skip
QUESTION_CHARACTERS = 1000
LOOKED_AT_FOR_RIVALS = 10  # passages found by the words of the answer
RIVALS_READ = 2
WORTH_A_CLAIM = 0.15  # P(answers) from which a sentence of a passage is a rival, whatever its words
FURTHER_PROMISE = 0.5  # of what makes a passage worth reading beside others that answer
FURTHER_SURE = 0.45  # P(answers) from which a passage beyond the first is told: it has more rivals
INSISTED = 0.8  # of the threshold, for a passage that seems to contradict the answer


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
        """`engine` and `confidence` are those of the settings and as fitted if not given."""
        self.settings = settings
        self.dossier = dossier
        self._embedder = embedder
        self._engine = engine
        self._confidence = confidence
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

    def over(self, dossier: Path) -> "Assistant":
        """Another dossier with the models that are loaded here; this one's is to be closed.

        Raises SettingsError where its settings ask for other models, StoreError.
        """
        settings = Settings.load(dossier)
        for name in MODEL_SETTINGS:
            if getattr(settings, name) != getattr(self.settings, name):
                raise SettingsError("shelf.other_models", name=name, path=settings.dossier)
        opened = Dossier.open(settings, self._embedder)
        with self._loading:
            if isinstance(self._engine, LlamaEngine):
                self._engine.keep_in(passage_states(settings))
            return Assistant(settings, opened, self._embedder, self._engine, self._confidence)

    def is_read_ahead(self, document_id: str) -> bool | None:
        """Whether the article was read ahead; None while that is not known.

        Raises StoreError where the article is gone.
        """
        engine = self._engine
        if obstacle(self.settings) is not None or not isinstance(engine, Keeper):
            return None
        return is_read_ahead(self.dossier.store, engine, document_id)

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

    def conflicts(
        self, on_progress: Callable[[int, int], None] = lambda done, total: None
    ) -> list[Conflict]:
        """Figures that likely disagree between the articles, as `rag.conflicts.conflicts` does.

        Raises ModelError, EngineError, StoreError.
        """
        documents = self.dossier.documents()
        return conflicts(documents, self._embedder, self.load(), on_progress)

    def translations(self, answer: Answer) -> dict[int, Translation]:
        """The quotes of an answer that are not in its language, translated, by citation number.

        Those whose article is gone are left out. Raises ModelError, EngineError, StoreError.
        """
        languages = {one.id: one.language for one in self.dossier.documents()}
        engine, target = self.load(), answer.language
        return {
            citation.n: translate(citation.quote, source, target, engine)
            for citation in answer.citations
            if (source := languages.get(citation.document_id, target)) != target
        }

    def ask(
        self,
        question: str,
        language: Language | None = None,
        filters: Filters = Filters(),
        as_of: date | None = None,
        previous: Sequence[Previous] = (),
    ) -> Answer:
        """The answer to `question`, in its language or in `language`.

        `as_of`: as if it were that day, without the articles that are newer; "last year" counts
        from there, or from today. `previous`: what was asked before it, the last one last, which
        it may refer to. Raises SettingsError for a question that is empty or too long,
        EngineError, StoreError.
        """
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
    ) -> Generator[Event]:
        """HitsFound; for each passage ReadingDeltas, if it answers, and a PassageRead; then
        TextDeltas, and Done.

        Closing the iterator stops the model. Raises as `ask` does.
        """
        question = _checked(question)
        language = language or detect(question)
        filters = _until(as_of, filters)
        clock = _Clock()
        if self._engine is not None:
            self._engine.settle()
        understood = yield from self._understood(question, previous, language, filters, clock)
        dated = written_out(understood or question, language, as_of or date.today())
        asked = split(dated, language)
        if asks_for_differences(dated):
            made = yield from self._differing(dated, language, filters, clock)
        else:
            made = yield from self._read(dated, asked, language, filters, understood, clock)
        text = ""
        for sentence in made.composition.sentences:
            delta = f"{' ' if text else ''}{with_markers(sentence)}"
            text += delta
            yield TextDelta(delta)
        answer = self._answer(question, language, text, made, clock)
        yield Done(replace(answer, standalone=understood))

    def _read(
        self,
        dated: str,
        asked: Sequence[str],
        language: Language,
        filters: Filters,
        understood: str,
        clock: "_Clock",
    ) -> Generator[Event, None, "_Made"]:
        """What the passages answer to each part of a question."""
        with clock.step("retrieve"):
            hits = self._retrieve(dated, asked, language, filters)
        yield HitsFound(language, tuple(hits), understood)
        readings: list[Reading] = []
        parts: list[Part] = []
        for one in asked:
            said = yield from self._said(hits, one, language, clock)
            if further := self._further(said, hits, one, language, filters):
                hits = [*hits, *further]
                yield HitsFound(language, tuple(hits), understood)
                said += yield from self._said(further, one, language, clock, found=hits)
            with clock.step("crosscheck"):
                positions = group(said, one, language, _families(hits))
                more = self._rivals(positions, hits, one, language, filters)
            if more:
                known = {hit.passage.id for hit in hits}
                hits = [*hits, *(rival.hit for rival in more if rival.hit.passage.id not in known)]
                yield HitsFound(language, tuple(hits), understood)
                said = yield from self._with_rivals(more, said, one, language, clock)
                positions = group(said, one, language, _families(hits))
            parts.append(Part(one, positions))
            readings += said
        with clock.step("compose"):
            made = compose(parts, hits, language)
            if made.refused:
                made = refused(closest(hits, readings, dated, language, self._embedder), language)
            return _Made(made, hits, readings)

    def _differing(
        self, question: str, language: Language, filters: Filters, clock: "_Clock"
    ) -> Generator[Event, None, "_Made"]:
        """On what the articles on a topic disagree."""
        store, retriever = self.dossier.store, self.dossier.retriever
        with clock.step("retrieve"):
            documents = articles_on(question, language, filters, retriever, store)
            hits = [] if documents else self._retrieve(question, [question], language, filters)
        if not documents:
            yield HitsFound(language, tuple(hits))
            offers = closest(hits, [], question, language, self._embedder)
            return _Made(refused(offers, language), hits, [])
        with clock.step("read"):
            found = differences(documents, self._embedder, self.load(), store)
        readings = [reading for pair in found for reading in pair]
        hits = list({one.hit.passage.id: one.hit for one in readings}.values())
        yield HitsFound(language, tuple(hits))
        yield from map(PassageRead, readings)
        return _Made(compose_differences(found, language), hits, readings)

    def _understood(
        self,
        question: str,
        previous: Sequence[Previous],
        language: Language,
        filters: Filters,
        clock: "_Clock",
    ) -> Generator[Event, None, str]:
        """The question put so that it stands alone, empty where it does.

        What its topic finds is told first: there is something to read while the model words it.
        """
        if not previous or not leans(question, language):
            return ""
        with clock.step("retrieve"):
            topic = with_topic(question, previous, language)
            hits = self._retrieve(topic, [topic], language, filters)
        yield HitsFound(language, tuple(hits))
        with clock.step("understand"):
            return standalone(question, previous, language, self.load())

    def _retrieve(
        self, question: str, parts: Sequence[str], language: Language, filters: Filters
    ) -> list[Hit]:
        finder = Finder(self.dossier.retriever, self._embedder, language, filters)
        return finder.passages(question, parts, self.settings.top_k)

    def _said(
        self,
        hits: Sequence[Hit],
        question: str,
        language: Language,
        clock: "_Clock",
        insist: bool = False,
        found: Sequence[Hit] = (),
    ) -> Generator[Event, None, list[Reading]]:
        """What each passage says, told as it is read; `insist` and `found` as `rag.read.read` has
        them: for rivals, whose seconds are counted apart, and for further passages, which have to
        be surer."""
        said: list[Reading] = []
        if asks_for_overview(question):
            return (yield from self._overview(hits, question, language, clock))
        if hits:
            engine = self.load()
            confidence = self._confidence or fitted(engine.probed)
            threshold = self.settings.answerable_threshold or confidence.thresholds[language]
            threshold = max(threshold, FURTHER_SURE) if found else threshold
            reading = read(
                hits, question, language, engine, self._embedder, confidence,
                threshold * (INSISTED if insist else 1), insist, found,
            )  # fmt: skip
            with clock.step("rivals" if insist else "read"), closing(reading) as reader:
                for event in reader:
                    if isinstance(event, Reading):
                        said.append(event)
                    yield PassageRead(event) if isinstance(event, Reading) else event
        told = in_their_words(said, question, language)
        yield from (PassageRead(one) for one in told if one not in said)
        return told

    def _further(
        self,
        said: Sequence[Reading],
        hits: Sequence[Hit],
        question: str,
        language: Language,
        filters: Filters,
    ) -> list[Hit]:
        """Of the next hits, where those read said nothing, the ones that cost no more than a look:
        that are known to the engine and that the search alone promises enough of."""
        if asks_for_overview(question) or any(reading.text for reading in said):
            return []
        engine = self.load()
        known = {hit.passage.id for hit in hits}
        most = 2 * self.settings.top_k
        found = self.dossier.retriever.retrieve(question, language, most, filters)
        new = [hit for hit in found if hit.passage.id not in known]
        ranked = [replace(hit, rank=len(hits) + n) for n, hit in enumerate(new, start=1)]
        confidence = self._confidence or fitted(engine.probed)
        least = confidence.worth_reading * FURTHER_PROMISE
        return [
            hit
            for hit in ranked
            if engine.is_ready(passage_prompt(hit.document, hit.passage))
            and confidence.promised(signs_before(hit, [*hits, *new], question, language, {}))
            >= least
        ]

    def _overview(
        self, hits: Sequence[Hit], question: str, language: Language, clock: "_Clock"
    ) -> Generator[Event, None, list[Reading]]:
        """What each article on the topic says of it; the others say nothing."""
        about = on_topic(hits, question, language)
        said = [Reading(hit, 0.0) for hit in hits if hit not in about]
        yield from map(PassageRead, said)
        with clock.step("read"):
            engine = self.load()
            confidence = self._confidence or fitted(engine.probed)
            chances = [
                confidence.promised(signs_before(hit, hits, question, language, {}))
                for hit in about
            ]
            for reading in overview(about, question, language, self._embedder, engine, chances):
                said.append(reading)
                yield PassageRead(reading)
        return said

    def _rivals(
        self,
        positions: Sequence[Position],
        hits: Sequence[Hit],
        question: str,
        language: Language,
        filters: Filters,
    ) -> list[Rival]:
        """Passages that seem to contradict the surest answer: of the hits, those that give none
        or were not read, others that its words find, and more of all these articles. None of an
        article that has answered, which does not contradict itself."""
        if not positions or not asks_for_figure(question):
            return []
        surest = positions[0]
        telling = {reading.hit.document.id for one in positions for reading in one.readings}
        silent = [hit for hit in hits if hit.document.id not in telling]
        found = self._found(surest.text, hits, telling, language, filters)
        articles = {hit.document.id for hit in (*silent, *found)}
        if not articles:
            return []
        of_these = replace(filters, document_ids=tuple(sorted(articles)))
        beside = self._found(surest.text, [*hits, *found], telling, language, of_these)
        return rivals(
            surest, [*silent, *found], question, language, self._embedder, beside
        )[:RIVALS_READ]  # fmt: skip

    def _found(
        self,
        words: str,
        known: Sequence[Hit],
        telling: Collection[str],
        language: Language,
        filters: Filters,
    ) -> list[Hit]:
        """Passages that the words of an answer find, ranked after those `known`, which are left
        out, as is what is of `telling` articles."""
        ids = {copy for hit in known for copy in (hit.passage.id, *hit.copies)}
        found = self.dossier.retriever.retrieve(words, language, LOOKED_AT_FOR_RIVALS, filters)
        new = [h for h in found if h.passage.id not in ids and h.document.id not in telling]
        return [replace(hit, rank=len(known) + n) for n, hit in enumerate(new, start=1)]

    def _with_rivals(
        self,
        more: Sequence[Rival],
        said: Sequence[Reading],
        question: str,
        language: Language,
        clock: "_Clock",
    ) -> Generator[Event, None, list[Reading]]:
        """What was `said`, and what the rivals say when they are asked for it."""
        likely = {one.hit.passage.id: one.answerable for one in said}
        more = [
            one
            for one in more
            if one.claim is None
            or likely.get(one.hit.passage.id, 0.0) >= WORTH_A_CLAIM
            or speaks_of_it(one.claim, question, language)
        ]
        again = {rival.hit.passage.id for rival in more}
        told = [reading for reading in said if reading.hit.passage.id not in again]
        to_read = [rival.hit for rival in more if rival.claim is None]
        told += yield from self._said(to_read, question, language, clock, insist=True)
        for hit, claim in more:
            if claim is not None:
                with clock.step("rivals"):
                    reading = read_claim(
                        hit, claim, likely.get(hit.passage.id, 0.0), question, language,
                        self.load(), self._embedder,
                    )  # fmt: skip
                told.append(reading)
                yield PassageRead(reading)
        return told

    def _answer(
        self,
        question: str,
        language: Language,
        text: str,
        made: "_Made",
        clock: "_Clock",
    ) -> Answer:
        composition, hits, readings = made
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
            dropped=tuple(dict.fromkeys(r.dropped for r in readings if r.dropped)),
            models={"embedder": self.settings.embedder, "llm": self.settings.llm},
            timings={**load_seconds, **clock.seconds, "total": clock.total()},
        )


def open_engine(settings: Settings) -> Engine:
    """The language model of the settings: the local one, or a server's. While it is loaded, the
    rules that judge what it says are made ready.

    Raises ModelError, SettingsError.
    """
    with ThreadPoolExecutor(1, "rules") as beside:
        ready = beside.submit(prepare)
        engine = _opened_engine(settings)
        ready.result()
    return engine


def _opened_engine(settings: Settings) -> Engine:
    if settings.base_url:
        return open_server(settings)
    engine = LlamaEngine(
        model_path(settings.llm, settings.models),
        settings.context_tokens,
        settings.threads,
        passage_states(settings),
        fingerprint(settings.llm),
        reading_probe(settings),
    )
    engine.keep(instructions())  # a second that no question has to wait for
    return engine


def reading_probe(settings: Settings) -> Probe | None:
    """What looks into the language model of the settings; None for a server's, or another one."""
    return None if settings.base_url else probe_of(fingerprint(settings.llm))


def _until(as_of: date | None, filters: Filters) -> Filters:
    if as_of is None:
        return filters
    return replace(filters, published_to=min(as_of, filters.published_to or as_of))


def _families(hits: Sequence[Hit]) -> dict[str, str]:
    return families_of([hit.document for hit in hits])


class _Made(NamedTuple):
    """An answer's sentences, and what they were made of."""

    composition: Composition
    hits: Sequence[Hit]
    readings: Sequence[Reading]


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
