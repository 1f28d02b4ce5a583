"""Turns as Markdown. Every character that Markdown or HTML would read as mark-up is escaped."""

import re
from collections.abc import Iterator, Sequence

from rag.export.sheet import Entry, Source, Span
from rag.export.text import in_marks, said
from rag.types import Language

# "://" and "www." would become links in some programs, though nothing marks them as such.
_MARKS = re.compile(r"[\\`*_\[\]<>&~|$#{}^]|:(?=//)|(?<=[wW]{3})\.")
_AT_START = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")


def render(entries: Sequence[Entry], language: Language, title: str) -> str:
    """The document."""
    blocks = [f"# {escaped(title)}"]
    for entry in entries:
        blocks += _blocks(entry, language)
    blocks += ["---", f"*{escaped(said('export.footer', language))}*"]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """One line of text, to show in Markdown exactly as it is."""
    text = _MARKS.sub(lambda mark: f"\\{mark[0]}", text)
    return _AT_START.sub(_start_escaped, text)


def _start_escaped(start: re.Match[str]) -> str:
    return f"{start[0]}\\" if start[0].isdigit() else f"\\{start[0]}"


def _blocks(entry: Entry, language: Language) -> Iterator[str]:
    yield f"## {escaped(entry.question)}"
    yield f"*{escaped(entry.asked)}*"
    if entry.understood:
        yield f"*{escaped(entry.understood)}*"
    if entry.verdict:
        yield f"**{escaped(entry.verdict)}**"
    for paragraph in entry.answer:
        yield " ".join(map(_span, paragraph))
    yield from _list(said("export.positions", language), entry.positions)
    yield from _list(said("page.dropped", language), entry.dropped)
    if entry.sources:
        yield f"### {escaped(entry.heading)}"
    for source in entry.sources:
        yield from _source(source, language)


def _span(span: Span) -> str:
    return " ".join([escaped(span.text), *(f"*({escaped(note)})*" for note in span.notes)])


def _list(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"### {escaped(heading)}"
        yield "\n".join(f"- {escaped(line)}" for line in lines)


def _source(source: Source, language: Language) -> Iterator[str]:
    yield f"**\\[{source.n}\\]** {escaped(source.origin)}"
    *first, last = source.quote or ("",)
    marked = in_marks("\n\n".join([*first, last]), language).split("\n\n")
    yield "\n>\n".join(f"> {escaped(line)}" for line in marked)
    yield f"[{escaped(source.link)}](<{source.link}>)" if source.link else escaped(source.address)
    for note in source.notes:
        yield f"*{escaped(note)}*"
