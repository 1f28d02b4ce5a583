"""Markdown, with or without front matter, reduced to its words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.ingest.article import Page, Stated
from rag.ingest.dates import find_date
from rag.ingest.decode import tidy
from rag.ingest.lines import paragraph_lines
from rag.language import detect, fold
from rag.types import LANGUAGES, Language

_KEYS = {
    "title": ("title", "titre"),
    "author": ("author", "authors", "auteur", "auteure", "autrice", "auteurs", "byline"),
    "outlet": (
        "outlet",
        "source",
        "media",
        "publication",
        "journal",
        "site",
        "publisher",
        "editeur",
    ),
    "published": ("published", "date", "publie", "date de publication", "publication date", "paru"),
    "language": ("language", "langue", "lang"),
    "url": ("url", "link", "lien", "canonical", "adresse"),
}
_LANGUAGE_NAMES: dict[str, Language] = {
    "francais": "fr",
    "french": "fr",
    "fra": "fr",
    "english": "en",
    "anglais": "en",
    "eng": "en",
}
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_NOTE = re.compile(r"\[\^[\w-]{1,20}\](?!:)")  # the mark of a footnote
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_TAG = re.compile(r"<!--.*?-->|<[^>]{1,500}>", re.DOTALL)


def read_markdown(text: str) -> Page:
    """The paragraphs of a Markdown file, and what its front matter states.

    Front matter that is no valid YAML (a headline with an unquoted colon is enough) is read
    line by line, as `key: value`: the article is still there.
    """
    fields, body, skipped = _split_front_matter(text)
    paragraphs = list(_paragraphs(body))
    stated = _stated(fields, detect(" ".join(content for _, content in paragraphs)))
    if not stated.title:
        stated = replace(stated, title=_first_heading(body))
    return Page(
        paragraph_lines((number + skipped, content) for number, content in paragraphs), stated
    )


def _first_heading(markdown: str) -> str:
    tokens = _PARSER.parse(markdown)
    headings = (i for i, token in enumerate(tokens) if token.type == "heading_open")
    return next((_contents(tokens[i + 1]) for i in headings if tokens[i].tag == "h1"), "")


def _split_front_matter(text: str) -> tuple[dict[str, object], str, int]:
    """The fields, the Markdown after them, and how many lines stand before that."""
    block = _FRONT_MATTER.match(text)
    if not block:
        return {}, text, 0
    rest = text[block.end() :]
    skipped = text.count("\n", 0, block.end())
    try:
        fields, _ = frontmatter.parse(text, handler=YAMLHandler())
    except (yaml.YAMLError, ValueError, RecursionError):
        fields = _plain_fields(block[1])
    return (fields, rest, skipped) if fields or not block[1].strip() else ({}, text, 0)


def _plain_fields(block: str) -> dict[str, object]:
    pairs = (line.split(":", 1) for line in block.splitlines() if re.match(r"[\w -]+:", line))
    return {key: value.strip().strip("\"'") for key, value in pairs}


def _stated(fields: Mapping[str, object], language: Language) -> Stated:
    folded = {fold(str(key)).replace("_", " "): value for key, value in fields.items()}

    def field(name: str) -> object:
        return next((folded[key] for key in _KEYS[name] if folded.get(key)), None)

    stated_language = _language(_line(field("language")))
    return Stated(
        title=_line(field("title")),
        author=_line(field("author")),
        outlet=_line(field("outlet")),
        published=_date(field("published"), stated_language or language),
        language=stated_language,
        url=_line(field("url")),
    )


def _line(value: object) -> str:
    """A field as one line of text; a list of names becomes `A, B`, and nothing nests deeper."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("nom")
    if isinstance(value, list):
        return ", ".join(_scalar(item) for item in value[:20] if _scalar(item))
    return _scalar(value)


def _scalar(value: object) -> str:
    return " ".join(tidy(str(value)).split()) if isinstance(value, str | int | float) else ""


def _date(value: object, language: Language) -> date | None:
    if isinstance(value, date):  # a datetime is one too
        value = (value.date() if isinstance(value, datetime) else value).isoformat()
    return find_date(str(value), language) if value else None


def _language(value: str) -> Language | None:
    name = fold(value)
    return next((known for known in LANGUAGES if re.match(rf"{known}\b", name)), None) or (
        _LANGUAGE_NAMES.get(name)
    )


def _paragraphs(markdown: str) -> Iterator[tuple[int, str]]:
    """(line number from 1, text) of each paragraph, heading, list item and table row."""
    bullets: list[str] = []
    for token in _PARSER.parse(markdown):
        if token.type == "list_item_open":
            bullets.append(f"{token.info}. " if token.info else "- ")
        elif token.type == "list_item_close" and bullets:
            bullets.pop()
        number = token.map[0] + 1 if token.map else 1
        for content in _contents(token).split("\n"):
            if content.strip():
                bullet, bullets = _first_bullet(bullets)
                yield number, bullet + " ".join(content.split(" "))


def _first_bullet(bullets: list[str]) -> tuple[str, list[str]]:
    """The bullet of an item goes before its first paragraph only."""
    return (bullets[-1], [*bullets[:-1], ""]) if bullets else ("", bullets)


def _contents(token: Token) -> str:
    if token.type == "inline":
        return _NOTE.sub("", "".join(map(_inline, token.children or [])))
    if token.type in ("fence", "code_block"):
        return token.content
    return _TAG.sub("", token.content) if token.type == "html_block" else ""


def _inline(token: Token) -> str:
    if token.type in ("text", "code_inline"):
        return token.content
    return {"softbreak": " ", "hardbreak": "\n"}.get(token.type, "")
