import pytest

from rag.opposites import says_the_opposite
from rag.types import Language
from rag.verify import bear_out
from tests.fakes import hit_on, reading_of


@pytest.mark.parametrize(
    ("language", "said", "quote"),
    [
        ("en", "Higher doses are given with aspirin.", "Lower doses are given with aspirin."),
        ("en", "It mostly strikes men.", "It strikes women above all."),
        ("fr", "La mairie a vendu le pont.", "La mairie a acheté le pont."),
        ("fr", "Le nord de la ville est fermé.", "Le sud de la ville est fermé."),
    ],
)
def test_the_opposite_of_a_word_of_the_source_is_no_answer(
    language: Language, said: str, quote: str
) -> None:
    assert says_the_opposite(said, quote, language)
    assert not says_the_opposite(quote, quote, language)
    assert bear_out(reading_of(hit_on(quote, language), said), "", language).text == ""


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        ("Sales rose after the strike.", "Sales, which fell before it, rose after the strike."),
        ("The first bridge fell.", "The bridge collapsed."),
        ("Both men and women came.", "Men came, and so did women."),
    ],
)
def test_a_source_that_has_both_or_neither_decides_nothing(said: str, quote: str) -> None:
    assert not says_the_opposite(said, quote, "en")
