"""Which run of a page's lines is the article.

Paragraphs count for a run, furniture counts against it, and text in a list of something else
counts only once the article clearly goes on. The run with the highest sum is the article: a
maximum-sum segment, as in Pasternack and Roth, "Extracting article text from the web with maximum
subsequence segmentation" (WWW 2009), with hand-made worths instead of learned ones.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.ingest.datelines import is_bare_date
from rag.ingest.furniture import Mark, Reason, mark
from rag.ingest.lines import Line
from rag.ingest.metadata import byline

COST = {"line": 0.1, "box": 0.3, "section": 0.8, "end": 8.0, "weak": 0.2}
SHORT_LINES = -3.0  # the most that consecutive short lines cost: an article may hold a list
SUBSTANCE = 300  # characters of prose before a line that ends articles, for it to end this one
OWN_PARAGRAPH = 250  # characters: longer than the teaser of another article
PAIRED_PARAGRAPH = 120  # characters, where two paragraphs follow each other
LISTS = ("removed.related", "removed.latest")
FOOT = {"removed.navigation", "removed.copyright", "removed.consent", "removed.outlet"}
SIGNATURE_LINES = 12  # between a standfirst and the text

_ONE_ARTICLE = re.compile(r".*\b(article|story|post|video)( lie)?")
_SPEAKER = re.compile(r"[A-ZÀ-Þ][\w.’' -]{0,24}\s?:\s")


@dataclass(slots=True)
class PageLines:
    """A page's lines, what each says, and (filled step by step) why it is not of the article."""

    lines: Sequence[Line]
    marks: list[Mark | None] = field(default_factory=list)
    removed: dict[int, Reason] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.marks = [mark(line) for line in self.lines]

    def is_prose(self, index: int) -> bool:
        return self.marks[index] is None and self.lines[index].prose

    def prose_between(self, first: int, last: int) -> list[int]:
        return [index for index in range(first, last) if self.is_prose(index)]


def densest(page: PageLines) -> tuple[int, int]:
    """(start, end) of the densest run when nothing is known of the page yet."""
    return _maximum(page, range(len(page.lines)), {}, anchored=False)


def densest_after(page: PageLines, first: int) -> tuple[int, int]:
    """(start, end) of the article among the lines from `first`, where its headline was found.

    Lines in between that belong to something else are entered into `page.removed`.
    """
    last = _end(page, first)
    foreign = _foreign(page, first, last)
    start, end = _maximum(page, range(first, last), foreign, anchored=True)
    page.removed.update({i: reason for i, reason in foreign.items() if start <= i < end})
    return start, end


def standfirst(page: PageLines, first: int) -> range:
    """The lines between a standfirst and the text: who wrote it and when, and what is near.

    Empty where the first two paragraphs are not parted by a signature, or where a date stands
    above the first one too: that is a chronology.
    """
    prose = page.prose_between(first, len(page.lines))[:2]
    if len(prose) < 2 or not 1 < prose[1] - prose[0] <= SIGNATURE_LINES:
        return range(0)
    if prose[0] > first and is_bare_date(page.lines[prose[0] - 1]):
        return range(0)
    between = range(prose[0] + 1, prose[1])
    ends = (i for i in between if (found := page.marks[i]) and found.role in ("section", "end"))
    signed = any(_is_signature(page, i) for i in between[: next(ends, prose[1]) - between[0]][:3])
    return between if signed else range(0)


def _is_signature(page: PageLines, index: int) -> bool:
    found = page.marks[index]
    return (found is not None and found.reason == "removed.date") or bool(byline(page.lines[index]))


def _maximum(
    page: PageLines, lines: range, foreign: dict[int, Reason], anchored: bool
) -> tuple[int, int]:
    """The best run; an `anchored` one begins with the first paragraph, however short it is."""
    best, total, start = (0.0, lines.start, lines.start), 0.0, lines.start
    begun = False  # an anchored run has reached its first paragraph
    for index, worth in _worths(page, lines, foreign):
        if total <= 0 and not begun:
            total, start = 0.0, index
        begun = begun or (anchored and page.is_prose(index))
        total += worth
        if total > best[0]:
            best = (total, start, index + 1)
    return best[1:] if best[0] > 0 else (lines.start, lines.stop)


def _worths(page: PageLines, lines: range, foreign: dict[int, Reason]) -> list[tuple[int, float]]:
    """What each line adds to a run that holds it: 1.4 to 3 for a paragraph."""
    worths: list[tuple[int, float]] = []
    free = standfirst(page, lines.start)
    shorts = 0.0
    for index in lines:
        found = page.marks[index]
        worth = _worth(page.lines[index]) if found is None else -COST[found.role]
        if found and index > lines.start and page.marks[index - 1] == found:
            worth = 0.0  # the buttons of one bar
        if index in free:
            worth = 0.0
        elif index in foreign:
            worth = min(worth, 0.0)
        shorts = shorts + worth if worth < 0 and found is None else 0.0
        worths.append((index, worth if shorts >= SHORT_LINES else 0.0))
    return worths


def _worth(line: Line) -> float:
    if line.prose:
        return 1 + min(len(line.text), 400) / 200
    if line.ends_sentence:
        return 0.3
    return 0.1 if line.text.endswith((",", ";")) else -0.3  # a verse; a label


def _end(page: PageLines, first: int) -> int:
    """The index of the line after which nothing is the article, else the number of lines.

    A link to the comments may also stand above the text: there, too little comes before it.
    """
    last = len(page.lines)
    for index in range(first, last):
        found = page.marks[index]
        if found and found.role == "end":
            before = _length(page, first, index)
            if before >= SUBSTANCE or (before and _length(page, index, last) <= 4 * before):
                return index
    return last


def _length(page: PageLines, first: int, last: int) -> int:
    return sum(len(page.lines[i].text) for i in page.prose_between(first, last))


def _foreign(page: PageLines, first: int, last: int) -> dict[int, Reason]:
    """The lines that furniture above them announced: other articles, the fields of a form."""
    foreign: dict[int, Reason] = {}
    free = standfirst(page, first)
    opened: int | None = None  # the index of the furniture whose list or insert we are in
    for index in range(first, last):
        found = page.marks[index]
        if index in free:
            opened = None
        elif found:
            opened = index if found.role in ("box", "section", "end") else opened
        elif opened is None or _goes_on(page, first, index, last, opened):
            opened = None
        elif (above := page.marks[opened]) and (
            above.role != "box" or _is_enclosed(page, index, last, above)
        ):
            foreign[index] = above.reason
    return foreign


def _is_enclosed(page: PageLines, index: int, last: int, opened: Mark) -> bool:
    """Whether more of the same insert follows within a few lines."""
    near = range(index + 1, min(index + 3, last))
    return any((found := page.marks[i]) and found.reason == opened.reason for i in near)


def _goes_on(page: PageLines, first: int, index: int, last: int, opened: int) -> bool:
    """Whether the article goes on at this line, after furniture that began something else.

    Teasers of other articles come in one rhythm, a headline and a sentence or two; where the
    rhythm breaks, or whole paragraphs follow each other, or the next question of an interview
    stands, it is the article again.
    """
    line, found = page.lines[index], page.marks[opened]
    if not line.prose:
        return _is_question(line) and sum(map(_is_question, page.lines[first:opened])) >= 2
    if found is None or found.role == "box" or len(line.text) >= OWN_PARAGRAPH:
        return True
    announces_one = _ONE_ARTICLE.fullmatch(page.lines[opened].bare) and index > opened + 1
    if _is_footer(page, index):
        return False
    if found.reason in LISTS and (announces_one or not _is_rhythmic(page, opened, last)):
        return True
    following = next((i for i in range(index + 1, last) if page.marks[i] is None), index)
    if found.reason in LISTS and following > index and page.lines[following].text.endswith("."):
        return True
    shorter = min(len(line.text), len(page.lines[following].text))
    return following > index and page.lines[following].prose and shorter >= PAIRED_PARAGRAPH


def _is_footer(page: PageLines, index: int) -> bool:
    """Whether only the links and rights at the foot of a page come after this paragraph."""
    last = len(page.lines)
    below = {found.reason for found in page.marks[index + 1 :] if found}
    return bool(below) and below <= FOOT and not page.prose_between(index + 1, last)


def _is_rhythmic(page: PageLines, opened: int, last: int) -> bool:
    """Whether each paragraph of a list comes after the same number of short lines."""
    rhythm, shorts = [], 0
    for index in range(opened + 1, last):
        found = page.marks[index]
        if found and found.role in ("section", "end"):
            break
        if page.is_prose(index):
            rhythm.append(shorts)
            shorts = 0
        elif found is None:
            shorts += 1
    return rhythm == [1] or (len(rhythm) > 1 and len(set(rhythm)) == 1)


def _is_question(line: Line) -> bool:
    return line.text.endswith("?") or _SPEAKER.match(line.text) is not None
