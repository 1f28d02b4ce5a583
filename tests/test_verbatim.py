"""What a journalist loses if it fails: the words themselves, and whose they are."""

from dataclasses import replace

import pytest

from rag.speech.interviews import answers
from rag.types import Document, Hit, Language, Reading
from rag.verbatim import attributed, in_their_words
from rag.verify import words_of
from tests.fakes import hit_on, reading_of

HARBOUR = (
    "The council met on Tuesday. Five fishermen of her own village have written to the minister "
    "about the quota. “They may write,” said Odile Garrec, who runs the harbour. The crane is "
    "another matter. “We shall pay for the crane in June,” she said. The tide was low."
)
INTERVIEW = (
    "Après la panne de la grue, celle qui dirige le port répond.\n\n"
    "Qu'est-ce qui a cédé ?\n\n"
    "Un câble. Nous ne l'avions pas changé depuis six ans.\n\n"
    "Qui paiera la réparation ?\n\n"
    "La commune, pour un tiers. Le reste est à la charge du port.\n\n"
    "Vos adversaires veulent votre départ.\n\n"
    "Je resterai jusqu'à l'été.\n\n"
    "Avez-vous des regrets ?\n\n"
    "J'aurais dû prévenir les pêcheurs plus tôt."
)
TITLE = "Odile Garrec : « Nous ne l'avions pas changé »"


def silent(hit: Hit, answerable: float = 0.1) -> Reading:
    return Reading(hit, answerable)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "What did Odile Garrec say about the fishermen who wrote to the minister?",
            "“They may write,” said Odile Garrec, who runs the harbour.",
        ),
        (
            "What did Odile Garrec say about the crane?",
            "Odile Garrec: “We shall pay for the crane in June,” she said.",
        ),
        ("What did Odile Garrec say about the school?", ""),
        ("What did Bruno Tessier say about the crane?", ""),
        ("Who pays for the crane?", ""),
    ],
)
def test_what_no_reading_tells_is_told_in_the_words_of_the_article(
    question: str, told: str
) -> None:
    (reading,) = in_their_words([silent(hit_on(HARBOUR))], question, "en")
    assert reading.text == told
    assert not told or reading.quote in HARBOUR


def test_words_in_the_other_language_are_not_told_as_an_answer() -> None:
    asked = "Que dit Odile Garrec de la grue ?"
    assert [one.text for one in in_their_words([silent(hit_on(HARBOUR))], asked, "fr")] == [""]


def test_what_a_likely_passage_has_of_somebody_needs_no_word_of_the_question() -> None:
    asked = "What did Odile Garrec say about the letters?"
    hit = hit_on(HARBOUR)
    assert [one.text for one in in_their_words([silent(hit)], asked, "en")] == [""]
    (reading,) = in_their_words([silent(hit, 0.3)], asked, "en")
    assert reading.text.startswith("“They may write,”")


def test_a_reading_that_tells_of_the_topic_stays_and_one_beside_it_gives_way() -> None:
    asked = "What did Odile Garrec say about the crane?"
    hit = hit_on(HARBOUR)
    start = HARBOUR.index("“We shall")
    about = replace(reading_of(hit, "Odile Garrec said that they will pay in June."), start=start)
    assert in_their_words([about], asked, "en") == [about]
    beside = replace(about, text="Odile Garrec said that they may write.", start=0, end=150)
    (reading,) = in_their_words([beside], asked, "en")
    assert reading.text == "Odile Garrec: “We shall pay for the crane in June,” she said."


def interview(text: str = INTERVIEW, title: str = TITLE, language: Language = "fr") -> Document:
    return Document("d", "/d.md", text, language, title=title)


def test_answers_of_an_interview_are_what_the_one_says_whom_the_title_names() -> None:
    document = interview()
    said = [(one.name, INTERVIEW[one.start : one.end]) for one in answers(document)]
    assert {name for name, _ in said} == {"Odile Garrec"}
    assert [words.split()[0] for _, words in said] == ["Un", "La", "Je", "J'aurais"]
    assert words_of("Odile Garrec", document, 0, len(INTERVIEW)) == [words for _, words in said]


@pytest.mark.parametrize("note", ["Propos recueillis par L. Roux", "*Correction.* Il a dit six."])
def test_what_the_editors_add_below_an_interview_nobody_says(note: str) -> None:
    longer = interview(f"{INTERVIEW}\n\n{note}\n\nLa grue date de 1970.")
    assert [one.end for one in answers(longer)][-1] == len(INTERVIEW)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (INTERVIEW, "La grue, la panne et le port"),  # nobody is named
        (INTERVIEW, "Odile Garrec et Bruno Tessier face à la panne"),
        ("Qui paiera ? La commune.\n\nLe port ne dit rien.\n\nEt la grue ?", TITLE),
    ],
)
def test_what_is_no_interview_with_one_person_has_no_answers(text: str, title: str) -> None:
    assert answers(interview(text, title)) == []


def answer_of(sentence: str, document: Document) -> Reading:
    hit = hit_on(document.text, "fr", title=document.title)
    start = document.text.index(sentence)
    return Reading(hit, 0.9, sentence, start, start + len(sentence))


def test_an_answer_that_says_we_is_told_as_the_words_of_who_says_so() -> None:
    own = answer_of("Nous ne l'avions pas changé depuis six ans.", interview())
    told = attributed(own, "Quand le câble a-t-il été changé ?", "fr")
    assert told.text == "Odile Garrec : « Nous ne l'avions pas changé depuis six ans. »"
    assert [one.status for one in told.quotations] == ["found"]


@pytest.mark.parametrize("sentence", ["Un câble.", "La commune, pour un tiers."])
def test_an_answer_that_says_no_we_is_left_as_it_is(sentence: str) -> None:
    own = answer_of(sentence, interview())
    assert attributed(own, "Qu'est-ce qui a cédé ?", "fr") == own


@pytest.mark.parametrize(
    ("told", "stays"),
    [
        ("Odile Garrec said that she would pay for the crane in June.", True),
        ("Odile Garrec said that they would pay for the crane in June.", True),
        ("Odile Garrec said that the crane would pay in June.", False),
    ],
)
def test_nobody_else_is_put_in_the_place_of_their_we(told: str, stays: bool) -> None:
    start = HARBOUR.index("“We shall pay")
    whole = reading_of(hit_on(HARBOUR), told)
    reading = replace(whole, start=start, end=HARBOUR.index(" The tide"))
    question = "What did Odile Garrec say about the crane?"
    assert (attributed(reading, question, "en").text == told) is stays
    assert attributed(reading, "Who pays for the crane?", "en").text == told


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Since when has the ferry of Dunmorrow been out of service?", False),
        ("When will the crane be paid for?", True),
        ("What did Odile Garrec say about the ferry?", True),
    ],
)
def test_what_somebody_says_of_themselves_beside_the_question_is_no_answer(
    question: str, told: bool
) -> None:
    start = HARBOUR.index("“We shall pay")
    whole = reading_of(hit_on(HARBOUR), "We shall pay for the crane in June.")
    reading = replace(whole, start=start, end=HARBOUR.index(" The tide"))
    assert bool(attributed(reading, question, "en").text) is told
