"""HTML pages: trafilatura finds the article and what the page states of it."""

import logging
import re
from datetime import date

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Document as Extracted
from trafilatura.utils import load_html

from rag.errors import ArticleError
from rag.ingest.article import Page, Stated
from rag.ingest.dates import find_date
from rag.ingest.decode import tidy
from rag.ingest.lines import paragraph_lines
from rag.language import detect
from rag.types import Language

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
_LIBRARIES = ("trafilatura", "htmldate", "justext", "courlan")
_META_DATES = frozenset(
    "article:published_time og:article:published_time datepublished date pubdate publishdate "
    "publish-date publish_date publication_date dc.date dc.date.issued dcterms.date "
    "dcterms.created dcterms.issued citation_publication_date parsely-pub-date "
    "sailthru.date".split()
)
_LINKED_DATA_DATE = re.compile(r'"(?:datePublished|dateCreated)"\s*:\s*"([^"]{8,40})"')
_DATED_CLASS = re.compile(
    r"\b(date|dateline|published|publication|publie|posted|byline|pubdate|time)"
)
_ELSEWHERE = ("footer", "aside", "nav", "form")


def declared_charset(data: bytes) -> str | None:
    """The encoding that a page declares of itself in its first lines."""
    found = _CHARSET.search(data[:4096])
    return found[1].decode("ascii") if found else None


def read_html(html: str, path: str, url: str = "") -> Page:
    """The paragraphs of the article in `html`, and its metadata.

    A date counts only where the page states it: no guess from its address or its text.
    Raises ArticleError where the page holds no text.
    """
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what fails is in the return value
    if "<body" not in html.lower():
        html = f"<html><body>{html}</body></html>"  # a fragment, as copied out of a page
    tree = _load(html)
    found = _extract(html, url) if tree is not None else None
    if tree is None or found is None or not (found.text or "").strip():
        raise ArticleError("ingest.nothing_to_read", path=path)
    text = tidy(found.text or "")
    stated = Stated(
        title=found.title or "",
        author=(found.author or "").replace("; ", ", "),
        outlet=_name(found.sitename),
        published=_published(tree, detect(text)),
        url=found.url or url,
    )
    return Page(paragraph_lines(enumerate(text.split("\n"), start=1)), stated)


def _load(html: str) -> HtmlElement | None:
    try:
        return load_html(html)
    except Exception:  # whatever the parser trips over, the other articles go on
        return None


def _extract(html: str, url: str) -> Extracted | None:
    try:
        found = trafilatura.bare_extraction(
            html,
            url=url or None,
            with_metadata=True,
            include_comments=False,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception:  # as above
        return None
    return found if isinstance(found, Extracted) else None


def _name(sitename: str | None) -> str:
    """The outlet's name; a bare number as address names nobody."""
    return sitename if sitename and any(char.isalpha() for char in sitename) else ""


def _published(tree: HtmlElement, language: Language) -> date | None:
    """The date of publication from the page's metadata, else beside its headline."""
    return next(
        (day for text in _date_texts(tree) if (day := find_date(text, language))),
        None,
    )


def _date_texts(tree: HtmlElement) -> list[str]:
    metas = [
        meta.get("content", "")
        for meta in tree.iter("meta")
        if (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        in _META_DATES
    ]
    linked = [
        found
        for script in tree.iter("script")
        if "ld+json" in script.get("type", "")
        for found in _LINKED_DATA_DATE.findall(script.text or "")
    ]
    times = [
        time.get("datetime") or time.text_content()
        for time in tree.iter("time")
        if not _is_elsewhere(time)
    ]
    return [*metas, *linked, *times, *_dated_elements(tree)]


def _dated_elements(tree: HtmlElement) -> list[str]:
    return [
        text
        for element in tree.iter("p", "span", "div", "small")
        if _DATED_CLASS.search(f"{element.get('class', '')} {element.get('id', '')}".lower())
        and len(text := " ".join(element.text_content().split())) <= 150
        and not _is_elsewhere(element)
    ]


def _is_elsewhere(element: HtmlElement) -> bool:
    return any(above.tag in _ELSEWHERE for above in element.iterancestors())
