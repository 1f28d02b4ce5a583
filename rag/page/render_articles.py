"""What the page shows of the dossier's articles, as HTML; see `rag.page.render` for the rules."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

from rag.dossier import Change
from rag.messages import message
from rag.page.catalogue import State
from rag.page.look import PAGE_ROWS, Column, Look, page_of
from rag.page.render import error, line, notice, origin, written_date
from rag.page.view import Addition
from rag.store import Listed
from rag.types import Document, Language

StateOf = Callable[[str], State]

COLUMNS: tuple[tuple[Column | None, str], ...] = (  # None: a column that nothing is sorted by
    ("title", "page.column_title"),
    ("outlet", "page.column_outlet"),
    ("date", "page.column_date"),
    ("language", "page.column_language"),
    ("passages", "page.column_passages"),
    (None, "page.column_state"),
)
OUTCOMES = {
    "added": "page.added",
    "replaced": "page.replaced",
    "unchanged": "page.unchanged",
    "removed": "page.removed",
    "failed": "page.failed_change",
}
LANGUAGE_NAMES: dict[str, str] = {"fr": "page.language_fr", "en": "page.language_en"}


def empty(language: Language) -> str:
    """What to do while the dossier has no article."""
    keys = ("page.none_yet_title", "page.none_yet_text")
    return notice(*(message(key, language) for key in keys))


def count(shown: int, total: int, language: Language) -> str:
    """How many articles there are, and how many of them the search and the filters leave."""
    if not total:
        return ""
    if not shown:
        text = message("page.none_match", language)
    elif shown < total:
        text = message("page.count_of", language, count=_number(shown), total=_number(total))
    else:
        key = "page.count_one" if total == 1 else "page.count"
        text = message(key, language, count=_number(total))
    return f'<p class="count">{escape(text)}</p>'


def table(found: Sequence[Listed], look: Look, state_of: StateOf, language: Language) -> str:
    """One page of the articles, with what turns to the others; nothing where there are none."""
    if not found:
        return ""
    shown = page_of(len(found), look)
    head = "".join(_head(column, key, look, language) for column, key in COLUMNS)
    rows = "".join(_row(found[n], state_of(found[n].id), language) for n in shown)
    label = escape(message("page.in_dossier", language))
    return (
        f'<div class="table-frame" tabindex="0" role="region" aria-label="{label}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        + _pages(shown, len(found), language)
    )


def title_of(document: Document | Listed, language: Language) -> str:
    """Its title, else where it came from."""
    return document.title or document.path or message("page.untitled", language)


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


def state(known: State, names: Mapping[str, str], language: Language) -> str:
    """What is known of an article in words; `names` are those of its copies, by id."""
    parts = []
    if known.read_ahead is not None:
        key = "page.state_ahead" if known.read_ahead else "page.state_not_ahead"
        parts.append(escape(message(key, language)))
    if known.copies:
        key = "page.state_copy" if len(known.copies) == 1 else "page.state_copies"
        text = escape(message(key, language, count=len(known.copies)))
        titles = escape(" · ".join(names[one] for one in known.copies if one in names))
        parts.append(f'<span title="{titles}">{text}</span>' if titles else text)
    return ", ".join(parts)


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


def _head(column: Column | None, key: str, look: Look, language: Language) -> str:
    name = escape(message(key, language))
    if column is None:
        return f'<th scope="col">{name}</th>'
    sort, arrow = "none", ""
    if column == look.column:
        sort, arrow = ("descending", "↓") if look.descending else ("ascending", "↑")
    return (
        f'<th scope="col" aria-sort="{sort}"><button type="button" class="sort" data-act="sort" '
        f'data-value="{column}">{name}<span aria-hidden="true">{arrow}</span></button></th>'
    )


def _row(one: Listed, known: State, language: Language) -> str:
    title = escape(title_of(one, language))
    label = escape(message("page.open", language, title=title_of(one, language)))
    spoken = escape(message(LANGUAGE_NAMES[one.language], language))
    where = f'<span class="where">{origin(one.path, one.url)}</span>' if one.title else ""
    return (
        f'<tr><th scope="row"><button type="button" class="open" data-document="{escape(one.id)}" '
        f'lang="{one.language}" aria-label="{label}">{title}</button>{where}</th>'
        f"<td>{escape(one.outlet)}</td>"
        f'<td class="day">{escape(written_date(one.published, language))}</td>'
        f"<td>{spoken}</td>"
        f'<td class="figure">{one.passages}</td>'
        f'<td class="state">{state(known, {}, language)}</td></tr>'
    )


def _pages(shown: range, total: int, language: Language) -> str:
    if len(shown) == total:
        return ""
    page = shown.start // PAGE_ROWS
    where = message(
        "page.rows", language, first=shown.start + 1, last=shown.stop, total=_number(total)
    )
    before = _turn("page.previous", page - 1, shown.start > 0, language)
    after = _turn("page.next", page + 1, shown.stop < total, language)
    label = escape(message("page.pages", language))
    return (
        f'<nav class="pages" aria-label="{label}">{before}<span>{escape(where)}</span>{after}</nav>'
    )


def _turn(key: str, page: int, possible: bool, language: Language) -> str:
    off = "" if possible else " disabled"
    return (
        f'<button type="button" data-act="page" data-value="{page}"{off}>'
        f"{escape(message(key, language))}</button>"
    )


def _number(value: int) -> str:
    """With a narrow space between thousands, in both languages."""
    return f"{value:,}".replace(",", "\u202f")


def _change(change: Change, language: Language) -> str:
    label = escape(message(OUTCOMES[change.outcome], language))
    if change.error is not None:  # says the path itself
        said = f'<span class="why">{escape(change.error.text(language))}</span>'
    else:
        said = escape(change.title or change.path)
    return f'<li class="{change.outcome}"><b>{label}</b> {said}</li>'
