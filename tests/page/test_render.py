"""What the page shows of an answer: whole, escaped, and in both languages."""

import re
from dataclasses import replace
from datetime import date

import pytest

from rag.errors import RecoupeError
from rag.page import render
from rag.page.view import View, after
from rag.types import (
    Answer,
    Citation,
    Document,
    Hit,
    HitsFound,
    Language,
    Passage,
    PassageRead,
    Quotation,
    Reading,
    ReadingDelta,
    Sentence,
    TextDelta,
)
from tests.fakes import hit_on, reading_of

EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script> ${alert(3)} {{value}}'
TEXT = (
    "Le pont est fermé. La mairie a payé 2,3 millions d’euros. Les travaux durent un an. "
    "Un second pont est prévu. Il sera en bois.\n\nLe préfet ne dit rien."
)
QUOTE = "La mairie a payé 2,3 millions d’euros."
START = TEXT.index(QUOTE)
DOCUMENT = Document(
    "d1", "/articles/pont.txt", TEXT, "fr", "Le pont", "A. Auteur", "Gazette", date(2025, 6, 1)
)
PASSAGE = Passage("d1-0000", "d1", 0, len(TEXT), TEXT, 1)
HIT = Hit(PASSAGE, DOCUMENT, 0.5, 1)
CITATION = Citation(
    n=1,
    passage_id="d1-0000",
    document_id="d1",
    title="Le pont",
    author="A. Auteur",
    outlet="Gazette",
    published="2025-06-01",
    url="",
    path="/articles/pont.txt",
    paragraph=1,
    start=START,
    end=START + len(QUOTE),
    quote=QUOTE,
)
ANSWER = Answer(
    question="Combien ?",
    language="fr",
    text="La mairie a payé 2,3 millions d’euros [1].",
    refused=False,
    citations=(CITATION,),
    sentences=(Sentence("La mairie a payé 2,3 millions d’euros.", (1,), "supported"),),
    models={"llm": "petit"},
    timings={"retrieve": 0.24, "total": 2.14},
)
DONE = View("Combien ?", "done", 2.1, "fr", hits=(HIT,), text=ANSWER.text, answer=ANSWER)


def find(document_id: str) -> Document | None:
    return DOCUMENT if document_id == "d1" else None


def unescaped_tags(html: str) -> set[str]:
    return set(re.findall(r"<(img|script|b|iframe)\b", html))


# -- the answer -----------------------------------------------------------------------------


def test_a_marker_leads_to_the_card_of_its_source() -> None:
    assert '<a class="marker" href="#source-1" data-source="1">[1]</a>' in render.answer(DONE, "fr")
    assert 'id="source-1"' in render.sources(DONE, find, "fr")


def test_a_card_shows_the_exact_words_marked_in_their_place() -> None:
    card = render.sources(DONE, find, "fr")
    assert f"Le pont est fermé. <mark>{QUOTE}</mark> Les travaux durent un an." in card
    for fact in (
        "Le pont",
        "Gazette",
        "A. Auteur",
        "1 juin 2025",
        "paragraphe 1",
        "/articles/pont",
    ):
        assert fact in card


@pytest.mark.parametrize(
    ("language", "heading", "when", "seconds"),
    [
        ("fr", "Sources citées", "1 juin 2025", "2,1"),
        ("en", "Cited sources", "June 1, 2025", "2.1"),
    ],
)
def test_the_page_speaks_the_language_that_was_chosen(
    language: Language, heading: str, when: str, seconds: str
) -> None:
    card = render.sources(DONE, find, language)
    assert heading in card and when in card
    assert seconds in render.status(DONE, language)
    assert seconds in render.answer(DONE, language)


def test_the_words_survive_an_article_that_was_removed_or_replaced_meanwhile() -> None:
    assert f"<mark>{QUOTE}</mark>" in render.sources(DONE, lambda _: None, "fr")
    newer = replace(DOCUMENT, text="Tout autre chose.")
    shown = render.sources(DONE, lambda _: newer, "fr")
    assert f"<mark>{QUOTE}</mark>" in shown and "Tout autre chose" not in shown


@pytest.mark.parametrize(
    ("status", "label"), [("partly", "En partie vérifié"), ("unsupported", "Non vérifié")]
)
def test_a_sentence_that_was_not_verified_is_marked_with_its_problem(
    status: str, label: str
) -> None:
    sentence = Sentence(ANSWER.sentences[0].text, (1,), status, ("figure: 2,3 millions",))  # type: ignore[arg-type]
    shown = render.answer(replace(DONE, answer=replace(ANSWER, sentences=(sentence,))), "fr")
    assert f'<span class="{status}">La mairie a payé' in shown
    assert f"({label} : chiffre absent de la source : 2,3 millions)" in shown


def test_a_problem_of_an_unknown_kind_is_shown_as_it_is() -> None:
    sentence = Sentence(ANSWER.sentences[0].text, (1,), "partly", ("date: 1999",))
    shown = render.answer(replace(DONE, answer=replace(ANSWER, sentences=(sentence,))), "en")
    assert "(Partly verified: date: 1999)" in shown


def test_a_verified_sentence_carries_no_warning() -> None:
    assert "why" not in render.answer(DONE, "fr")


def test_a_refusal_says_so_and_shows_the_closest_passages() -> None:
    refusal = Answer("Qui ?", "fr", "Rien ne le dit.", refused=True)
    view = replace(DONE, answer=refusal)
    assert "Le dossier ne répond pas" in render.answer(view, "fr")
    assert "Passages les plus proches" in render.sources(view, find, "fr")
    cited = replace(view, answer=replace(refusal, citations=(CITATION,)))
    closest = render.sources(cited, find, "fr")
    assert "Passages les plus proches" in closest and "<mark>" not in closest.split("<details>")[0]


def test_the_copied_text_has_the_answer_and_every_source() -> None:
    assert render.plain_copy(ANSWER, "fr") == (
        "La mairie a payé 2,3 millions d’euros [1].\n\nSources :\n"
        f"[1] Le pont, Gazette, A. Auteur, 2025-06-01. « {QUOTE} » (/articles/pont.txt)"
    )


# -- while it is being answered -------------------------------------------------------------


def test_passages_are_shown_before_any_model_has_spoken() -> None:
    view = after(View("Combien ?", "searching"), HitsFound("fr", (HIT,)))
    shown = render.sources(view, find, "fr")
    assert QUOTE in shown and "lecture en cours" in shown
    assert render.status(view, "fr").count("0 sur 1") == 1


def test_a_passage_says_what_it_answers_once_it_was_read() -> None:
    view = after(View("Combien ?", "searching"), HitsFound("fr", (HIT,)))
    read = Reading(HIT, 0.9, "Elle a payé 2,3 millions.", START, START + len(QUOTE))
    shown = render.sources(after(view, PassageRead(read)), find, "en")
    assert "answers:</span> Elle a payé 2,3 millions." in shown
    assert f"<mark>{QUOTE}</mark>" in shown


def test_a_passage_that_says_nothing_is_told_apart() -> None:
    view = after(View("Combien ?", "searching"), HitsFound("fr", (HIT,)))
    shown = render.sources(after(view, PassageRead(Reading(HIT, 0.1))), find, "fr")
    assert "ne dit rien à ce sujet" in shown and "<mark>" not in shown


def test_the_text_grows_as_it_is_written() -> None:
    view = after(after(View("Combien ?", "reading"), TextDelta("La mai")), TextDelta("rie [1]"))
    assert "La mairie <a" in render.answer(view, "fr")


def test_what_was_written_stays_when_the_engine_fails() -> None:
    view = replace(DONE, answer=None, phase="failed", error=RecoupeError("page.no_question"))
    shown = render.answer(view, "fr")
    assert "La mairie a payé" in shown and 'role="alert"' in shown


def test_nothing_is_shown_before_the_first_question() -> None:
    assert render.status(View(), "fr") == render.sources(View(), find, "fr") == ""


# -- what articles, models and users may hold -----------------------------------------------


def test_html_in_an_article_shows_as_text() -> None:
    document = Document("d1", EVIL, f"{EVIL} {QUOTE}", "fr", EVIL, EVIL, EVIL, url=EVIL)
    start = document.text.index(QUOTE)
    citation = replace(
        CITATION,
        title=EVIL,
        author=EVIL,
        outlet=EVIL,
        path=EVIL,
        url=EVIL,
        start=start,
        end=start + len(QUOTE),
    )
    view = replace(DONE, answer=replace(ANSWER, citations=(citation,)))
    shown = render.sources(view, lambda _: document, "fr") + render.answer(view, "fr")
    assert unescaped_tags(shown) == set()
    assert "&lt;script&gt;alert(2)" in shown


def test_html_in_a_passage_or_its_reading_shows_as_text() -> None:
    document = replace(DOCUMENT, text=EVIL, title=EVIL, outlet=EVIL, author=EVIL, path=EVIL)
    hit = Hit(Passage("d1-0000", "d1", 0, len(EVIL), EVIL, 1), document, 1.0, 1, ("d2-0000",))
    view = after(View(EVIL, "searching"), HitsFound("fr", (hit,)))
    view = after(view, PassageRead(Reading(hit, 0.9, EVIL, 0, 20)))
    shown = render.sources(view, find, "fr") + render.answer(view, "fr")
    assert unescaped_tags(shown) == set()


def test_html_in_an_answer_shows_as_text() -> None:
    sentence = Sentence(EVIL, (), "unsupported", (f"name: {EVIL}", EVIL))
    answer = replace(ANSWER, text=EVIL, sentences=(sentence,), models={"llm": EVIL})
    shown = render.answer(replace(DONE, question=EVIL, answer=answer), "fr")
    streamed = render.answer(View(EVIL, "writing", text=EVIL), "fr")
    assert unescaped_tags(shown + streamed) == set()


def test_html_in_an_error_shows_as_text() -> None:
    error = RecoupeError("settings.language", value=EVIL)
    assert unescaped_tags(render.error(error, "fr")) == set()


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://[", "ftp://a"],
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert "<a" not in render.origin(address, address)


def test_a_web_address_is_a_link_that_says_nothing_about_this_page() -> None:
    link = render.origin("/tmp/a.html", 'https://journal.example/"x')
    assert 'href="https://journal.example/&quot;x"' in link
    assert 'rel="noopener noreferrer"' in link


# -- the words around a quotation -----------------------------------------------------------


def test_a_quotation_keeps_to_its_paragraph() -> None:
    start = TEXT.index("Il sera en bois.")
    before, following = render.context(TEXT, start, start + 16, "fr")
    assert before == "Les travaux durent un an. Un second pont est prévu. "
    assert following == ""


def test_a_quotation_that_is_a_whole_paragraph_has_its_neighbours() -> None:
    start = TEXT.index("Le préfet")
    before, _ = render.context(TEXT, start, len(TEXT), "fr")
    assert before == "Un second pont est prévu. Il sera en bois.\n\n"


@pytest.mark.parametrize("start", range(0, len(TEXT), 7))
def test_no_character_is_lost_around_a_quotation(start: int) -> None:
    before, following = render.context(TEXT, start, start + 5, "fr")
    assert TEXT.count(before + TEXT[start : start + 5] + following) == 1


def test_a_very_long_article_is_cut_around_the_quotation_and_says_so() -> None:
    long = "Une phrase. " * 9000
    start = 60_000
    document = replace(DOCUMENT, text=long)
    citation = replace(CITATION, start=start, end=start + 11, quote=long[start : start + 11])
    view = replace(DONE, answer=replace(ANSWER, citations=(citation,)))
    shown = render.sources(view, lambda _: document, "fr")
    assert len(shown) < 25_000
    assert "L’article continue" in shown


def test_the_words_of_a_source_are_shown_as_unchecked_while_they_are_written() -> None:
    hit = hit_on("Le pont a rouvert mardi.", "fr")
    view = View("Quand ?", "reading", language="fr", hits=(hit,))
    view = after(after(view, ReadingDelta(hit, "Le pont ")), ReadingDelta(hit, "a <rouvert>"))
    shown = render.answer(view, "en")
    assert 'class="draft" lang="fr"' in shown
    assert "Being checked:" in shown
    assert "Le pont a &lt;rouvert&gt;" in shown
    assert "Le pont a &lt;rouvert&gt;" in render.sources(view, lambda _: None, "en")
    checked = after(view, PassageRead(reading_of(hit, "Le pont a rouvert mardi.")))
    assert "rouvert&gt;" not in render.sources(checked, lambda _: None, "en")


def test_a_translated_quotation_stands_beside_the_words_of_the_article() -> None:
    told = Quotation("a", 0, 1, "translated", "doc1", 0, 9, "The <bridge> holds")
    sentence = replace(ANSWER.sentences[0], quotations=(told,))
    result = replace(ANSWER, sentences=(sentence,))
    page = render.answer(replace(DONE, answer=result), "fr")
    assert "(citation traduite ; dans l’article : « The &lt;bridge&gt; holds »)" in page


def test_what_was_left_out_and_which_articles_are_copies_is_told() -> None:
    result = replace(ANSWER, dropped=("Il a coûté <19> euros.",))
    page = render.answer(replace(DONE, answer=result), "fr")
    assert "Écarté, faute d’appui dans l’article : Il a coûté &lt;19&gt; euros." in page
    copied = replace(ANSWER.citations[0], copies=("Le <Relais>",))
    cards = render.sources(replace(DONE, answer=replace(ANSWER, citations=(copied,))), find, "en")
    assert "Same article, counted once: Le &lt;Relais&gt;" in cards
