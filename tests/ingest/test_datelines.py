"""The line under a headline that names the outlet and the day, as people write it in clippings."""

from datetime import date

import pytest

from rag.ingest import pasted_article
from rag.ingest.datelines import masthead
from rag.ingest.dates import find_date
from rag.ingest.lines import Line
from rag.types import Document

BODY = (
    "Le conseil de Brumeville a voté hier soir la fermeture de la piscine, dont la toiture menace "
    "de céder depuis l'hiver, par vingt voix contre neuf.\n\n"
    "Les travaux doivent durer dix-huit mois, et les clubs de la ville iront nager ailleurs."
)

NAMED = {
    "La Gazette du Val — 12 mars 2026": "La Gazette du Val",
    "L'Avenir mélianais – 29 janvier 2026": "L'Avenir mélianais",
    "Libération - 3 mars 2026": "Libération",
    "Le Courrier de la Sorbe, 3 mars 2026": "Le Courrier de la Sorbe",
    "The Calderbury Post, March 5, 2026": "The Calderbury Post",
    "Thursday 5 March 2026 | Thornmere Evening Echo": "Thornmere Evening Echo",
    "12 mars 2026, La Dépêche du Val": "La Dépêche du Val",
    "Le Petit Brumois (12/03/2026)": "Le Petit Brumois",
    "**Ridge Herald** · 2026-03-05": "Ridge Herald",
    "Source : La Voix du Val, le 12 mars 2026": "La Voix du Val",
    "Rives & Quais — 12 mars 2026": "Rives & Quais",
    "brumeville-infos.fr — 12 mars 2026": "brumeville-infos.fr",
}
NAMELESS = (
    "Brumeville, 3 juin 2025",  # a dispatch's town
    "12 mars 2026",
    "Publié le 12 mars 2026 à 18 h",
    "Jeanne Exemple — 12 mars 2026",
    "La Gazette du Val",
    "le conseil vote — 12 mars 2026",
    "La Gazette du Val a annoncé le 12 mars 2026 qu'elle change de mains.",
)


def read(above: str) -> Document:
    return pasted_article(f"{above}\n\n{BODY}", "", "", None).document


@pytest.mark.parametrize("text", NAMED)
def test_the_outlet_beside_the_day_is_named(text: str) -> None:
    assert masthead(Line(1, text, 0)) == NAMED[text]


@pytest.mark.parametrize("text", NAMELESS)
def test_what_is_no_outlet_is_not_named(text: str) -> None:
    assert masthead(Line(1, text, 0)) == ""


@pytest.mark.parametrize("text", NAMED)
def test_an_article_has_the_outlet_and_the_day_of_the_line_under_its_headline(text: str) -> None:
    document = read(f"Brumeville ferme sa piscine pour dix-huit mois\n\n{text}")
    assert (document.outlet, document.title) == (
        NAMED[text],
        "Brumeville ferme sa piscine pour dix-huit mois",
    )
    assert document.published == find_date(text, "fr")
    assert document.text == BODY


def test_the_line_may_stand_above_the_headline() -> None:
    document = read("La Gazette du Val — 12 mars 2026\n\nBrumeville ferme sa piscine pour l'hiver")
    assert document.title == "Brumeville ferme sa piscine pour l'hiver"
    assert (document.outlet, document.published) == ("La Gazette du Val", date(2026, 3, 12))
    assert document.text == BODY


def test_author_outlet_and_day_in_one_line_are_told_apart() -> None:
    document = read("Brumeville ferme sa piscine\n\nJeanne Exemple — Ridge Herald — 12 mars 2026")
    assert (document.author, document.outlet) == ("Jeanne Exemple", "Ridge Herald")
    assert document.published == date(2026, 3, 12)


def test_a_section_beside_the_day_is_no_outlet() -> None:
    assert read("Brumeville ferme sa piscine\n\nPolitique — 12 mars 2026").outlet == ""


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("By Jeanne Exemple, Ridge Herald, 12 March 2026", "Ridge Herald"),
        ("Par Jeanne Exemple, La Voix du Val, 12 mars 2026", "La Voix du Val"),
        ("By Jeanne Exemple, Brumeville, 12 March 2026", ""),
    ],
)
def test_a_signature_may_stand_before_the_outlet_and_the_day(line: str, outlet: str) -> None:
    document = read(f"Brumeville ferme sa piscine\n\n{line}")
    assert (document.author, document.outlet) == ("Jeanne Exemple", outlet)
    assert document.published == date(2026, 3, 12)
    assert document.text == BODY
