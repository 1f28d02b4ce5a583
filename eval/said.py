"""Quotations in answers to questions that invite them: are they really in the article cited?

    python -m eval.said --data PATH [--data PATH…] [--limit 150]

The questions are made of the articles: whoever says something between quotation marks there is
asked about, one question in four in the other language. The passage is read as for an answer, and
each quotation that is shown is looked for again by a search that shares nothing with the checks
that it went through: the same letters and digits in the same order.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from rag import terminal
from rag.assistant import open_engine
from rag.chunk import chunk
from rag.confidence import fitted
from rag.config import Settings, go_offline
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.engine import Engine
from rag.marks import quoted_spans
from rag.models import model_path
from rag.read import read
from rag.speech.phrases import is_named
from rag.speech.reported import speech
from rag.types import Document, Hit, Language, Reading

ACROSS = 4  # every so manieth question is asked in the other language
ASKED = {"fr": "Qu’a déclaré {name} ?", "en": "What did {name} say?"}
WORDS = 5  # of a quotation, at least, that is worth a question


@dataclass(frozen=True, slots=True)
class Invitation:
    """A question about what somebody says, and the passage that has it."""

    question: str
    language: Language
    hit: Hit


def invitations(
    documents: list[Document], count_tokens: Callable[[str], int]
) -> Iterator[Invitation]:
    """One for each named person that a passage quotes."""
    number = 0
    for document in documents:
        for passage in chunk(document, count_tokens):
            told = {
                one.name
                for one in speech(passage.text, document.language)
                if one.direct
                and is_named(one.name)
                and len(passage.text[one.start : one.end].split()) >= WORDS
            }
            for name in sorted(told):
                number += 1
                other: Language = "en" if document.language == "fr" else "fr"
                language = document.language if number % ACROSS else other
                yield Invitation(
                    ASKED[language].format(name=name), language, Hit(passage, document, 1.0, 1)
                )


def is_there(words: str, text: str) -> bool:
    """Whether `text` has the letters and digits of `words`, one after the other."""
    return _bare(words) in _bare(text)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def documents_of(path: Path) -> list[Document]:
    """The articles of a file of JSON lines with `id`, `lang`, `context`, `title`."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Document(r["id"], r["id"], r["context"], r["lang"][:2], r["title"] or "") for r in rows]


def tally(reading: Reading, found: Counter[str]) -> None:
    """Count what a reading shows between quotation marks."""
    found["answers"] += bool(reading.text)
    found["marks taken off"] += sum(one.startswith("quotation: ") for one in reading.problems)
    statuses = {(one.start, one.end): one.status for one in reading.quotations}
    for quote in quoted_spans(reading.text):
        words = reading.text[quote.start : quote.end]
        status = statuses.get((quote.start, quote.end), "unchecked")
        found["shown"] += 1
        found["translated"] += status == "translated"
        found["found"] += is_there(words, reading.hit.document.text)


def ask_about(
    documents: list[Document],
    limit: int,
    engine: Engine,
    embedder: Embedder,
    say: Callable[[str], object] = lambda line: None,
) -> Counter[str]:
    """The counts over at most `limit` questions, from articles all through `documents`."""
    found = Counter[str]()
    invited = list(invitations(documents, embedder.count_tokens))
    chosen = invited[:: max(1, len(invited) // limit)][:limit]
    confidence = fitted(engine.probed)
    for number, one in enumerate(chosen, start=1):
        for event in read(
            [one.hit], one.question, one.language, engine, embedder, confidence, 0.0, insist=True
        ):
            if isinstance(event, Reading):
                tally(event, found)
        found["questions"] = number
        say(f"{number}/{len(chosen)} {dict(found)}")
    return found


def main(
    data: Annotated[list[Path], typer.Option("--data", help="Articles, as JSON lines.")],
    limit: Annotated[int, typer.Option(help="Questions, at most.")] = 150,
) -> None:
    """Ask, and print the counts."""
    go_offline()
    settings = Settings()
    embedder = SentenceTransformerEmbedder.load(
        model_path(settings.embedder, settings.models), settings.threads
    )
    documents = [document for path in data for document in documents_of(path)]
    with closing(open_engine(settings)) as engine:
        found = ask_about(documents, limit, engine, embedder, terminal.complain)
    typer.echo(
        f"{found['questions']} questions, {found['answers']} answers; {found['shown']} quotations "
        f"shown: {found['found']} found letter by letter, {found['translated']} translated, shown "
        f"with their original; marks taken off {found['marks taken off']} times"
    )


if __name__ == "__main__":
    typer.run(main)
