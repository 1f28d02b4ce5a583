"""From files, folders and addresses to documents: one reader a format, then cleaning.

find_sources -> read_bytes / fetch -> decode -> read_text / read_markdown / read_html
             -> lines -> clean (furniture, body, metadata, dates) -> Article
"""

import hashlib
import os
from dataclasses import replace
from datetime import date
from urllib.parse import urldefrag

from rag.config import Settings
from rag.errors import ArticleError
from rag.ingest.article import Article, Page, RemovedLine, Stated, make_article
from rag.ingest.decode import decode
from rag.ingest.fetch import fetch_page
from rag.ingest.files import SUPPORTED, find_sources, is_url, read_bytes, resolve, suffix
from rag.ingest.html import declared_charset, read_html
from rag.ingest.markdown import read_markdown
from rag.ingest.text import read_text

__all__ = [
    "SUPPORTED",
    "Article",
    "RemovedLine",
    "document_id",
    "find_sources",
    "pasted_article",
    "read_article",
]


def document_id(path: str) -> str:
    """The id of the document at `path`: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(path.encode()).hexdigest()[:16]


def read_article(source: str, settings: Settings, name: str | None = None) -> Article:
    """Read one file or URL as an article.

    `name` is recorded as the document's path instead of where the bytes lie (an upload lies in
    a temporary file). Raises ArticleError: one line that says what is wrong and what to do.
    """
    if is_url(source):
        return _read_url(urldefrag(source).url, settings, name)
    return _read_file(source, settings, name)


def pasted_article(text: str, title: str, outlet: str, published: date | None) -> Article:
    """An article from pasted text; what is stated goes before what its lines give away.

    Its path names its words, and so stays the same when they are pasted again. Raises ArticleError
    where there is nothing to read.
    """
    data = text.encode("utf-8", errors="replace")
    path = f"paste-{hashlib.sha256(data).hexdigest()[:12]}.txt"
    stated = Stated(title=title.strip(), outlet=outlet.strip(), published=published)
    told = f"{stated.title}\n{stated.outlet}\n{published or ''}\n".encode("utf-8", "replace")
    sha256 = hashlib.sha256(told + data).hexdigest()
    lines = read_text(decode(data, path)).lines
    return make_article(Page(lines, stated), document_id(path), path, sha256)


def _read_url(url: str, settings: Settings, name: str | None) -> Article:
    fetched = fetch_page(url, settings)
    page = _read(fetched.data, fetched.suffix, url, fetched.charset, fetched.url)
    if not page.stated.url:
        page = replace(page, stated=replace(page.stated, url=fetched.url))
    return _article(page, fetched.data, name or url)


def _read_file(source: str, settings: Settings, name: str | None) -> Article:
    path = name or resolve(source)
    _check_name(path)
    if os.path.isdir(source):
        _refuse_folder(source)
    if not os.path.lexists(source):
        raise ArticleError("ingest.missing", path=path)
    if suffix(path) not in SUPPORTED:
        raise ArticleError("ingest.unsupported", path=path, supported=", ".join(SUPPORTED))
    data = read_bytes(source, settings.fetch_bytes, path)
    return _article(_read(data, suffix(path), path), data, path)


def _read(data: bytes, format: str, path: str, charset: str | None = None, url: str = "") -> Page:
    if format in (".html", ".htm", ".xhtml"):
        text = decode(data, path, charset or declared_charset(data))
        return read_html(text, path, url)
    text = decode(data, path, charset)
    return read_markdown(text) if format in (".md", ".markdown") else read_text(text)


def _article(page: Page, data: bytes, path: str) -> Article:
    return make_article(page, document_id(path), path, hashlib.sha256(data).hexdigest())


def _check_name(path: str) -> None:
    """Raise ArticleError for a name that is not text, which no database could keep."""
    try:
        path.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", errors="replace")
        raise ArticleError("ingest.name", path=shown) from None


def _refuse_folder(folder: str) -> None:
    if not os.access(folder, os.R_OK | os.X_OK):
        raise ArticleError("ingest.unreadable", path=folder, detail="Permission denied")
    raise ArticleError("ingest.no_articles", path=folder, supported=", ".join(SUPPORTED))
