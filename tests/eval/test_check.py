"""Our own set of questions is what it says, and a mistake in it would be found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from eval.check import problems
from eval.data import load
from eval.types import Collection, Question
from rag.config import PROJECT, Settings
from rag.ingest import read_article

STARTER = PROJECT / "eval" / "datasets" / "starter"


@pytest.fixture(scope="module")
def starter() -> Collection:
    (collection,) = load(STARTER)
    return collection


def test_every_quote_is_at_its_place_and_holds_its_answer(starter: Collection) -> None:
    assert list(problems(starter)) == []


def test_the_articles_of_the_starter_dossier_are_in_it_as_they_are_read(
    starter: Collection,
) -> None:
    texts = {document.text for document in starter.documents.values()}
    seeds = sorted((PROJECT / "seeds").glob("*.md"))
    missing = [
        one.name for one in seeds if read_article(str(one), Settings()).document.text not in texts
    ]
    assert seeds and missing == []


def broken(starter: Collection, kind: str, change: Callable[[Question], Question]) -> list[str]:
    """What is found where the first question of `kind` is changed."""
    at = next(i for i, one in enumerate(starter.questions) if one.kind == kind)
    questions = list(starter.questions)
    questions[at] = change(questions[at])
    found = list(problems(replace(starter, questions=tuple(questions))))
    return [line.partition(": ")[2] for line in found if line.startswith(questions[at].id)]


def shifted(question: Question) -> Question:
    first, *others = question.gold
    return replace(question, gold=(replace(first, start=first.start + 1), *others))


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("same_language", shifted, "not at its place"),
        ("dated", lambda q: replace(q, answers=("no such words",)), "no quote holds"),
        ("quotation", lambda q: replace(q, relevant={"en-01": 1, "fr-01": 1}), "qrels"),
        ("disagreement", lambda q: replace(q, positions=q.positions[:1]), "two positions"),
        ("instructions", lambda q: replace(q, forbidden=()), "obedient"),
        ("unanswerable", lambda q: replace(q, answers=("something",)), "should have none"),
    ],
)
def test_a_mistake_is_found(
    starter: Collection, kind: str, change: Callable[[Question], Question], says: str
) -> None:
    assert any(says in line for line in broken(starter, kind, change))
