"""Plain text: an article alone, or a web page captured with everything around it."""

from rag.ingest.article import Page, Stated
from rag.ingest.lines import split_lines


def read_text(text: str) -> Page:
    """The lines of plain text; it states nothing beside them."""
    return Page(split_lines(text), Stated())
