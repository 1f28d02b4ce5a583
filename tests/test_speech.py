from typing import Any

import pytest

from eval.written import SPEECH, expected_speech, read_speech
from rag.speech.reported import asks_what_was_said, same_speaker, speaker_at, speech
from rag.types import Language

MEETING = (
    "Le maire, Yves Carnac, a ouvert la séance. « Rien n’est signé. Rien ne le sera », a-t-il "
    "prévenu. « Pas cette année. » L’avocate Lise Ombredane estime que le contrat est « nul »."
)


def said(text: str, language: Language) -> list[list[str]]:
    """What is said, by whom, and how, as `speech.jsonl` writes it."""
    return [
        [text[s.start : s.end], s.name, "direct" if s.direct else "indirect"]
        for s in speech(text, language)
    ]


@pytest.mark.parametrize("passage", SPEECH, ids=lambda passage: passage["text"][:50])
def test_nobody_is_made_to_say_what_another_or_the_outlet_says(passage: dict[str, Any]) -> None:
    assert read_speech(passage) == expected_speech(passage)


def test_the_passages_are_many_and_in_both_languages() -> None:
    languages = [passage["language"] for passage in SPEECH]
    assert languages.count("fr") >= 40
    assert languages.count("en") >= 40
    assert sum(not passage["said"] for passage in SPEECH) >= 12


def test_a_speaker_can_be_shown_where_the_article_names_him() -> None:
    for spoken in speech(MEETING, "fr"):
        assert MEETING[spoken.speaker_start : spoken.speaker_end] == spoken.speaker
    assert [(s.speaker, s.name, s.cue) for s in speech(MEETING, "fr")] == [
        ("il", "Yves Carnac", "a-t-il prévenu"),
        ("il", "Yves Carnac", "a-t-il prévenu"),
        ("L’avocate Lise Ombredane", "Lise Ombredane", "estime"),
        ("L’avocate Lise Ombredane", "Lise Ombredane", "estime"),
    ]


@pytest.mark.parametrize(
    ("words", "name"),
    [("Rien ne le sera", "Yves Carnac"), ("Pas cette année", "Yves Carnac"),
     ("nul", "Lise Ombredane"), ("contrat", "Lise Ombredane"), ("ouvert la séance", None)],
)  # fmt: skip
def test_the_speaker_of_any_words_is_known_and_the_outlet_keeps_its_own(
    words: str, name: str | None
) -> None:
    start = MEETING.index(words)
    spoken = speaker_at(MEETING, "fr", start, start + len(words))
    assert (spoken.name if spoken else None) == name


def test_the_last_who_was_named_is_this_last_one() -> None:
    text = "Les montres sont à M. Armand Duval. « Nul ne m’a prévenu », déplore ce dernier."
    assert said(text, "fr") == [["Nul ne m’a prévenu", "Armand Duval", "direct"]]


def test_she_is_not_taken_for_a_man_and_stays_she_where_it_could_be_two() -> None:
    two = "Mr Crane met Mrs Dole. “It is over,” she said."
    assert said(two, "en") == [["It is over,", "Mrs Dole", "direct"]]
    unsure = "Farmer Alex Crane met farmer Robin Dole. “It is over,” she said."
    assert said(unsure, "en") == [["It is over,", "she", "direct"]]


WANG = "Orvane mise sur Aldric Wang, fondateur de Tesserelle. M. Wang dirigera le laboratoire."
WANG_EN = "Orvane bets on Tesserelle founder Aldric Wang. Mr Wang will lead the lab."
APART = "Aldric Wang a parlé. Le fondateur de Tesserelle a refusé."


@pytest.mark.parametrize(
    ("a", "b", "article", "same"),
    [
        ("M. Wang", "Aldric Wang", WANG, True),
        ("Wang", "M. Wang", WANG, True),
        ("le fondateur de Tesserelle", "Aldric Wang", WANG, True),
        ("le fondateur de Tesserelle", "M. Wang", WANG, True),
        ("the founder of Tesserelle", "Aldric Wang", WANG, True),
        ("the founder of Tesserelle", "Wang", WANG_EN, True),
        ("le fondateur de Tesserelle", "Aldric Wang", WANG_EN, True),
        ("le fondateur de Tesserelle", "Aldric Wang", APART, False),
        ("M. Wang", "Aldric Wang", "M. Wang a parlé.", False),
        ("Mme Wang", "Aldric Wang", WANG, False),
        ("Léa Wang", "Aldric Wang", WANG, False),
        ("Wang", "Aldric Wang", f"{WANG} Léa Wang est sa sœur.", False),
        ("le maire", "Aldric Wang", WANG, False),
        ("le maire", "the mayor", "", True),
        ("le maire de Lornac", "le maire", "Le maire de Lornac a parlé.", True),
        ("le maire de Lornac", "le maire", "Le maire de Lornac et le maire de Rivenac.", False),
        ("le maire", "le préfet", "Le maire et le préfet.", False),
        ("elle", "elle", "", False),
    ],
)
def test_one_person_under_two_names_is_one_and_two_people_are_two(
    a: str, b: str, article: str, same: bool
) -> None:
    assert same_speaker(a, b, article) is same
    assert same_speaker(b, a, article) is same


@pytest.mark.parametrize(
    ("question", "language", "name"),
    [
        ("Que dit Odile Garrec du marché ?", "fr", "Odile Garrec"),
        ("Qu’a déclaré le maire de Rivenac sur le pont ?", "fr", "le maire de Rivenac"),
        ("Que reproche le maire à l’État ?", "fr", "le maire"),
        ("Que pense la directrice de la fermeture ?", "fr", "la directrice"),
        ("Qu’est-ce que Mme Aubin a annoncé ?", "fr", "Mme Aubin"),
        ("Comment Paul Ferrand qualifie-t-il le projet ?", "fr", "Paul Ferrand"),
        ("Comment le préfet a-t-il réagi ?", "fr", "le préfet"),
        ("Selon la mairie, combien ont coûté les travaux ?", "fr", "la mairie"),
        ("Combien ont coûté les travaux selon Nina Vasseur ?", "fr", "Nina Vasseur"),
        ("Quel est l’avis de Mme Aubin sur le pont ?", "fr", "Mme Aubin"),
        ("Quelle est la position du syndicat Rail 21 ?", "fr", "syndicat Rail 21"),
        ("What did Odile Garrec say about Christmas?", "en", "Odile Garrec"),
        ("What does the mayor think of the bridge?", "en", "the mayor"),
        ("According to the union, why did the plant close?", "en", "the union"),
        ("What is Tom Ashdown’s view of the deal?", "en", "Tom Ashdown"),
        ("In what words did Bruno Castellaz deny the closure?", "en", "Bruno Castellaz"),
        ("What was the reaction of the ministry?", "en", "the ministry"),
        ("How did the company respond to the fire?", "en", "the company"),
        ("Combien ont coûté les travaux ?", "fr", None),
        ("Que disent les articles sur le pont ?", "fr", None),
        ("Quand le pont a-t-il rouvert ?", "fr", None),
        ("Que s’est-il passé à Rivenac ?", "fr", None),
        ("Qui a dit non ?", "fr", None),
        ("When did the bridge open?", "en", None),
        ("What do the articles say about the bridge?", "en", None),
        ("How much did the bridge cost?", "en", None),
        ("What is the height of the tower?", "en", None),
    ],
)
def test_a_question_about_somebodys_words_is_known_for_one(
    question: str, language: Language, name: str | None
) -> None:
    assert asks_what_was_said(question, language) == name


def test_a_line_of_nothing_but_capitals_or_verbs_does_not_hold_everything_up() -> None:
    assert said("Alpha Beta Gamma " * 200 + "said: “No.”", "en")[-1][0] == "No."
    assert said("said " * 700, "en") == []
