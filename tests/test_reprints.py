"""What a journalist loses: five hits that are one dispatch, or a contradiction made invisible."""

import pytest

from rag.chunk import chunk
from rag.copies.reprints import Candidate, is_reprint
from rag.language import words
from rag.types import Document

DISPATCH = (
    "Le déficit de la ville de Valmont atteint 14,3 millions d'euros cette année, a annoncé jeudi "
    "le maire, Paul Garnier, devant le conseil. Il propose de fermer la piscine et de vendre "
    "deux immeubles, mais l'opposition refuse de voter ce plan avant le mois de juin."
)
ENGLISH = (
    "The harbour bridge will reopen on Monday after repairs that cost 2.4 million pounds, the "
    "county said. Engineers found rust on more than half of the cables, and the bridge did not "
    "meet the safety rules, according to a report written by Helen Marsh."
)


def folded(original: str, other: str) -> bool:
    kept = Document("kept", "/kept", original, "fr")
    copy = Document("copy", "/copy", other, "fr")
    (ours,), (theirs,) = (chunk(one, lambda text: len(words(text)), 400) for one in (kept, copy))
    return is_reprint(Candidate.of(theirs, copy), Candidate.of(ours, kept))


@pytest.mark.parametrize(
    "reprint",
    [
        DISPATCH,
        "VALMONT (Agence) – " + DISPATCH,
        DISPATCH.replace("a annoncé jeudi", "a indiqué jeudi"),
        DISPATCH.replace("14,3", "14.3").replace("d'euros", "d’euros"),
        DISPATCH.replace("mais l'opposition", "or l'opposition"),
        DISPATCH.replace(", devant le conseil", ""),
        DISPATCH + " Les habitants attendent.",
    ],
)
def test_a_reprint_with_slight_edits_is_one(reprint):
    assert folded(DISPATCH, reprint)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("14,3", "15"),
        ("millions", "milliards"),
        ("Paul Garnier", "Luc Garnier"),
        ("Valmont", "Belmont"),
        ("jeudi", "mardi"),
        ("deux", "trois"),
        ("juin", "mai"),
        ("refuse", "accepte"),
        ("refuse de voter", "refuse de ne pas voter"),
        ("Paul Garnier", "Paul Garnier et Anne Roux"),
        ("cette année", "cette année, contre 12 millions"),
    ],
)
def test_a_passage_with_another_fact_is_not_a_reprint(old, new):
    changed = DISPATCH.replace(old, new)
    assert changed != DISPATCH
    assert not folded(DISPATCH, changed)
    assert not folded(changed, DISPATCH)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.4", "2.9"),
        ("Monday", "Friday"),
        ("more than", "less than"),
        ("did not meet", "did meet"),
        ("Helen Marsh", "Helen Cole"),
        ("half", "a third"),
    ],
)
def test_so_in_english(old, new):
    assert folded(ENGLISH, ENGLISH.replace("according to", "said"))
    assert not folded(ENGLISH, ENGLISH.replace(old, new))


def test_a_figure_in_front_is_another_fact():
    assert not folded(DISPATCH, "En 2019, 3 écoles ont fermé. " + DISPATCH)


def test_a_reprint_cut_at_another_place_is_still_one():
    sentences = [
        "La grue du port a basculé dans la nuit sur le quai des marchandises.",
        "Personne ne se trouvait dessous, selon les pompiers arrivés très vite.",
        "Le chantier restera fermé pendant que les experts cherchent la cause.",
        "Les bateaux sont envoyés vers les quais voisins par la capitainerie.",
        "Un ouvrier raconte avoir entendu un bruit sourd puis vu la poussière.",
        "Les travaux devaient finir avant la rentrée et prendront du retard.",
    ]
    kept = Document("kept", "/kept", " ".join(sentences), "fr")
    copy = Document("copy", "/copy", " ".join(["Accident au port.", *sentences[:4]]), "fr")
    first = chunk(kept, lambda text: len(words(text)), 50)[0]
    (whole,) = chunk(copy, lambda text: len(words(text)), 400)
    assert first.end < len(kept.text)
    assert is_reprint(Candidate.of(whole, copy), Candidate.of(first, kept))


def test_two_passages_of_one_article_are_never_folded():
    document = Document("d", "/d", DISPATCH, "fr")
    (passage,) = chunk(document, lambda text: len(words(text)), 400)
    candidate = Candidate.of(passage, document)
    assert not is_reprint(candidate, candidate)


def test_texts_without_words_are_compared_as_they_are():
    assert folded("🎉 🎉", "🎉 🎉")
    assert not folded("🎉 🎉", "🔥 🔥")
