"""How often words that answer a question are taken to be about something else (`rag.contrary`).

    python -m eval.contrary --data PATH…   # SQuAD files, JSON lines

Of questions with an answer, the sentence that proves it: each one taken is an answer lost. Of
questions that their own page was chosen to leave open, the sentence of it that shares most words
with the question: each one taken may be a wrong answer spared.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from eval.data import load
from eval.types import Collection, Question
from rag.contrary import tells_of_another
from rag.sentences import sentences
from rag.types import Document
from rag.verify import content_share

_Place = tuple[str, tuple[int, int]]  # a document's id, and a sentence of it

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command()
def main(
    data: Annotated[list[Path], typer.Option("--data", help="Sets of questions.")],
) -> None:
    """Print the shares."""
    for path in data:
        for collection in load(path):
            for answerable, kind in ((True, "answer"), (False, "are closest to what is not told")):
                taken = [
                    tells_of_another(quote, document, question.text, question.language)
                    for question, document, quote in _told(collection, answerable)
                ]
                if taken:
                    typer.echo(
                        f"{collection.dataset}: sentences that {kind}, "
                        f"taken for something else: {sum(taken)} of {len(taken)}"
                    )


def _told(collection: Collection, answerable: bool) -> Iterator[tuple[Question, Document, str]]:
    """Questions, each with a sentence of a document: of every proof, or the closest one."""
    for question in collection.questions:
        if bool(question.answerable) is not answerable:
            continue
        found = _proofs(question, collection) if answerable else _closest(question, collection)
        for document_id, (start, end) in dict.fromkeys(found):
            document = collection.documents[document_id]
            yield question, document, document.text[start:end]


def _proofs(question: Question, collection: Collection) -> Iterator[_Place]:
    """The sentences in which a proof begins."""
    for gold in question.gold:
        document = collection.documents[gold.document_id]
        for span in sentences(document.text, document.language):
            if span[0] <= gold.start < span[1]:
                yield document.id, span


def _closest(question: Question, collection: Collection) -> Iterator[_Place]:
    """The sentence of the page that has most of the question's words."""
    document = collection.documents.get(question.cluster)
    if document is not None:
        language, text = question.language, document.text
        span = max(
            sentences(text, document.language),
            key=lambda span: content_share(question.text, text[span[0] : span[1]], language),
        )
        yield document.id, span


if __name__ == "__main__":
    app()
