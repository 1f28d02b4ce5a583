"""The filters chosen on the Articles tab: they hold for the table and for questions alike.

They are `rag.types.Filters`, one for each browser tab. Here they are shown as chips, taken back
one by one, and applied to the table; a question hands them to the assistant, whose store applies
the same rules to passages.
"""

from dataclasses import replace
from datetime import date
from html import escape
from typing import get_args

from rag.errors import SettingsError
from rag.messages import long_date, message
from rag.store import Listed
from rag.types import Filters, Language

LANGUAGE_NAMES: dict[Language, str] = {"fr": "page.articles_in_fr", "en": "page.articles_in_en"}


def chips(filters: Filters, language: Language) -> str:
    """HTML: a button for each filter that is set, which takes it back; nothing where none is.

    `data-filter` of a button is what `without` takes.
    """
    if filters == Filters():
        return ""
    label = escape(message("page.chips", language))
    buttons = "".join(_chip(part, text, language) for part, text in _parts(filters, language))
    return f'<div class="chips" role="group" aria-label="{label}"><b>{label}</b>{buttons}</div>'


def without(filters: Filters, part: str) -> Filters:
    """`filters` less the one that a chip stands for; unchanged for a part that is not set."""
    kind, _, name = part.partition(":")
    match kind:
        case "dates":
            return replace(filters, published_from=None, published_to=None)
        case "outlet":
            return replace(filters, outlets=tuple(one for one in filters.outlets if one != name))
        case "language":
            kept = tuple(one for one in filters.languages if one != name)
            return replace(filters, languages=kept)
        case "documents":
            return replace(filters, document_ids=())
    return filters


def chosen(filters: Filters, field: str, value: str) -> Filters:
    """`filters` after a choice on the tab: `field` is "from", "to", "range" (two days with a
    slash between), "outlet" (set, or taken back), "language", "document", "without" or "clear".

    Raises SettingsError for a range that ends before it begins; a day that is none clears it.
    """
    match field:
        case "from":
            return _ordered(replace(filters, published_from=_day(value)))
        case "to":
            return _ordered(replace(filters, published_to=_day(value)))
        case "range":
            first, _, last = value.partition("/")
            return replace(filters, published_from=_day(first), published_to=_day(last))
        case "outlet" if value in filters.outlets:
            return without(filters, f"outlet:{value}")
        case "outlet":
            return replace(filters, outlets=tuple(sorted({*filters.outlets, value})))
        case "language":
            known = tuple(one for one in get_args(Language) if one == value)
            return replace(filters, languages=known)
        case "document":
            return replace(filters, document_ids=(value,) if value else ())
        case "without":
            return without(filters, value)
        case "clear":
            return Filters()
    return filters


def lets_through(filters: Filters, article: Listed) -> bool:
    """Whether the article is one that `filters` let through, as the store decides for passages."""
    first, last, day = filters.published_from, filters.published_to, article.published
    if (first or last) and day is None:
        return False
    return (
        (first is None or day is None or day >= first)
        and (last is None or day is None or day <= last)
        and (not filters.outlets or article.outlet in filters.outlets)
        and (not filters.languages or article.language in filters.languages)
        and (not filters.document_ids or article.id in filters.document_ids)
    )


def _parts(filters: Filters, language: Language) -> list[tuple[str, str]]:
    """(what `without` takes, its words) for each filter."""
    parts = []
    if filters.published_from or filters.published_to:
        parts.append(("dates", _period(filters, language)))
    for outlet in filters.outlets:
        parts.append((f"outlet:{outlet}", outlet or message("page.no_outlet", language)))
    for one in filters.languages:
        parts.append((f"language:{one}", message(LANGUAGE_NAMES[one], language)))
    if count := len(filters.document_ids):
        key = "page.chip_article" if count == 1 else "page.chip_articles"
        parts.append(("documents", message(key, language, count=count)))
    return parts


def _chip(part: str, text: str, language: Language) -> str:
    label = escape(message("page.chip_remove", language, filter=text))
    return (
        f'<button type="button" class="chip" data-filter="{escape(part)}" aria-label="{label}">'
        f'{escape(text)} <span aria-hidden="true">×</span></button>'
    )


def _period(filters: Filters, language: Language) -> str:
    first, last = filters.published_from, filters.published_to
    said = {
        "first": long_date(first, language) if first else "",
        "last": long_date(last, language) if last else "",
    }
    if first and last:
        return message("page.chip_between", language, **said)
    return message("page.chip_since" if first else "page.chip_until", language, **said)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _ordered(filters: Filters) -> Filters:
    first, last = filters.published_from, filters.published_to
    if first and last and first > last:
        raise SettingsError("page.dates_reversed", first=first, last=last)
    return filters
