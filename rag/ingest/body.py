"""An article apart from the page around it: its lines, and what the others say of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rag.ingest.datelines import is_bare_date
from rag.ingest.dates import find_date, has_date, without_dates
from rag.ingest.furniture import ABOUT_OUTLET, AUTHOR_BOX, DATE, OUTLET, Reason
from rag.ingest.lines import Line
from rag.ingest.metadata import byline, find_outlet, find_title, name_line, without_outlet
from rag.ingest.run import PageLines, densest, densest_after, standfirst
from rag.language import detect, fold, words
from rag.types import Language

_ABOUT_THE_ARTICLE = frozenset({"removed.date", "removed.reading_time", "removed.credit"})
LAST_LINES = 6  # a list and a short last sentence may follow the last paragraph
_PUBLISHED = ("publi", "posted", "paru", "mis en ligne", "mise en ligne")
_UPDATED = ("updated", "mis a jour", "mise a jour", "modif", "actualis")
_FULL_STOP = re.compile(r"\.[\"'”’»)\s]*$|[»”]$")
_DATELINE = re.compile(r"^(.{6,60}?)\s*[–—-]\s")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The article's own lines, why each other line went, and what those said of the article."""

    kept: list[Line]
    removed: list[tuple[Line, Reason]]
    title: str
    author: str
    outlet: str
    published: date | None
    language: Language


def clean(lines: Sequence[Line], stated_title: str = "") -> Cleaned:
    """Separate an article from the page around it.

    Where the source states its title, only a line that repeats it is taken for the headline.
    From a text without page furniture only its title, author and date are taken out.
    """
    page = PageLines(lines)
    title = _title(page, stated_title)
    outlet = find_outlet(lines, page.marks, title)
    _mark_outlet(page, title, outlet)
    first = densest(page)[0] if title is None else title + 1
    start, end = densest_after(page, first)
    language = detect(" ".join(line.text for line in lines[start:end]))
    front = max(start, standfirst(page, start).stop)
    _keep_chronology(page, title, front, end)
    _drop_title(page, title, front)
    author = _take_author(page, title, front)
    published = _take_date(page, title, front, language)
    if _mark_author(page, author, front):
        start, end = densest_after(page, first)
    _drop_outside(page, title, start, end)
    _drop_inside(page, start)
    kept = [line for i, line in enumerate(lines) if i not in page.removed]
    return Cleaned(
        kept=kept,
        removed=[(lines[i], page.removed[i]) for i in sorted(page.removed)],
        title=without_outlet(lines[title].text, outlet) if title is not None else "",
        author=author,
        outlet=outlet,
        published=published or _dateline(kept, language),
        language=language,
    )


def _title(page: PageLines, stated: str) -> int | None:
    start = densest(page)[0]
    if not stated:
        return find_title(page.lines, page.marks, start)
    wanted = Line(0, stated, 0).bare
    head = enumerate(page.lines[: start + 1])
    return next((index for index, line in head if _is_headline(line.bare, wanted)), None)


def _is_headline(bare: str, wanted: str) -> bool:
    """The stated title itself, or without the outlet's name that pages add to it."""
    return bare == wanted or (len(bare) >= 20 and wanted.startswith(bare))


def _keep_chronology(page: PageLines, title: int | None, front: int, end: int) -> None:
    """Bare dates inside the text are its sub-headings, and so is one right above it then."""
    dates = [
        index
        for index in range(0 if title is None else title + 1, end)
        if page.marks[index] == DATE and is_bare_date(page.lines[index])
    ]
    if any(index >= front for index in dates):
        for index in dates:
            if index >= front or not byline(page.lines[index - 1]):
                page.marks[index] = None


def _drop_title(page: PageLines, title: int | None, front: int) -> None:
    if title is None:
        return
    wanted = page.lines[title].bare
    for index in range(min(front + 1, len(page.lines))):
        if page.lines[index].bare == wanted:
            page.removed[index] = "removed.title"


def _take_author(page: PageLines, title: int | None, front: int) -> str:
    """The first signature between the title and the text, or near: above it, below a standfirst."""
    author = ""
    low = 0 if title is None else max(title - 3, 0)
    for index in range(low, front):
        line = page.lines[index]
        name = byline(line)
        if not name and (title is None or index > title):
            name = name_line(page.lines, page.marks, index)
        if name and not line.prose:
            author = author or name
            page.removed[index] = "removed.byline"
    return author


def _mark_author(page: PageLines, author: str, front: int) -> bool:
    """Mark the line after the text's front that is only the author's name: a box about them."""
    own = [i for i in range(front, len(page.lines)) if author and page.lines[i].text == author]
    if len(own) != 1:  # several: an interviewer's name before each question
        return False
    page.marks[own[0]] = AUTHOR_BOX
    return True


def _mark_outlet(page: PageLines, title: int | None, outlet: str) -> None:
    """Mark the lines that only say the outlet's name, and a footer that begins with it."""
    if not outlet:
        return
    for index in range(1 if title is None else title + 1, len(page.lines)):
        line = page.lines[index]
        if line.bare == fold(outlet):
            page.marks[index] = OUTLET
        elif page.is_prose(index) and page.marks[index - 1] and line.text.startswith(outlet):
            page.marks[index] = ABOUT_OUTLET


def _take_date(page: PageLines, title: int | None, front: int, language: Language) -> date | None:
    """When it was published: said as such, else a bare date near the title, else the update."""
    ranked: list[tuple[int, int, date]] = []
    for index in range(0 if title is None else max(title - 2, 0), front):
        line, found = page.lines[index], page.marks[index]
        if found is not None and found.reason == "removed.date":
            page.removed.setdefault(index, "removed.date")
        elif page.removed.get(index) != "removed.byline":
            continue
        if day := find_date(line.text, language):
            ranked.append((_rank(line, above=title is not None and index < title), index, day))
    return min(ranked)[2] if ranked else None


def _rank(line: Line, above: bool) -> int:
    if any(said in line.bare for said in _PUBLISHED):
        return 0
    return 1 + any(said in line.bare for said in _UPDATED) + 2 * above


def _dateline(kept: Sequence[Line], language: Language) -> date | None:
    """The date that a dispatch begins with: `BRUMEVILLE, 3 juin 2025 (APZ) — Le maire …`."""
    found = _DATELINE.match(kept[0].text) if kept else None
    if not found or not has_date(found[1]) or len(words(without_dates(found[1]))) > 5:
        return None
    return find_date(found[1], language)


def _drop_outside(page: PageLines, title: int | None, start: int, end: int) -> None:
    """Drop what surrounds the run, except what the run's edges show to be of the article."""
    furnished = [
        index
        for index, found in enumerate(page.marks)
        if found and found.reason not in _ABOUT_THE_ARTICLE
    ]
    head = any(index < start for index in furnished)
    above = -1 if title is None else title
    while start - 1 > above and _is_own(page, start - 1) and (not head or _opens(page, start - 1)):
        start -= 1
    above_title = range(title or 0)
    _drop(page, range(start) if head else _labels(page, above_title), "removed.before")
    tail = next((index for index in furnished if index >= end), None)
    if tail is not None:
        near = range(end, min(end + LAST_LINES, tail))
        end = max([end, *(index + 1 for index in near if _closes(page, index))])
        _drop(page, range(end, len(page.lines)), "removed.after")


def _is_own(page: PageLines, index: int) -> bool:
    return page.marks[index] is None and index not in page.removed


def _opens(page: PageLines, index: int) -> bool:
    return page.lines[index].ends_sentence


def _closes(page: PageLines, index: int) -> bool:
    """A last short sentence, or an item of a list that a paragraph announced.

    Headlines of other articles do not end with a full stop.
    """
    line, above = page.lines[index], page.lines[index - 1]
    sentence = _FULL_STOP.search(line.text) is not None
    listed = line.bullet and (above.bullet or above.text.endswith(":"))
    return _is_own(page, index) and (sentence or listed)


def _labels(page: PageLines, indices: range) -> list[int]:
    """The lines that only name a section, as above a headline."""
    return [index for index in indices if len(page.lines[index].text.split()) < 4]


def _drop(page: PageLines, indices: Iterable[int], reason: Reason) -> None:
    for index in indices:
        if found := page.marks[index]:
            page.removed.setdefault(index, found.reason)
        elif page.lines[index].bullet and len(page.lines[index].text) <= 45:
            page.removed.setdefault(index, "removed.navigation")
        else:
            page.removed.setdefault(index, reason)


def _drop_inside(page: PageLines, start: int) -> None:
    for index, found in enumerate(page.marks):
        if found and found.role != "weak":
            page.removed.setdefault(index, found.reason)
    for index in standfirst(page, start):
        if not page.lines[index].ends_sentence:
            page.removed.setdefault(index, "removed.before")
