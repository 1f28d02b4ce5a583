"""A Word export has real headings, quotations and languages, and opens whatever the text."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn

from rag import export
from rag.types import Language
from tests.archive.conversations import DISAGREEMENT, REFUSAL, turn
from tests.export.hostile import hostile_turn


def opened(language: Language = "en", *turns):
    turns = turns or (turn(DISAGREEMENT, 1), turn(REFUSAL, 2))
    return Document(BytesIO(export.docx(turns, language, "The bridge")))


def styled(document, style: str) -> list[str]:
    return [one.text for one in document.paragraphs if one.style.name == style]


def test_headings_quotations_and_lists_are_word_s_own() -> None:
    document = opened()
    assert styled(document, "Title") == ["The bridge"]
    assert styled(document, "Heading 1") == [
        "Combien a coûté le pont\N{NO-BREAK SPACE}?",
        "Who paid?",
    ]
    assert styled(document, "Heading 2") == [
        "The versions that differ",
        "Left out, as the article does not bear it out",
        "Cited sources",
        "Closest passages",
    ]
    assert styled(document, "Quote") == [
        "“Le pont a coûté 14 millions d’euros”",
        "“The bridge cost 17 million euros.”",
        "“The bridge cost 17 million euros.”",
    ]
    assert styled(document, "List Bullet")[2] == "Le pont est bleu."


def test_a_doubt_and_a_refusal_are_told() -> None:
    texts = [one.text for one in opened().paragraphs]
    assert "The dossier does not answer" in texts
    assert any(
        one.endswith("(Partly verified: words in quotation marks not in the source: grand pont)")
        for one in texts
    )


@pytest.mark.parametrize(("language", "locale"), [("fr", "fr-FR"), ("en", "en-GB")])
def test_spelling_is_checked_in_the_language_of_the_words(language: Language, locale: str) -> None:
    document = opened(language)
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert defaults.get(qn("w:val")) == locale
    spoken = {
        "".join(text.text or "" for text in run.iter(qn("w:t"))): lang.get(qn("w:val"))
        for run in document.element.body.iter(qn("w:r"))
        for lang in run.iter(qn("w:lang"))
    }
    assert spoken["Le pont est bleu."] == "fr-FR"
    assert spoken["Who paid?"] == "en-GB"
    assert locale in {spoken.get("Sources citées"), spoken.get("Cited sources")}
    assert document.core_properties.language == locale


def test_an_address_is_a_link() -> None:
    document = opened()
    links = list(document.element.body.iter(qn("w:hyperlink")))
    targets = [document.part.rels[one.get(qn("r:id"))].target_ref for one in links]
    assert targets == ["https://example.org/quay"] * 2


def test_a_hostile_article_still_makes_a_document_that_opens() -> None:
    data = export.docx([hostile_turn()], "fr")
    assert ZipFile(BytesIO(data)).testzip() is None
    document = Document(BytesIO(data))
    assert len(styled(document, "Heading 1")) == 1
    assert any("<script>alert(1)</script>" in one.text for one in document.paragraphs)


def test_the_document_says_who_made_it_and_what_it_is() -> None:
    about = opened().core_properties
    assert (about.title, about.author, about.comments) == ("The bridge", "Recoupe", "")
