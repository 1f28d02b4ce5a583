"""Document -> passages: whole sentences, of even size, with exact character offsets."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rag.asides import asides, own_words
from rag.sentences import in_paragraphs, paragraphs, trimmed
from rag.types import Document, Passage

MODEL_TOKENS = 512
RESERVED_TOKENS = 16  # special tokens, the "passage: " in front, line breaks around the title
TITLE_CHARACTERS = 150
SMALLEST_PASSAGE = 0.6  # of the size: below it a passage costs more the smaller it is
MID_PARAGRAPH_COST = 0.25
LEADING_COST = 1.0  # of a break between a question of an interview and its answer
LEADING_CHARACTERS = 250  # of a heading or such a question

_CUTS = (  # where a sentence that is too long may be cut, best first: the end of the match
    re.compile(r"[.!?…]+[»”\"]?\s+"),
    re.compile(r"[;:,)]\s+|\s+(?=[(«“—–])"),
    re.compile(r"(?<!\d)\s+|\s+(?!\d)"),
)


class _Unit(NamedTuple):
    start: int
    end: int
    tokens: int
    paragraph: int
    leads: bool  # it is of a heading, or of a question that the next paragraph answers


def chunk(document: Document, count_tokens: Callable[[str], int], size: int = 200) -> list[Passage]:
    """Cut `document` into passages of about 0.6 to 1 times `size` tokens.

    The breaks are those of least total cost: no passage over `size`, none much smaller (so no
    tiny last one), ends of paragraphs before others, but none between a heading, or a question of
    an interview, and what follows it. A sentence over `size` is a passage of its own; one that
    would not go into the model's 512 tokens with title and date is cut at clauses or words. Asides
    take no room: what is cut is what would be cut without them.
    """
    room = MODEL_TOKENS - RESERVED_TOKENS - count_tokens(_header(document))
    size = min(size, room)
    units = list(_units(document, count_tokens, size, room))
    passages: list[Passage] = []
    for first, last in _best_breaks(units, size):
        start, end = units[first].start, units[last - 1].end
        passages.append(
            Passage(
                id=f"{document.id}-{len(passages):04d}",
                document_id=document.id,
                start=start,
                end=end,
                text=document.text[start:end],
                paragraph=units[first].paragraph,
            )
        )
    return passages


def contextual_text(document: Document, passage: Passage) -> str:
    """What is embedded for `passage`: its article's title and date, then its text, without what
    is not of the article (`rag.asides`)."""
    header = _header(document)
    text = own_words(document, passage)
    return "\n".join(part for part in (header, text) if part) or passage.text


def _header(document: Document) -> str:
    # normalised first, as tokenizers do: one character may otherwise become twenty
    title = unicodedata.normalize("NFKC", " ".join(document.title.split()))
    date = document.published.isoformat() if document.published else ""
    return "\n".join(part for part in (title[:TITLE_CHARACTERS], date) if part)


def _units(
    document: Document, count_tokens: Callable[[str], int], size: int, room: int
) -> Iterator[_Unit]:
    text, left_out = document.text, set(asides(document))
    leading = [_leads(text[start:end]) for start, end in paragraphs(text)]
    for number, start, end in in_paragraphs(text, document.language):
        tokens = 0 if (start, end) in left_out else count_tokens(text[start:end])
        if tokens <= room:
            yield _Unit(start, end, tokens, number, leading[number - 1])
            continue
        for piece in _fit(text, start, end, count_tokens, size):
            yield _Unit(*piece, number, leading[number - 1])


def _leads(paragraph: str) -> bool:
    closed = paragraph.rstrip(' »”"*_')
    return len(paragraph) <= LEADING_CHARACTERS and not closed.endswith((".", "!", "…"))


def _fit(
    text: str, start: int, end: int, count_tokens: Callable[[str], int], limit: int
) -> Iterator[tuple[int, int, int]]:
    """The span, halved at the best place near its middle until no part exceeds `limit` tokens."""
    start, end = trimmed(text, start, end)
    tokens = count_tokens(text[start:end])
    if tokens <= limit or end - start < 2:
        if start < end:
            yield start, end, tokens
        return
    cut = _cut_near_middle(text, start, end)
    yield from _fit(text, start, cut, count_tokens, limit)
    yield from _fit(text, cut, end, count_tokens, limit)


def _cut_near_middle(text: str, start: int, end: int) -> int:
    middle, reach = (start + end) // 2, max((end - start) // 4, 1)
    for pattern in _CUTS:
        cuts = [match.end() for match in pattern.finditer(text, middle - reach, middle + reach)]
        if cuts:
            return min(cuts, key=lambda cut: abs(cut - middle))
    return middle


def _best_breaks(units: list[_Unit], size: int) -> list[tuple[int, int]]:
    """`(first, last)` unit ranges of the passages, by least total cost (dynamic programming)."""
    least = [0.0] + [float("inf")] * len(units)
    came_from = [0] * (len(units) + 1)
    for last in range(1, len(units) + 1):
        tokens = 0
        for first in range(last - 1, -1, -1):
            tokens += units[first].tokens
            if tokens > size and last - first > 1:
                break
            cost = least[first] + _cost(units, last, tokens, size)
            if cost < least[last]:
                least[last], came_from[last] = cost, first
    ranges = []
    last = len(units)
    while last:
        ranges.append((came_from[last], last))
        last = came_from[last]
    return ranges[::-1]


def _cost(units: list[_Unit], last: int, tokens: int, size: int) -> float:
    smallest = SMALLEST_PASSAGE * size
    shortfall = max(smallest - tokens, 0) / smallest
    if last == len(units):
        return 4 * shortfall**2
    inside = units[last - 1].paragraph == units[last].paragraph
    leads = units[last - 1].leads
    return 4 * shortfall**2 + MID_PARAGRAPH_COST * inside + LEADING_COST * leads
