"""Captures of web pages, each with its own furniture, come out as the article alone."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from rag.config import PROJECT, Settings
from rag.ingest import Article, read_article
from rag.messages import table

PAGES = Path(__file__).parent / "pages"
CAPTURES = sorted(PAGES.glob("*.txt"))
SHARED = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared")) / "seeds"
each_capture = pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)


def read(path: Path) -> Article:
    return read_article(str(path), Settings())


def expected(path: Path) -> dict[str, object]:
    wanted: dict[str, object] = json.loads(
        path.with_suffix(".expected.json").read_text(encoding="utf-8")
    )
    return wanted


def test_captures_of_both_languages_are_tested() -> None:
    languages = [expected(path)["language"] for path in CAPTURES]
    assert min(languages.count("fr"), languages.count("en")) >= 4


@each_capture
def test_an_article_begins_and_ends_where_the_journalist_began_and_ended(path: Path) -> None:
    text, wanted = read(path).document.text, expected(path)
    assert text.startswith(str(wanted["first"]))
    assert text.endswith(str(wanted["last"]))


@each_capture
def test_an_answer_never_cites_page_furniture(path: Path) -> None:
    text, wanted = read(path).document.text, expected(path)
    assert [phrase for phrase in wanted["absent"] if phrase in text] == []  # type: ignore[attr-defined]


@each_capture
def test_nothing_of_the_article_is_lost(path: Path) -> None:
    text, wanted = read(path).document.text, expected(path)
    assert [phrase for phrase in wanted["present"] if phrase not in text] == []  # type: ignore[attr-defined]


@each_capture
@pytest.mark.parametrize("field", ["title", "author", "outlet", "language", "published"])
def test_a_citation_names_title_author_outlet_and_date(path: Path, field: str) -> None:
    found = getattr(read(path).document, field)
    assert (found.isoformat() if isinstance(found, date) else found) == expected(path)[field]


@each_capture
def test_every_line_is_either_in_the_text_or_explained(path: Path) -> None:
    article = read(path)
    removed = {line.number: line.text for line in article.removed}
    lines = enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)
    rest = [line.strip() for number, line in lines if removed.get(number) != line.strip()]
    assert " ".join(filter(None, rest)).split() == article.document.text.split()
    assert all(line.reason in table() for line in article.removed)


@pytest.mark.skipif(not SHARED.exists(), reason="the two real captures are not here")
class TestRealCaptures:
    def test_the_first_is_the_article_and_nothing_else(self) -> None:
        article = read(next(SHARED.glob("000_*.txt")))
        document = article.document
        assert (document.author, document.outlet) == ("Julian Singh", "Media Wall News")
        assert (document.published, document.language) == (date(2025, 6, 13), "fr")
        assert document.title.startswith("Investissement de Meta dans Scale AI atteint 15")
        assert document.text.startswith("Lorsque Mark Zuckerberg a discrètement rencontré")
        assert document.text.endswith("qu’ils n’ont pas l’intention de rester sur la touche.")
        assert document.text.count("\n\n") == 20
        assert len(article.removed) > 90

    def test_the_second_has_a_title_and_no_invented_author_or_date(self) -> None:
        document = read(next(SHARED.glob("002_*.txt"))).document
        assert document.title.startswith("Meta investit 14,3 pour Scale AI")
        assert (document.author, document.outlet, document.published) == ("", "", None)
        assert document.text.startswith("Meta investit 14,3 milliards $ pour prendre 49 %")
        assert document.text.endswith("sur l’intelligence artificielle Apple Perplexity.")
        assert document.text.count("\n\n") == 13
