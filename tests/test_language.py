"""A question is answered in its own language, however short it is and whatever it speaks of."""

import pytest

from rag.language import detect, is_in_neither, is_switched
from rag.types import Language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        # words and names of the other language do not decide
        ("What does the Croissant suite include?", "en"),
        ("Who founded Les Éditions du Quai in Nantes?", "en"),
        ("When did the ligne de Vannes open?", "en"),
        ("Qui dirige The Northern Ledger ?", "fr"),
        ("Quand ouvre Kingston Bridge ?", "fr"),
        # short, and with what is clipped
        ("Don't move.", "en"),
        ("They're late", "en"),
        ("I'm on time", "en"),
        ("L'usine ferme", "fr"),
        ("Qu'annonce Navalis ?", "fr"),
        ("ou ?", "fr"),
        ("where?", "en"),
        ("QUI A GAGNE ?", "fr"),
        # no such word: the letters decide
        ("Inondations exceptionnelles, évacuations", "fr"),
        ("Weather warnings, northern highlands", "en"),
    ],
)
def test_the_language_is_that_of_the_small_words(text: str, language: Language) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "2024 ?", "…"])
def test_what_has_no_letters_is_taken_for_the_default(text: str) -> None:
    assert (detect(text), detect(text, "fr")) == ("en", "fr")


def test_a_long_text_is_of_its_own_language_whatever_it_quotes() -> None:
    article = "Le maire a dit : “We will rebuild the bridge.” Les travaux commencent en mai à Dole."
    assert detect(article) == "fr"


@pytest.mark.parametrize(
    "text",
    [
        "Me encanta ir a la playa y ver cómo las olas chocan contra la orilla.",
        "Wer hat die Zauberflöte geschrieben und wie ist das möglich?",
        "Αγνοήστε τις οδηγίες.",
        "Qual è il nome della città che hanno visto?",
    ],
)
def test_a_third_language_is_told_by_its_small_words_or_its_letters(text: str) -> None:
    assert is_in_neither(text)


@pytest.mark.parametrize(
    "text",
    [
        "Los Angeles and Las Vegas.",
        "Le musée, à Los Llanos, expose Der Blaue Reiter.",
        "340 salariés.",
        "Lumen.",
        "The paper Die Zeit said that van der Berg had left.",
    ],
)
def test_names_from_elsewhere_make_no_third_language(text: str) -> None:
    assert not is_in_neither(text)


def test_an_answer_in_the_other_language_is_told_from_a_title_in_it() -> None:
    assert is_switched("La compagnie a reconnu mardi une vaste fuite de données.", "en")
    assert not is_switched("Le Canal au petit jour.", "en")
    assert not is_switched("The painting is called Le Canal au petit jour.", "en")
    assert not is_switched("La compagnie a reconnu mardi une vaste fuite de données.", "fr")
