"""What a refusal offers to read instead of an answer."""

from rag.closest import closest
from rag.compose import refused
from rag.types import Language
from tests.fakes import HashEmbedder, hit_on, reading_of

TEXT = (
    "The market hall of Rivenac is closed. Around 600 wheels of cheese were sold by 22 shops. "
    "Nobody was hurt."
)


def test_of_a_passage_the_sentence_closest_to_the_question_is_shown() -> None:
    hit = hit_on(TEXT)
    (offer,) = closest([hit], [], "How many shops sold cheese?", "en", HashEmbedder())
    assert TEXT[offer.start : offer.end] == "Around 600 wheels of cheese were sold by 22 shops."
    (citation,) = refused([offer], "en").citations
    assert citation.quote == TEXT[offer.start : offer.end]


def test_with_the_one_before_that_it_points_back_to() -> None:
    text = "The hall is closed. Odile Brac runs the cheese shops. She sold 22 shops of cheese."
    (offer,) = closest([hit_on(text)], [], "sold 22 shops of cheese", "en", HashEmbedder())
    assert text[offer.start : offer.end].startswith("Odile Brac runs")


def test_the_likeliest_comes_first_and_three_are_enough() -> None:
    hits = [hit_on(f"Report {n} on the hall.", rank=n) for n in range(1, 6)]
    likely = reading_of(hits[3], "", 0.25)
    offers = closest(hits, [likely], "What of the hall?", "en", HashEmbedder())
    assert [offer.hit.rank for offer in offers] == [4, 1, 2]


def test_nothing_found_offers_nothing() -> None:
    assert closest([], [], "What of the hall?", "en", HashEmbedder()) == []


def test_a_sentence_on_the_event_that_is_asked_after_is_closer_than_any() -> None:
    for question in ("Was anyone injured at the market hall of Rivenac?", "Combien de blessés ?"):
        language: Language = "fr" if "blessés" in question else "en"
        (offer,) = closest([hit_on(TEXT)], [], question, language, HashEmbedder())
        assert TEXT[offer.start : offer.end] == "Nobody was hurt."
