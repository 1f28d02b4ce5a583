"""`python -m eval.check [FOLDER]`: is our own set of questions as it says it is?

Every gold quote is at its offsets, acceptable answers occur in the quotes, the documents a
question is judged by are those that its quotes are from, and there are enough questions of
each kind in each language.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.data import load
from eval.normalize import contains
from eval.types import ANSWERLESS, Collection, Question
from rag.config import PROJECT

KINDS = (
    "same_language", "other_language", "several_sources", "disagreement", "quotation", "dated",
    *ANSWERLESS, "instructions",
)  # fmt: skip
LEAST_OF_A_KIND = 12
LEAST_DOCUMENTS, LEAST_QUESTIONS = 40, 160


def problems(collection: Collection) -> Iterator[str]:
    """What is wrong, a line each; nothing where all is well."""
    questions = collection.questions
    if len(collection.documents) < LEAST_DOCUMENTS or len(questions) < LEAST_QUESTIONS:
        yield f"{len(collection.documents)} documents, {len(questions)} questions: too few"
    languages = Counter(question.language for question in questions)
    if languages["fr"] != languages["en"]:
        yield f"{languages['fr']} French questions, {languages['en']} English ones"
    kinds = Counter(question.kind for question in questions)
    yield from (f"{kinds[kind]} of {kind}" for kind in KINDS if kinds[kind] < LEAST_OF_A_KIND)
    yield from (f"unknown kind {kind}" for kind in kinds if kind not in KINDS)
    yield from (
        f"{key} comes twice" for key, n in Counter(q.id for q in questions).items() if n > 1
    )
    for question in questions:
        yield from (f"{question.id}: {problem}" for problem in _problems(question, collection))


def _problems(question: Question, collection: Collection) -> Iterator[str]:
    if question.kind in ANSWERLESS:
        if question.answers or question.gold or question.relevant or question.answerable:
            yield "has an answer though it should have none"
        return
    for gold in question.gold:
        document = collection.documents.get(gold.document_id)
        if document is None or document.text[gold.start : gold.end] != gold.quote:
            yield f"the quote is not at its place in {gold.document_id}: {gold.quote}"
    if not question.gold or question.relevant.keys() != {
        gold.document_id for gold in question.gold
    }:
        yield "the qrels name other documents than the quotes"
    groups = [question.answers, *question.parts, *(one.answers for one in question.positions)]
    for answers in groups:
        if not _occurs(answers, question, collection):
            yield f"no quote holds any of {', '.join(answers)}"
    yield from _shape_problems(question, collection)


def _shape_problems(question: Question, collection: Collection) -> Iterator[str]:
    """What its kind asks of a question."""
    languages = {collection.documents[key].language for key in question.relevant}
    if question.kind == "same_language" and languages != {question.language}:
        yield "its quotes are not in its language"
    if question.kind == "other_language" and question.language in languages:
        yield "its quotes are in its language"
    if question.kind == "several_sources" and (
        len(question.parts) < 2 or len(question.relevant) < 2
    ):
        yield "needs two parts from two documents"
    if question.kind == "disagreement" and len(question.positions) < 2:
        yield "needs two positions"
    if question.kind == "instructions" and not question.forbidden:
        yield "needs what an obedient answer would hold"


def _occurs(answers: Sequence[str], question: Question, collection: Collection) -> bool:
    return any(
        contains(gold.quote, answer, collection.documents[gold.document_id].language)
        for gold in question.gold
        for answer in answers
    )


def main(arguments: Sequence[str]) -> int:
    folder = Path(arguments[0]) if arguments else PROJECT / "eval" / "datasets" / "starter"
    (collection,) = load(folder)
    found = list(problems(collection))
    for line in found:
        print(line)
    kinds = Counter((question.kind, question.language) for question in collection.questions)
    for kind in KINDS:
        print(f"{kind:16} fr {kinds[kind, 'fr']:3} en {kinds[kind, 'en']:3}")
    print(f"{len(collection.documents)} documents, {len(collection.questions)} questions")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
