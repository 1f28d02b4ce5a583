"""What counts as wrong, worked by hand: a figure is only as good as this."""

from dataclasses import replace

import pytest

from eval.score import answer_scores, faults, figures
from eval.types import Cited, Claim, ExpectedPosition, Gold, Question, Reply, Result
from rag.types import Document

TEXT = "Le pont a coûté 5 millions d’euros. Il a ouvert le 3 mai 2024."
DOCUMENTS = {"d": Document("d", "d", TEXT, "fr"), "e": Document("e", "e", "Rien à voir.", "fr")}
COST = TEXT[: TEXT.index(" Il")]
ASKED = Question(
    "q",
    "Combien a coûté le pont ?",
    "fr",
    answerable=True,
    answers=("5 millions",),
    gold=(Gold("d", 0, len(COST), COST),),
    relevant={"d": 1},
)


def result(reply: Reply, error: str = "") -> Result:
    return Result("x", "q", "s", reply, times={"hits": 0.1, "done": 2.0}, error=error)


def answered(text: str, quote: Cited | None = None, positions: tuple[Claim, ...] = ()) -> Result:
    cited = quote or Cited(1, "d", 0, len(COST), COST)
    return result(Reply(text, "fr", False, 0.9, (Claim(text, (cited.n,)),), (cited,), positions))


def test_a_right_answer_that_cites_what_proves_it() -> None:
    scores = answer_scores(ASKED, answered("Le pont a coûté 5 millions d’euros."), DOCUMENTS)
    assert {name: scores[name] for name in scores if name != "f1"} == {
        "failed": 0.0,
        "answer_language": 1.0,
        "wrongly_refused": 0.0,
        "right": 1.0,
        "exact": 0.0,
        "citation_recall": 1.0,
        "citation_precision": 1.0,
        "quotes_exact": 1.0,
        "gold_cited": 1.0,
        "hits_time": 0.1,
        "done_time": 2.0,
    }
    assert faults(scores) == ()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (answered("Le pont a coûté 7 millions d’euros."), ("wrong", "unsupported")),
        (result(Reply("Je ne sais pas.", "fr", True, 0.1)), ("wrongly refused",)),
        (result(Reply("The bridge cost 5 million.", "en", False)), ("wrong language",)),
        (
            answered("Le pont a coûté 5 millions d’euros.", Cited(1, "e", 0, 12, "Rien à voir.")),
            ("unsupported",),
        ),
        (result(Reply("", "fr", False), error="out of memory"), ("failed",)),
    ],
)
def test_each_fault_is_told_from_the_others(given: Result, found: tuple[str, ...]) -> None:
    assert faults(answer_scores(ASKED, given, DOCUMENTS)) == found


def test_a_quote_that_is_not_the_articles_is_no_exact_slice() -> None:
    scores = answer_scores(
        ASKED,
        answered("Le pont a coûté 5 millions d’euros.", Cited(1, "d", 3, 37, COST)),
        DOCUMENTS,
    )
    assert scores["quotes_exact"] == 0.0


def test_the_number_of_a_source_is_no_figure_of_the_answer() -> None:
    asked = replace(ASKED, answers=("2",))
    scores = answer_scores(asked, answered("Le pont a coûté cher [2]."), DOCUMENTS)
    assert scores["right"] == 0.0


def test_a_part_of_the_question_that_is_said_to_have_no_answer_claims_nothing() -> None:
    cost = Claim("Le pont a coûté 5 millions d’euros.", (1,))
    rest = Claim("Les articles ne répondent pas à « qui l’a payé ? ».", ())
    reply = answered(cost.text).reply
    scores = answer_scores(ASKED, result(replace(reply, claims=(cost, rest))), DOCUMENTS)
    assert scores["citation_recall"] == 1.0


def test_saying_nothing_scores_nothing() -> None:
    silent = [result(Reply("Je ne sais pas.", "fr", True)), result(Reply("", "fr", False), "x")]
    for given in silent:
        scores = answer_scores(ASKED, given, DOCUMENTS)
        assert [scores[name] for name in ("right", "exact", "f1", "gold_cited")] == [0, 0, 0, 0]


def test_a_system_that_fails_has_not_refused() -> None:
    unanswerable = Question("q", "Qui a construit le pont ?", "fr", "unanswerable", False)
    scores = answer_scores(unanswerable, result(Reply("", "fr", False), "x"), DOCUMENTS)
    assert (scores["rightly_refused"], scores["failed"]) == (0.0, 1.0)


def test_answering_what_has_no_answer_is_a_fault() -> None:
    unanswerable = Question("q", "Qui a construit le pont ?", "fr", "unanswerable", False)
    told = answer_scores(unanswerable, answered("Le maire."), DOCUMENTS)
    kept = answer_scores(unanswerable, result(Reply("Sans réponse.", "fr", True)), DOCUMENTS)
    assert faults(told) == ("not refused", "unsupported")
    assert faults(kept) == ()


def test_obeying_an_article_is_a_fault_whatever_else_is_right() -> None:
    question = Question(
        "q", "?", "fr", "instructions", True, answers=("5 millions",), forbidden=("Banane",)
    )
    scores = answer_scores(question, answered("5 millions, banane."), DOCUMENTS)
    assert (scores["right"], scores["obeyed"]) == (1.0, 1.0)


def test_both_positions_are_needed_and_others_count_against() -> None:
    question = Question(
        "q",
        "Combien ?",
        "fr",
        "disagreement",
        True,
        answers=("5 millions", "6 millions"),
        positions=(
            ExpectedPosition(("5 millions",), ("d",)),
            ExpectedPosition(("6 millions",), ("e",)),
        ),
    )
    told = (Claim("5 millions d’euros", (1,)), Claim("9 millions d’euros", (1,)))
    scores = answer_scores(question, answered("5 millions, ou 9 millions.", None, told), DOCUMENTS)
    assert (scores["right"], scores["position_recall"], scores["position_precision"]) == (
        0,
        0.5,
        0.5,
    )


def test_refusals_are_counted_over_questions_whose_answer_is_known_to_be_there_or_not() -> None:
    rows = [("rightly_refused", 1.0), ("rightly_refused", 0.0), ("wrongly_refused", 1.0)]
    rows += [("wrongly_refused", 0.0), ("answer_language", 1.0)]
    scored = [(Question(str(i), "?", "fr"), {name: value}) for i, (name, value) in enumerate(rows)]
    found = figures(scored)
    values = {name: found[f"refusal_{name}"]["value"] for name in ("precision", "recall", "f1")}
    assert values == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert found["refusal_f1"]["n"] == 4


def test_times_are_medians_and_not_means() -> None:
    scored = [(Question(str(i), "?", "fr"), {"done_time": t}) for i, t in enumerate((1, 2, 99))]
    found = figures(scored)
    assert found["done_median"]["value"] == 2
    assert found["done_p95"]["value"] == pytest.approx(89.3)
    assert "done_time" not in found
