"""An article to read on the page: its paragraphs numbered, its passages marked."""

from collections.abc import Iterator, Sequence
from html import escape

from rag.messages import message
from rag.page.catalogue import State
from rag.page.render import origin, written_date
from rag.page.render_articles import state, title_of
from rag.sentences import paragraphs
from rag.store import Listed
from rag.types import Document, Language, Passage


def article(
    document: Document,
    passages: Sequence[Passage],
    known: State,
    copies: Sequence[Listed],
    language: Language,
) -> str:
    """The article as text: where each passage begins is said, and its paragraphs are a list.

    The numbers are those that sources are cited with. `copies` are the others that are the same
    article, each with a button that opens it.
    """
    facts = [document.outlet, document.author, written_date(document.published, language)]
    byline = " · ".join(escape(fact) for fact in facts if fact)
    return (
        f'<article class="reading" lang="{document.language}" tabindex="-1">'
        f"<h2>{escape(title_of(document, language))}</h2>"
        f'<p class="byline">{byline}</p><p class="byline">{origin(document.path, document.url)}</p>'
        f'<p class="byline" lang="{language}">{_known(len(passages), known, language)}</p>'
        f"{_copies(copies, language)}"
        f'<ol class="article-text paragraphs">{_paragraphs(document, passages, language)}</ol>'
        "</article>"
    )


def _known(count: int, known: State, language: Language) -> str:
    key = "page.passages_one" if count == 1 else "page.passages"
    said = state(State(known.read_ahead), {}, language)
    return " · ".join(one for one in (escape(message(key, language, count=count)), said) if one)


def _copies(copies: Sequence[Listed], language: Language) -> str:
    if not copies:
        return ""
    buttons = ", ".join(
        f'<button type="button" class="open" data-document="{escape(one.id)}">'
        f"{escape(_named(one, language))}</button>"
        for one in copies
    )
    label = escape(message("page.same_as", language))
    return f'<p class="byline" lang="{language}">{label} {buttons}</p>'


def _named(one: Listed, language: Language) -> str:
    return f"{title_of(one, language)} ({one.outlet})" if one.outlet else title_of(one, language)


def _paragraphs(document: Document, passages: Sequence[Passage], language: Language) -> str:
    ordered = sorted(passages, key=lambda passage: passage.start)
    return "".join(
        f"<li>{''.join(_pieces(document.text, start, end, ordered, language))}</li>"
        for start, end in paragraphs(document.text)
    )


def _pieces(
    text: str, start: int, end: int, passages: Sequence[Passage], language: Language
) -> Iterator[str]:
    """The words from `start` to `end`, nothing lost, those of each passage in a span."""
    reached = start
    for number, passage in enumerate(passages, start=1):
        first, last = max(passage.start, reached), min(passage.end, end)
        if first >= last:
            continue
        yield escape(text[reached:first])
        label = escape(message("page.passage", language, n=number))
        tag = (
            f'<span class="tag" lang="{language}">{label}</span> ' if first == passage.start else ""
        )
        yield f'<span class="passage">{tag}{escape(text[first:last])}</span>'
        reached = last
    yield escape(text[reached:end])
