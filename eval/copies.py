"""`python -m eval.copies`: are articles that are one source found, and no others?

The articles of a file in which `doc` names the article that each is a version of (translations,
say) go into one dossier; every two with the same `doc` are a pair that has to be found. Then come
sets of which no copies are known: what is found there is listed, to be looked at. `--data` names
another such file; the other sets are read from beside it.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import typer

from eval.data import load
from eval.dossiers import dossier_of
from eval.types import Collection
from rag.config import PROJECT, Settings
from rag.copies import articles
from rag.copies.articles import RULE, Rule, families_of
from rag.copies.families import Families
from rag.dossier import Dossier
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.ingest import read_article
from rag.models import model_path
from rag.types import Document

DATA = "ntrex_docs.jsonl"
UNRELATED = ("wikinews_fr_100.jsonl", "gum_wikinews_en.jsonl")
MARGIN = 0.1  # by which each threshold is moved, to see what depends on it
HITS = 10  # articles among which an answer looks for copies

Pair = frozenset[str]


def read_rows(path: Path) -> tuple[list[Document], dict[str, str]]:
    """The documents of a file of JSON lines, and of which article each is a version."""
    documents, article = [], {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key = row["id"]
        documents.append(Document(key, key, row["context"], row["lang"][:2], row["title"] or ""))
        article[key] = row.get("doc") or key
    return documents, article


def pairs_of(family: Mapping[str, str]) -> set[Pair]:
    """Every two that are in one family."""
    members: dict[str, list[str]] = {}
    for key, name in family.items():
        members.setdefault(name, []).append(key)
    return {frozenset(pair) for ids in members.values() for pair in combinations(ids, 2)}


def score(found: set[Pair], expected: set[Pair]) -> str:
    """The figures of one line."""
    right = len(found & expected)
    precision = right / len(found) if found else 1.0
    recall = right / len(expected) if expected else 1.0
    return (
        f"expected {len(expected):4}  found {len(found):4}  right {right:4}"
        f"  precision {precision:.3f}  recall {recall:.3f}"
    )


def moved(rule: Rule) -> dict[str, Rule]:
    """The rule with each threshold 10 % lower and higher, by what was changed."""
    rules = {}
    for name in ("across", "within"):
        for factor in (1 - MARGIN, 1 + MARGIN):
            value = round(factor * getattr(rule, name), 4)
            rules[f"{name} {value}"] = replace(rule, **{name: value})
    for name, factor in (("all lower", 1 - MARGIN), ("all higher", 1 + MARGIN)):
        values = {one: factor * getattr(rule, one) for one in ("across", "within")}
        rules[name] = replace(rule, **values)
    return rules


def report_pairs(dossier: Dossier, article: Mapping[str, str]) -> None:
    """What is found of the pairs that are known, with the rule and with others near it."""
    expected = pairs_of(article)
    started = time.perf_counter()
    found = pairs_of(Families(dossier.store).all())
    seconds = time.perf_counter() - started
    typer.echo(f"{'rule':16} {score(found, expected)}  in {seconds:.1f} s")
    for name, rule in moved(RULE).items():
        typer.echo(f"{name:16} {score(pairs_of(Families(dossier.store, rule).all()), expected)}")
    show("missed", expected - found, dossier)
    show("wrong", found - expected, dossier)


def pairs_in(
    path: Path, settings: Settings, embedder: Embedder, cache: Path
) -> tuple[set[Pair], set[Pair]]:
    """The pairs that are found among the articles of a file, and those that are known."""
    documents, article = read_rows(path)
    collection = Collection(path.stem, {one.id: one for one in documents}, ())
    with dossier_of(collection, settings, embedder, cache) as dossier:
        return pairs_of(Families(dossier.store).all()), pairs_of(article)


def report_speed(documents: Sequence[Document]) -> None:
    """Milliseconds of processor for the articles of an answer's hits, seen before or not."""
    mixed = random.Random(0).sample(documents, len(documents))
    for order, ordered in (("mixed", mixed), ("versions together", documents)):
        times: dict[str, list[float]] = {"first": [], "again": []}
        for start in range(0, len(ordered) - HITS + 1, HITS):
            articles.forget()
            for taken in times.values():
                started = time.process_time()
                families_of(ordered[start : start + HITS])
                taken.append(1000 * (time.process_time() - started))
        for name, taken in times.items():
            middle, most = sorted(taken)[len(taken) // 2], max(taken)
            typer.echo(
                f"{HITS} articles, {order}, {name}: median {middle:.1f} ms, at most {most:.1f} ms"
            )


def show(what: str, pairs: set[Pair], dossier: Dossier) -> None:
    """One line a pair, with what the two texts have in common."""
    for pair in sorted(map(sorted, pairs)):
        a, b = (dossier.store.document(key) for key in pair)
        found = articles.likeness(a, b)
        why = "contradict" if articles.contradict(a, b) else ""
        typer.echo(
            f"  {what}: {a.title[:45]} | {b.title[:45]}  share {found.share:.2f}"
            f" coverage {found.coverage:.2f} {why}"
        )


def others(folder: Path, settings: Settings) -> dict[str, list[Document]]:
    """Sets of articles of which no copies are known, by name."""
    seeds = [read_article(str(path), settings) for path in sorted((PROJECT / "seeds").glob("*.md"))]
    starter = load(PROJECT / "eval" / "datasets" / "starter")
    sets = {
        "starter": [one for each in starter for one in each.documents.values()],
        "seeds": [replace(one.document, path=Path(one.document.path).name) for one in seeds],
    }
    there = [folder / name for name in UNRELATED if (folder / name).is_file()]
    if there:
        sets["wikinews"] = [one for path in there for one in read_rows(path)[0]]
    return sets


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m eval.copies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared"))
    cache = PROJECT / "eval" / "runs" / "cache"
    parser.add_argument("--data", type=Path, default=shared / "evaldata" / DATA, metavar="FILE")
    parser.add_argument("--cache", type=Path, default=cache, help="where dossiers are kept")
    options = parser.parse_args(arguments)
    settings = Settings.load()
    folder = model_path(settings.embedder, settings.models)
    embedder = SentenceTransformerEmbedder.load(folder, settings.threads)
    documents, article = read_rows(options.data)
    _with_dossier(
        options.data.stem,
        documents,
        (settings, embedder, options.cache),
        lambda dossier: report_pairs(dossier, article),
    )
    report_speed(documents)
    for name, unrelated in others(options.data.parent, settings).items():
        _with_dossier(
            name,
            unrelated,
            (settings, embedder, options.cache),
            lambda dossier: show("found", pairs_of(Families(dossier.store).all()), dossier),
        )


def _with_dossier(
    name: str,
    documents: Sequence[Document],
    where: tuple[Settings, Embedder, Path],
    report: Callable[[Dossier], None],
) -> None:
    typer.echo(f"{name}: {len(documents)} articles")
    collection = Collection(name, {one.id: one for one in documents}, ())
    with dossier_of(collection, *where) as dossier:
        report(dossier)


if __name__ == "__main__":
    main()
