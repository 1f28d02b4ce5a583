import pytest

from rag.asked import asks_for_several, asks_yes_or_no, split
from rag.types import Language


@pytest.mark.parametrize(
    ("question", "language", "parts"),
    [
        (
            "Quelle sera la longueur du pont, et combien de trains y passeront ?",
            "fr",
            ["Quelle sera la longueur du pont ?", "combien de trains y passeront ?"],
        ),
        (
            "Qui dirige le port de Kervoal et depuis quand le dirige-t-elle ?",
            "fr",
            ["Qui dirige le port de Kervoal ?", "Kervoal : depuis quand le dirige-t-elle ?"],
        ),
        (
            "Pont de Rivenac : qui l’a bâti et combien a-t-il coûté ?",
            "fr",
            ["Pont de Rivenac : qui l’a bâti ?", "Pont de Rivenac : combien a-t-il coûté ?"],
        ),
        (
            "What was the name of the worker killed in Harlow, and how old was he?",
            "en",
            ["What was the name of the worker killed in Harlow?", "Harlow: how old was he?"],
        ),
        (
            "Which firm did Norvane Rail hire, and how much is it paying?",
            "en",
            ["Which firm did Norvane Rail hire?", "how much is Norvane Rail paying?"],
        ),
        (
            "When did the Rivenac bridge close, and who rebuilt it?",
            "en",
            ["When did the Rivenac bridge close?", "Rivenac: who rebuilt it?"],
        ),
        (
            "When did Harlow sell the mill, and who bought its tools?",
            "en",
            ["When did Harlow sell the mill?", "Harlow: who bought its tools?"],
        ),
        (
            "Which firm did Norvane hire, and how much will Harlow pay?",
            "en",
            ["Which firm did Norvane hire?", "how much will Harlow pay?"],
        ),
        (
            "Crue de la Taskwin\u202f: quel pont a cédé et qui l’avait inspecté ?",
            "fr",
            [
                "Crue de la Taskwin\u202f: quel pont a cédé ?",
                "Crue de la Taskwin\u202f: qui l’avait inspecté ?",
            ],
        ),
        (
            "When did the bridge close, and why?",
            "en",
            ["When did the bridge close?", "why did the bridge close?"],
        ),
        (
            "Qui a fondé Vental et en quelle année ?",
            "fr",
            ["Qui a fondé Vental ?", "Qui a fondé Vental : en quelle année ?"],
        ),
        (
            "How many tickets are left, and what are they worth?",
            "en",
            ["How many tickets are left?", "the tickets: what are they worth?"],
        ),
        (
            "Combien de billets restent et que valent-ils ?",
            "fr",
            ["Combien de billets restent et que valent-ils ?"],
        ),
        (
            "Quel ministre a démissionné et pourquoi ?",
            "fr",
            ["Quel ministre a démissionné ?", "Quel ministre a démissionné : pourquoi ?"],
        ),
    ],
)
def test_each_thing_asked_for_is_asked_on_its_own(
    question: str, language: Language, parts: list[str]
) -> None:
    assert split(question, language) == parts


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Combien ont coûté le pont et la route de Rivenac ?", "fr"),
        ("Le pont a rouvert et qui s’en plaint ?", "fr"),
        ("Who are Ida Brandt and Fergus Dallan?", "en"),
        ("Did it rain and did the fields flood?", "en"),
        ("Pourquoi ?", "fr"),
    ],
)
def test_one_question_stays_whole(question: str, language: Language) -> None:
    assert split(question, language) == [question]


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Que disent les articles du pont de Rivenac ?", True),
        ("Quels sont les griefs des pêcheurs ?", True),
        ("What do the articles say about the bridge?", True),
        ("Summarise the case against Norvane.", True),
        ("Qui a bâti le pont ?", False),
        ("What is the price of the bridge?", False),
    ],
)
def test_lists_and_summaries_are_known_by_their_words(question: str, several: bool) -> None:
    assert asks_for_several(question) is several


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Didn't Harlow sign the charter?", True),
        ("Le pont n'a-t-il pas rouvert ?", True),
        ("N'a-t-elle pas signé ?", True),
        ("Les travaux sont-ils finis ?", True),
        ("Pourquoi le pont n'a-t-il pas rouvert ?", False),
        ("Combien a-t-il coûté ?", False),
        ("Who didn't sign the charter?", False),
    ],
)
def test_what_yes_or_no_answers(question: str, wanted: bool) -> None:
    assert asks_yes_or_no(question) is wanted
