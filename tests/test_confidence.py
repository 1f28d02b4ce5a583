import math
from dataclasses import replace

import pytest

from rag.confidence import ACROSS, Confidence, Signs, fitted, heard, signs_after, signs_before
from rag.types import LANGUAGES, Reading
from tests.fakes import hit_on, reading_of

BRIDGE = "Le pont de Rivenac a rouvert mardi. Les travaux ont coûté 14,3 millions d’euros."


def told(before: Signs, reading: Reading, question: str, logprob: float) -> Signs:
    """All signs of a French reading whose passage says exactly that, as the reader thinks."""
    return signs_after(replace(reading, signs=before), question, "fr", logprob, 0.9)


@pytest.mark.parametrize("probed", [False, True])
def test_the_fitted_weights_are_of_signs_that_exist(probed: bool) -> None:
    hit = hit_on(BRIDGE, "fr")
    before = signs_before(hit, [hit], "Combien ?", "fr", {"inner": 2.0} if probed else heard(0.9))
    after = told(before, reading_of(hit, "Il a coûté 14,3 millions."), "Quoi ?", -0.1)
    confidence = fitted(probed)
    assert set(confidence.before) - {"intercept"} <= set(before)
    assert set(confidence.after) - {"intercept"} <= set(after)
    assert set(confidence.thresholds) == set(LANGUAGES)
    assert 0 < confidence.expected(before) < 1
    assert 0 < confidence.final(after) < 1


def test_a_probability_is_that_of_the_weighed_signs() -> None:
    one = Confidence({"intercept": -1.0, "a": 2.0}, {"intercept": 0.0}, 0.5, {"fr": 0.5})
    assert one.expected({"a": 1.0, "unused": 9.0}) == pytest.approx(1 / (1 + math.exp(-1)))
    assert one.final({}) == 0.5


def test_what_a_question_shares_with_a_passage_is_a_sign() -> None:
    best, other = hit_on(BRIDGE, "fr", rank=1), hit_on("Il pleut sur Rivenac.", "fr", rank=2)
    question = "Combien ont coûté les travaux de Rivenac en 2019 ?"
    signs = signs_before(best, [best, other], question, "fr", heard(0.5))
    assert signs["says_yes"] == 0.0
    assert (signs["behind_best"], signs["first"]) == (0.0, 1.0)
    assert signs["missing_figures"] == 1.0  # nobody says 2019
    away = signs_before(other, [best, other], question, "fr", heard(0.5))
    assert away["behind_best"] == pytest.approx(-50.0)
    assert away["topic_words"] < signs["topic_words"]
    assert (away["no_topic_word"], signs["no_topic_word"]) == (1.0, 0.0)


def test_across_languages_shared_words_are_no_sign() -> None:
    hit = hit_on("The bridge of Rivenac cost 14.3 million euros.", "en")
    question = "Combien a coûté le pont de Rivenac ?"
    signs = signs_before(hit, [hit], question, "fr", heard(0.5))
    assert (signs["words"], signs["topic_words"]) == (ACROSS["words"], ACROSS["topic_words"])
    answer = reading_of(hit, "Le pont a coûté 14,3 millions d’euros.")
    after = told(signs, answer, question, -0.1)
    assert ACROSS.items() <= after.items()


def test_an_answer_that_denies_is_told_from_one_that_affirms() -> None:
    hit = hit_on(BRIDGE, "fr")
    before = signs_before(hit, [hit], "Qui a payé le pont ?", "fr", heard(0.5))
    denies = reading_of(hit, "L’extrait ne dit pas qui a payé le pont.")
    affirms = reading_of(hit, "La mairie a payé le pont.")
    assert told(before, denies, "Qui a payé le pont ?", -0.5)["denies"] == 1.0
    signs = told(before, affirms, "Qui a payé le pont ?", -0.5)
    assert (signs["denies"], signs["logprob"], signs["quote_share"]) == (0.0, -0.5, 1.0)
