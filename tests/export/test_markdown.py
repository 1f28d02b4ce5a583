"""A Markdown export shows what was said, and nothing in it can be more than text."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.export import markdown
from rag.export.as_markdown import escaped
from rag.export.text import one_line
from tests.archive.conversations import DISAGREEMENT, turn
from tests.export.hostile import hostile_turn

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(text: str) -> list[Token]:
    return [one for token in READER.parse(text) for one in (token, *(token.children or []))]


def test_a_reader_finds_headings_quotes_and_sources() -> None:
    found = READER.render(markdown([turn(DISAGREEMENT)], "en", "The bridge"))
    assert re.findall(r"<h(\d)>(.*?)</h", found) == [
        ("1", "The bridge"),
        ("2", "Combien a coûté le pont\N{NO-BREAK SPACE}?"),
        ("3", "The versions that differ"),
        ("3", "Left out, as the article does not bear it out"),
        ("3", "Cited sources"),
    ]
    assert re.findall(r"<blockquote>\s*<p>(.*?)</p>", found) == [
        "“Le pont a coûté 14 millions d’euros”",
        "“The bridge cost 17 million euros.”",
    ]
    assert "<strong>[1]</strong> Le Courrier, Ana Rey, “Le pont ouvre”, March 5, 2024" in found
    assert '<a href="https://example.org/quay">https://example.org/quay</a>' in found


def test_a_document_without_a_name_says_what_it_is() -> None:
    assert markdown([], "fr").startswith("# Questions posées à un dossier d’articles\n")


def test_nothing_in_an_article_becomes_markup() -> None:
    found = tokens(markdown([hostile_turn()], "en", "<script>"))
    kinds = {token.type for token in found}
    assert kinds.isdisjoint({"html_block", "html_inline", "image", "code_inline", "fence"})
    links = [token.attrs["href"] for token in found if token.type == "link_open"]
    assert links == ["https://evil.example/%22%3E)%3Cscript%3E%20%60x%60"]
    assert [one.tag for one in found if one.type == "heading_open"] == "h1 h2 h3 h3 h3".split()


@settings(deadline=None)
@given(text=st.text(min_size=1) | st.text("\\`*_[]()<>&~|$#{}^!:-+=.1a w\n", min_size=1))
def test_any_text_is_read_as_it_was_written(text: str) -> None:
    line = one_line(text)
    if line:
        kinds = [token.type for token in READER.parse(escaped(line))]
        shown = "".join(one.content for one in READER.parse(escaped(line))[1].children or [])
        assert (kinds, shown) == (["paragraph_open", "inline", "paragraph_close"], line)
