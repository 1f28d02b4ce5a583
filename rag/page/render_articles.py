"""What the page shows of the dossier's articles, as HTML; see `rag.page.render` for the rules."""

from collections.abc import Sequence
from html import escape

from rag.dossier import Change
from rag.language import fold
from rag.messages import message
from rag.page.render import error, line, notice, origin, written_date
from rag.page.view import Addition
from rag.types import Document, Language

SHOWN = 300  # rows of the table; the filter finds the others
COLUMNS = (
    "page.column_title",
    "page.column_outlet",
    "page.column_date",
    "page.column_language",
    "page.column_path",
)
OUTCOMES = {
    "added": "page.added",
    "replaced": "page.replaced",
    "unchanged": "page.unchanged",
    "removed": "page.removed",
    "failed": "page.failed_change",
}


def articles(documents: Sequence[Document], wanted: str, language: Language) -> str:
    """The table of the dossier, or what to do while it is empty."""
    if not documents:
        keys = ("page.none_yet_title", "page.none_yet_text")
        return notice(*(message(key, language) for key in keys))
    matching = [document for document in documents if _matches(document, wanted)]
    if not matching:
        return f'<p class="folded">{escape(message("page.none_match", language))}</p>'
    return (
        _count(len(documents), language)
        + _table(matching[:SHOWN], language)
        + (_more(len(matching), language) if len(matching) > SHOWN else "")
    )


def article(document: Document, language: Language) -> str:
    """One article to read, as plain text."""
    facts = [document.outlet, document.author, written_date(document.published, language)]
    byline = " · ".join(escape(fact) for fact in facts if fact)
    return (
        f'<article class="reading" lang="{document.language}" tabindex="-1">'
        f"<h2>{escape(title_of(document, language))}</h2>"
        f'<p class="byline">{byline}</p><p class="byline">{origin(document.path, document.url)}</p>'
        f'<div class="article-text">{escape(document.text)}</div></article>'
    )


def addition(adding: Addition, language: Language) -> str:
    """How far an addition is: its counts, then one line for each article, the last one first."""
    if adding.error is not None:
        return error(adding.error, language) + _progress(adding, language)
    if adding.phase == "stopped":
        return line("page.add_stopped", language) + _progress(adding, language)
    if not adding.steps:
        key = "page.nothing_found" if adding.phase == "done" else "page.adding_starts"
        return line(key, language)
    return _progress(adding, language)


def title_of(document: Document, language: Language) -> str:
    """Its title, else where it came from."""
    return document.title or document.path or message("page.untitled", language)


def _progress(adding: Addition, language: Language) -> str:
    if not adding.steps:
        return ""
    ok = sum(step.change.outcome != "failed" for step in adding.steps)
    done, total = adding.steps[-1].done, adding.steps[-1].total
    key = "page.added_all" if adding.phase == "done" else "page.adding"
    head = escape(message(key, language, ok=ok, done=done, total=total))
    rows = "".join(_change(step.change, language) for step in reversed(adding.steps))
    bar = f'<progress max="{total}" value="{done}" aria-label="{head}"></progress>'
    return f'<p class="status">{head}</p>{bar}<ul class="changes">{rows}</ul>'


def _matches(document: Document, wanted: str) -> bool:
    where = fold(f"{document.title} {document.outlet} {document.author} {document.path}")
    return all(word in where for word in fold(wanted).split())


def _count(count: int, language: Language) -> str:
    key = "page.count_one" if count == 1 else "page.count"
    return f'<p class="count">{escape(message(key, language, count=count))}</p>'


def _more(count: int, language: Language) -> str:
    text = message("page.more", language, shown=SHOWN, count=count)
    return f'<p class="folded">{escape(text)}</p>'


def _table(documents: Sequence[Document], language: Language) -> str:
    names = (escape(message(column, language)) for column in COLUMNS)
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(_row(document, language) for document in documents)
    return (
        '<div class="table-frame" tabindex="0" role="region" '
        f'aria-label="{escape(message("page.in_dossier", language))}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(document: Document, language: Language) -> str:
    title = escape(title_of(document, language))
    label = escape(message("page.open", language, title=title_of(document, language)))
    button = (
        f'<button type="button" class="open" data-document="{escape(document.id)}" '
        f'aria-label="{label}">{title}</button>'
    )
    cells = (
        button,
        escape(document.outlet),
        escape(written_date(document.published, language)),
        document.language,
        origin(document.path, document.url),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _change(change: Change, language: Language) -> str:
    label = escape(message(OUTCOMES[change.outcome], language))
    if change.error is not None:  # says the path itself
        said = f'<span class="why">{escape(change.error.text(language))}</span>'
    else:
        said = escape(change.title or change.path)
    return f'<li class="{change.outcome}"><b>{label}</b> {said}</li>'
