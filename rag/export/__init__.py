"""Turns of a conversation, to take elsewhere: Markdown, HTML, JSON, Word.

Each with its question, answer and sources in full. `title` heads the document; `lost` is the
evidence that no longer holds (`rag.archive.evidence.lost_of`), told beside its source.
"""

from collections.abc import Mapping, Sequence

from rag.archive.records import Turn
from rag.export import as_html, as_json, as_markdown
from rag.export.as_json import feedback
from rag.export.sheet import Lost, entries
from rag.export.text import one_line, said, spaced
from rag.types import Language

__all__ = ["docx", "feedback", "html", "json", "markdown"]
_NOTHING: Mapping[int, tuple[()]] = {}


def markdown(
    turns: Sequence[Turn], language: Language, title: str = "", lost: Lost = _NOTHING
) -> str:
    """A Markdown document, its labels in `language`."""
    return as_markdown.render(entries(turns, language, lost), language, _title(title, language))


def html(turns: Sequence[Turn], language: Language, title: str = "", lost: Lost = _NOTHING) -> str:
    """A web page that needs no other file, its labels in `language`."""
    return as_html.render(entries(turns, language, lost), language, _title(title, language))


def json(turns: Sequence[Turn]) -> str:
    """Everything that is kept of the turns, each answer as `recoupe ask --json` prints it."""
    return as_json.render(turns)


def docx(
    turns: Sequence[Turn], language: Language, title: str = "", lost: Lost = _NOTHING
) -> bytes:
    """A Word document, its labels in `language`."""
    from rag.export import as_word  # takes a while to load, and is seldom wanted

    return as_word.render(entries(turns, language, lost), language, _title(title, language))


def _title(title: str, language: Language) -> str:
    return spaced(one_line(title), language) or said("export.title", language)
