"""A run: every system on the same questions in turn, each result on disk before the next.

Stopped at any moment, the same command goes on where it was. Systems take turns question by
question, so that whatever else the machine is doing weighs on all of them alike.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from eval.data import fingerprint, questions_fingerprint
from eval.dossiers import dossier_of, folder_for
from eval.extras import check_installed
from eval.identity import identity, key, peak_memory_mb
from eval.rundir import (
    REPORT,
    append_result,
    read_metrics,
    read_results,
    write_metrics,
    write_questions,
    write_scores,
)
from eval.sample import in_order
from eval.score import Outcome, measure
from eval.systems import Bench, System, opener
from eval.trec import read_run, write_run
from eval.types import Collection, Found, Question, Reply, Result
from rag.config import Settings, go_offline
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.errors import RecoupeError, SettingsError
from rag.models import model_path

_STAMP = "%Y%m%d-%H%M%S"
RETRIEVED = 30  # stretches a question: they are of ten documents and more
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: at most `limit` questions of each collection, in `seconds` for answers.

    None: no limit. `seconds` are shared by all collections and systems.
    """

    suite: str
    systems: tuple[str, ...]
    limit: int | None
    seconds: float | None
    seed: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where run folders go, and what can be made again: dossiers and indexes."""

    runs: Path
    cache: Path


def run(
    plan: Plan,
    collections: Sequence[Collection],
    settings: Settings,
    places: Places,
    on_progress: Progress = lambda what, done, total: None,
) -> Path:
    """Run, or go on with, what `plan` says; the folder, with everything but the report in it.

    `on_progress(what, done, total)` counts documents embedded, questions searched and answers.
    Raises RecoupeError where a system cannot be made ready; one that fails on a question has
    failed that question.
    """
    go_offline()
    check_installed()
    openers = {name: opener(name) for name in plan.systems}
    started = time.perf_counter()
    encoder = embedder(settings)
    load = {"load_embedder": time.perf_counter() - started}
    return run_with(openers, encoder, load, plan, collections, settings, places, on_progress)


def embedder(settings: Settings) -> Embedder:
    """The embedder of the settings, loaded. Raises ModelError."""
    return SentenceTransformerEmbedder.load(
        model_path(settings.embedder, settings.models), settings.threads
    )


def run_with(
    openers: Mapping[str, Callable[[Bench], System]],
    embedder: Embedder,
    load: Mapping[str, float],
    plan: Plan,
    collections: Sequence[Collection],
    settings: Settings,
    places: Places,
    on_progress: Progress = lambda what, done, total: None,
) -> Path:
    """The same with models that are loaded: what gets each system ready, by name, the embedder,
    and the seconds that it took to load.
    """
    started = time.perf_counter()
    names = [collection.dataset for collection in collections]
    if len(set(names)) < len(names):
        raise SettingsError("eval.same_name", name=max(names, key=names.count))
    what = identity(settings, collections, embedder, asdict(plan))
    with _folder(places.runs, plan, key(what)) as folder:
        outcomes = []
        for collection in collections:
            seconds = plan.seconds and plan.seconds / len(collections)
            with (
                _bench(collection, settings, embedder, places.cache, on_progress) as bench,
                _ready(openers, bench) as systems,
            ):
                retrieved = _retrieve(systems, collection, on_progress)
                _answer(systems, collection, replace(plan, seconds=seconds), folder, on_progress)
                load_of = {name: {**load, **system.load} for name, system in systems.items()}
            results = _results(folder, collection.dataset)
            outcomes.append(Outcome(collection, results, retrieved, load_of))
        for outcome in outcomes:
            for system, found in outcome.retrieved.items():
                write_run(folder / f"{outcome.collection.dataset}.{system}.trec", found, system)
        this_run = {
            "identity": what,
            "started": _started(folder).isoformat("T", "seconds"),
            "seconds": round(time.perf_counter() - started, 1),  # since it began or went on
            "peak_memory_mb": peak_memory_mb(),
        }
        _measure(folder, this_run, outcomes)
    return folder


def _results(folder: Path, dataset: str) -> tuple[Result, ...]:
    return tuple(result for result in read_results(folder) if result.dataset == dataset)


@contextmanager
def _folder(runs: Path, plan: Plan, run_key: str) -> Iterator[Path]:
    """The unfinished folder of the same run, or a new one, named after the moment.

    A run is finished when its report is written. Raises SettingsError where another process is
    at work in it.
    """
    unfinished = [one for one in runs.glob(f"*-{run_key}") if not (one / REPORT).exists()]
    folder = max(unfinished, default=runs / f"{datetime.now():{_STAMP}}-{plan.suite}-{run_key}")
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        with lock:
            yield folder
    except Timeout:
        raise SettingsError("eval.busy", path=folder) from None


def _started(folder: Path) -> datetime:
    """When the run of this folder began, by its name."""
    return datetime.strptime("-".join(folder.name.split("-")[:2]), _STAMP)


@contextmanager
def _bench(
    collection: Collection,
    settings: Settings,
    embedder: Embedder,
    cache: Path,
    on_progress: Progress,
) -> Iterator[Bench]:
    def embedded(done: int, total: int) -> None:
        on_progress(f"{collection.dataset}: embedding", done, total)

    with dossier_of(collection, settings, embedder, cache, embedded) as dossier:
        own = folder_for(collection, settings, embedder, cache)
        yield Bench(settings, collection, dossier, embedder, own)


@contextmanager
def _ready(
    openers: Mapping[str, Callable[[Bench], System]], bench: Bench
) -> Iterator[dict[str, System]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(closing(open_it(bench))) for name, open_it in openers.items()
        }


def _retrieve(
    systems: Mapping[str, System], collection: Collection, on_progress: Progress
) -> dict[str, dict[str, tuple[Found, ...]]]:
    """By system and question id: what it finds, for all questions that have documents to find."""
    asked = [question for question in collection.questions if question.relevant]
    retrieved: dict[str, dict[str, tuple[Found, ...]]] = {}
    for name, system in systems.items():
        retrieved[name] = {}
        for done, question in enumerate(asked, start=1):
            retrieved[name][question.id] = system.retrieve(question, RETRIEVED)
            on_progress(f"{collection.dataset}: {name} searching", done, len(asked))
    return retrieved


def _answer(
    systems: Mapping[str, System],
    collection: Collection,
    plan: Plan,
    folder: Path,
    on_progress: Progress,
) -> None:
    """Append a result for each question and system that has none yet."""
    earlier = _results(folder, collection.dataset)
    known = {(result.question_id, result.system) for result in earlier}
    spent = sum(result.times.get("done", 0.0) for result in earlier)
    started = time.perf_counter()
    questions = in_order(collection.questions, plan.seed)[: plan.limit]
    for done, question in enumerate(questions, start=1):
        for name, system in systems.items():
            if (question.id, name) not in known:
                result = _result(system, question)
                append_result(folder, replace(result, dataset=collection.dataset))
        if plan.seconds is None:
            on_progress(f"{collection.dataset}: answering", done, len(questions))
            continue
        spent_now = spent + time.perf_counter() - started
        on_progress(f"{collection.dataset}: answering, in seconds", *_of(spent_now, plan.seconds))
        if spent_now > plan.seconds:
            return


def _of(spent: float, seconds: float) -> tuple[int, int]:
    return min(int(spent), int(seconds)), int(seconds)


def _result(system: System, question: Question) -> Result:
    """What `system` makes of `question`; a failure is a result too."""
    try:
        return system.answer(question)
    except RecoupeError as error:
        silence = Reply("", question.language, refused=False)
        return Result("", question.id, system.name, silence, error=str(error))


def measure_again(folder: Path, collections: Sequence[Collection]) -> None:
    """Compute the measures in a finished run's folder anew, from its results.

    For when a measure has become better: answers of hours stay good. What was made of an answer
    when it was given (its language, its sentences, whether it refused) stays as it was. Raises
    SettingsError where `collections` are not those that were asked about.
    """
    before = read_metrics(folder)
    known = {collection.dataset: collection for collection in collections}
    outcomes = []
    for dataset, entry in before["datasets"].items():
        if dataset not in known or not _is_the_same(known[dataset], before["identity"]):
            raise SettingsError("eval.other_data", name=dataset, path=folder)
        found = {name: read_run(folder / f"{dataset}.{name}.trec") for name in entry["systems"]}
        searched = [question.id for question in known[dataset].questions if question.relevant]
        outcomes.append(
            Outcome(
                collection=known[dataset],
                results=_results(folder, dataset),
                retrieved={
                    name: {key: run.get(key, ()) for key in searched} for name, run in found.items()
                },
                load={name: system["load"] for name, system in entry["systems"].items()},
            )
        )
    same = {name: before[name] for name in ("identity", "started", "seconds", "peak_memory_mb")}
    _measure(folder, same, outcomes)


def _is_the_same(collection: Collection, identity: Mapping[str, Any]) -> bool:
    documents, questions = (identity[what][collection.dataset] for what in ("corpora", "questions"))
    ours = (fingerprint(collection), questions_fingerprint(collection))
    return (documents, questions) == ours


def _measure(folder: Path, what: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
    """Write all that is computed from results."""
    scored = []
    scores: dict[str, Any] = {}
    datasets: dict[str, Any] = {}
    for outcome in outcomes:
        dataset = outcome.collection.dataset
        datasets[dataset], scores[dataset] = measure(outcome)
        having = {key for of_system in scores[dataset].values() for key in of_system}
        scored += [(dataset, q) for q in outcome.collection.questions if q.id in having]
    write_questions(folder, scored)
    write_scores(folder, scores)
    write_metrics(folder, {**what, "datasets": datasets})
