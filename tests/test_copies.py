"""What a journalist loses: one dispatch that looks like several sources that agree, or a
correction that disappears as a copy of what it corrects."""

from dataclasses import replace

import pytest

from rag.copies.articles import Rule, are_alike, are_copies, contradict, families_of, grouped
from rag.types import Document

ENGLISH = (
    "The municipal council of Valmont adopted its budget on Thursday after a debate of 9 hours. "
    "The deficit reaches 14.3 million euros, according to the mayor, Paul Garnier. "
    "He proposes to close the aquatic centre and to sell 26 apartments near the station. "
    "The opposition, directed by Helena Marchetti, denounced a catastrophic administration.\n\n"
    "The regional prefecture had demanded corrections in December 2023. "
    "An independent audit by the cabinet Orveda estimated the urgent repairs at 2.7 million. "
    "The tramway project, 38 kilometres of lines, is suspended until the municipal elections. "
    "Transport unions promise demonstrations; their secretary, Bertrand Kessler, "
    "speaks of a social disaster.\n\n"
    "Residents of the Montclair quarter organised a petition that has 4,512 signatures. "
    "The philharmonic orchestra conserves its subvention of 310,000 euros."
)
FRENCH = (
    "Le conseil municipal de Valmont a adopté son budget jeudi, après 9 heures de débat. "
    "Le déficit atteint 14,3 millions d'euros, selon le maire, Paul Garnier. "
    "Celui-ci propose de fermer le centre aquatique et de vendre 26 appartements proches de la "
    "gare. L'opposition, que dirige Helena Marchetti, dénonce une administration "
    "catastrophique.\n\n"
    "La préfecture régionale avait exigé des corrections en décembre 2023. "
    "Un audit indépendant du cabinet Orveda estimait les réparations urgentes à 2,7 millions. "
    "Le projet de tramway, 38 kilomètres de lignes, est suspendu jusqu'aux élections "
    "municipales. Les syndicats des transports promettent des manifestations ; leur secrétaire, "
    "Bertrand Kessler, parle d'un désastre social.\n\n"
    "Les habitants du quartier Montclair ont organisé une pétition qui a 4 512 signatures. "
    "L'orchestre philharmonique conserve sa subvention de 310 000 euros."
)
SAME_EVENT = (  # by the same outlet, the same evening
    "Paul Garnier smiled only once on Thursday evening, when the vote was over. "
    "Helena Marchetti had talked for 40 minutes about the aquatic centre, where her own children "
    "learnt to swim, and about the apartments that Valmont wants to sell.\n\n"
    "The mayor answers that the deficit of 14.3 million euros leaves him no choice. "
    "Behind him sat Bertrand Kessler, who represents the transport workers and who had come to "
    "hear what happens to the tramway. He left before the end without a word.\n\n"
    "In the cafés of the Montclair quarter people say that nobody listens to them. "
    "A teacher keeps the petition on her counter; she hopes for the elections."
)
QUOTING = (
    "Three towns of the valley must find money this year, and each looks for it elsewhere. "
    "Belrive raises the price of parking, and its shopkeepers protest every Saturday. "
    "Its mayor, Louise Tanguy, answers that the streets have never been so quiet. "
    "Sorgues borrows, for the third time in five years, from a bank of the capital. "
    "A report that the council kept secret warns that the interest will double by 2031.\n\n"
    "In Valmont the choice is harder. « The deficit reaches 14.3 million euros, according to the "
    "mayor, Paul Garnier. He proposes to close the aquatic centre and to sell 26 apartments near "
    "the station », wrote the local newspaper.\n\n"
    "Economists doubt that any of it will be enough. Selling houses helps once, says Ines Calvo, "
    "who teaches public finance; after that the rents are missing. She recommends sharing the "
    "waterworks, the libraries and the fire brigades, which the towns have refused since 1998."
)


def english(text=ENGLISH, key="en", title="Valmont votes its budget"):
    return Document(key, f"/{key}", text, "en", title)


def french(text=FRENCH, key="fr", title="Valmont vote son budget"):
    return Document(key, f"/{key}", text, "fr", title)


def changed(text, old, new):
    assert text.count(old) == 1
    return text.replace(old, new)


def test_a_reprint_with_another_headline_is_one_source():
    assert are_copies(english(), english(key="wire", title="Budget row splits council"))


def test_a_shortened_copy_is_one_source():
    shortened = ENGLISH[: ENGLISH.index("Transport unions")]
    assert are_copies(english(), english(shortened, "short"))


def test_a_copy_with_a_paragraph_added_is_one_source():
    added = (
        "\n\nOur newspaper asked the neighbours. Most of them had heard nothing of the vote "
        "before this morning, and one wonders who will want to live beside an empty pool.\n\n"
    )
    assert are_copies(english(), english(ENGLISH.replace("\n\n", added, 1), "longer"))


def test_a_lightly_edited_copy_is_one_source():
    edited = changed(ENGLISH, "He proposes", "The mayor wants")
    edited = changed(edited, ", according to the mayor, Paul Garnier", ", the mayor said")
    assert are_copies(english(), english(edited, "edited"))


def test_a_translation_is_one_source():
    assert are_copies(english(), french())


def test_which_of_the_two_comes_first_changes_nothing():
    assert are_copies(french(), english())
    assert not are_copies(french(), english(changed(ENGLISH, "14.3", "15")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("14.3 million", "15 million"),
        ("14.3 million", "14.3 billion"),
        ("9 hours", "6 hours"),
        ("26 apartments", "62 apartments"),
        ("adopted", "rejected"),
        ("Paul Garnier", "Paul Fournier"),
        ("December 2023", "November 2023"),
        ("is suspended", "is not suspended"),
    ],
)
def test_a_corrected_version_is_another_source(old, new):
    corrected = english(changed(ENGLISH, old, new), "corrected")
    assert are_alike(english(), corrected)
    assert contradict(english(), corrected)
    assert families_of([english(), corrected]) == {"en": "en", "corrected": "corrected"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("14,3 millions", "15 millions"),
        ("26 appartements", "trente appartements"),
        ("310 000 euros", "130 000 euros"),
        ("décembre 2023", "décembre 2022"),
    ],
)
def test_a_translation_with_another_figure_is_another_source(old, new):
    other = french(changed(FRENCH, old, new))
    assert are_alike(english(), other)
    assert not are_copies(english(), other)


def test_what_each_language_measures_by_itself_is_no_contradiction():
    miles = changed(ENGLISH, "38 kilometres", "24 miles")
    assert are_copies(english(miles), french())
    thursday = changed(ENGLISH, "after a debate of 9 hours", "at 7 p.m.")
    assert are_copies(
        english(thursday), french(changed(FRENCH, "après 9 heures de débat", "à 19 h"))
    )


def test_two_articles_of_one_outlet_on_the_same_event_are_two_sources():
    other = replace(english(SAME_EVENT, "colour"), outlet="Gazette")
    assert not are_alike(replace(english(), outlet="Gazette"), other)
    assert not are_alike(french(), other)


def test_an_article_that_quotes_another_is_a_source_of_its_own():
    assert not are_alike(english(), english(QUOTING, "quoting"))


def test_texts_with_nothing_to_compare_are_apart():
    empty, short = english("", "empty"), english("The mayor resigned on Thursday.", "short")
    again = english("The mayor resigned on Thursday.", "again")
    assert not are_alike(empty, english())
    assert not are_alike(short, again)


def test_an_answer_sees_which_of_its_hits_are_one_source():
    wire = english(key="wire")
    found = families_of([english(SAME_EVENT, "colour"), french(), wire, french(), english()])
    assert found == {"colour": "colour", "fr": "fr", "wire": "fr", "en": "fr"}


def test_a_copy_without_the_figure_does_not_join_two_that_contradict_each_other():
    first = english(key="first")
    corrected = english(changed(ENGLISH, "14.3 million euros", "15 million euros"), "corrected")
    silent = english(changed(ENGLISH, "reaches 14.3 million euros", "is large"), "silent")
    assert are_copies(first, silent)
    assert are_copies(corrected, silent)
    found = families_of([first, corrected, silent])
    assert found["first"] != found["corrected"]
    assert found["silent"] in (found["first"], found["corrected"])


def test_only_the_given_pairs_are_compared():
    documents = [english(), english(key="wire"), french()]
    assert grouped(documents, [(documents[0], documents[2])]) == {
        "en": "en",
        "wire": "wire",
        "fr": "en",
    }


def test_a_stricter_rule_joins_less():
    assert not are_copies(english(), french(), Rule(across=0.9))
    assert are_copies(english(), english(key="wire"), Rule(across=0.9))
