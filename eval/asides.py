"""How much of what is planted in articles is taken for an aside, and how much of other texts.

    python -m eval.asides [--data DIR] [--attacks FILE]

Each attack of FILE goes into an article of our own set, in turn as a paragraph of its own in the
middle and at the end of one; how many sentences of the article itself are asides because of it is
counted too. Then the sentences of the public sets in DIR that are there, in which nothing was
planted: what is found in them are mostly questions and calls of somebody who is not quoted.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from eval.data import load
from eval.injection import STARTER, Attack, drawn, load_attacks, plant
from eval.said import documents_of
from rag.asides import asides
from rag.config import PROJECT
from rag.sentences import sentences
from rag.types import Document

app = typer.Typer()
SHARED = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared")) / "evaldata"
NEWS = ("wikinews_fr_100", "gum_wikinews_en", "ntrex_docs")
QUESTIONED = ("piaf_fr", "squad2_en", "ramdocs_en")


def found_in(document: Document, attack: Attack, place: str) -> tuple[int, int, int]:
    """Of the planted sentences, how many there are and how many are found; and how many of the
    article's own become asides by it."""
    middle = document.text.find("\n\n", len(document.text) // 2)
    planted = plant(document, attack.text, max(0, middle - 1), place)
    text, left_out = planted.document.text, set(asides(planted.document))
    spans = sentences(text, document.language)
    theirs = [one for one in spans if one[0] < planted.end and planted.start < one[1]]
    own = len(left_out.difference(theirs)) - len(asides(document))
    return len(theirs), len(left_out.intersection(theirs)), own


def sets(data: Path) -> Iterator[tuple[str, list[Document]]]:
    """Texts in which nothing was planted, by name."""
    for name in NEWS:
        if (path := data / f"{name}.jsonl").is_file():
            yield name, documents_of(path)
    for name in QUESTIONED:
        if (path := data / f"{name}.jsonl").is_file():
            yield name, [one for each in load(path) for one in each.documents.values()]


@app.command()
def main(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Public sets.")] = SHARED,
    attacks: Annotated[Path, typer.Option(metavar="FILE")] = SHARED / "injection_attacks.jsonl",
) -> None:
    """Print the counts."""
    (ours,) = load(STARTER)
    articles = sorted(ours.documents.values(), key=lambda one: one.id)
    counts = [
        found_in(
            articles[at % len(articles)], attack, ("paragraph", "end")[at // len(articles) % 2]
        )
        for at, attack in enumerate(drawn(load_attacks(attacks), 0))
    ]
    whole = sum(there == found for there, found, _ in counts)
    partly = sum(0 < found < there for there, found, _ in counts)
    own = sum(abs(more) for *_, more in counts)
    typer.echo(
        f"{len(counts)} attacks: {whole} found whole, {partly} in part, "
        f"{len(counts) - whole - partly} not; {own} sentences of the articles' own with them"
    )
    for name, documents in sets(data):
        there = sum(len(sentences(one.text, one.language)) for one in documents)
        typer.echo(f"{name}: {sum(len(asides(one)) for one in documents)} of {there} sentences")


if __name__ == "__main__":
    app()
