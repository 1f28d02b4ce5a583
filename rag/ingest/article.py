"""What every reader of a format hands on, and how an Article is made of it."""

from dataclasses import dataclass
from datetime import date

from rag.errors import ArticleError
from rag.ingest.body import clean
from rag.ingest.lines import Line
from rag.ingest.metadata import without_outlet
from rag.types import Document, Language


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A line that is not in the document's text, and why.

    `number` counts from 1 in the source (for HTML, in its extracted paragraphs). `reason` is a
    key of messages.toml, as in `message(line.reason, language)`.
    """

    number: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """A document, the SHA-256 of the bytes it was read from, and the lines it left out."""

    document: Document
    sha256: str
    removed: tuple[RemovedLine, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a format says of its article outside of the text; empty where it says nothing."""

    title: str = ""
    author: str = ""
    outlet: str = ""
    published: date | None = None
    language: Language | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a source and what it states of them."""

    lines: list[Line]
    stated: Stated


def make_article(page: Page, id: str, path: str, sha256: str) -> Article:
    """Clean a page and complete what it states by what its lines give away.

    Raises ArticleError where nothing is left to read.
    """
    stated = page.stated
    cleaned = clean(page.lines, stated.title)
    text = "\n\n".join(line.text for line in cleaned.kept)
    if not any(char.isalnum() for char in text):
        raise ArticleError("ingest.nothing_to_read", path=path)
    outlet = stated.outlet or cleaned.outlet
    document = Document(
        id=id,
        path=path,
        text=text,
        language=stated.language or cleaned.language,
        title=without_outlet(stated.title, outlet) or cleaned.title,
        author=stated.author or cleaned.author,
        outlet=outlet,
        published=stated.published or cleaned.published,
        url=stated.url,
    )
    removed = tuple(RemovedLine(line.number, line.text, why) for line, why in cleaned.removed)
    return Article(document, sha256, removed)
