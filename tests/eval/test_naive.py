"""The naive pipeline's citations are read as its readers would, so that it is judged fairly."""

from eval.systems.naive import reply_of
from eval.types import Claim
from tests.fakes import hit_on


def test_each_sentence_cites_the_numbers_that_stand_in_it_or_after_its_stop() -> None:
    hits = [hit_on("The bridge opened in May."), hit_on("It cost 5 million.")]
    reply = reply_of("The bridge opened in May [1]. It cost 5 million. [2][7]", hits, "en")
    assert reply.claims == (
        Claim("The bridge opened in May.", (1,)),
        Claim("It cost 5 million.", (2,)),
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
