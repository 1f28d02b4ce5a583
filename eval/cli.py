"""The command `recoupe eval`: run, compare, put in a table, keep as the baseline."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from eval.types import Collection
from rag import terminal
from rag.config import PROJECT, Settings
from rag.errors import SettingsError
from rag.messages import message
from rag.types import Language

STARTER = PROJECT / "eval" / "datasets" / "starter"
BASELINE = PROJECT / "eval" / "baseline.json"
SHARED = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared"))
ATTACKS = SHARED / "evaldata" / "injection_attacks.jsonl"
QUICK_SECONDS = 270.0  # for answers: with loading, searching and the report, under six minutes

Suite = Literal["quick", "full"]

app = typer.Typer(help="Measure how good the answers are.", rich_markup_mode=None)

Runs = Annotated[
    Path | None,
    typer.Option("--runs", metavar="DIR", help="Where run folders go (default: eval/runs)."),
]
Data = Annotated[
    list[Path] | None,
    typer.Option(metavar="PATH", help="SQuAD JSON, BEIR folder, JSONL; default: our own set."),
]
WithoutAnswers = Annotated[
    bool,
    typer.Option("--without-answers", help="Ask each question also with its answer taken out."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Lang = Annotated[Language, typer.Option(help="Language of the report.")]


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    suite: Annotated[
        Suite, typer.Option(help="As many questions as fit in five minutes, or all.")
    ] = "quick",
    system: Annotated[
        list[str] | None,
        typer.Option(help="recoupe (default), naive, extract, langchain, llamaindex; repeatable."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=0, help="At most so many questions of each set.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the order in which questions are asked.")] = 0,
    data: Data = None,
    without_answers: WithoutAnswers = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 where a figure is worse than the baseline.")
    ] = False,
    lang: Lang = "en",
    runs: Runs = None,
    dossier: Annotated[
        Path | None,
        typer.Option("--dossier", metavar="DIR", help="A dossier, for its settings only."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Ask questions whose answers are known, and measure.

    Results go to a folder of their own, with report.html. Stopped, the same command goes on.
    """
    if context.invoked_subcommand:
        return 0
    from eval.run import Places, Plan
    from eval.run import run as run_plan

    if check and not BASELINE.is_file():
        raise SettingsError("eval.no_baseline", path=BASELINE)
    base = runs or PROJECT / "eval" / "runs"
    plan = Plan(
        suite=suite,
        systems=tuple(dict.fromkeys(system or ["recoupe"])),
        limit=limit,
        seconds=QUICK_SECONDS if suite == "quick" and limit is None else None,
        seed=seed,
    )
    collections = _collections(data or [STARTER], without_answers)
    settings, places = Settings.load(dossier), Places(base, base / "cache")
    with terminal.step_progress(not as_json) as progress:
        folder = run_plan(plan, collections, settings, places, progress)
    return _conclude(folder, lang, check, as_json)


@app.command()
def score(
    folder: Path,
    data: Data = None,
    without_answers: WithoutAnswers = False,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """Compute the measures of a run again from its results, and write its report."""
    from eval.run import measure_again

    measure_again(_finished(folder), _collections(data or [STARTER], without_answers))
    _conclude(folder, lang, check=False, as_json=as_json)


@app.command()
def report(folder: Path, lang: Lang = "en", as_json: Json = False) -> None:
    """Write report.html of a run again, in this language."""
    from eval.report import write

    path = write(_finished(folder), lang)
    terminal.say_object({"report": str(path)}) if as_json else terminal.say(str(path))


@app.command()
def compare(a: Path, b: Path, as_json: Json = False) -> None:
    """Put two runs side by side, paired by question, and list what flipped."""
    from eval.compare import compare as compare_runs
    from eval.compare import lines

    compared = compare_runs(_finished(a), _finished(b))
    if as_json:
        terminal.say_object(compared.as_object())
    else:
        terminal.say("\n".join(lines(compared)))


@app.command()
def table(folder: Path, as_json: Json = False) -> None:
    """Print the systems of a run side by side, in Markdown."""
    from eval.compare import markdown_table
    from eval.rundir import read_metrics

    text = markdown_table(read_metrics(_finished(folder)))
    terminal.say_object({"table": text}) if as_json else terminal.say(text)


@app.command()
def baseline(folder: Path, as_json: Json = False) -> None:
    """Keep the scores of a run as those that `--check` compares with."""
    from eval.baseline import keep

    keep(_finished(folder), BASELINE)
    terminal.say_object({"baseline": str(BASELINE)}) if as_json else terminal.say(str(BASELINE))


@app.command()
def injection(
    attacks: Annotated[
        Path, typer.Option(metavar="FILE", help="JSON lines: id, text, title (the kind).")
    ] = ATTACKS,
    limit: Annotated[int | None, typer.Option(min=1, help="Attacks, at most.")] = None,
    questions: Annotated[int, typer.Option(min=1, help="That they are tried on, in turn.")] = 24,
    seconds: Annotated[float | None, typer.Option(help="After which none is begun.")] = None,
    seed: Annotated[int, typer.Option(help="Of the order of attacks and questions.")] = 0,
    as_json: Json = False,
) -> None:
    """Put texts that address the assistant into articles, and tell what they changed."""
    from eval.injection import drawn, lines, load_attacks, measure

    chosen = drawn(load_attacks(attacks), seed)[:limit]
    told = measure(chosen, Settings.load(), questions, seconds, seed, terminal.complain)
    if as_json:
        terminal.say_object(told)
    else:
        terminal.say("\n".join(line for name, one in told.items() for line in lines(name, one)))


@app.command()
def checks(
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Public sets; what is not there is not measured.")
    ] = ATTACKS.parent,
    attacks: Annotated[
        Path, typer.Option(metavar="FILE", help="JSON lines: id, text, title (the kind).")
    ] = ATTACKS,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many attacks, and questions of a set.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the order of questions and attacks.")] = 0,
    lang: Lang = "en",
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Measure what is told as checked, each figure beside what it has to reach, in one report."""
    from eval.checks import Where, collections, lines, measure
    from eval.report import write
    from eval.run import Places, Plan
    from eval.run import embedder as load_embedder
    from eval.run import run as run_plan
    from eval.rundir import read_checks

    settings, base = Settings.load(), runs or PROJECT / "eval" / "runs"
    plan = Plan(suite="checks", systems=("recoupe",), limit=limit, seconds=None, seed=seed)
    with terminal.step_progress(not as_json) as progress:
        folder = run_plan(plan, collections(data), settings, Places(base, base / "cache"), progress)
    where = Where(
        settings=settings,
        embedder=load_embedder(settings),
        data=data,
        attacks=attacks,
        cache=base / "cache",
        limit=limit,
        seed=seed,
        say=terminal.complain,
    )
    checked = measure(folder, where)
    page = write(folder, lang)
    if as_json:
        told = {"run": str(folder), "report": str(page), "checks": read_checks(folder)}
        terminal.say_object(told)
    else:
        terminal.say("\n".join([*lines(checked), "", str(page)]))


def _collections(paths: list[Path], without_answers: bool) -> list[Collection]:
    from eval.data import load, with_answers_taken_out

    collections = [collection for path in paths for collection in load(path)]
    if without_answers:
        collections = [with_answers_taken_out(collection) for collection in collections]
    return collections


def _finished(folder: Path) -> Path:
    """The folder, if it holds a finished run. Raises SettingsError."""
    from eval.rundir import METRICS

    if not (folder / METRICS).is_file():
        raise SettingsError("eval.no_run", path=folder)
    return folder


def _conclude(folder: Path, lang: Language, check: bool, as_json: bool) -> int:
    """Write the report, say what was measured, and hold it against the baseline."""
    from eval.baseline import regressions
    from eval.compare import markdown_table
    from eval.report import write
    from eval.rundir import read_metrics

    page = write(folder, lang)
    metrics = read_metrics(folder)
    worse = [str(one) for one in regressions(folder, BASELINE)] if check else []
    if as_json:
        terminal.say_object({"run": str(folder), "report": str(page), "worse": worse, **metrics})
    else:
        terminal.say(markdown_table(metrics))
        terminal.say(f"\n{page}")
        for line in worse:
            terminal.complain(message("eval.worse", "en", detail=line))
    return int(bool(worse))
