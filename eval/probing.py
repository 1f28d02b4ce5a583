"""Fits `rag/probe.json`: what a layer of the model tells of whether a passage answers.

    python -m eval.probing collect --data PATH… --limit N --out FILE   # reads, and notes states
    python -m eval.probing fit FILE…                                   # draws the line

`collect` asks of the passages that retrieval finds whether they answer, all questions about one
passage after another, and appends a line for each: it can be stopped and run again. `fit` prints
how well the line tells passages that answer from others, on pages that it was not drawn on.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from eval.data import load, with_answers_taken_out
from eval.dossiers import dossier_of
from eval.sample import in_order
from eval.systems.parts import filters
from eval.types import Question
from rag.config import PROJECT, Settings, go_offline
from rag.dossier import Dossier
from rag.embed import SentenceTransformerEmbedder
from rag.llm import LlamaEngine
from rag.models import fingerprint, model_path
from rag.probe import Probe
from rag.read import prompt_of
from rag.types import Hit
from rag.warm import passage_states

LAYER = 18  # of 28: the best of nine that were looked at, see eval/README.md
STRENGTH = 0.001  # inverse of the L2 penalty on standardised states
FOLDS = 8
AT_ONCE = 16  # questions about one passage, side by side

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
Row = dict[str, Any]


class Reader(NamedTuple):
    """An engine that is watched, the question part that it is asked, and of which passages."""

    engine: LlamaEngine
    part: str
    best: int  # of the passages found for a question


class Pair(NamedTuple):
    """A question and a passage that was found for it."""

    question: Question
    hit: Hit


@app.command()
def collect(
    data: Annotated[list[Path], typer.Option("--data", help="Sets of questions.")],
    out: Annotated[Path, typer.Option("--out", help="The lines, one a pair.")],
    limit: Annotated[int, typer.Option(help="Questions of each set, at most.")] = 150,
    layer: Annotated[int, typer.Option(help="Whose state is noted, from 0.")] = LAYER,
    part: Annotated[str, typer.Option(help="What is asked: answer or answerable.")] = "answer",
    without_answers: Annotated[
        bool, typer.Option(help="Over the documents that do not answer.")
    ] = False,
    best: Annotated[int, typer.Option(help="Of the passages found for a question.")] = 20,
    cache: Annotated[Path, typer.Option(help="Where dossiers are kept.")] = PROJECT
    / "eval/runs/cache",
) -> None:
    """Read, and note what state each reading began in."""
    go_offline()
    settings = Settings()
    embedder = SentenceTransformerEmbedder.load(
        model_path(settings.embedder, settings.models), settings.threads
    )
    watching = Probe("", layer, np.zeros(1, dtype=np.float32), 0.0)
    for path in data:
        for collection in load(path):
            if without_answers:
                collection = with_answers_taken_out(collection)
            with (
                dossier_of(collection, settings, embedder, cache) as dossier,
                closing(
                    LlamaEngine(
                        model_path(settings.llm, settings.models),
                        settings.context_tokens,
                        settings.threads,
                        passage_states(dossier.settings),
                        fingerprint(settings.llm),
                        watching,
                    )
                ) as engine,
            ):
                questions = in_order(collection.questions, 0)[:limit]
                _append(collection.dataset, questions, dossier, Reader(engine, part, best), out)


def _append(
    name: str, questions: Sequence[Question], dossier: Dossier, reader: Reader, out: Path
) -> None:
    known = {key(row) for row in rows([out])} if out.exists() else set()
    for pairs in _by_passage(questions, dossier, reader.best):
        new = [one for one in pairs if (name, one.question.id, one.hit.rank) not in known]
        for start in range(0, len(new), AT_ONCE):
            note(name, new[start : start + AT_ONCE], reader.engine, reader.part, out)


def note(name: str, pairs: Sequence[Pair], engine: LlamaEngine, part: str, out: Path) -> None:
    """Read these pairs of the set `name` side by side and append their states to `out`."""
    asked = [prompt_of(hit, q.text, q.language, part) for q, hit in pairs]
    lines = [
        json.dumps({"dataset": name, **_row(*pair, state)})
        for pair, state in zip(pairs, engine.states(asked), strict=True)
    ]
    with out.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def _by_passage(questions: Iterable[Question], dossier: Dossier, best: int) -> Iterator[list[Pair]]:
    found: dict[str, list[Pair]] = defaultdict(list)
    for question in questions:
        within = filters(question, dossier)
        hits = dossier.retriever.retrieve(question.text, question.language, filters=within)
        for hit in hits[:best]:
            found[hit.passage.id].append(Pair(question, hit))
    yield from found.values()


def _row(question: Question, hit: Hit, state: np.ndarray) -> Row:
    """`own`: the question is about this very document. `doubtful`: the passage holds the words of
    an answer, but is not known to answer. `open`: some passage answers, nobody says which."""
    answers = bool(question.answerable) and holds_gold(question, hit)
    text = hit.passage.text.casefold()
    return {
        "question": question.id,
        "rank": hit.rank,
        "language": question.language,
        "article": hit.document.title or hit.document.id,
        "own": question.cluster == hit.document.id,
        "answers": answers,
        "doubtful": not answers
        and bool(question.answerable)
        and any(one.casefold() in text for one in question.answers),
        "open": bool(question.answerable) and not question.gold,
        "state": base64.b64encode(state.astype(np.float16).tobytes()).decode(),
    }


def holds_gold(question: Question, hit: Hit) -> bool:
    """Whether the passage has the words that prove the answer."""
    passage = hit.passage
    return any(
        gold.document_id == passage.document_id
        and passage.start <= gold.start
        and gold.end <= passage.end
        for gold in question.gold
    )


@app.command()
def fit(
    files: Annotated[list[Path], typer.Argument(help="What `collect` wrote.")],
    out: Annotated[Path, typer.Option("--out")] = PROJECT / "rag/probe.json",
    layer: Annotated[int, typer.Option(help="That of the states.")] = LAYER,
) -> None:
    """Draw the line between the states of passages that answer and those of others."""
    sure = [row for row in rows(files) if not row["doubtful"]]
    answers = np.array([row["answers"] for row in sure])
    expected = held_out(sure)
    kinds = {"all": np.full(len(sure), True), "own page": np.array([row["own"] for row in sure])}
    for name in sorted({row["dataset"] for row in sure}):
        kinds[name] = np.array([row["dataset"] == name for row in sure])
    for name, mine in kinds.items():
        counts = f"{mine.sum()} pairs, {answers[mine].sum()} answer"
        typer.echo(f"{name}: {counts}, held out {_told(expected[mine], answers[mine])}")
    _write(out, files, sure, layer)


def held_out(asked: Sequence[Row]) -> np.ndarray:
    """The log-odds of each row by a fit on the rows of other articles that are not doubtful."""
    from sklearn.model_selection import GroupKFold

    states, answers = _matrix(asked)
    sure = np.array([not row["doubtful"] for row in asked])
    articles = [row["article"] for row in asked]
    expected = np.zeros(len(asked))
    folds = GroupKFold(min(FOLDS, len(set(articles))))
    for others, mine in folds.split(states, answers, articles):
        known = others[sure[others]]
        line = _model().fit(states[known], answers[known])
        expected[mine] = line.decision_function(states[mine])
    return expected


def held_out_by_key(asked: Sequence[Row]) -> dict[tuple[str, str, int], float]:
    """`held_out`, by what the rows are about."""
    return {key(row): float(one) for row, one in zip(asked, held_out(asked), strict=True)}


def key(row: Row) -> tuple[str, str, int]:
    """What a row is about: set, question, rank of the passage."""
    return row["dataset"], row["question"], row["rank"]


def rows(files: Iterable[Path]) -> Iterator[Row]:
    """The lines that `collect` wrote."""
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _matrix(sure: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    states = [np.frombuffer(base64.b64decode(row["state"]), dtype=np.float16) for row in sure]
    return np.array(states, dtype=np.float32), np.array([row["answers"] for row in sure])


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))


def _told(expected: np.ndarray, answers: np.ndarray) -> str:
    from sklearn.metrics import roc_auc_score

    if len(set(answers)) < 2:
        return "nothing to tell apart"
    return f"AUC {roc_auc_score(answers, expected):.3f}"


def _write(out: Path, files: Sequence[Path], sure: Sequence[Row], layer: int) -> None:
    scaler, line = _model().fit(*_matrix(sure)).named_steps.values()
    weights = line.coef_[0] / scaler.scale_
    settings = Settings()
    content = {
        "provenance": {
            "made by": "python -m eval.probing",
            "model": settings.llm,
            "pairs": {
                name: sum(row["dataset"] == name for row in sure)
                for name in sorted({row["dataset"] for row in sure})
            },
            "pairs sha256": sha256(b"".join(file.read_bytes() for file in files)).hexdigest(),
        },
        "model": fingerprint(settings.llm),
        "layer": layer,
        "intercept": round(float(line.intercept_[0] - weights @ scaler.mean_), 5),
        "weights": [float(f"{weight:.4g}") for weight in weights],
    }
    out.write_text(json.dumps(content, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app()
