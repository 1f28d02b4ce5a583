"""Whether words say what a sentence says, in the same language or the other."""

import pytest

from rag.meaning import denied, overstates, says
from rag.types import Language

HARBOUR = "The council closed the harbour on Monday after the storm had damaged its crane."
PORT = "La mairie a fermé le port lundi, après que la tempête a endommagé la grue."
SOLD = "Marlow Foods bought Tindle Mills last year."


@pytest.mark.parametrize(
    ("claim", "language", "quote", "written_in"),
    [
        ("The council closed the harbour after a storm.", "en", HARBOUR, "en"),
        ("La mairie a fermé le port après la tempête.", "fr", PORT, "fr"),
        ("The town hall closed the port after the storm.", "en", PORT, "fr"),
        ("Le conseil municipal a fermé le port après la tempête.", "fr", HARBOUR, "en"),
        ("Tindle Mills was bought by Marlow Foods.", "en", SOLD, "en"),
        ("The ferry did not refuse anyone.", "en", "The ferry refused no one.", "en"),
        ("La ligne fermera lundi.", "fr", "The line will close on Monday.", "en"),
        (
            "La ligne est fermée jusqu’à lundi.",
            "fr",
            "La ligne restera fermée jusqu’à lundi.",
            "fr",
        ),
        ("The bridge was due to open in May.", "en", "Le pont devait ouvrir en mai.", "fr"),
        ("She left the room.", "en", "She left the room without greeting her rival.", "en"),
        (
            "Le conseil a refusé l’avance de six millions.",
            "fr",
            "Il avait refusé, par 31 voix contre 22, d’accorder une avance de six millions.",
            "fr",
        ),
        ("She will renounce her bonus.", "en", "Elle renonce à sa prime.", "fr"),
        ("Le député réclame sa démission.", "fr", "The MP called for her to resign.", "en"),
        ("Le vol a atterri à 8 h.", "fr", "The flight landed at 8 am.", "en"),
    ],
)
def test_what_is_said_in_other_words_or_the_other_language_is_said(
    claim: str, language: Language, quote: str, written_in: Language
) -> None:
    assert says(claim, language, quote, written_in)


@pytest.mark.parametrize(
    ("claim", "language", "quote", "written_in"),
    [
        ("The council opened the harbour on Monday.", "en", HARBOUR, "en"),
        ("La mairie n’a pas fermé le port.", "fr", PORT, "fr"),
        ("The town hall did not close the port.", "en", PORT, "fr"),
        ("Marlow Foods was bought by Tindle Mills.", "en", SOLD, "en"),
        ("Les enseignants demandent une hausse de salaire.", "fr", HARBOUR, "en"),
        ("The council pays the fishermen for their losses.", "en", PORT, "fr"),
        ("The storm killed a fisherman.", "en", HARBOUR, "en"),
        ("The council closed the harbour.", "en", "", "en"),
        ("The line opened in May.", "en", "The line will open in May.", "en"),
        (
            "La vente a été approuvée par le conseil.",
            "fr",
            "The board must approve the sale.",
            "en",
        ),
        (
            "Le conseil a accordé une avance de six millions.",
            "fr",
            "Il avait refusé, par 31 voix contre 22, d’accorder une avance de six millions.",
            "fr",
        ),
        (
            "Louise Farraday a démissionné.",
            "fr",
            "The MP called for an inquiry and for Ms Farraday to resign.",
            "en",
        ),
        ("The director has resigned.", "en", "The MP called for the director to resign.", "en"),
        (
            "La directrice a démissionné.",
            "fr",
            "Le député réclame la démission de la directrice.",
            "fr",
        ),
        ("Elle a salué sa rivale.", "fr", "Elle a quitté la salle sans saluer sa rivale.", "fr"),
        (
            "The slip was caused by the week’s storms.",
            "en",
            "A leaking drain, rather than the week’s storms, caused the slip.",
            "en",
        ),
    ],
)
def test_the_contrary_another_fact_or_another_doer_is_not(
    claim: str, language: Language, quote: str, written_in: Language
) -> None:
    assert not says(claim, language, quote, written_in)


def test_what_stands_above_the_quote_counts() -> None:
    assert says(
        "The bakery closes its ovens.", "en", "It closes them.", "en", "A bakery, its ovens"
    )
    assert not says("The bakery closes its ovens.", "en", "It closes them.", "en")


def test_words_that_stand_there_to_the_letter_need_no_rule() -> None:
    odd = "Neither the one nor the other did not fail to never stop."
    assert says(odd, "en", f"He wrote: {odd}", "en")


@pytest.mark.parametrize(
    ("text", "language", "quote", "written_in", "question", "against"),
    [
        (
            "La panne de la grue de Rivenac vient du câble.",
            "fr",
            "La panne ne viendrait pas du câble. Le moteur a cédé, dans sa cage.",
            "fr",
            "D’où vient la panne de la grue de Rivenac ?",
            True,
        ),
        ("The vaccine was approved.", "en", "Le vaccin n’a pas été approuvé.", "fr", "", True),
        ("The crane was not repaired.", "en", "The crane was repaired in May.", "en", "", True),
        (
            "The crane was repaired.",
            "en",
            "The crane was not repaired in May. The crane was repaired in June.",
            "en",
            "",
            False,
        ),
        ("The crane was repaired.", "en", "The crane was in use. No ship came.", "en", "", False),
        ("The crane.", "en", "No crane came.", "en", "", False),
        # a verb without the "ne … pas" around it
        ("Son père, Odon Brac, décolère.", "fr", "Odon Brac ne décolère pas.", "fr", "", True),
        ("Odon Brac ne décolère pas.", "fr", "Odon Brac ne décolère pas.", "fr", "", False),
        (
            "La grue compte 12 câbles.",
            "fr",
            "La grue ne compte plus que 12 câbles.",
            "fr",
            "",
            False,
        ),
        ("The port has 12 cranes.", "en", "The port has not 15 cranes but 12.", "en", "", False),
    ],
)
def test_what_every_clause_with_its_words_denies_is_denied(
    text: str,
    language: Language,
    quote: str,
    written_in: Language,
    question: str,
    against: bool,
) -> None:
    assert denied(text, language, quote, written_in, question) is against


@pytest.mark.parametrize(
    ("text", "language", "quote", "written_in", "over"),
    [
        ("La vente a été signée le 30 juin.", "fr",
         "La signature de la vente est prévue le 30 juin.", "fr", True),
        ("The hall opened on 12 March.", "en", "The mayor will open the hall on 12 March.", "en",
         True),
        ("The hall opens on 12 March.", "en", "The mayor will open the hall on 12 March.", "en",
         False),
        ("The hall opened on 12 March.", "en",
         "The mayor will open the hall on 12 March. She opened the hall on 12 March.", "en", False),
        ("The hall opened.", "en", "The mayor will open the hall on 12 March.", "en", False),
    ],
)  # fmt: skip
def test_what_was_planned_for_a_day_is_not_told_as_done_on_it(
    text: str, language: Language, quote: str, written_in: Language, over: bool
) -> None:
    assert overstates(text, language, quote, written_in) is over
