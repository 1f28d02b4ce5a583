"""`python -m eval.answer_speed`: seconds from a question to what its reader sees, in three ways.

Each question is asked in turn, in one process with one language model:

- naive: the five best passages in one prompt (`eval.systems.naive`), nothing of it in memory, as
  with every question that is new: its prompt is one that no earlier question had. It reads
  nothing apart, so that its first reading is its first text;
- cold: Recoupe over passages that were never read;
- warm: Recoupe over passages that were all read before, by an earlier question or ahead of any.
  Their states come from disk, from the system's own cache of files when they are recent; in memory
  is only what loading puts there, the instruction that all prompts share.

Before any of it is timed, a question has been answered, so that no way pays for what is loaded
with the first. The last line printed is one JSON object: the medians of each way.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from eval.data import load
from eval.dossiers import dossier_of, folder_for
from eval.sample import in_order
from eval.systems import Bench, opener
from eval.systems.naive import NaiveSystem
from eval.systems.recoupe import RecoupeSystem
from eval.timing import columns, median, quantile, ratio, shown
from eval.types import ANSWERLESS, Collection, Question, Result, Usage
from rag import terminal
from rag.assistant import open_engine
from rag.config import PROJECT, Settings, go_offline
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.errors import RecoupeError, SettingsError
from rag.llm import LlamaEngine
from rag.models import model_path
from rag.read import instructions
from rag.types import LANGUAGES

STARTER = PROJECT / "eval" / "datasets" / "starter"
CACHE = PROJECT / "eval" / "runs" / "cache"
SECONDS = 150.0  # for the questions; with loading, about three minutes
MOMENTS = ("hits", "first_reading", "first_text", "done")
WAYS = ("naive", "cold", "warm")
FRAMEWORKS = ("langchain", "llamaindex")
RATIOS = (("naive", "warm"), ("cold", "naive"))

Ask = Callable[[Question], Result]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Answered:
    """One question asked in one way; `times`: seconds from the question to each moment."""

    question: str
    way: str
    times: Mapping[str, float]
    usage: Usage = field(default_factory=Usage)


def selected(collection: Collection, seed: int = 0) -> list[Question]:
    """The questions that have an answer, French and English in turn, the kinds in turn."""
    asked = [
        one
        for one in in_order(collection.questions, seed)
        if one.answerable is not False and one.kind not in ANSWERLESS
    ]
    by_language = ([one for one in asked if one.language == name] for name in LANGUAGES)
    return [one for one in chain.from_iterable(zip_longest(*by_language)) if one is not None]


def in_turn(
    ways: Mapping[str, Ask],
    questions: Sequence[Question],
    limit: float | None = None,
    on_progress: Progress = lambda what, done, total: None,
) -> list[Answered]:
    """Ask each question in each of the ways before the next question.

    With a `limit` in seconds, no question is begun that would rather end after than before it;
    one is asked in any case. Raises RecoupeError where an answer fails.
    """
    answered: list[Answered] = []
    started = time.perf_counter()
    for done, question in enumerate(questions):
        spent = time.perf_counter() - started
        if limit is not None and done and spent + spent / done / 2 > limit:
            break
        for way, ask in ways.items():
            result = ask(question)
            answered.append(Answered(question.id, way, _moments(result.times), result.usage))
        on_progress("questions asked in every way", done + 1, len(questions))
    return answered


def _moments(times: Mapping[str, float]) -> dict[str, float]:
    """What is shown in one piece at the end is its first text; where nothing is read apart, the
    first text is the first reading."""
    known = {name: times[name] for name in MOMENTS if name in times}
    for missing, instead in (("first_text", "done"), ("first_reading", "first_text")):
        if instead in known:
            known.setdefault(missing, known[instead])
    return known


def ways_of(recoupe: RecoupeSystem, naive: NaiveSystem, engine: LlamaEngine) -> dict[str, Ask]:
    """The three ways, in the order in which they have to be asked: warm after cold."""

    def ask_naive(question: Question) -> Result:
        engine.drop()
        return naive.answer(question)

    def ask_cold(question: Question) -> Result:
        engine.forget()
        engine.keep(instructions())  # as loading does
        return recoupe.answer(question)

    def ask_warm(question: Question) -> Result:
        recoupe.read_ahead(question)
        engine.written()
        engine.drop()
        engine.keep(instructions())
        return recoupe.answer(question)

    return {"naive": ask_naive, "cold": ask_cold, "warm": ask_warm}


@contextmanager
def opened(
    bench: Bench, frameworks: bool, complain: Callable[[str], object]
) -> Iterator[dict[str, Ask]]:
    """All ways, ready and warmed up. What was read is kept in a folder of their own, so that
    no dossier loses what it has. A framework that is not installed is complained about."""
    bench.cache.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=bench.cache)))
        engine = open_engine(bench.settings.model_copy(update={"dossier": folder, "base_url": ""}))
        assert isinstance(engine, LlamaEngine)
        stack.enter_context(closing(engine))
        ways = ways_of(RecoupeSystem(bench, engine, {}), NaiveSystem(bench, engine, {}), engine)
        for name in FRAMEWORKS if frameworks else ():
            try:
                system = opener(name)(bench)
            except SettingsError as error:
                complain(str(error))
                continue
            ways[name] = stack.enter_context(closing(system)).answer
        ways["cold"](_short_one(bench.collection))
        yield ways


def _short_one(collection: Collection) -> Question:
    """The last question to be asked, over the shortest article: every part of the way is loaded."""
    shortest = min(collection.documents.values(), key=lambda document: len(document.text))
    return replace(selected(collection)[-1], scope=(shortest.id,))


@contextmanager
def starter_bench(
    settings: Settings, embedder: Embedder, cache: Path, on_progress: Progress
) -> Iterator[Bench]:
    """The starter set in a throw-away dossier."""
    (collection,) = load(STARTER)

    def embedded(done: int, total: int) -> None:
        on_progress("articles embedded", done, total)

    with dossier_of(collection, settings, embedder, cache, embedded) as dossier:
        own = folder_for(collection, settings, embedder, cache)
        yield Bench(settings, collection, dossier, embedder, own)


# -- figures ------------------------------------------------------------------------------------


def figures(answered: Sequence[Answered]) -> dict[str, Any]:
    """Medians and 90th percentiles by way and moment, and the ratios of two ways.

    A ratio is the median of the questions' own: what disturbs the machine during one question
    disturbs both.
    """
    ways = dict.fromkeys(one.way for one in answered)
    return {
        "questions": len({one.question for one in answered}),
        "ways": {way: _of_way([one for one in answered if one.way == way]) for way in ways},
        "ratios": {
            f"{a}/{b}": {moment: _paired(answered, a, b, moment) for moment in MOMENTS}
            for a, b in RATIOS
            if a in ways and b in ways
        },
    }


def _of_way(answered: Sequence[Answered]) -> dict[str, Any]:
    by_moment = {
        moment: [one.times[moment] for one in answered if moment in one.times] for moment in MOMENTS
    }
    return {
        "median": {moment: median(values) for moment, values in by_moment.items()},
        "p90": {moment: quantile(values, 0.9) for moment, values in by_moment.items()},
        "prompt_tokens": median([one.usage.prompt_tokens for one in answered]),
        "generated_tokens": median([one.usage.generated_tokens for one in answered]),
    }


def _paired(answered: Sequence[Answered], a: str, b: str, moment: str) -> float | None:
    times = {(one.way, one.question): one.times.get(moment) for one in answered}
    questions = dict.fromkeys(one.question for one in answered)
    ratios = [ratio(times.get((a, one)), times.get((b, one))) for one in questions]
    return median([one for one in ratios if one is not None])


def summary(answered: Sequence[Answered]) -> dict[str, Any]:
    """What the last line of `make -s bench-answer-json` says, in seconds."""
    told = figures(answered)
    medians: dict[str, Any] = {
        way: {
            f"{moment}_median": _rounded(told["ways"][way]["median"][moment])
            for moment in ("first_reading", "first_text", "done")
        }
        for way in ("warm", "cold", "naive")
    }
    return {**medians, "questions": told["questions"]}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def table(answered: Sequence[Answered]) -> str:
    """The same for people: seconds, median and 90th percentile, and tokens decoded."""
    told = figures(answered)
    heading = [f"{told['questions']} questions", *MOMENTS, "tokens read", "written"]
    rows = [heading]
    for way, one in told["ways"].items():
        times = [
            f"{shown(one['median'][moment])} ({shown(one['p90'][moment])})" for moment in MOMENTS
        ]
        tokens = [shown(one[name], ".0f") for name in ("prompt_tokens", "generated_tokens")]
        rows.append([way, *times, *tokens])
    for name, ratios in told["ratios"].items():
        rows.append([name, *(shown(ratios[moment]) for moment in MOMENTS), "", ""])
    return f"seconds: median (90th percentile)\n{columns(rows)}"


# -- the command --------------------------------------------------------------------------------


def measure(
    settings: Settings, limit: float | None, count: int | None, on_progress: Progress
) -> list[Answered]:
    """The starter set in three ways: at most `count` questions, in about `limit` seconds.

    Raises RecoupeError.
    """
    go_offline()
    embedder = SentenceTransformerEmbedder.load(
        model_path(settings.embedder, settings.models), settings.threads
    )
    with (
        starter_bench(settings, embedder, CACHE, on_progress) as bench,
        opened(bench, False, terminal.complain) as ways,
    ):
        return in_turn(ways, selected(bench.collection)[:count], limit, on_progress)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m eval.answer_speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for the questions")
    parser.add_argument("--questions", type=int, metavar="N", help="at most")
    options = parser.parse_args(arguments)
    try:
        # only the last line is for programs
        with redirect_stdout(sys.stderr), terminal.step_progress(True) as progress:
            answered = measure(Settings.load(), options.seconds, options.questions, progress)
            print(table(answered))
    except RecoupeError as error:
        terminal.complain(str(error))
        return 1
    print(json.dumps(summary(answered)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
