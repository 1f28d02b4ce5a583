"""A run measures what it says, loses nothing when stopped, and goes on where it was."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.run import Plan, run_with
from eval.rundir import read_metrics, read_questions, read_results, read_scores
from rag.config import Settings
from rag.errors import SettingsError
from tests.eval.systems import QuotingSystem, collection, places, plan
from tests.fakes import HashEmbedder


def run(
    tmp_path: Path, settings: Settings, system: QuotingSystem, limit: int | None = None, **how: Any
) -> Path:
    return run_with(
        {system.name: system.open},
        HashEmbedder(),
        {"load_embedder": 2.0},
        plan(limit),
        [collection()],
        settings,
        places(tmp_path),
        **how,
    )


def test_the_folder_holds_results_figures_scores_and_a_trec_run(
    tmp_path: Path, settings: Settings
) -> None:
    folder = run(tmp_path, settings, QuotingSystem())
    assert len(read_results(folder)) == len(read_questions(folder)) == 6
    entry = read_metrics(folder)["datasets"]["tiny"]["systems"]["quoting"]
    everything = entry["figures"]["all"]
    assert {
        name: everything[name]["value"] for name in ("right", "rightly_refused", "recall@1")
    } == {
        "right": 1.0,
        "rightly_refused": 1.0,
        "recall@1": 1.0,
    }
    assert everything["done_median"]["value"] == 1.0
    assert entry["load"] == {"load_embedder": 2.0, "load_llm": 0.5}
    assert read_scores(folder)["tiny"]["quoting"]["bridge-date"]["right"] == 1.0
    trec = (folder / "tiny.quoting.trec").read_text(encoding="utf-8").splitlines()
    assert trec[0] == "bridge-date Q0 bridge 1 1.000000 quoting"
    assert len(trec) == 8


def test_a_stopped_run_goes_on_with_what_was_not_asked(tmp_path: Path, settings: Settings) -> None:
    class Stop(Exception):
        pass

    def stop_after_two(what: str, done: int, total: int) -> None:
        if "answering" in what and done == 2:
            raise Stop

    system = QuotingSystem()
    with pytest.raises(Stop):
        run(tmp_path, settings, system, on_progress=stop_after_two)
    first = list(system.asked)
    folder = run(tmp_path, settings, system)
    assert len(first) == 2
    assert sorted(system.asked) == sorted(question.id for question in collection().questions)
    assert [result.question_id for result in read_results(folder)] == system.asked
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_a_finished_run_is_not_touched_by_the_next(tmp_path: Path, settings: Settings) -> None:
    first = run(tmp_path, settings, QuotingSystem(), limit=1)
    second = run(tmp_path, settings, QuotingSystem(), limit=2)
    assert first != second
    assert len(read_results(first)) == 1


def test_a_failure_counts_as_one_and_ends_nothing(tmp_path: Path, settings: Settings) -> None:
    folder = run(tmp_path, settings, QuotingSystem(failing=("bridge-cost",)))
    entry = read_metrics(folder)["datasets"]["tiny"]["systems"]["quoting"]
    assert entry["figures"]["all"]["right"]["value"] == 0.75
    assert entry["errors"]["fact"]["failed"] == 1
    (failed,) = [result for result in read_results(folder) if result.error]
    assert (failed.question_id, failed.error) == (
        "bridge-cost",
        "The question was stopped. Ask it again.",
    )


def test_a_limit_asks_kinds_in_turn(tmp_path: Path, settings: Settings) -> None:
    folder = run(tmp_path, settings, QuotingSystem(), limit=4)
    kinds = {question.id: question.kind for _, question in read_questions(folder)}
    assert sorted(kinds[result.question_id] for result in read_results(folder)) == [
        "fact",
        "fact",
        "unanswerable",
        "unanswerable",
    ]


def test_two_runs_of_the_same_do_not_mix(tmp_path: Path, settings: Settings) -> None:
    inside = []

    def start_another(what: str, done: int, total: int) -> None:
        if "answering" in what and not inside:
            inside.append(done)
            with pytest.raises(SettingsError, match="under way"):
                run(tmp_path, settings, QuotingSystem())

    folder = run(tmp_path, settings, QuotingSystem(), on_progress=start_another)
    assert inside and len(read_results(folder)) == 6


def test_other_questions_on_the_same_documents_are_another_run(
    tmp_path: Path, settings: Settings
) -> None:
    first = run(tmp_path, settings, QuotingSystem())
    fewer = replace(collection(), questions=collection().questions[:3])
    second = run_with(
        {"quoting": QuotingSystem().open},
        HashEmbedder(),
        {"load_embedder": 2.0},
        plan(),
        [fewer],
        settings,
        places(tmp_path),
    )
    assert first != second


def test_time_that_is_up_ends_the_questions_and_not_the_run(
    tmp_path: Path, settings: Settings
) -> None:
    system = QuotingSystem()
    folder = run_with(
        {"quoting": system.open},
        HashEmbedder(),
        {},
        Plan("quick", ("quoting",), None, 1e-9, 0),
        [collection()],
        settings,
        places(tmp_path),
    )
    assert (len(system.asked), read_metrics(folder)["datasets"]["tiny"]["asked"]) == (1, 1)


def test_two_sets_of_one_name_are_not_mixed(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(SettingsError, match="tiny"):
        run_with({}, HashEmbedder(), {}, plan(), [collection()] * 2, settings, places(tmp_path))


def test_it_says_what_it_was(tmp_path: Path, settings: Settings) -> None:
    identity = read_metrics(run(tmp_path, settings, QuotingSystem(), limit=1))["identity"]
    assert (identity["suite"], identity["limit"], identity["seed"]) == ("full", 1, 0)
    assert identity["systems"] == ["quoting"]
    assert identity["models"]["embedder"]["fingerprint"] == HashEmbedder.fingerprint
    assert len(identity["models"]["llm"]["fingerprint"]) == 64
    assert identity["machine"]["cores"] >= 1
    assert json.dumps(identity)  # nothing in it that JSON does not hold
