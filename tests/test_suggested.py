"""The questions that the page offers: about what the dossier's articles really hold."""

from datetime import date

from rag.suggested import suggestions
from rag.types import Document, Language


def article(number: int, text: str, language: Language = "fr", title: str = "") -> Document:
    day = date(2025, 1, number)
    return Document(f"d{number}", f"{number}.txt", text, language, title=title, published=day)


STATION = "La gare de Vernaz ferme. « Nous rouvrirons en mai », a déclaré Nadège Orvillon lundi."
HALL = "La mairie de Vernaz paie. « C'est cher », a déclaré Luc Morenval mardi."
SCHOOL = "Une école ouvre à Vernaz. La cour est petite."


def test_who_is_quoted_and_what_several_articles_speak_of_is_offered_in_turn() -> None:
    asked = suggestions([article(1, STATION), article(2, HALL), article(3, SCHOOL)], "fr")
    assert asked == [
        "Qu’a déclaré Luc Morenval ?",
        "Que disent les articles sur Vernaz ?",
        "Qu’a déclaré Nadège Orvillon ?",
    ]


def test_the_articles_in_the_language_of_the_page_come_first() -> None:
    spoken = "The hall closes. “We will be back,” said Philippa Stannerby on Monday."
    both = [article(1, spoken, "en"), article(2, STATION)]
    assert suggestions(both, "en", 1) == ["What did Philippa Stannerby say?"]
    assert suggestions(both, "fr", 1) == ["Qu’a déclaré Nadège Orvillon ?"]


def test_where_nobody_is_quoted_articles_are_offered_by_their_titles() -> None:
    asked = suggestions([article(3, SCHOOL, title="Une école ouvre")], "fr")
    assert asked == ["Que dit l’article « Une école ouvre » ?"]


def test_an_empty_dossier_suggests_nothing() -> None:
    assert suggestions([], "fr") == []


def test_a_country_that_many_articles_name_is_no_topic() -> None:
    texts = ("Le feu a pris en France.", "La grève gagne la France.", "Un club de France gagne.")
    articles = [article(n, text, title=f"Titre {n}") for n, text in enumerate(texts, 1)]
    assert suggestions(articles, "fr", 1) == ["Que dit l’article « Titre 3 » ?"]
