"""Where quotation marks open and close in a text, whichever of the two languages' marks they are.

Apostrophes are told from single quotation marks by what is on either side of them. A mark that is
never closed opens nothing, but for a quotation of several paragraphs, each of which opens anew.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.sentences import trimmed

_MARK = re.compile(r"[«»‹›“”„\"\n]|<<|>>")
_CLOSED_BY = {"«": "»", "<<": ">>", "‹": "›", "“": '”"', "„": '“”"', '"': '"”'}
_SINGLE = re.compile(
    r"(?<![\w’'])['‘‚](?=[\w…\[(])(?!\d0s\b|(?:tis|twas|em|cause|til|n)\b)", re.IGNORECASE
)
_SINGLE_CLOSE = re.compile(r"(?<=[^\s\w])['’‘](?!\w)|(?<=\w)['’‘](?!\w)")
_LONGEST_SINGLE = 1500  # characters between single quotation marks


class Quoted(NamedTuple):
    """Words between quotation marks: `text[start:end]`, without the marks and the space inside.

    `outer_start` and `outer_end` delimit them with their marks; `depth` is 0 for those that are
    in no other quotation.
    """

    outer_start: int
    outer_end: int
    start: int
    end: int
    depth: int


def quoted_spans(text: str) -> list[Quoted]:
    """What `text` has between quotation marks, those within others too, in order of opening."""
    pairs = sorted(_double(text))
    for single in _single(text):
        if not any(_cross(single, pair) for pair in pairs):
            pairs.append(single)
    spans: list[Quoted] = []
    open_until: list[int] = []
    for outer_start, start, end, outer_end in sorted(pairs, key=lambda pair: (pair[0], -pair[3])):
        start, end = trimmed(text, start, end)
        open_until = [stop for stop in open_until if stop > outer_start]
        if start < end:
            spans.append(Quoted(outer_start, outer_end, start, end, len(open_until)))
            open_until.append(outer_end)
    return spans


_Pair = tuple[int, int, int, int]  # before the opening mark, after it, before the closing, after


def _cross(a: _Pair, b: _Pair) -> bool:
    return a[0] < b[0] < a[3] < b[3] or b[0] < a[0] < b[3] < a[3]


def _double(text: str) -> Iterator[_Pair]:
    opened: list[tuple[str, int, int]] = []  # mark, before it, after it
    for match in _MARK.finditer(text):
        mark, start, end = match[0], match.start(), match.end()
        if mark == "\n":
            yield from _paragraph_ends(text, start, opened)
            continue
        level = _level_closed(text, match, opened)
        if level is not None:
            yield (*opened[level][1:], start, end)
            del opened[level:]
        elif mark in _CLOSED_BY and _may_open(text, match):
            if any(mark == other and mark not in "«<<" for other, *_ in opened):
                opened.clear()  # the one before was never closed
            opened.append((mark, start, end))


def _level_closed(
    text: str, match: re.Match[str], opened: list[tuple[str, int, int]]
) -> int | None:
    mark = match[0]
    if mark == '"' and _only_opens(text, match):
        return None
    return next(
        (level for level in range(len(opened) - 1, -1, -1) if mark in _CLOSED_BY[opened[level][0]]),
        None,
    )


def _only_opens(text: str, match: re.Match[str]) -> bool:
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return (not before or before in " \n\t(\u00a0\u202f—–") and (after.isalnum() or after in "«[…")


def _may_open(text: str, match: re.Match[str]) -> bool:
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if match[0] != '"':
        return bool(after)
    return bool(after) and not before.isalnum() and before not in tuple(",.!?;")


def _paragraph_ends(text: str, at: int, opened: list[tuple[str, int, int]]) -> Iterator[_Pair]:
    """A quotation goes on into the next paragraph where that one opens or closes it again."""
    if not opened:
        return
    mark, *bounds = opened[0]
    following = text[at:].lstrip() if len(text) - at < 400 else text[at : at + 400].lstrip()
    if following.startswith(mark):
        yield (bounds[0], bounds[1], at, at)
        opened.clear()
    elif mark == '"' or not _closes_next(text, at, mark):
        opened.clear()


def _closes_next(text: str, at: int, mark: str) -> bool:
    """Whether the next mark of this kind closes it."""
    closing = _CLOSED_BY[mark]
    for match in _MARK.finditer(text, at + 1):
        if match[0] == mark or match[0] in closing:
            return match[0] in closing and match[0] != '"'
    return False


def _single(text: str) -> Iterator[_Pair]:
    position = 0
    while opening := _SINGLE.search(text, position):
        close = _single_close(text, opening)
        if close is None:
            position = opening.end()
            continue
        yield opening.start(), opening.end(), close, close + 1
        position = close + 1


def _single_close(text: str, opening: re.Match[str]) -> int | None:
    """The mark that closes it: the first after punctuation, or else the first after a word.

    That of a plural (the workers’ pay) is passed over where another one follows.
    """
    end = text.find("\n", opening.end())
    end = min(len(text) if end < 0 else end, opening.end() + _LONGEST_SINGLE)
    following = _SINGLE.search(text, opening.end(), end)
    end = following.start() if following else end
    found = [m.start() for m in _SINGLE_CLOSE.finditer(text, opening.end(), end)]
    for place in found:
        if not (text[place - 1] in "sz" and text[place + 1 : place + 3].strip().islower()):
            return place
    return found[0] if found else None
