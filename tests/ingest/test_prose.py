"""Text that is already clean is left alone: no word of a journalist is lost."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.ingest import read_article
from rag.ingest.body import clean
from rag.ingest.lines import split_lines

SUBJECTS = ("Le maire", "La coopérative", "Un témoin", "The mayor", "A neighbour", "The union")
VERBS = ("a annoncé", "dément", "espère", "has denied", "expects", "will not say")
OBJECTS = (
    "que le pont de la rivière sera fermé pendant les travaux, malgré l’avis des habitants",
    "à la radio locale qu’une enquête était ouverte sur les comptes de la commune",
    "that the bridge over the river will be closed while the work goes on, whatever it costs",
    "to the local radio that an inquiry into the accounts of the town had been opened",
    "les cookies et la politique de confidentialité dont parlent les commentaires",
    "that subscribers to the newsletter could share the article and follow the author",
)
ENDS = (".", " !", "...", ". « Nous verrons bien », dit-elle.", ". “We shall see,” she said.")
prose = st.builds(
    "{} {} {}{}".format,
    *map(st.sampled_from, (SUBJECTS, VERBS, OBJECTS, ENDS)),
).filter(lambda text: not text.endswith("!"))


def text_of(source: str) -> str:
    return "\n\n".join(line.text for line in clean(split_lines(source)).kept)


@given(st.lists(st.lists(prose, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_clean_paragraphs_come_through_whole(paragraphs: list[str]) -> None:
    assert text_of("\n\n".join(paragraphs)) == "\n\n".join(paragraphs)
    assert text_of("\n".join(paragraphs)) == "\n\n".join(paragraphs)


@given(st.lists(st.lists(prose, min_size=2, max_size=4).map(" ".join), min_size=2, max_size=5))
@settings(max_examples=30, deadline=None)
def test_wrapped_lines_become_the_paragraphs_they_were(paragraphs: list[str]) -> None:
    wrapped = "\n\n".join(
        textwrap.fill(paragraph, 72, break_on_hyphens=False) for paragraph in paragraphs
    )
    assert text_of(wrapped) == "\n\n".join(paragraphs)


@given(st.lists(st.text(max_size=120), max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_is_split_into_kept_and_removed_lines(raw: list[str]) -> None:
    lines = split_lines("\n".join(raw))
    cleaned = clean(lines)
    parts = [*cleaned.kept, *(line for line, _ in cleaned.removed)]
    assert sorted(parts, key=lambda line: line.number) == lines


POEM = """\
Le phare compte ses bateaux
et les bateaux comptent les vagues
qui s’en vont
une à une

sous la lampe
sans compter personne"""


def test_a_poem_keeps_its_short_lines() -> None:
    assert text_of(POEM) == "\n\n".join(line for line in POEM.split("\n") if line)


def test_verse_between_a_headline_and_a_footer_is_kept() -> None:
    page = (
        f"Accueil\nMenu\nPoème du dimanche : le phare\nPublié le 3 mars 2024\n\n{POEM}\n\nPartager"
    )
    assert "Le phare compte ses bateaux" in text_of(page)
    assert text_of(page).endswith("sans compter personne")


CLEAN = [
    # A chronology, whose dates are sub-headings.
    "Trois jours qui ont changé le port\n\n12 mars 2024\n\nLa grue tombe pendant la nuit, sans "
    "blesser personne, et le quai est fermé.\n\n13 mars 2024\n\nLes dockers se réunissent devant "
    "la grille et votent la grève à une large majorité.\n\n14 mars 2024\n\nLe quai rouvre.",
    # A list at the end, an enumeration with numbers, a line that ends with a colon.
    "The council will decide on three things before the summer, the mayor said on Tuesday:\n\n"
    "1. the bridge\n\n2. the school\n\n3. the swimming pool",
    # Quotations on lines of their own, and questions.
    "« Nous n’avons rien vu. »\n\nLe gardien parle bas.\n\nQue s’est-il passé cette nuit-là, entre "
    "la fermeture des grilles et l’arrivée de la première équipe du matin ?\n\nPersonne ne sait.",
    # Words of furniture in sentences.
    "Menu, share and follow are words that the court had to define in its long ruling on the "
    "privacy policy of the site.\n\nThe comments were read aloud. “All rights reserved,” said the "
    "judge, and everybody laughed.\n\nAccept all cookies, the label said, and he did.",
]


@pytest.mark.parametrize("text", CLEAN, ids=["chronology", "list", "quotations", "vocabulary"])
def test_unusual_articles_lose_nothing_but_their_title(text: str) -> None:
    cleaned = clean(split_lines(text))
    assert [reason for _, reason in cleaned.removed if reason != "removed.title"] == []
    assert "\n\n".join(line.text for line in cleaned.kept) == text.removeprefix(
        f"{cleaned.title}\n\n"
    )


def test_a_paragraph_of_two_sentences_is_an_article(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Le bac est en panne. Il reprendra samedi.", encoding="utf-8")
    document = read_article(str(tmp_path / "a.txt"), Settings()).document
    assert (document.text, document.title) == ("Le bac est en panne. Il reprendra samedi.", "")
