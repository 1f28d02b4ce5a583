"""Follow-up questions: what leans on what came before is understood, and nothing is made up."""

import pytest

from rag.followup import Previous, leans, standalone, with_topic
from rag.types import Language
from tests.fakes import ScriptedEngine

FERRY = Previous(
    "Which shipyard did Brest choose for its ferry?", "The city of Brest chose Navalis [1]."
)
TRAM = Previous("Combien a coûté le tramway de Dole ?", "Il a coûté 92 millions d'euros [1, 2].")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("And who founded it?", "en"),
        ("Why?", "en"),
        ("When was that decided?", "en"),
        ("and in Brest?", "en"),
        ("et qui l'a fondée ?", "fr"),
        ("Pourquoi ?", "fr"),
        ("Quand a-t-elle été votée ?", "fr"),
        ("Mais combien au total ?", "fr"),
    ],
)
def test_a_question_that_needs_the_one_before_it_is_noticed(
    question: str, language: Language
) -> None:
    assert leans(question, language)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who founded Navalis?", "en"),
        ("When did Brest open its new hospital?", "en"),
        ("How many bridges were closed in March?", "en"),
        ("Quand Navalis a-t-elle été fondée ?", "fr"),
        ("Combien de ponts ont fermé en mars ?", "fr"),
        ("", "fr"),
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str, language: Language) -> None:
    assert not leans(question, language)


def test_the_search_has_names_to_look_for_before_any_model_has_spoken() -> None:
    assert with_topic("And who founded it?", [FERRY], "en") == "Brest: And who founded it?"
    assert with_topic("Pourquoi ?", [TRAM], "fr") == "Dole : Pourquoi ?"
    meta = Previous("Combien Meta a-t-elle investi dans Scale AI ?")
    asked = with_topic("et qui l'a fondée ?", [meta], "fr")
    assert asked == "Meta, Scale AI : et qui l'a fondée ?"


def test_without_any_name_the_question_before_is_the_topic() -> None:
    before = Previous("combien de ponts ont fermé ?", "")
    asked = with_topic("Pourquoi ?", [before], "fr")
    assert asked == "combien de ponts ont fermé : Pourquoi ?"


def test_the_wording_of_the_model_is_taken_where_it_names_only_what_was_named() -> None:
    engine = ScriptedEngine({"founded it": (0.0, "Who founded Navalis?")})
    assert standalone("And who founded it?", [FERRY], "en", engine) == "Who founded Navalis?"
    asked = engine.asked[0].asked
    assert "The city of Brest chose Navalis ." not in asked
    assert "The city of Brest chose Navalis." in asked


@pytest.mark.parametrize(
    "told",
    [
        "Who founded Navalis, and why did Airbus buy it?",  # a name that nobody had named
        "Navalis was founded by Jeanne Kerlo.",  # an answer
        "Who chose Navalis in 2019?",  # a year that nobody had named
        "And who founded it?",  # no better than before
        "Which shipyard did Brest choose?",  # not what was asked
        "",
    ],
)
def test_a_wording_that_asks_something_else_is_not_taken(told: str) -> None:
    engine = ScriptedEngine({"founded it": (0.0, told)})
    asked = standalone("And who founded it?", [FERRY], "en", engine)
    assert asked == "Brest: And who founded it?"


def test_a_participle_may_change_its_ending() -> None:
    engine = ScriptedEngine({"fondée": (0.0, "Qui a fondé Dole Trams ?")})
    bought = Previous("Qui a acheté Dole Trams ?", "")
    asked = standalone("et qui l'a fondée ?", [bought], "fr", engine)
    assert asked == "Qui a fondé Dole Trams ?"


def test_only_the_last_question_counts() -> None:
    engine = ScriptedEngine({"Pourquoi": (0.0, "")})
    assert standalone("Pourquoi ?", [FERRY, TRAM], "fr", engine) == "Dole : Pourquoi ?"
