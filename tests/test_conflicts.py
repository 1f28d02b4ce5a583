from dataclasses import replace
from datetime import date

import pytest

from rag.claims import claims_of
from rag.conflicts import candidates, conflicts
from rag.types import Document
from tests.fakes import AllAlike, HashEmbedder, ScriptedEngine


def article(number: int, text: str, title: str = "The Rivenac bridge") -> Document:
    return Document(
        f"doc{number}", f"/articles/{number}.txt", text, "en", title, published=date(2025, 3, 3)
    )


CHEAP = article(1, "The bridge of Rivenac over the Sarvigne will cost 14 million euros.")
DEAR = article(2, "The bridge of Rivenac over the Sarvigne will cost 17 million euros.")
AWAY = article(3, "The bridge of Harlow over the Tamis will cost 17 million euros.", "Harlow")


def test_two_articles_on_one_thing_with_two_figures_are_found_with_both_quotes() -> None:
    engine = ScriptedEngine({"": (0.8, "")})
    (found,) = conflicts([CHEAP, DEAR, AWAY], HashEmbedder(), engine)
    assert {found.one.quote, found.other.quote} == {CHEAP.text, DEAR.text}
    assert {found.one.value, found.other.value} == {"14 million euros", "17 million euros"}
    assert found.likelihood == 0.8


def test_what_the_model_takes_for_two_things_is_not_told() -> None:
    assert conflicts([CHEAP, DEAR], HashEmbedder(), ScriptedEngine({"": (0.2, "")})) == []


def test_articles_on_other_stories_are_not_compared() -> None:
    assert candidates([CHEAP, AWAY], HashEmbedder()) == []


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("The bridge of Rivenac over the Sarvigne will cost 17 million euros.", True),
        ("The ferry of Rivenac over the Sarvigne will earn 17 million euros.", False),
        ("The old bridge of Rivenac over the Sarvigne will take 17 million euros.", True),
    ],
)
def test_what_is_said_in_no_common_word_is_not_compared(text: str, compared: bool) -> None:
    assert bool(candidates([CHEAP, article(2, text)], AllAlike())) is compared


def test_minutes_are_no_common_word() -> None:
    ours = article(1, "In Rivenac on the Sarvigne they had 20 minutes to wake the ward.")
    theirs = article(2, "In Rivenac on the Sarvigne the first message took 47 minutes.")
    assert candidates([ours, theirs], AllAlike()) == []


def test_two_values_that_one_article_gives_apart_are_no_disagreement() -> None:
    both = article(
        4,
        "The bridge of Rivenac over the Sarvigne will cost 14 million euros. "
        "The road that leads to it in Rivenac costs 17 million euros.",
    )
    engine = ScriptedEngine({"": (0.9, "")})
    assert conflicts([CHEAP, DEAR, both], HashEmbedder(), engine) == []


def test_a_date_is_no_figure_that_could_disagree() -> None:
    told = article(5, "On 13 June 2025 the town paid 14 million euros.")
    assert [claim.value for claim in claims_of(told)] == ["14 million euros"]


def test_an_empty_dossier_has_no_disagreement() -> None:
    assert conflicts([], HashEmbedder(), ScriptedEngine({})) == []


PROMISED = article(5, "In Rivenac on the Sarvigne the yard promises 310 jobs for the port.")
FEWER = article(6, "The Rivenac yard on the Sarvigne takes on 240 people, not the 310 promised.")


def test_a_figure_that_another_article_says_is_not_so_needs_no_model() -> None:
    engine = ScriptedEngine({"": (0.0, "")})
    (found,) = conflicts([PROMISED, FEWER], HashEmbedder(), engine)
    assert ({found.one.value, found.other.value}, found.likelihood) == ({"310", "240"}, 1.0)
    assert engine.asked == []


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("In Rivenac on the Sarvigne the fire took 12 boats of the port.", True),
        ("In Rivenac on the Sarvigne the fire took 130 boats of the port.", False),  # of an order
        ("In Rivenac on the Sarvigne the fire took 12 nets of the port.", False),
        ("In Rivenac on the Sarvigne the fire took 12 people of the port.", True),
    ],
)
def test_figures_of_other_orders_and_of_other_things_are_not_compared(
    text: str, compared: bool
) -> None:
    ours = article(1, "In Rivenac on the Sarvigne the fire took 9 boats of the port.")
    assert bool(candidates([ours, article(2, text)], AllAlike())) is compared


@pytest.mark.parametrize(
    ("ours", "theirs", "compared"),
    [
        ("the port lost a grant of $250,000.", "the strike cost $140,000 in lost sales.", False),
        ("the port lost sales of $250,000.", "the strike cost $140,000 in lost sales.", True),
        ("some 41 dockers of the port stopped.", "dockers agreed by 29 votes to 5.", False),
        ("dockers agreed by 30 votes to 5.", "dockers agreed by 29 votes to 5.", True),
    ],
)
def test_sums_that_are_lost_and_votes_are_compared_with_their_like(
    ours: str, theirs: str, compared: bool
) -> None:
    where = "In Rivenac on the Sarvigne "
    of_both = [article(1, where + ours), article(2, where + theirs)]
    assert bool(candidates(of_both, AllAlike())) is compared


def test_a_reprint_is_not_compared_again() -> None:
    again = replace(CHEAP, id="doc7", path="/articles/7.txt")
    pairs = candidates([CHEAP, again, DEAR], AllAlike())
    assert [{one.document.id, other.document.id} for one, other in pairs] == [{"doc1", "doc2"}]


def test_a_third_version_is_told_with_the_likelier_of_the_others() -> None:
    third = article(8, "The bridge of Rivenac over the Sarvigne will cost 19 million euros.")
    engine = ScriptedEngine({"14 million": (0.9, ""), "": (0.6, "")})
    found = conflicts([CHEAP, DEAR, third], AllAlike(), engine)
    told = [{one.one.value, one.other.value} for one in found]
    assert told == [
        {"14 million euros", "17 million euros"},
        {"14 million euros", "19 million euros"},
    ]
