"""The naive pipeline's citations are read as its readers would, so that it is judged fairly."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from eval.metrics import citation_precision, citation_recall
from eval.systems.naive import NaiveSystem, reply_of
from eval.types import Claim, Question
from rag.engine import Piece, Prompt, Work
from rag.errors import EngineError
from rag.types import Language
from tests.fakes import hit_on


def test_each_sentence_cites_the_numbers_that_stand_in_it_or_after_its_stop() -> None:
    hits = [hit_on("The bridge opened in May."), hit_on("It cost 5 million.")]
    reply = reply_of("The bridge opened in May [1]. It cost 5 million. [2][7]", hits, "en")
    assert reply.claims == (
        Claim("The bridge opened in May.", (1,)),
        Claim("It cost 5 million.", (2, 7)),
    )
    assert [(one.n, one.quote) for one in reply.citations] == [
        (1, "The bridge opened in May."),
        (2, "It cost 5 million."),
    ]


def test_several_numbers_in_one_bracket_are_several_citations() -> None:
    hits = [hit_on("Le pont a ouvert en mai."), hit_on("Le pont est ouvert.")]
    reply = reply_of("Le pont a ouvert en mai [1, 2].", hits, "fr")
    assert reply.claims == (Claim("Le pont a ouvert en mai.", (1, 2)),)


def test_a_refusal_cites_nothing() -> None:
    reply = reply_of("The articles do not answer this question. [1]", [hit_on("x y z")], "en")
    assert (reply.refused, reply.claims, reply.citations) == (True, (), ())


def test_an_invented_number_costs_precision_but_not_the_support_of_the_others() -> None:
    reply = reply_of("It cost 5 million [1][7].", [hit_on("It cost 5 million.")], "en")

    def same(claim: str, quotes: list[str]) -> bool:
        return claim in quotes

    assert reply.claims == (Claim("It cost 5 million.", (1, 7)),)
    assert [one.n for one in reply.citations] == [1]
    assert citation_recall(reply.claims, reply.citations, same) == 1.0
    assert citation_precision(reply.claims, reply.citations, same) == 0.5


def test_a_sentence_with_invented_numbers_only_is_not_supported() -> None:
    reply = reply_of("It cost 5 million [0].", [hit_on("It cost 5 million.")], "en")
    assert (reply.claims, reply.citations) == ((Claim("It cost 5 million.", (0,)),), ())
    assert citation_recall(reply.claims, reply.citations, lambda *_: True) == 0.0


@pytest.mark.parametrize(
    ("language", "text", "claims"),
    [
        (
            "en",
            'She said: "We will close the plant." [1] The mayor agreed. [2]',
            ('She said: "We will close the plant."', "The mayor agreed."),
        ),
        (
            "en",
            "She said: “We will close the plant.” [1] The mayor agreed.[2]",
            ("She said: “We will close the plant.”", "The mayor agreed."),
        ),
        (
            "fr",
            "Elle a dit : « Nous fermerons l’usine. » [1] Le maire est d’accord. [2]",
            ("Elle a dit : « Nous fermerons l’usine. »", "Le maire est d’accord."),
        ),
        (
            "en",
            "The plant will close (the union had feared it.) [1] The mayor agreed. [2]",
            ("The plant will close (the union had feared it.)", "The mayor agreed."),
        ),
    ],
)
def test_a_number_after_a_closing_quotation_mark_belongs_to_the_sentence_before(
    language: Language, text: str, claims: tuple[str, str]
) -> None:
    hits = [hit_on("We will close the plant."), hit_on("The mayor agreed.")]
    reply = reply_of(text, hits, language)
    assert reply.claims == (Claim(claims[0], (1,)), Claim(claims[1], (2,)))


class ShortEngine:
    """Holds prompts with one passage only, and says that it cites two."""

    work = Work()

    def generate(self, prompts: Sequence[Prompt], _: int) -> Iterator[Piece]:
        if "[2]" in prompts[0].asked:
            raise EngineError("llm.too_long")
        yield from (Piece(0, text, 0.0) for text in ("The bridge opened ", "in May [1][2]."))


def test_a_number_of_a_passage_that_was_not_shown_stands_for_nothing() -> None:
    hits = [hit_on("The bridge opened in May."), hit_on("It opened in May.")]
    bench: Any = SimpleNamespace(
        dossier=SimpleNamespace(retriever=SimpleNamespace(retrieve=lambda *_: hits)),
        settings=SimpleNamespace(top_k=2),
    )
    engine: Any = ShortEngine()
    result = NaiveSystem(bench, engine, {}).answer(Question("q", "When did it open?", "en"))
    assert result.reply.claims == (Claim("The bridge opened in May.", (1, 2)),)
    assert [one.n for one in result.reply.citations] == [1]
    assert len(result.hits) == 2
