import pytest

from rag.denial import denies, denies_alone, speaks_of_nothing
from rag.types import Language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council did not vote.", "en"),
        ("They didn’t vote.", "en"),
        ("No councillor voted.", "en"),
        ("Le conseil n’a pas voté.", "fr"),
        ("Aucun élu ne vote.", "fr"),
    ],
)
def test_what_denies(text: str, language: Language) -> None:
    assert denies(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council voted on Tuesday at noon.", "en"),
        ("Le conseil ne compte que neuf élus.", "fr"),
        ("Il n’est que maire.", "fr"),
        ("Le passage du col est ouvert.", "fr"),
    ],
)
def test_what_affirms(text: str, language: Language) -> None:
    assert not denies(text, language)


@pytest.mark.parametrize(
    ("text", "language", "quote", "written_in"),
    [
        ("The port does not handle timber.", "en", "The port handles timber and grain.", "en"),
        ("Le port ne traite pas le bois.", "fr", "The port handles timber and grain.", "en"),
        ("The port does not handle timber.", "en", "Le port traite le bois et le grain.", "fr"),
    ],
)
def test_what_its_words_turn_round_denies_alone(
    text: str, language: Language, quote: str, written_in: Language
) -> None:
    assert denies_alone(text, language, quote, written_in)


@pytest.mark.parametrize(
    ("text", "language", "quote", "written_in"),
    [
        ("The port does not handle timber.", "en", "The port refuses timber.", "en"),
        ("The port does not handle timber.", "en", "The port never handled timber.", "en"),
        ("The port does not handle timber.", "en", "Le port fonctionne sans le bois.", "fr"),
        ("The port handles timber.", "en", "The port handles timber.", "en"),
    ],
)
def test_what_its_words_say_too_does_not(
    text: str, language: Language, quote: str, written_in: Language
) -> None:
    assert not denies_alone(text, language, quote, written_in)


def test_that_the_excerpt_says_nothing_is_no_answer() -> None:
    assert speaks_of_nothing("The price is not given in the excerpt.", "en")
    assert speaks_of_nothing("L’extrait ne dit pas qui a payé.", "fr")
    assert not speaks_of_nothing("The mayor did not pay.", "en")
    assert not speaks_of_nothing("The excerpt gives the price.", "en")
