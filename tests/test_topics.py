"""What a journalist loses if it fails: the summary, and what the papers do not agree on."""

import pytest

from rag.topics import about_what, asks_for_differences, asks_for_overview


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Summarise what is known about the harbour fire", "harbour fire"),
        ("Résume l'affaire de la halle de Rivenac", "halle de Rivenac"),
        ("Peux-tu me faire un résumé de l'affaire Garrec ?", "Garrec"),
        ("Que sait-on de la panne de la grue ?", "panne de la grue"),
        ("Fais le point sur la grève", "grève"),
        ("Où en est l'enquête sur le naufrage ?", "naufrage"),
        ("What do the articles say about Odile Garrec?", "Odile Garrec"),
        ("Résume", ""),
    ],
)
def test_an_overview_is_asked_of_a_topic(question: str, topic: str) -> None:
    assert asks_for_overview(question)
    assert about_what(question) == topic


@pytest.mark.parametrize(
    "question",
    [
        "Que dit Odile Garrec ?",
        "Que disent les riverains ?",
        "Où est née Odile Garrec ?",
        "Que sait faire cette grue ?",
        "What is the cost of the crane?",
        "Quels sont les navires arraisonnés ?",
    ],
)
def test_other_questions_ask_for_no_overview(question: str) -> None:
    assert not asks_for_overview(question)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Sur quoi les articles divergent-ils à propos du naufrage ?", "naufrage"),
        ("What do the articles disagree on about the crane?", "crane"),
        ("Do the sources disagree about the cost?", "cost"),
        ("Sur quoi les articles sur la grue de Rivenac divergent-ils ?", "grue de Rivenac"),
        ("What do the papers on the harbour fire disagree about?", "harbour fire"),
        ("Y a-t-il des contradictions entre les articles sur la grue ?", "grue"),
        ("Où les articles se contredisent-ils ?", ""),
        ("Which articles contradict each other?", ""),
    ],
)
def test_what_the_articles_disagree_on_is_asked_of_a_topic(question: str, topic: str) -> None:
    assert asks_for_differences(question)
    assert about_what(question) == topic


@pytest.mark.parametrize(
    "question",
    [
        "How do the council and the minister disagree?",
        "Qui est en désaccord avec la maire ?",
        "What is the difference in price?",
        "Which articles did the minister sign?",
    ],
)
def test_who_disagrees_with_whom_is_for_the_articles_to_tell(question: str) -> None:
    assert not asks_for_differences(question)
