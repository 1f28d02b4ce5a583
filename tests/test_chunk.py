"""What a journalist loses if passages are cut badly: the exact words, or the sense of them."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.chunk import MODEL_TOKENS, RESERVED_TOKENS, chunk, contextual_text
from rag.language import words
from rag.sentences import sentences
from rag.types import Document

PIECES = st.sampled_from(
    [
        *("Le maire parle. ", "« Non ! Jamais. » ", "14,3 milliards ", "M. Roux ", "U.S. ", "a"),
        *("\n\n", "\n", "\r\n\r\n", "\t", "\u00a0", "e\u0301", "😀", "x" * 90),
        *("…", "«", "»", '"', ". ", "; "),
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=200).map("".join), st.text(max_size=300))


def count_words(text: str) -> int:
    return len(words(text))


def count_characters(text: str) -> int:
    return len(text)


def article(text: str, **metadata) -> Document:
    return Document("d", "/d.txt", text, metadata.pop("language", "fr"), **metadata)


def split(text: str, language: str = "fr") -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


@settings(deadline=None)
@given(text=TEXTS, size=st.integers(40, 400), language=st.sampled_from(["fr", "en"]))
def test_every_passage_is_the_exact_slice_and_nothing_is_lost(text, size, language):
    passages = chunk(article(text, language=language), count_characters, size)
    assert all(text[p.start : p.end] == p.text == p.text.strip() for p in passages)
    assert [p.id for p in passages] == [f"d-{i:04d}" for i in range(len(passages))]
    assert all(a.end <= b.start for a, b in pairwise(passages))
    assert "".join("".join(p.text for p in passages).split()) == "".join(text.split())


@settings(deadline=None)
@given(text=TEXTS, title=st.text(max_size=400))
def test_no_passage_with_its_title_exceeds_what_the_model_reads(text, title):
    document = article(text, title=title, published=date(2024, 5, 17))
    limit = MODEL_TOKENS - RESERVED_TOKENS
    for passage in chunk(document, count_characters, 400):
        assert count_characters(contextual_text(document, passage)) <= limit + 1  # line break


@pytest.mark.model
@pytest.mark.parametrize("piece", ["mot", "ﷺ", "汉 字", "😀", "é", "1,5 ", "<s>", "\u200b"])
def test_the_real_tokenizer_never_has_to_cut(real_embedder, piece):
    document = article(piece * 2000, title=piece * 200, published=date(2024, 5, 17))
    for passage in chunk(document, real_embedder.count_tokens, 400):
        embedded = "passage: " + contextual_text(document, passage)
        assert real_embedder.count_tokens(embedded) + 2 <= MODEL_TOKENS


@settings(deadline=None)
@given(text=TEXTS, language=st.sampled_from(["fr", "en"]))
def test_sentences_hold_everything_but_white_space_and_stay_in_their_paragraph(text, language):
    found = split(text, language)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(s and s == s.strip() and "\n\n" not in s for s in found)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["Selon M. Roux, le trou atteint 14,3 milliards.", "Il s'en va."]),
        ("fr", ["« Nous tiendrons. Toujours », a dit la préfète.", "La séance est levée."]),
        ("fr", ["«\u00a0C’est fini\u00a0! Nous partons\u00a0», crie-t-il.", "Rien ne bouge."]),
        ("fr", ["Le Dr. Petit et Mme. Roux ont voté.", "Le No. 5 gagne."]),
        ("fr", ["Le 1er janv. 2020, M. le préfet est venu.", "Il pleuvait."]),
        ("fr", ["Est-ce possible ?", "Oui !", "La hausse est de 3.5 %."]),
        ("fr", ["Le conseil de l'O.N.U., réuni hier, hésite.", "Il attend."]),
        ("en", ["The U.S. economy grew 3.5%.", "Dr. Smith said so.", "J. K. Rowe agreed."]),
        ("en", ["“Is it over?” she asked.", "He left at 5 p.m. on Jan. 3."]),
        ("en", ["It costs $3.50 a lb.", "Wait... what?", "Smith vs. Jones goes on."]),
    ],
)
def test_abbreviations_numbers_and_quotations_do_not_break_sentences(language, expected):
    assert split(" ".join(expected), language) == expected


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_article():
    sentence = "Le maire de la commune a répondu que le pont serait refait avant la fin de l'été."
    text = "« " + " ".join([sentence] * 12)
    assert split(text) == ["« " + sentence, *[sentence] * 11]


def test_a_transcript_without_capitals_still_has_sentences():
    assert split("il est parti hier soir. personne ne sait pourquoi. on attend.") == [
        "il est parti hier soir.",
        "personne ne sait pourquoi.",
        "on attend.",
    ]


def test_passages_are_of_even_size_without_a_tiny_last_one():
    text = " ".join(
        f"La phrase numéro {i} compte exactement dix mots avec son point." for i in range(23)
    )
    sizes = [count_words(p.text) for p in chunk(article(text), count_words, 100)]
    assert sum(sizes) == count_words(text)
    assert all(60 <= size <= 100 for size in sizes)


def test_passages_break_between_paragraphs_rather_than_inside():
    paragraph = " ".join(["Le conseil a voté le budget de la ville hier soir sans débat."] * 6)
    text = "\n\n".join([paragraph] * 3)
    passages = chunk(article(text), count_words, 100)
    assert [p.text for p in passages] == [paragraph] * 3
    assert [p.paragraph for p in passages] == [1, 2, 3]


@pytest.mark.parametrize(
    "leading",
    [
        "Combien de temps faudra-t-il pour remettre la grue du port en service ?",
        "Vous aviez promis une date. Qu'est-ce qui vous empêche de la tenir ?",
        "Une grue à l'arrêt",
    ],
)
def test_a_heading_or_a_question_of_an_interview_stays_with_what_follows_it(leading):
    answer = " ".join(["Nous attendons une pièce qui vient d'un autre port du pays."] * 4)
    passages = chunk(article("\n\n".join([leading, answer] * 6)), count_words, 75)
    assert len(passages) == 6
    assert all(passage.text.startswith(leading) for passage in passages)


def test_short_news_paragraphs_share_a_passage():
    text = "\n\n".join(["Le conseil a voté le budget."] * 12)
    passages = chunk(article(text), count_words, 100)
    assert [p.text for p in passages] == [text]


def test_a_sentence_longer_than_a_passage_stays_whole():
    long = "Le maire a dit que " + "et que ".join(["la ville paierait "] * 30) + "bientôt."
    passages = chunk(article(f"Il pleut. {long} Il neige."), count_words, 100)
    assert long in [p.text for p in passages]


def test_minified_text_is_cut_at_words_and_clauses():
    text = "budget, ".join(["la ville de Valmont a voté le "] * 300)
    passages = chunk(article(text), count_words, 200)
    assert all(count_words(p.text) <= 200 for p in passages)
    assert all(p.text.endswith("budget,") for p in passages[:-1])


def test_a_text_without_spaces_is_cut_anyway():
    passages = chunk(article("x" * 5000), count_characters, 200)
    assert all(len(p.text) <= 200 for p in passages)
    assert "".join(p.text for p in passages) == "x" * 5000


def test_an_empty_article_has_no_passages():
    assert chunk(article(" \n\n "), count_words) == []


def test_title_and_date_are_embedded_with_the_passage():
    document = article("Il pleut.", title="Le temps\nqu'il fait", published=date(2024, 5, 17))
    (passage,) = chunk(document, count_words)
    assert contextual_text(document, passage) == "Le temps qu'il fait\n2024-05-17\nIl pleut."
    assert passage.text == "Il pleut."


def test_without_title_and_date_the_passage_is_embedded_alone():
    document = article("Il pleut.")
    assert contextual_text(document, chunk(document, count_words)[0]) == "Il pleut."
