"""The figures of speed are what was measured: medians, ratios, one line of JSON for programs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from eval import answer_speed, engine_speed, footprint, speed
from eval.answer_speed import Answered, figures, in_turn, selected, summary, ways_of
from eval.data import load
from eval.dossiers import dossier_of
from eval.embedding_speed import EmbeddingRates, Rate
from eval.engine_speed import Bare, EngineSpeed, InAnswers, Limits
from eval.footprint import Disk, Memory, StartUp
from eval.speed import Told
from eval.systems import Bench
from eval.systems.naive import NaiveSystem
from eval.systems.recoupe import RecoupeSystem
from eval.timing import columns, median, quantile, ratio, shown
from eval.types import Question, Reply, Result, Usage
from rag.config import Settings
from rag.engine import Prompt, Work
from rag.errors import EngineError
from rag.llama import Row
from rag.read import instructions
from tests.eval.systems import collection
from tests.fakes import HashEmbedder, ScriptedEngine


def answered(way: str, question: str, done: float, **times: float) -> Answered:
    return Answered(question, way, {"first_text": done / 2, "done": done, **times})


# -- arithmetic ---------------------------------------------------------------------------------


def test_quantiles_are_between_the_values_and_absent_without_any() -> None:
    assert (median([3, 1, 2]), median([1, 2]), median([])) == (2.0, 1.5, None)
    assert quantile([0, 10], 0.9) == pytest.approx(9.0)
    assert (ratio(6, 4), ratio(None, 4), ratio(6, None), ratio(6, 0)) == (1.5, None, None, None)
    assert (shown(1.234), shown(None)) == ("1.23", "-")


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert columns([("a", "bb"), ("long", "c")]) == "a     bb\nlong   c"


def test_a_ratio_compares_each_question_with_itself() -> None:
    # the machine was ten times slower during the second question
    asked = [
        *(answered("naive", "q1", 6), answered("cold", "q1", 9), answered("warm", "q1", 2)),
        *(answered("naive", "q2", 60), answered("cold", "q2", 60), answered("warm", "q2", 20)),
        *(answered("naive", "q3", 8), answered("cold", "q3", 4), answered("warm", "q3", 1)),
    ]
    told = figures(asked)
    assert told["questions"] == 3
    assert told["ways"]["naive"]["median"]["done"] == 8.0
    assert told["ways"]["naive"]["p90"]["done"] == pytest.approx(8 + 0.8 * 52)
    assert told["ratios"]["naive/warm"]["done"] == 3.0  # of 3, 3 and 8
    assert told["ratios"]["cold/naive"]["done"] == 1.0  # of 1.5, 1 and 0.5
    assert told["ratios"]["naive/warm"]["hits"] is None


def test_the_table_has_a_line_a_way_and_a_line_a_ratio() -> None:
    asked = [
        Answered("q", "naive", {"hits": 0.5, "done": 4.0}, Usage(1500, 30.0, 20, 2.0)),
        Answered("q", "warm", {"hits": 0.25, "done": 1.0}, Usage(60, 2.0, 30, 3.0)),
    ]
    _, heading, *lines = answer_speed.table(asked).splitlines()
    assert heading.split()[:3] == ["1", "questions", "hits"]
    assert lines[0].split() == "naive 0.50 (0.50) - (-) - (-) 4.00 (4.00) 1500 20".split()
    assert lines[1].split()[-2:] == ["60", "30"]
    assert lines[2].split() == "naive/warm 2.00 - - 4.00".split()


# -- questions in turn --------------------------------------------------------------------------


def result(**times: float) -> Result:
    return Result("", "", "", Reply("", "en", True), times=times)


def test_naive_which_reads_nothing_apart_has_its_first_words_as_its_first_reading() -> None:
    (one,) = in_turn(
        {"naive": lambda _: result(hits=1, first_text=2, done=3)}, [Question("q", "?", "en")]
    )
    assert one.times == {"hits": 1, "first_text": 2, "first_reading": 2, "done": 3}


def test_a_reply_in_one_piece_is_its_own_first_text_and_what_there_was_stays() -> None:
    asked = [Question("q", "?", "en")]
    (one,) = in_turn({"langchain": lambda _: result(hits=1, done=3)}, asked)
    assert one.times == {"hits": 1, "first_reading": 3, "first_text": 3, "done": 3}
    (one,) = in_turn({"cold": lambda _: result(first_reading=1, first_text=2)}, asked)
    assert one.times == {"first_reading": 1, "first_text": 2}


@pytest.mark.parametrize(("limit", "asked"), [(None, 5), (0.0, 1), (40.0, 4), (44.0, 4), (46.0, 5)])
def test_the_time_decides_how_many_questions_are_asked_but_one_always_is(
    limit: float | None, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(answer_speed.time, "perf_counter", lambda: now[0])

    def ask(_: Question) -> Result:
        now[0] += 5.0  # two ways: ten seconds a question
        return result(done=5.0)

    questions = [Question(f"q{n}", "?", "en") for n in range(5)]
    told = in_turn({"cold": ask, "warm": ask}, questions, limit)
    assert [(one.question, one.way) for one in told[:2]] == [("q0", "cold"), ("q0", "warm")]
    assert len(told) == 2 * asked


def test_a_failure_is_told_and_not_timed() -> None:
    def fail(_: Question) -> Result:
        raise EngineError("llm.stopped")

    with pytest.raises(EngineError):
        in_turn({"cold": fail}, [Question("q", "?", "en")])


def test_only_questions_with_an_answer_are_asked_in_both_languages_in_turn() -> None:
    (starter,) = load(answer_speed.STARTER)
    first = selected(starter)
    assert [one.language for one in first[:6]] == ["fr", "en"] * 3
    assert len({one.kind for one in first[:12]}) > 3
    assert {one.answerable for one in first} == {True}
    assert len(first) == 128


# -- the three ways -----------------------------------------------------------------------------


class RecordingEngine(ScriptedEngine):
    """Says what was done with it, in order."""

    def __init__(self, script: dict[str, tuple[float, str]]) -> None:
        super().__init__(script)
        self.work = Work()
        self.done: list[str] = []

    def drop(self) -> None:
        """What is in memory."""
        self.done.append("drop")

    def forget(self) -> None:
        """That, and what is on disk."""
        self.done.append("forget")

    def keep(self, prompt: Prompt) -> bool:
        """The instructions, as loading does, or a passage, as is done ahead of questions."""
        self.done.append("keep" if prompt == instructions() else "read ahead")
        return True

    def written(self) -> None:
        """Nothing is."""
        self.done.append("written")

    def probabilities(self, *arguments: Any) -> list[float]:
        """Recoupe asks this, naive does not."""
        self.done.append("asks")
        return super().probabilities(*arguments)

    def _line(self, prompt: Prompt) -> tuple[float, str]:
        """Naive's passages are in what is asked."""
        return super()._line(replace(prompt, passage=prompt.passage + prompt.asked))


@pytest.fixture
def bench(tmp_path: Path, settings: Settings) -> Iterator[Bench]:
    embedder = HashEmbedder()
    with dossier_of(collection(), settings, embedder, tmp_path / "cache") as dossier:
        yield Bench(settings, collection(), dossier, embedder, tmp_path / "own")


def test_naive_and_warm_find_an_empty_memory_and_cold_an_empty_disk_too(bench: Bench) -> None:
    engine: Any = RecordingEngine({"opened": (0.9, "It opened on 3 May 2024.")})
    ways = ways_of(RecoupeSystem(bench, engine, {}), NaiveSystem(bench, engine, {}), engine)
    told = in_turn(ways, [collection().questions[0]])
    assert [one.way for one in told] == ["naive", "cold", "warm"]
    steps = [one for i, one in enumerate(engine.done) if engine.done[i - 1 : i] != [one]]
    cold, warm = ["forget", "keep", "asks"], ["read ahead", "written", "drop", "keep", "asks"]
    assert steps == ["drop", *cold, *warm]
    moments = set(answer_speed.MOMENTS)
    assert [moments - set(one.times) for one in told] == [set()] * 3


def test_the_states_measured_are_not_those_of_a_dossier(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Engine(RecordingEngine):
        pass

    folders = []

    def open_it(settings: Settings) -> Engine:
        folders.append(settings.dossier)
        assert settings.dossier.is_dir() and settings.base_url == ""
        return engine

    engine: Any = Engine({})
    monkeypatch.setattr(answer_speed, "LlamaEngine", Engine)
    monkeypatch.setattr(answer_speed, "open_engine", open_it)
    with answer_speed.opened(bench, False, pytest.fail) as ways:
        assert list(ways) == ["naive", "cold", "warm"]
        assert engine.asked  # warmed up
    assert folders[0].parent == bench.cache and not folders[0].exists()


def test_the_last_line_is_one_json_object_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [
        answered("naive", "q1", 8.0, first_reading=4.0),
        answered("cold", "q1", 9.0, first_reading=1.23456),
        answered("warm", "q1", 2.0, first_reading=0.5),
    ]

    def measured(*arguments: Any) -> list[Answered]:
        print("something chatty")
        return asked

    monkeypatch.setattr(answer_speed, "measure", measured)
    assert answer_speed.main([]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert json.loads(out) == {
        "warm": {"first_reading_median": 0.5, "first_text_median": 1.0, "done_median": 2.0},
        "cold": {"first_reading_median": 1.235, "first_text_median": 4.5, "done_median": 9.0},
        "naive": {"first_reading_median": 4.0, "first_text_median": 4.0, "done_median": 8.0},
        "questions": 1,
    }
    assert "something chatty" in err and "naive/warm" in err


def test_a_moment_that_never_came_is_null() -> None:
    asked = [Answered("q", way, {"done": 1.0}) for way in answer_speed.WAYS]
    assert summary(asked)["warm"] == {
        "first_reading_median": None,
        "first_text_median": None,
        "done_median": 1.0,
    }


def test_a_failure_leaves_no_line_that_looks_like_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: Any) -> list[Answered]:
        raise EngineError("llm.stopped")

    monkeypatch.setattr(answer_speed, "measure", fail)
    assert answer_speed.main([]) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "The question was stopped. Ask it again.\n")


# -- the engine ---------------------------------------------------------------------------------


class CountingLlama:
    """Every batch takes a second by the clock of the test; it keeps what it holds as llama.cpp."""

    def __init__(self, clock: list[float]) -> None:
        self.clock = clock
        self.lengths = [0] * 5
        self.batches: list[int] = []
        self._model = self._vocabulary = None
        self._api = SimpleNamespace(
            llama_vocab_n_tokens=lambda _: 100,
            llama_model_n_embd=lambda _: 8,
            llama_model_n_params=lambda _: 5000,
        )

    def tokenize(self, text: str, special: bool) -> list[int]:
        """A token a word."""
        return [len(word) for word in text.split()]

    def decode(self, rows: list[Row]) -> list[np.ndarray]:
        """Each row must come right behind what its sequence holds."""
        for row in rows:
            assert row.position == self.lengths[row.sequence]
            self.lengths[row.sequence] += 1
        self.batches.append(len(rows))
        self.clock[0] += 1.0
        return [np.zeros(1) for row in rows if row.wanted]

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        """The cells up to `end`."""
        self.lengths[target] = min(self.lengths[source], end)

    def forget(self, sequence: int) -> None:
        """Of one."""
        self.lengths[sequence] = 0

    def clear(self) -> None:
        """Of all."""
        self.lengths = [0] * 5


def test_the_bare_engine_reads_512_tokens_and_writes_side_by_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    llamas: Any = CountingLlama(clock), CountingLlama(clock)
    measured = engine_speed.bare_speeds(llamas, "word " * 600, repeats=2)
    assert measured == [Bare(512.0, 48.0, {1: 1.0, 3: 3.0, 5: 5.0}, 5000 - 800)] * 2
    once = [512, 48, *([1] * 24), *([3] * 24), *([5] * 24)]
    for llama in llamas:
        assert llama.batches == [512, *once, *once]
    with pytest.raises(ValueError, match="too few"):
        engine_speed.bare_speeds(llamas, "word " * 500)


def test_rates_in_answers_are_all_tokens_over_all_seconds() -> None:
    asked = [
        Answered("q1", "cold", {}, Usage(1000, 10.0, 30, 3.0)),
        Answered("q2", "cold", {}, Usage(500, 20.0, 0, 0.0)),
        Answered("q1", "warm", {}, Usage(90, 3.0, 0, 0.0)),
        Answered("q1", "uncounted", {}),
    ]
    assert engine_speed.in_answers(asked) == (
        InAnswers("cold", 50.0, 10.0),
        InAnswers("warm", 30.0, None),
    )


def test_the_ceilings_are_memory_over_weights_and_arithmetic_over_two_operations_each() -> None:
    one = EngineSpeed(
        "tiny", 2, 10**9, Bare(40.0, 35.0, {1: 8.0, 3: 15.0}, 10**9),
        Bare(30.0, 28.0, {1: 9.0, 3: 16.0}, 10**9), (InAnswers("cold", 30.0, 6.0),),
        Limits(2e10, 1.6e11),
    )  # fmt: skip
    assert (one.generation_ceiling, one.prompt_ceiling) == (20.0, 80.0)
    lines = engine_speed.table(one).splitlines()
    assert lines[1].split() == ["ceiling", "80.0", "20.0"]
    assert lines[2].split() == ["bare,", "1", "sequence", "40.0", "50%", "8.0", "40%"]
    assert lines[3].split() == ["bare,", "48", "tokens", "more", "35.0"]
    assert lines[4].split() == ["bare,", "3", "sequences", "15.0"]
    assert lines[5].split() == ["other", "order,", "1", "sequence", "30.0", "38%", "9.0", "45%"]
    assert lines[9].split() == ["cold", "30.0", "75%", "6.0", "75%"]


def test_memory_and_arithmetic_are_counted_in_bytes_and_operations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_speed, "seconds", lambda call, *rest: call(*rest) is None or 0.5)
    # the copy reads and writes, so that it is the better of two that take as long
    assert engine_speed.memory_speed(2, 1, 4096) == 2 * 4096 / 0.5
    assert engine_speed.arithmetic_speed(1, 10) == 2 * 1000 / 0.5


# -- what it takes ------------------------------------------------------------------------------


def test_a_dossier_is_reckoned_for_a_thousand_articles() -> None:
    one = Disk(articles=50, passages=200, database=1_000_000, index=50_000, state=5e6)
    assert one.per_1000_articles() == {"database": 2e7, "index": 1e6, "states": 2e10}
    unread = Disk(articles=50, passages=200, database=1_000_000, index=50_000, state=None)
    assert unread.per_1000_articles()["states"] is None


@pytest.mark.parametrize(
    ("peak", "said"), [(3_900_000_000, "(under 4 GB)"), (4_100_000_000, "(NOT under 4 GB)")]
)
def test_too_much_memory_is_said(peak: int, said: str) -> None:
    table = footprint.memory_table(Memory(peak, 10, None), Disk(1, 1, 1, 1, None))
    assert said in table.splitlines()[1]
    assert table.splitlines()[1].endswith(f"{peak / 1e6:.0f}")


def test_a_copied_dossier_holds_the_articles_and_nothing_that_was_read(
    bench: Bench, settings: Settings
) -> None:
    source = bench.dossier.settings.dossier
    (source / "kv").mkdir()
    (source / "kv" / "x.state").write_bytes(b"12345")
    with footprint.copied(source, settings) as copy:
        there = footprint.disk(copy)
        assert (there.articles, there.passages, there.state) == (2, 2, None)
        assert there.database > 0
        (copy.dossier / "kv").mkdir()
        (copy.dossier / "kv" / "y.state").write_bytes(b"123")
        assert footprint.disk(copy).state == 3.0
    assert not copy.dossier.exists()


def test_another_process_reads_the_same_settings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = settings.model_copy(update={"top_k": 7, "threads": 2})
    for name, value in footprint._environment(changed).items():
        monkeypatch.setenv(name, value)
    assert Settings.load(settings.dossier) == changed.model_copy(
        update={"dossier": settings.dossier.resolve()}
    )


def test_a_command_that_fails_is_told_with_its_last_words(settings: Settings) -> None:
    with pytest.raises(RuntimeError, match="no dossier") as failure:
        footprint._run(settings, [*footprint._RECOUPE, "list", "--dossier", str(settings.dossier)])
    assert str(settings.dossier) in str(failure.value)


def test_the_memory_of_this_process_is_told() -> None:
    told = Memory(**footprint.own_memory())
    assert told.peak is None or told.peak >= told.at_end * 0.9 > 0


def test_start_up_is_told_by_step() -> None:
    steps = {"load_embedder": 1.5, "load_llm": 2.0, "total": 9.0, "process": 14.0}
    one = StartUp(0.3, 0.4, 3.0, steps, {"total": 4.0})
    lines = [line.split() for line in footprint.start_up_table(one).splitlines()[1:]]
    assert lines[2] == ["page", "up", "3.00"]
    assert lines[6] == ["first", "answer:", "process", "14.00"]
    assert lines[7] == ["again:", "load_embedder", "-"]


# -- the command --------------------------------------------------------------------------------


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Two parts that need nothing, and one that fails."""
    numbers = count(1)

    def fail(work: Any) -> Told:
        raise EngineError("llm.stopped")

    replaced = {
        "first": lambda work: Told({"n": next(numbers)}, "first table"),
        "failing": fail,
        "last": lambda work: Told({"n": next(numbers)}, "last table"),
    }
    monkeypatch.setattr(speed, "PARTS", replaced)
    monkeypatch.setattr(speed, "_identity", lambda work, names: {"parts": list(names)})
    return replaced


def test_a_part_can_be_measured_alone(
    parts: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "runs" / "bench.json"
    assert speed.main(["last", "--out", str(path)]) == 0
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert (kept["parts"], kept["identity"]) == ({"last": {"n": 1}}, {"parts": ["last"]})
    assert capsys.readouterr().out == f"\nlast\nlast table\n\n{path}\n"


def test_a_part_that_fails_costs_none_of_the_others(
    parts: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bench.json"
    assert speed.main(["--out", str(path)]) == 1
    assert json.loads(path.read_text())["parts"] == {"first": {"n": 1}, "last": {"n": 2}}
    assert "failing: failed: The question was stopped." in capsys.readouterr().out


def test_a_part_that_there_is_not_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        speed.main(["serach"])
    assert end.value.code == 2
    known = "answers, engine, embedding, search, startup, memory"
    assert f"unknown part: serach; there are {known}" in capsys.readouterr().err


def test_what_was_measured_says_of_which_machine_and_models(
    bench: Bench, settings: Settings
) -> None:
    options = speed.Options(quick=True)
    work: Any = SimpleNamespace(
        settings=settings, bench=bench, embedder=bench.embedder, options=options
    )
    told = json.loads(json.dumps(speed._identity(work, ["search"])))
    assert told["models"]["embedder"]["fingerprint"] == HashEmbedder.fingerprint
    assert told["machine"]["cores"] >= 1
    assert (told["parts"], told["options"]["quick"]) == (["search"], True)


def test_embedding_is_measured_on_what_a_dossier_embeds(
    bench: Bench, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded: list[str] = []

    def rates(_: object, folder: Path, texts: list[str], repeats: int) -> EmbeddingRates:
        embedded.extend(texts)
        assert (folder, repeats) == (Path("models/e5"), 1)
        return EmbeddingRates(Rate(30.0, 6000.0, 0.9), Rate(20.0, 4000.0, 0.6), 1.5, 1.2e11)

    monkeypatch.setattr("eval.embedding_speed.embedding_rates", rates)
    monkeypatch.setattr(speed, "model_path", lambda *_: Path("models/e5"))
    options = speed.Options(quick=True)
    work: Any = SimpleNamespace(settings=settings, bench=bench, embedder=None, options=options)
    told = speed.embedding(work)
    assert sorted(one.split()[-1] for one in embedded) == ["euros."] * 2
    assert told.figures["ratio"] == 1.5
    lines = told.text.splitlines()
    assert lines[2].split() == ["ours", "30.0", "6000", "90%"]
    assert lines[3] == "ours is 1.50 times as fast; ceiling 120 Gflop/s"


def test_the_answers_are_kept_as_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    work: Any = SimpleNamespace(answered=[answered("warm", "q1", 2.0)])
    told = speed.answers(work)
    assert told.figures["asked"][0]["times"] == {"first_text": 1.0, "done": 2.0}
    assert told.figures["ways"]["warm"]["median"]["done"] == 2.0
    assert json.dumps(told.figures)
