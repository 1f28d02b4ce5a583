"""The command `recoupe eval`: a run, its report, and what it is held against."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval import cli as eval_cli
from eval.systems import SYSTEMS, opener
from rag import cli
from rag.config import PROJECT
from rag.errors import SettingsError
from tests.eval.systems import TEXTS, QuotingSystem, collection
from tests.fakes import HashEmbedder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The tiny collection as a BEIR folder with answers."""
    folder = tmp_path / "tiny"
    (folder / "qrels").mkdir(parents=True)
    asked = collection().questions
    write(
        folder / "corpus.jsonl", [{"_id": key, "title": "", "text": t} for key, t in TEXTS.items()]
    )
    write(folder / "queries.jsonl", [{"_id": q.id, "text": q.text} for q in asked])
    write(
        folder / "answers.jsonl",
        [
            {"_id": q.id, "kind": q.kind, "answerable": q.answerable, "answers": q.answers}
            for q in asked
        ],
    )
    rows = [f"{q.id}\t{key}\t1\n" for q in asked for key in q.relevant]
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(rows))
    return folder


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QuotingSystem:
    """Instead of Recoupe: a system that needs no model."""
    quoting = QuotingSystem("recoupe")
    monkeypatch.setattr("eval.run.opener", lambda name: quoting.open)
    monkeypatch.setattr("eval.run.model_path", lambda name, models: models / name)
    monkeypatch.setattr(
        "eval.run.SentenceTransformerEmbedder.load", lambda folder, threads=0: HashEmbedder()
    )
    monkeypatch.setattr(eval_cli, "BASELINE", tmp_path / "baseline.json")
    return quoting


def evaluate(data: Path, *more: str) -> int:
    return cli.run(["eval", "--data", str(data), "--runs", str(data.parent / "runs"), *more])


def test_one_command_runs_measures_and_writes_the_report(
    system: QuotingSystem, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(data, "--lang", "fr") == 0
    said = capsys.readouterr().out
    assert "| recoupe | 1.00 (0.34–1.00) |" in said
    page = Path(said.splitlines()[-1])
    assert '<html lang="fr">' in page.read_text(encoding="utf-8")


def test_no_answers_at_all_still_measures_what_is_found(
    system: QuotingSystem, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(data, "--limit", "0", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    figures = told["datasets"]["tiny"]["systems"]["recoupe"]["figures"]["all"]
    assert (figures["recall@1"]["value"], system.asked) == (1.0, [])
    assert Path(told["report"]).is_file()


def test_a_worse_run_than_the_baseline_fails_and_names_the_figure(
    system: QuotingSystem, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(data, "--json") == 0
    run = json.loads(capsys.readouterr().out)["run"]
    assert cli.run(["eval", "baseline", run]) == 0
    assert evaluate(data, "--check") == 0
    system._failing = ("bridge-cost", "bridge-date", "tunnel-cost")
    assert evaluate(data, "--check") == 1
    assert "Worse than the baseline: tiny recoupe right: 0.250" in capsys.readouterr().err


def test_checking_without_a_baseline_says_how_to_make_one(
    system: QuotingSystem, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(data, "--check") == 1
    assert "recoupe eval baseline" in capsys.readouterr().err
    assert system.asked == []  # said before minutes are spent


def test_the_report_the_table_and_the_comparison_come_from_the_folder(
    system: QuotingSystem, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(data, "--json")
    run = json.loads(capsys.readouterr().out)["run"]
    assert cli.run(["eval", "report", run, "--lang", "fr"]) == 0
    assert cli.run(["eval", "table", run]) == 0
    assert cli.run(["eval", "compare", run, run, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["flips"] == []


def test_a_run_can_be_measured_again_over_the_same_documents_only(
    system: QuotingSystem, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(data, "--json")
    first = json.loads(capsys.readouterr().out)
    run = Path(first["run"])
    (run / "scores.json").unlink()
    assert cli.run(["eval", "score", str(run), "--data", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["datasets"] == first["datasets"]
    assert (run / "scores.json").is_file()
    corpus = data / "corpus.jsonl"
    corpus.write_text(corpus.read_text(encoding="utf-8").replace("5 million", "6 million"))
    assert cli.run(["eval", "score", str(run), "--data", str(data)]) == 1
    assert "tiny" in capsys.readouterr().err


def test_what_is_no_run_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["eval", "report", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--suite", "slow"], ["--limit", "-1"], ["--lang", "de"]])
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert cli.run(["eval", *arguments]) == 2


def test_an_unknown_system_is_named_with_those_there_are() -> None:
    with pytest.raises(SettingsError) as raised:
        opener("magic")
    assert all(name in str(raised.value) for name in ("magic", *SYSTEMS))


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_can_be_chosen(name: str) -> None:
    assert callable(opener(name))


def test_the_quick_suite_is_our_own_set() -> None:
    assert eval_cli.STARTER == PROJECT / "eval" / "datasets" / "starter"
