"""The status of a sentence, held against pairs labelled by hand."""

from typing import Any

import pytest

from eval import status
from eval.status import judge, judged
from eval.support import HARD_PAIRS, pairs
from rag.types import Status

QUOTE = {"text": "The mill at Harrow shed 80 jobs in spring.", "language": "en", "source": ""}


def pair(claim: str, supported: bool, quotes: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "id": "p",
        "claim": claim,
        "claim_language": "en",
        "quotes": quotes,
        "supported": supported,
    }


def status_of(labelled: dict[str, Any]) -> Status:
    return judged(labelled).told


def test_figures_decide_and_what_the_words_say_is_supported() -> None:
    assert status_of(pair("The mill shed 90 jobs.", False, [QUOTE])) == "unsupported"
    assert status_of(pair("The Harrow mill shed 80 jobs.", True, [QUOTE])) == "supported"


def test_what_the_rules_for_words_do_not_find_is_partly_supported() -> None:
    claim = "La filature de Harrow se sépare de 80 salariés."
    one = judged({**pair(claim, True, [QUOTE]), "claim_language": "fr"})
    assert (one.facts, one.told) == ("supported", "partly")


def test_the_quotes_of_one_language_are_enough_and_none_are_not() -> None:
    french = {"text": "Le pont a rouvert.", "language": "fr", "source": "Le Fleuve, 3 mai 2025"}
    assert status_of(pair("The Harrow mill shed 80 jobs.", True, [french, QUOTE])) == ("supported")
    assert status_of(pair("The Harrow mill shed 80 jobs.", False, [])) == "unsupported"


def test_a_source_that_names_its_day_dates_the_quote() -> None:
    dated = {**QUOTE, "source": "Harrow Echo, 2 May 2025"}
    claim = "The mill at Harrow shed 80 jobs in May 2025."
    assert status_of(pair(claim, True, [dated])) == "supported"
    assert status_of(pair(claim, False, [QUOTE])) == "unsupported"


def test_each_status_is_held_against_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = [
        pair("The Harrow mill shed 80 jobs.", True, [QUOTE]),
        pair("The Harrow mill shed 80 jobs.", False, [QUOTE]),
        pair("The Harrow mill shed 85 jobs.", False, [QUOTE]),
    ]
    monkeypatch.setattr(status, "pairs", lambda path: labelled)
    assert [one.agrees(one.told) for one in judge()] == [True, False, True]


def test_the_hard_pairs_are_as_many_of_each_sort_and_each_has_a_question() -> None:
    hard = pairs(HARD_PAIRS)
    ways = {(one["claim_language"], one["quotes"][0]["language"]) for one in hard}
    assert len(ways) == 4 and len({one["id"] for one in hard}) == len(hard) == 160
    assert sum(one["supported"] for one in hard) == 80
    assert all(one["question"] for one in hard)
