"""The systems with the real models, on two sentences: what a run of hours would trip over."""

from pathlib import Path

import pytest

from eval.run import Plan, run
from eval.rundir import read_metrics, read_results
from eval.types import Result
from rag.config import Settings
from tests.eval.systems import TEXTS, collection, places

OURS = ("recoupe", "naive", "extract")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One answerable and one unanswerable question, asked of each system."""
    base = tmp_path_factory.mktemp("systems")
    plan = Plan("full", OURS, 2, None, 0)
    return run(plan, [collection()], Settings(dossier=base / "dossier"), places(base))


@pytest.fixture(scope="module")
def results(folder: Path) -> list[Result]:
    return read_results(folder)


@pytest.mark.model
def test_every_system_answers_every_question(results: list[Result]) -> None:
    assert {(one.system, one.error) for one in results} == {(name, "") for name in OURS}
    assert len(results) == 2 * len(OURS)


@pytest.mark.model
def test_every_citation_is_an_exact_slice(results: list[Result]) -> None:
    cited = [one for result in results for one in result.reply.citations]
    assert cited
    assert all(TEXTS[one.document_id][one.start : one.end] == one.quote for one in cited)


@pytest.mark.model
def test_moments_follow_each_other_and_tokens_are_counted(results: list[Result]) -> None:
    for result in results:
        moments = [result.times[name] for name in ("hits", "first_text", "done")]
        assert moments == sorted(moments) and moments[0] > 0
        if result.system != "extract":
            assert result.usage.prompt_tokens > 0 and result.usage.prompt_seconds > 0


@pytest.mark.model
def test_loading_memory_and_rates_are_measured(folder: Path) -> None:
    metrics = read_metrics(folder)
    recoupe = metrics["datasets"]["tiny"]["systems"]["recoupe"]
    assert recoupe["load"].keys() == {"load_embedder", "load_llm"}
    assert recoupe["figures"]["all"]["prompt_rate"]["value"] > 0
    assert metrics["peak_memory_mb"] > 500
