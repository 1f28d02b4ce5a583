from math import log2

import pytest

from eval.metrics import (
    Bin,
    Refusals,
    RiskPoint,
    aurc,
    citation_precision,
    citation_recall,
    ece,
    exact_match,
    f1,
    gold_cited,
    is_right,
    positions_found,
    quotes_exact,
    recall_curve,
    refusal_scores,
    reliability,
    retrieval,
    risk_coverage,
    suggested_threshold,
    wrong_language_share,
)
from eval.types import Cited, Claim, ExpectedPosition, Gold, Question
from rag.types import Document

RUN = {"a": {"x": 0.9, "d": 0.8, "y": 0.7, "e": 0.1}, "z": {"d": 1.0}}
QRELS = {"a": {"d": 2, "e": 1, "n": 0}, "b": {"d": 1}, "nothing": {"d": 0}}


def test_retrieval_is_measured_as_trec_does() -> None:
    measured = retrieval(RUN, QRELS)
    assert measured.keys() == {"a", "b"}
    assert measured["a"] == pytest.approx(
        {
            "recall@1": 0.0,
            "recall@5": 1.0,
            "recall@10": 1.0,
            "mrr@10": 0.5,
            "ndcg@10": (2 / log2(3) + 1 / log2(5)) / (2 + 1 / log2(3)),
        }
    )
    assert set(measured["b"].values()) == {0.0}


def test_a_system_that_found_nothing_at_all_scores_nothing() -> None:
    assert retrieval({}, {"a": {"d": 1}})["a"]["recall@10"] == 0.0
    assert retrieval({"a": {"d": 1.0}}, {}) == {}


def test_equal_or_nearly_equal_scores_keep_the_order_of_the_system() -> None:
    for first, second in ("ab", "ba"):
        for lead in (0, 1e-12):
            run = {"q": {first: 0.5 + lead, second: 0.5}}
            measured = retrieval(run, {"q": {first: 1}})["q"]
            assert (measured["mrr@10"], measured["recall@1"]) == (1.0, 1.0)


def test_the_recall_curve_is_the_mean_recall_at_each_depth() -> None:
    assert recall_curve(RUN, QRELS, 5) == [0.0, 0.25, 0.25, 0.5, 0.5]
    assert recall_curve(RUN, {}) == []


def test_hits_in_a_language_that_was_not_asked_for_are_counted() -> None:
    assert wrong_language_share(["fr", "en", "fr", "fr"], {"fr"}) == 0.25
    assert wrong_language_share([], {"fr"}) is None


def test_exact_match_and_f1_are_those_of_squad() -> None:
    assert exact_match("The mayor.", ["a councillor", "mayor"], "en")
    assert not exact_match("The old mayor.", ["mayor"], "en")
    assert f1("the old mayor spoke", ["the mayor"], "en") == 0.5  # 1 of 3 and 1 of 1
    assert f1("the old mayor", ["nobody", "old town mayor"], "en") == pytest.approx(0.8)
    assert f1("mayor mayor", ["mayor"], "en") == pytest.approx(2 / 3)
    assert f1("", ["mayor"], "en") == f1("mayor", [], "en") == 0.0


def fact(*answers: str, **known: object) -> Question:
    return Question("q", "…", "fr", answers=answers, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "question", "right"),
    [
        ("Il a coûté 14,3 milliards de dollars.", fact("14.3 billion"), True),
        ("15 millions d’euros", fact("14 millions d’euros"), False),
        ("le 12 mars", fact("13 mars"), False),
        ("la piscine municipale", fact("piscine municipale de Lostmeur"), True),
        ("la piscine municipale", fact("piscine de Lostmeur"), False),  # half of two words
        ("juillet 2025", fact("June 2025"), False),
        ("fin juillet 2025", fact("fin juin 2025"), False),
        ("le 13 juin", fact("13 July"), False),
        ("le 13 juin 2025", fact("July 13, 2025"), False),
        ("vers la fin juin 2025", fact("the end of June 2025", "fin de juin 2025"), True),
        ("Jean Dupont", fact("Marie Dupont"), False),
        ("Dupont, Marie", fact("Marie Dupont"), True),
        ("Dupont", fact("Marie Dupont"), False),
        ("Dupont", fact("Marie Dupont", "Dupont"), True),
        ("South Korea", fact("North Korea"), False),
        ("Corée du Sud", fact("la Corée du Nord"), False),
        ("un stade", fact("piscine de Lostmeur"), False),
        ("", fact("piscine"), False),
        ("la piscine", fact(), False),
        ("Kermantec et 41 lots", fact("41", parts=(("Kermantec",), ("41", "forty-one"))), True),
        ("41 lots", fact("41", parts=(("Kermantec",), ("41", "forty-one"))), False),
    ],
)
def test_an_answer_is_right_if_it_says_what_is_accepted(
    text: str, question: Question, right: bool
) -> None:
    assert is_right(text, question) is right


def test_where_sources_disagree_every_version_must_be_told() -> None:
    twelve, fourteen = ExpectedPosition(("12",), ("d",)), ExpectedPosition(("14", "XIV"), ("e",))
    question = fact("12", "14", positions=(twelve, fourteen))
    assert is_right("12 blessés, ou 14 selon Ouest", question)
    assert not is_right("12 blessés", question)
    assert is_right("12 blessés", fact("12", positions=(fourteen,)))  # one is no disagreement


def test_an_answer_in_the_other_language_is_read_in_that_one() -> None:
    question = fact("14,3 milliards")
    assert is_right("It cost $14.3 billion.", question, "en")
    assert not is_right("It cost $14.3 billion.", question)


def cited(n: int, quote: str, document: str = "d", start: int = 0) -> Cited:
    return Cited(n, document, start, start + len(quote), quote)


CITATIONS = [cited(1, "ab"), cited(2, "c"), cited(3, "x"), cited(4, "ba")]


def has_all_letters(claim: str, quotes: list[str]) -> bool:
    return set(claim) <= set("".join(quotes))


@pytest.mark.parametrize(
    ("claims", "recall", "precision"),
    [
        ([Claim("abc", (1, 2))], 1.0, 1.0),  # both are needed
        ([Claim("ab", (1, 4))], 1.0, 1.0),  # each would do alone
        ([Claim("ab", (1, 3))], 1.0, 0.5),  # 3 is idle
        ([Claim("abc", (1, 3))], 0.0, 0.0),  # what does not support is not precise
        ([Claim("ab", (1,)), Claim("c", ())], 0.5, 1.0),
        ([Claim("ab", (1, 1, 9))], 1.0, 0.5),  # 9 stands for nothing
        ([Claim("ab", ())], 0.0, None),
        ([], None, None),
    ],
)
def test_claims_need_support_and_citations_a_use(
    claims: list[Claim], recall: float | None, precision: float | None
) -> None:
    assert citation_recall(claims, CITATIONS, has_all_letters) == recall
    assert citation_precision(claims, CITATIONS, has_all_letters) == precision


def test_citing_the_known_evidence_counts_where_offsets_overlap() -> None:
    proofs = [Gold("d", 10, 20, "q" * 10), Gold("e", 0, 5, "q" * 5)]
    touching, overlapping = cited(1, "xx", "d", 8), cited(1, "xxx", "d", 8)
    assert gold_cited([touching], proofs) == 0.0
    assert gold_cited([overlapping], proofs) == 1.0
    assert gold_cited([overlapping], proofs, every=True) == 0.5
    assert gold_cited([cited(1, "x", "f", 12)], proofs, every=True) == 0.0
    assert gold_cited([touching], [Gold("d", 0, 0, "")]) == 1.0
    assert gold_cited([touching], []) is None


def test_a_quote_that_its_article_does_not_have_there_is_counted() -> None:
    documents = {"d": Document("d", "d.txt", "Il pleut.", "fr")}
    right, moved, elsewhere = cited(1, "Il"), cited(2, "Il", start=1), cited(3, "Il", "e")
    assert quotes_exact([right, moved, elsewhere, right], documents) == 0.5
    assert quotes_exact([], documents) is None


def test_refusals_are_scored_as_a_class() -> None:
    refused, should = [True, True, True, False, False], [True, False, True, True, False]
    assert refusal_scores(refused, should) == Refusals(2 / 3, 2 / 3, 2 / 3)
    assert refusal_scores([False, False], [True, False]) == Refusals(None, 0.0, 0.0)
    assert refusal_scores([False], [False]) == Refusals(None, None, None)
    with pytest.raises(ValueError):
        refusal_scores([True], [])


def test_risk_grows_as_less_sure_answers_are_let_through() -> None:
    confidence, right = [0.9, 0.5, 0.8, 0.5], [True, False, True, True]
    assert risk_coverage(confidence, right) == [
        RiskPoint(0.9, 0.25, 0.0),
        RiskPoint(0.8, 0.5, 0.0),
        RiskPoint(0.5, 1.0, 0.25),
    ]
    assert risk_coverage([], []) == []


def test_the_area_under_the_risk_curve_does_not_hang_on_the_order_of_equals() -> None:
    # The risks of answering 1, 2, 3 and 4: the two at 0.5 are half an error each.
    expected = pytest.approx((0 + 0 + 0.5 / 3 + 1 / 4) / 4)
    assert aurc([0.9, 0.8, 0.5, 0.5], [True, True, False, True]) == expected
    assert aurc([0.5, 0.5, 0.9, 0.8], [True, False, True, True]) == expected
    assert aurc([0.9, 0.1], [False, True]) == pytest.approx((1 + 0.5) / 2)
    assert aurc([], []) is None


def test_confidence_is_compared_with_what_came_true() -> None:
    confidence, right = [0.25, 0.75, 1.0, 0.0], [False, True, False, True]
    assert reliability(confidence, right, bins=4) == [
        Bin(0.0, 0.25, 0.125, 0.5, 2),
        Bin(0.5, 0.75, 0.75, 1.0, 1),
        Bin(0.75, 1.0, 1.0, 0.0, 1),
    ]
    assert ece(confidence, right, bins=4) == (2 * 0.375 + 0.25 + 1) / 4
    assert [one.high for one in reliability([0.3, 0.6, 0.7], right[:3])] == [0.3, 0.6, 0.7]
    assert ece([], []) is None


@pytest.mark.parametrize(
    ("confidence", "answerable", "threshold"),
    [
        ([0.2, 0.4, 0.6, 0.8], [False, False, True, True], 0.5),
        ([0.2, 0.4, 0.6, 0.8], [False, True, False, True], 0.3),  # 0.7 is as good, and higher
        ([0.4, 0.8], [True, True], 0.2),
        ([0.4, 0.8], [False, False], 0.9),
        ([0.0, 0.8], [True, True], 0.0),
        ([], [], None),
    ],
)
def test_the_suggested_threshold_makes_the_fewest_mistakes(
    confidence: list[float], answerable: list[bool], threshold: float | None
) -> None:
    assert suggested_threshold(confidence, answerable) == pytest.approx(threshold)


def test_positions_told_are_compared_with_those_expected() -> None:
    expected = [ExpectedPosition(("12", "douze"), ("d",)), ExpectedPosition(("14",), ("e",))]
    assert positions_found(expected, ["12 blessés", "15 blessés"], "fr") == (0.5, 0.5)
    assert positions_found(expected, ["12 blessés", "quatorze"], "fr") == (1.0, 1.0)
    assert positions_found(expected, [], "fr") == (None, 0.0)
    assert positions_found([], ["12"], "fr") == (0.0, None)
