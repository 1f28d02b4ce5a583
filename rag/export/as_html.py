"""Turns as one HTML page that needs nothing else: no script, nothing loaded, dark or light.

Everything that comes from an article, a model or a user goes through `escape`.
"""

import re
from collections.abc import Sequence
from html import escape

from rag.export.sheet import Entry, Source, Span
from rag.export.text import in_marks, said
from rag.types import Language

_MARKER = re.compile(r"\[(\d+)\]")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fffefb; --soft: #595959;
  --rule: #d8d4c8; --link: #0b4a8f; --doubt: #8a3b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --paper: #16181b; --soft: #a9a7a1;
  --rule: #3a3d42; --link: #8fbcf2; --doubt: #f0a868; } }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 42rem; color: var(--ink);
  background: var(--paper); font: 1.0625rem/1.6 Georgia, "Times New Roman", serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.25; }
h2 { margin: 3rem 0 .25rem; padding-top: 1.5rem; border-top: 1px solid var(--rule);
  font-size: 1.375rem; line-height: 1.3; }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
a { color: var(--link); }
a.marker { text-decoration: none; white-space: nowrap; }
.small, .origin, footer { color: var(--soft); font-size: .9375rem; }
.small { margin: 0 0 .75rem; }
.verdict { font-weight: bold; }
.doubt { text-decoration: underline dotted var(--doubt); text-underline-offset: .2em; }
.note { color: var(--doubt); font-size: .9375rem; }
.source { margin: 1rem 0 1.5rem; break-inside: avoid; }
.source p { margin: .25rem 0; }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid var(--rule); }
footer { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: 1rem; }
@media print {
  :root { --ink: #000; --paper: #fff; --soft: #333; --rule: #999; --link: #000; --doubt: #000; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  h1, h2, h3 { break-after: avoid; }
}
"""


def render(entries: Sequence[Entry], language: Language, title: str) -> str:
    """The page."""
    turns = "".join(_turn(number, one, language) for number, one in enumerate(entries, 1))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{escape(title)}</h1>\n{turns}</main>\n"
        f"<footer>{escape(said('export.footer', language))}</footer>\n</body>\n</html>\n"
    )


def _turn(number: int, entry: Entry, language: Language) -> str:
    parts = [
        f'<h2 lang="{entry.language}">{escape(entry.question)}</h2>',
        f'<p class="small">{escape(entry.asked)}</p>',
    ]
    if entry.understood:
        parts.append(f'<p class="small">{escape(entry.understood)}</p>')
    if entry.verdict:
        parts.append(f'<p class="verdict">{escape(entry.verdict)}</p>')
    for paragraph in entry.answer:
        spans = " ".join(_span(span, number, language) for span in paragraph)
        parts.append(f'<p lang="{entry.language}">{spans}</p>')
    parts += _list(said("export.positions", language), entry.positions, entry, number)
    parts += _list(said("page.dropped", language), entry.dropped, entry, number)
    if entry.sources:
        parts.append(f"<h3>{escape(entry.heading)}</h3>")
    parts += [_source(source, number, language) for source in entry.sources]
    return "<section>\n" + "\n".join(parts) + "\n</section>\n"


def _span(span: Span, number: int, language: Language) -> str:
    text = _marked(span.text, number)
    if span.doubtful:
        text = f'<span class="doubt">{text}</span>'
    notes = (f' <span class="note" lang="{language}">({escape(one)})</span>' for one in span.notes)
    return text + "".join(notes)


def _list(heading: str, lines: Sequence[str], entry: Entry, number: int) -> list[str]:
    if not lines:
        return []
    shown = "".join(f'<li lang="{entry.language}">{_marked(line, number)}</li>' for line in lines)
    return [f"<h3>{escape(heading)}</h3>", f"<ul>{shown}</ul>"]


def _marked(text: str, number: int) -> str:
    """Escaped, its citation markers leading to the sources of turn `number`."""
    return _MARKER.sub(
        lambda one: f'<a class="marker" href="#source-{number}-{one[1]}">{one[0]}</a>', escape(text)
    )


def _source(source: Source, number: int, language: Language) -> str:
    quote = in_marks("\n\n".join(source.quote), language).split("\n\n")
    address = escape(source.address)
    if source.link:
        address = f'<a href="{escape(source.link)}" rel="noopener noreferrer">{address}</a>'
    lines = "".join(f"<p>{escape(line)}</p>" for line in quote)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in source.notes)
    return (
        f'<div class="source" id="source-{number}-{source.n}">'
        f'<p class="origin"><strong>[{source.n}]</strong> {escape(source.origin)}</p>'
        f'<blockquote lang="{source.quote_language}">{lines}</blockquote>'
        f'<p class="small">{address}</p>{notes}</div>'
    )
