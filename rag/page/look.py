"""Which articles the table shows, in which order, and which page of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from rag.language import fold
from rag.page.catalogue import Article
from rag.page.filters import lets_through
from rag.store import Listed
from rag.types import Filters

Column = Literal["title", "outlet", "date", "language", "passages"]
PAGE_ROWS = 50
DESCENDING_FIRST: tuple[Column, ...] = ("date", "passages")  # at the first press


@dataclass(frozen=True, slots=True)
class Look:
    """How one browser tab looks at the list; `page` counts from 0."""

    search: str = ""
    column: Column = "date"
    descending: bool = True
    page: int = 0


def sorted_by(look: Look, column: str) -> Look:
    """`look` after a press on the head of `column`: the other way round if it was sorted by it."""
    if column not in get_args(Column):
        return look
    known = cast("Column", column)
    descending = not look.descending if known == look.column else known in DESCENDING_FIRST
    return replace(look, column=known, descending=descending, page=0)


def matching(articles: Sequence[Article], look: Look, filters: Filters) -> list[Listed]:
    """The articles that the search and the filters let through, in the order of `look`."""
    wanted = fold(look.search).split()
    found = [
        one
        for one in articles
        if all(word in one.words for word in wanted) and lets_through(filters, one.listed)
    ]
    return [one.listed for one in _ordered(found, look)]


def page_of(count: int, look: Look) -> range:
    """The places of the rows on the page of `look`, of `count` articles; the last page at most."""
    last = max(0, (count - 1) // PAGE_ROWS)
    start = min(max(look.page, 0), last) * PAGE_ROWS
    return range(start, min(start + PAGE_ROWS, count))


def _ordered(found: list[Article], look: Look) -> list[Article]:
    """Those without what is sorted by come last, whichever way round."""
    key = _KEYS[look.column]
    known = [one for one in found if key(one) not in ("", None)]
    unknown = [one for one in found if key(one) in ("", None)]
    known.sort(key=lambda one: (one.title, one.listed.path))
    known.sort(key=key, reverse=look.descending)
    return known + unknown


_KEYS: dict[Column, Callable[[Article], Any]] = {
    "title": lambda one: one.title,
    "outlet": lambda one: one.outlet,
    "date": lambda one: one.listed.published,
    "language": lambda one: one.listed.language,
    "passages": lambda one: one.listed.passages,
}
