"""Fits `rag/confidence.json`: which signs tell, and how surely, that a passage answers.

    python -m eval.fit collect --data PATH… --limit N --out FILE   # reads, and notes every sign
    python -m eval.fit fit FILE… --states FILE…                    # weighs them

`collect` asks each question of the passages that retrieval finds, of those that are likely enough
by the present weights (or of `--every` one) for its answer, and appends a line a reading: it can
be stopped and run again. `fit` prints how well the
signs tell right answers from others, on questions that they were not fitted on, and writes the
weights with where they come from: for a model that is looked into, with what `--states` (see
`eval.probing`) tell by a line drawn on other articles, and for one that is not, with the readings
that were collected when there was no probe for it. Readings of the first kind are used for the
first only, where there are any.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from eval.data import load, with_answers_taken_out
from eval.dossiers import dossier_of
from eval.metrics import is_right
from eval.probing import Pair, held_out_by_key, holds_gold, note
from eval.probing import key as probed_key
from eval.probing import rows as probed_rows
from eval.sample import in_order
from eval.systems.parts import filters
from eval.types import Collection, Question
from rag.assistant import open_engine
from rag.confidence import Confidence, fitted
from rag.config import PROJECT, Settings, go_offline
from rag.dossier import Dossier
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.engine import Engine
from rag.llm import LlamaEngine
from rag.models import model_path
from rag.read import read
from rag.types import LANGUAGES, Language, Reading

EVERY = Confidence({"intercept": 0.0}, {"intercept": 0.0}, 0.0, dict.fromkeys(LANGUAGES, 0.0))
FOLDS = 5
STRENGTH = 0.03  # inverse of the L2 penalty on standardised signs
WRONGLY_REFUSED = 0.16  # of the answerable questions, at most, at the threshold chosen
LOST = 0.02  # of the right answers, at most, to not asking a passage for its answer
UNREAD = 0.01  # … to not reading it
READERS = ("inner", "says_yes")  # the signs that the reader gives
# A sign can only tell one way: one that few readings have may be weighed the other way by chance.
FOR = (
    "inner", "says_yes", "behind_best", "first", "words", "topic_words",
    "logprob", "says_exactly", "asked_in_quote", "said_in_quote",
)  # fmt: skip
AGAINST = (
    "no_topic_word", "missing_figures", "missing_names", "denies", "denies_alone", "other_kind",
)  # fmt: skip
Row = dict[str, Any]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)


class Reader(NamedTuple):
    """What reads, and the file that the states of its engine are noted in, if any."""

    engine: Engine
    embedder: Embedder
    confidence: Confidence
    states: Path | None = None


@app.command()
def collect(
    data: Annotated[list[Path], typer.Option("--data", help="Sets of questions.")],
    out: Annotated[Path, typer.Option("--out", help="The lines, one a reading.")],
    limit: Annotated[int, typer.Option(help="Questions of each set, at most.")] = 150,
    without_answers: Annotated[
        bool, typer.Option(help="Ask each question over what does not answer it, too.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--every", help="Ask every passage for its answer: slower, and fairer.")
    ] = False,
    states: Annotated[
        Path | None, typer.Option(help="Note states there, too, as eval.probing does.")
    ] = None,
    cache: Annotated[Path, typer.Option(help="Where dossiers are kept.")] = PROJECT
    / "eval/runs/cache",
) -> None:
    """Read, and note what each reading was."""
    go_offline()
    settings = Settings()
    embedder = SentenceTransformerEmbedder.load(
        model_path(settings.embedder, settings.models), settings.threads
    )
    for path in data:
        for collection in load(path):
            if without_answers:
                collection = with_answers_taken_out(collection)
            with dossier_of(collection, settings, embedder, cache) as dossier:
                engine = open_engine(dossier.settings)
                confidence = EVERY if every else replace(fitted(engine.probed), worth_reading=0.0)
                reader = Reader(engine, embedder, confidence, states)
                append(collection, dossier, reader, limit, out)
                engine.close()


def append(
    collection: Collection,
    dossier: Dossier,
    reader: Reader,
    limit: int,
    out: Path,
) -> None:
    """Add the readings of the first `limit` questions that are not in `out` yet.

    Questions whose answer needs several passages are left out: none of them answers alone.
    """
    known = {(row["dataset"], row["question"]) for row in _lines([out])} if out.exists() else set()
    single = [one for one in collection.questions if not one.parts and len(one.positions) < 2]
    for number, question in enumerate(in_order(single, 0)[:limit], start=1):
        if (collection.dataset, question.id) in known:
            continue
        rows = list(_readings(collection.dataset, question, dossier, reader))
        with out.open("a", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row) + "\n")
        typer.echo(f"{collection.dataset} {number}/{limit}", err=True)


def _readings(name: str, question: Question, dossier: Dossier, reader: Reader) -> Iterator[Row]:
    engine, embedder, confidence, states = reader
    language = question.language
    within = filters(question, dossier)
    hits = dossier.retriever.retrieve(question.text, language, filters=within)
    for reading in read(hits, question.text, language, engine, embedder, confidence, 0.0):
        if isinstance(reading, Reading):
            right = bool(question.answerable) and is_right(reading.text, question)
            yield {
                "dataset": name,
                "question": question.id,
                "language": language,
                "cluster": question.cluster,
                "answerable": bool(question.answerable),
                "rank": reading.hit.rank,
                "gold": right or (bool(question.answerable) and holds_gold(question, reading.hit)),
                "right": right,
                "text": reading.text,
                "signs": reading.signs,
            }
    if states is not None and isinstance(engine, LlamaEngine):
        note(name, [Pair(question, hit) for hit in hits], engine, "answer", states)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a threshold does to the questions of one language, each told its surest reading."""

    threshold: float
    right: float  # of the answerable
    wrongly_refused: float  # of the answerable
    rightly_refused: float  # of the others; NaN without any


@dataclass(frozen=True, slots=True)
class Fit:
    """What `rag.confidence.Confidence` is made of, and what it was worth."""

    worth_reading: float
    worth_asking: float
    chosen: dict[Language, Choice]
    found: dict[str, float]
    before: dict[str, float]
    after: dict[str, float]


@app.command()
def fit(
    files: Annotated[list[Path], typer.Argument(help="What `collect` wrote.")],
    states: Annotated[list[Path], typer.Option(help="What `eval.probing collect` wrote.")],
    out: Annotated[Path, typer.Option("--out")] = PROJECT / "rag/confidence.json",
) -> None:
    """Weigh the signs."""
    rows = list(_lines(files))
    asked = [row for row in rows if "says_yes" in row["signs"]]
    looked_into = [row for row in rows if "says_yes" not in row["signs"]] or asked
    plain = [_with_signs(row, drop=("inner",)) for row in asked]
    inner = held_out_by_key(list(probed_rows(states)))
    probed = [
        _with_signs(row, drop=("says_exactly", "says_yes"), inner=inner[probed_key(row)])
        for row in looked_into
        if probed_key(row) in inner
    ]
    fits = {"probed": _fit("probed", probed), "plain": _fit("plain", plain)}
    _write(out, [*files, *states], rows, fits)


def _with_signs(row: Row, drop: Sequence[str], **more: float) -> Row:
    signs = {name: value for name, value in row["signs"].items() if name not in drop}
    return {**row, "signs": {**signs, **more}}


def _fit(name: str, rows: Sequence[Row]) -> Fit:
    answered = [row for row in rows if row["text"]]
    first = _signs([_with_signs(row, drop=READERS) for row in rows], "gold")
    early, late = _signs(rows, "gold"), _signs(answered, "right")
    promised = _held_out(rows, "gold", first)
    expected = _held_out(rows, "gold", early)
    final = _held_out(answered, "right", late)
    right = np.array([row["right"] for row in rows])
    made = Fit(
        round(float(np.quantile(promised[right], UNREAD)), 3),
        round(float(np.quantile(expected[right], LOST)), 3),
        {one: choose(curve(answered, final, rows, one)) for one in LANGUAGES},
        _fit_one(rows, "gold", first),
        _fit_one(rows, "gold", early),
        _fit_one(answered, "right", late),
    )
    typer.echo(f"{name}:")
    _say(rows, answered, expected, final, made)
    for what, from_, share in (
        ("read beside one that answers", made.worth_reading, _mean(promised >= made.worth_reading)),
        ("asked for an answer", made.worth_asking, _mean(expected >= made.worth_asking)),
    ):
        typer.echo(f"share of passages {what}, from {from_:.3f}: {share:.2f}")
    return made


def curve(
    answered: Sequence[Row], final: np.ndarray, rows: Sequence[Row], language: Language
) -> list[Choice]:
    """What each threshold would do, the lowest first; the risk–coverage curve by its points."""
    asked = {
        (r["dataset"], r["question"]): r["answerable"] for r in rows if r["language"] == language
    }
    best: dict[tuple[str, str], tuple[float, bool]] = {}
    for row, sure in zip(answered, final, strict=True):
        key = (row["dataset"], row["question"])
        if key in asked and sure > best.get(key, (-1.0, False))[0]:
            best[key] = (float(sure), row["right"])
    can = [best.get(key, (-1.0, False)) for key, answerable in asked.items() if answerable]
    cannot = [best.get(key, (-1.0, False)) for key, answerable in asked.items() if not answerable]
    return [
        Choice(
            float(threshold),
            _mean(sure >= threshold and right for sure, right in can),
            _mean(sure < threshold for sure, _ in can),
            _mean(sure < threshold for sure, _ in cannot),
        )
        for threshold in np.linspace(0.02, 0.98, 97)
    ]


def choose(choices: Sequence[Choice]) -> Choice:
    """The highest threshold that refuses wrongly no more than allowed."""
    allowed = [one for one in choices if one.wrongly_refused <= WRONGLY_REFUSED]
    return max(allowed, key=lambda one: one.threshold, default=choices[0])


def _fit_one(rows: Sequence[Row], label: str, names: Sequence[str]) -> dict[str, float]:
    values, wanted = _matrix(rows, label, names)
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(scaler.transform(values), wanted)
    weights = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - weights @ scaler.mean_)
    told = {name: round(float(w), 5) for name, w in zip(names, weights, strict=True)}
    return {"intercept": round(intercept, 5), **told}


def _signs(rows: Sequence[Row], label: str) -> list[str]:
    """The signs that all rows have, without those that a fit weighs the wrong way."""
    names = [name for name in rows[0]["signs"] if all(name in row["signs"] for row in rows)]
    while True:
        weights = _fit_one(rows, label, names)
        kept = [
            name
            for name in names
            if not (name in FOR and weights[name] < 0)
            and not (name in AGAINST and weights[name] > 0)
        ]
        if kept == names:
            return names
        names = kept


def _held_out(rows: Sequence[Row], label: str, names: Sequence[str]) -> np.ndarray:
    """The probability of each row by a fit on the rows of other documents."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    values, wanted = _matrix(rows, label, names)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=2000))
    groups = [row["cluster"] or row["question"] for row in rows]
    return np.asarray(
        cross_val_predict(
            model, values, wanted, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba"
        )[:, 1]
    )


def _matrix(rows: Sequence[Row], label: str, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([[row["signs"][name] for name in names] for row in rows])
    return values, np.array([row[label] for row in rows])


def _say(
    rows: Sequence[Row],
    answered: Sequence[Row],
    expected: np.ndarray,
    final: np.ndarray,
    made: Fit,
) -> None:
    typer.echo(f"{len(rows)} readings, {len(answered)} with an answer; held-out figures:")
    for language in LANGUAGES:
        mine = np.array([row["language"] == language for row in rows])
        told = np.array([row["language"] == language for row in answered])
        gold = np.array([row["gold"] for row in rows])
        right = np.array([row["right"] for row in answered])
        reader = "inner" if "inner" in rows[0]["signs"] else "says_yes"
        says = np.array([row["signs"][reader] for row in rows])
        one = made.chosen[language]
        typer.echo(
            f"{language}: AUC of the reader alone {auc(says[mine], gold[mine]):.3f}, "
            f"before {auc(expected[mine], gold[mine]):.3f}, "
            f"after {auc(final[told], right[told]):.3f}; at {one.threshold:.2f} "
            f"right {one.right:.3f}, wrongly refused {one.wrongly_refused:.3f}, "
            f"rightly refused {one.rightly_refused:.3f}"
        )


def auc(scores: Sequence[float] | np.ndarray, labels: Sequence[bool] | np.ndarray) -> float:
    """The probability that a row with the label scores above one without it."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores)) if len(set(labels)) == 2 else float("nan")


def _write(out: Path, files: Sequence[Path], rows: Sequence[Row], fits: Mapping[str, Fit]) -> None:
    settings = Settings()
    sets = sorted({row["dataset"] for row in rows})
    provenance = {
        "made by": "python -m eval.fit",
        "model": settings.llm,
        "embedder": settings.embedder,
        "questions": {
            name: len({r["question"] for r in rows if r["dataset"] == name}) for name in sets
        },
        "readings": len(rows),
        "readings sha256": sha256(b"".join(file.read_bytes() for file in files)).hexdigest(),
        "scikit-learn": version("scikit-learn"),
    }
    content = {
        "provenance": provenance,
        **{
            name: {
                "worth_reading": made.worth_reading,
                "worth_asking": made.worth_asking,
                "thresholds": {lang: round(one.threshold, 3) for lang, one in made.chosen.items()},
                "found": made.found,
                "before": made.before,
                "after": made.after,
            }
            for name, made in fits.items()
        },
    }
    out.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _lines(files: Iterable[Path]) -> Iterator[Row]:
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _mean(values: Iterable[Any]) -> float:
    told = list(values)
    return float(np.mean(told)) if told else float("nan")


if __name__ == "__main__":
    app()
