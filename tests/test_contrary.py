"""Words that are all but the question's own, and about something else."""

from datetime import date

import pytest

from rag.contrary import tells_of_another
from rag.opposites import asks_the_opposite
from rag.types import Language
from tests.fakes import hit_on

DAY = date(2025, 6, 13)


def tells(
    question: str, language: Language, quote: str, written_in: Language, day: date | None = DAY
) -> bool:
    document = hit_on(quote, written_in, published=day).document
    return tells_of_another(quote, document, question, language)


@pytest.mark.parametrize(
    ("question", "language", "quote", "written_in"),
    [
        # denied, and affirmed
        ("Which town did not sign the charter?", "en", "Harlow signed the charter.", "en"),
        ("Quelle ville n'a pas signé la charte ?", "fr", "Harlow signed the charter.", "en"),
        ("Which town never signed?", "en", "Rivenac a signé la charte.", "fr"),
        # the other end
        ("What was the lowest price?", "en", "The highest price was 40 euros.", "en"),
        ("Who supported the bridge?", "en", "Two mayors opposed the bridge.", "en"),
        ("Quel tarif maximum est prévu ?", "fr", "Le tarif minimum est de 4 euros.", "fr"),
        # another country
        ("Combien de malades en France ?", "fr", "Three people in Britain fell ill.", "en"),
        ("How many fell ill in the United Kingdom?", "en", "Ils sont 19 malades en France.", "fr"),
        # another day
        ("How many came in 2019?", "en", "In 2022, 400 visitors came.", "en"),
        ("Combien sont venus en mai 2019 ?", "fr", "400 visiteurs sont venus en juin 2019.", "fr"),
        ("Combien sont venus en 2019 ?", "fr", "400 visitors came in 2022.", "en"),
        ("Combien sont venus l'an dernier (2024) ?", "fr", "400 sont venus en 2022.", "fr"),
        ("What opened on 3 May 2019?", "en", "The museum opened on 4 May 2019.", "en"),
    ],
)
def test_what_is_told_is_not_what_is_asked(
    question: str, language: Language, quote: str, written_in: Language
) -> None:
    assert tells(question, language, quote, written_in)


@pytest.mark.parametrize(
    ("question", "language", "quote", "written_in"),
    [
        ("Which town did not sign the charter?", "en", "Harlow refused to sign it.", "en"),
        ("Combien de malades en France ?", "fr", "In France 19 fell ill, in Britain 3.", "en"),
        (
            "Combien de malades en Irlande ?",
            "fr",
            "3 ate oysters from Orvalde Bay in France.",
            "en",
        ),
        ("Combien de malades en Irlande ?", "fr", "Three people fell ill at a wedding.", "en"),
        ("Quelle ville n'a pas signé ?", "fr", "Harlow did not sign.", "en"),
        # a reason need not be negative, and the contrary answers yes or no
        ("Why did Harlow not sign?", "en", "Harlow wanted a later date.", "en"),
        ("Didn't Harlow sign the charter?", "en", "Harlow signed the charter.", "en"),
        ("Is the price higher?", "en", "The price is lower.", "en"),
        # numbers and births deny nothing
        ("Who conducted Symphony No. 3?", "en", "Ada Brel conducted it.", "en"),
        ("En quelle ville est né le maire ?", "fr", "Le maire vient de Rivenac.", "fr"),
        # both ends, and across languages no pairs
        ("What was the lowest price?", "en", "From the highest to the lowest: 40 to 2.", "en"),
        ("What was the lowest price?", "en", "Le prix le plus élevé était de 40 euros.", "fr"),
        # what one sold another bought; names and set phrases describe nothing
        ("Who sold the mill?", "en", "Ada Brel bought the mill from Tom Hale.", "en"),
        ("Who leads East Harlow?", "en", "Ada Brel, of the west bank, leads it.", "en"),
        ("Who met the first lady?", "en", "Ada Brel met her last of all.", "en"),
        # a date that meets the one asked, is left open, or is what is asked for
        ("How many came in 2019?", "en", "On 3 May 2019, 400 visitors came.", "en"),
        ("Who led the council in 2023?", "en", "Ada Brel has led it since 2021.", "en"),
        ("When was the charter of 2019 signed?", "en", "It was signed in 2018.", "en"),
        ("In which year was it signed?", "en", "It was signed in 2018.", "en"),
        ("What did the 2019 law change?", "en", "In 2021 it halved the tax.", "en"),
        ("How many came in 2019?", "en", "400 visitors came.", "en"),
        # what is of the day of the article
        ("What did the mayor announce in June 2025?", "en", "The bridge opens in 2027.", "en"),
    ],
)
def test_what_may_answer_is_left(
    question: str, language: Language, quote: str, written_in: Language
) -> None:
    assert not tells(question, language, quote, written_in)


def test_a_day_without_a_year_may_be_the_one_that_is_asked() -> None:
    question, quote = "Qui a gagné le 3 mai 2019 ?", "Ada Brel a gagné le 3 mai."
    assert not tells(question, "fr", quote, "fr", day=None)
    assert tells(question, "fr", "Ada Brel a gagné le 4 mai 2019.", "fr", day=None)


def test_a_pair_counts_both_ways() -> None:
    assert asks_the_opposite("the minimum age", "the maximum age", "en")
    assert asks_the_opposite("the maximum age", "the minimum age", "en")
    assert not asks_the_opposite("the maximum age", "the age", "en")
