"""The fields of the Articles tab that choose which articles count, and the choice of dossier.

They are the browser's own fields, so that the keyboard and screen readers need nothing from us.
Each says in `data-act` what it changes; `articles.js` hands that on.
"""

from collections import Counter
from collections.abc import Sequence
from html import escape

from rag.language import fold
from rag.messages import message
from rag.page.catalogue import Article
from rag.page.filters import LANGUAGE_NAMES, lets_through
from rag.page.timeline import plot
from rag.shelf import Shelved
from rag.types import LANGUAGES, Filters, Language


def facets(articles: Sequence[Article], filters: Filters, language: Language) -> str:
    """The articles over time and the fields; nothing while there is nothing to choose from."""
    if not articles:
        return ""
    undated_by = Filters(
        outlets=filters.outlets, languages=filters.languages, document_ids=filters.document_ids
    )
    found = [one.listed for one in articles if lets_through(undated_by, one.listed)]
    days = [one.listed.published for one in articles if one.listed.published]
    counted = [one.published for one in found if one.published]
    label = escape(message("page.filters", language))
    clear = escape(message("page.filters_clear", language))
    button = f'<button type="button" class="clear" data-act="clear">{clear}</button>'
    return (
        f'<section class="facets" aria-label="{label}">'
        f"{plot(days, counted, len(found) - len(counted), filters, language)}"
        f'<div class="fields">{_days(filters, language)}{_language(filters, language)}'
        f"{_outlets(articles, filters, language)}{button if filters != Filters() else ''}</div>"
        f'<p class="folded">{escape(message("page.filters_hold", language))}</p></section>'
    )


def dossiers(shelved: Sequence[Shelved], open_name: str, language: Language) -> str:
    """The dossier that is open, among those there are."""
    options = "".join(
        f'<option value="{escape(one.name)}"{_selected(one.name == open_name)}>'
        f"{escape(_told(one, language))}</option>"
        for one in shelved
    )
    label = escape(message("page.dossier", language))
    hold = escape(message("page.dossier_holds", language))
    return (
        f'<label class="dossier"><span>{label}</span><select data-act="dossier" '
        f'data-key="dossier" data-value="{escape(open_name)}">{options}</select></label>'
        f'<p class="folded">{hold}</p>'
    )


def _told(one: Shelved, language: Language) -> str:
    if one.articles is None:
        return message("page.dossier_unreadable", language, name=one.name)
    few = one.articles == 1 or (one.articles == 0 and language == "fr")  # zéro article
    key = "page.dossier_one" if few else "page.dossier_count"
    return message(key, language, name=one.name, count=one.articles)


def _days(filters: Filters, language: Language) -> str:
    fields = (
        ("from", "page.filter_from", filters.published_from),
        ("to", "page.filter_to", filters.published_to),
    )
    return "".join(
        f"<label><span>{escape(message(key, language))}</span>"
        f'<input type="date" data-act="{act}" data-key="{act}" min="1000-01-01" '
        f'max="9999-12-31" value="{day or ""}"></label>'
        for act, key, day in fields
    )


def _language(filters: Filters, language: Language) -> str:
    chosen = filters.languages[0] if len(filters.languages) == 1 else ""
    choices = [("", message("page.any_language", language))]
    choices += [(one, message(LANGUAGE_NAMES[one], language)) for one in LANGUAGES]
    options = "".join(
        f'<option value="{value}"{_selected(value == chosen)}>{escape(text)}</option>'
        for value, text in choices
    )
    return (
        f"<label><span>{escape(message('page.column_language', language))}</span>"
        f'<select data-act="language" data-key="language" data-value="{chosen}">{options}</select>'
        "</label>"
    )


def _outlets(articles: Sequence[Article], filters: Filters, language: Language) -> str:
    counts = Counter(one.listed.outlet for one in articles)
    counts.update({one: 0 for one in filters.outlets})  # chosen, but not in this dossier
    names = sorted(counts, key=lambda one: (not one, fold(one)))
    boxes = "".join(
        _outlet(n, name, counts[name], filters, language) for n, name in enumerate(names)
    )
    legend = escape(message("page.column_outlet", language))
    key = "page.outlets_chosen" if filters.outlets else "page.outlets_all"
    said = escape(message(key, language, chosen=len(filters.outlets), count=len(names)))
    return (
        f'<details class="outlets" data-key="outlets"><summary>{said}</summary>'
        f'<fieldset><legend class="unseen">{legend}</legend>{boxes}</fieldset></details>'
    )


def _outlet(n: int, name: str, count: int, filters: Filters, language: Language) -> str:
    shown = escape(name or message("page.no_outlet", language))
    checked = " checked" if name in filters.outlets else ""
    return (
        f'<label><input type="checkbox" data-act="outlet" data-key="outlet-{n}" '
        f'value="{escape(name)}"{checked}><span>{shown} <i>{count}</i></span></label>'
    )


def _selected(is_so: bool) -> str:
    return " selected" if is_so else ""
