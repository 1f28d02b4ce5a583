"""Reading ahead: which passages, in which order, how many, and that questions come first."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.config import Settings
from rag.dossier import Dossier
from rag.embed import SentenceTransformerEmbedder
from rag.engine import Prompt
from rag.errors import StoreError
from rag.llm import LlamaEngine
from rag.models import fingerprint, model_path
from rag.read import passage_prompt
from rag.states import PAYLOAD_START, States, state_key
from rag.types import Document, Passage
from rag.warm import Keeper, obstacle, passage_states, warm
from tests.fakes import HashEmbedder, ScriptedEngine

STATE_BYTES = 2 * PAYLOAD_START  # of each passage that KeepingEngine reads


class KeepingEngine:
    """Keeps as many bytes for each passage; `kept` says in which order, by the last word.

    `before_each` is called before each passage: False where a question comes in between.
    """

    def __init__(self, states: States, before_each: Callable[[], bool] = lambda: True) -> None:
        self.states = states
        self.before_each = before_each
        self.kept: list[str] = []
        self.room = 10_000  # characters

    def fits(self, prompt: Prompt, max_tokens: int) -> bool:
        return len(prompt.passage) <= self.room

    def is_ready(self, prompt: Prompt) -> bool:
        return state_key(prompt.passage) in self.states

    def keep(self, prompt: Prompt) -> bool:
        if not self.before_each():
            return False
        if self.states.get(state_key(prompt.passage)) is None:
            self.kept.append(last_word(prompt))
            self.states.put(state_key(prompt.passage), bytes(STATE_BYTES - PAYLOAD_START))
        return True

    def written(self) -> None:
        """It writes at once."""


def last_word(prompt: Prompt) -> str:
    return prompt.passage.replace(".", " ").split()[-1]


def article(name: str, published: date | None = None, text: str = "") -> Document:
    return Document(name, f"/{name}.txt", text or f"This is {name}.", "en", published=published)


def day(number: int) -> date:
    return date(2025, 1, number)


@pytest.fixture
def dossier(settings: Settings) -> Iterator[Dossier]:
    dossier = Dossier.open(settings, HashEmbedder())
    yield dossier
    dossier.close()


@pytest.fixture
def states(tmp_path: Path) -> States:
    return States(tmp_path / "kv", 1_000_000)


def room_for(states: States, passages: int) -> States:
    """The cache of `states` with room for so many passages, and a little more."""
    return States(states.folder, int((passages + 0.5) * STATE_BYTES))


def ready(dossier: Dossier, engine: Keeper) -> list[str]:
    """The articles of one passage that are ready, as they came."""
    prompts = [
        passage_prompt(document, Passage("", document.id, 0, 0, document.text, 1))
        for document in dossier.documents()
    ]
    return [last_word(prompt) for prompt in prompts if engine.is_ready(prompt)]


# -- which, and in which order ----------------------------------------------------------------


def test_the_newest_articles_are_ready_first_and_the_undated_last(
    dossier: Dossier, states: States
) -> None:
    undated, old, new = article("undated"), article("old", day(1)), article("new", day(3))
    same = article("same", day(3))
    dossier.put([undated, old, new, same])
    engine = KeepingEngine(states)
    assert list(warm(dossier, engine, states)) == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert engine.kept == ["new", "same", "old", "undated"]


def test_what_is_ready_is_not_read_again(dossier: Dossier, states: States) -> None:
    dossier.put([article("one"), article("two")])
    list(warm(dossier, KeepingEngine(states), states))
    dossier.put([article("three", day(1))])
    engine = KeepingEngine(states)
    assert list(warm(dossier, engine, states)) == [(2, 3), (3, 3)]
    assert list(warm(dossier, engine, states)) == [(3, 3)]
    assert engine.kept == ["three"]


def test_the_same_words_in_two_articles_are_read_once(dossier: Dossier, states: States) -> None:
    text = "The same words."
    one, two = article("one", text=text), article("two", text=text)
    dossier.put([Document(one.id, "a", text, "en", "T"), Document(two.id, "b", text, "en", "T")])
    engine = KeepingEngine(states)
    assert list(warm(dossier, engine, states)) == [(0, 2), (1, 2), (2, 2)]
    assert engine.kept == ["words"]


def test_every_passage_of_a_long_article_is_read(settings: Settings, states: States) -> None:
    text = " ".join(f"Sentence number {n} has seven words here." for n in range(30))
    small = settings.model_copy(update={"passage_tokens": 40})
    dossier = Dossier.open(small, HashEmbedder())
    dossier.put([article("long", text=text)])
    count = len(dossier.store.passage_ids())
    assert count > 3
    *_, last = warm(dossier, KeepingEngine(states), states)
    assert last == (count, count) and states.count == count
    dossier.close()


def test_a_passage_that_a_question_would_cut_is_left_to_the_question(
    dossier: Dossier, states: States
) -> None:
    dossier.put([article("long", text="Very " * 20 + "long."), article("short")])
    engine = KeepingEngine(states)
    engine.room = 60
    assert list(warm(dossier, engine, states)) == [(0, 2), (1, 2)]
    assert engine.kept == ["short"]


# -- how many ---------------------------------------------------------------------------------


def test_what_has_been_read_is_never_thrown_away_for_what_comes_later(
    dossier: Dossier, states: States
) -> None:
    dossier.put([article(f"day{n}", day(n)) for n in range(1, 10)])
    states = room_for(states, 4)
    engine = KeepingEngine(states)
    assert list(warm(dossier, engine, states)) == [(0, 9), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert ready(dossier, engine) == ["day6", "day7", "day8", "day9"]
    assert list(warm(dossier, engine, states)) == [(4, 4)]
    assert len(engine.kept) == 4


def test_new_articles_take_the_place_of_the_oldest_ones(dossier: Dossier, states: States) -> None:
    dossier.put([article(f"day{n}", day(n)) for n in range(1, 10)])
    states = room_for(states, 4)
    engine = KeepingEngine(states)
    list(warm(dossier, engine, states))
    dossier.put([article("day10", day(10)), article("day11", day(11))])
    assert list(warm(dossier, engine, states)) == [(2, 4), (3, 4), (4, 4)]
    assert ready(dossier, engine) == ["day8", "day9", "day10", "day11"]
    assert engine.kept[4:] == ["day11", "day10"]


def test_what_another_model_left_behind_makes_room(dossier: Dossier, states: States) -> None:
    states = room_for(states, 4)
    for n in range(4):
        states.put(state_key(f"of another model {n}"), bytes(STATE_BYTES - PAYLOAD_START))
    dossier.put([article(f"day{n}", day(n)) for n in range(1, 4)])
    engine = KeepingEngine(states)
    assert list(warm(dossier, engine, states))[-1] == (3, 3)
    assert ready(dossier, engine) == ["day1", "day2", "day3"]


def test_a_disk_that_takes_no_more_is_said_and_not_read_for(
    dossier: Dossier, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.states.RESERVE_BYTES", 10**18)
    dossier.put([article("one"), article("two")])
    engine = KeepingEngine(states)
    with pytest.raises(StoreError, match="can keep no more of what is read"):
        list(warm(dossier, engine, states))
    assert engine.kept == ["one"]


def test_nothing_is_read_where_nothing_is_kept(dossier: Dossier, states: States) -> None:
    dossier.put([article("one")])
    engine = KeepingEngine(states)
    assert list(warm(dossier, engine, States(states.folder, 0))) == []
    assert list(warm(dossier, ScriptedEngine({}), states)) == []
    assert engine.kept == []


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({}, None),
        ({"kv_gigabytes": 0.0}, "warm.nothing_kept"),
        ({"base_url": "http://127.0.0.1:8080/v1"}, "warm.server"),
    ],
)
def test_why_nothing_can_be_read_ahead_is_known_without_a_model(
    settings: Settings, changed: dict[str, object], key: str | None
) -> None:
    changed_settings = settings.model_copy(update=changed)
    assert obstacle(changed_settings) == key


def test_it_is_kept_where_the_engine_looks_for_it(settings: Settings) -> None:
    assert passage_states(settings) == States(settings.dossier / "kv", 2_000_000_000)


# -- questions first, and changes meanwhile ---------------------------------------------------


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of which takes any time."""
    made: list[float] = []
    monkeypatch.setattr("rag.warm.time.sleep", made.append)
    return made


def test_it_waits_while_questions_are_answered_and_then_goes_on(
    dossier: Dossier, states: States, pauses: list[float]
) -> None:
    dossier.put([article("one"), article("two")])
    answers = iter([True, *[False] * 6, True])
    engine = KeepingEngine(states, lambda: next(answers))
    assert list(warm(dossier, engine, states))[-1] == (2, 2)
    assert engine.kept == ["one", "two"]
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5]


def test_a_passage_that_always_fails_does_not_hold_up_the_others(
    dossier: Dossier, states: States, pauses: list[float]
) -> None:
    dossier.put([article("one"), article("two")])
    engine = KeepingEngine(states, lambda: len(pauses) >= 400)
    assert list(warm(dossier, engine, states)) == [(0, 2), (1, 2)]
    assert engine.kept == ["two"]


def test_told_to_stop_it_reads_no_more(
    dossier: Dossier, states: States, pauses: list[float]
) -> None:
    dossier.put([article("one"), article("two"), article("three")])
    engine = KeepingEngine(states)
    reading = warm(dossier, engine, states, lambda: not engine.kept)
    assert list(reading) == [(0, 3), (1, 3)]
    engine.before_each = lambda: False
    reading = warm(dossier, engine, states, lambda: len(pauses) < 3)
    assert list(reading) == [(1, 3)]
    assert (engine.kept, pauses) == (["one"], [0.05, 0.1, 0.2])


def test_an_article_that_is_removed_meanwhile_is_left_out(dossier: Dossier, states: States) -> None:
    dossier.put([article("one"), article("two"), article("three")])
    engine = KeepingEngine(states)
    reading = warm(dossier, engine, states)
    assert [next(reading), next(reading)] == [(0, 3), (1, 3)]
    dossier.store.remove("two")
    assert list(reading) == [(2, 3)]
    assert engine.kept == ["one", "three"]


def test_a_newer_version_that_came_meanwhile_is_what_is_read(
    dossier: Dossier, states: States
) -> None:
    dossier.put([article("one"), article("two")])
    engine = KeepingEngine(states)
    reading = warm(dossier, engine, states)
    next(reading)
    text = "This is newer."
    passage = Passage("two-0000", "two", 0, len(text), text, 1)
    vector = np.ones((1, HashEmbedder.dimensions), dtype=np.float32)
    dossier.store.put(article("two", text=text), "", [passage], vector)
    list(reading)
    assert engine.kept == ["one", "newer"]


# -- with the real models ---------------------------------------------------------------------


@pytest.mark.model
def test_an_answer_from_articles_read_ahead_reads_only_the_question(
    tmp_path: Path, real_embedder: SentenceTransformerEmbedder
) -> None:
    settings = Settings(dossier=tmp_path / "dossier")
    (tmp_path / "pont.txt").write_text(
        "Le pont de Rivenac a rouvert mardi après deux ans de fermeture. Les travaux ont coûté "
        "14,3 millions d’euros, selon la mairie de Rivenac, qui en a payé la moitié.",
        encoding="utf-8",
    )
    (tmp_path / "rain.txt").write_text(
        "It has rained on Harlow since Monday, and the fields are under water, the council said.",
        encoding="utf-8",
    )
    dossier = Dossier.open(settings, real_embedder)
    dossier.add([tmp_path / "pont.txt", tmp_path / "rain.txt"])
    engine = LlamaEngine(
        model_path(settings.llm, settings.models),
        settings.context_tokens,
        settings.threads,
        passage_states(settings),
        fingerprint(settings.llm),
    )
    assistant = Assistant(settings, dossier, real_embedder, engine)
    assert list(assistant.warm())[-1] == (2, 2)
    passages = dossier.store.passages(dossier.store.passage_ids())
    prompts = [passage_prompt(dossier.store.document(p.document_id), p) for p in passages]
    assert [engine.is_ready(prompt) for prompt in prompts] == [True, True]
    before = engine.work.prompt_tokens
    answer = assistant.ask("Combien ont coûté les travaux du pont de Rivenac ?")
    assert "14,3 millions" in answer.text
    assert 0 < engine.work.prompt_tokens - before < 400
    assistant.close()
