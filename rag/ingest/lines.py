"""The lines of an article, with what their layout says: blocks, bullets, hard wraps."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise

from rag.language import fold

WRAP_WIDTHS = range(45, 101)  # columns at which people and programs wrap plain text

_BULLET = re.compile(r"(?:[•·▪◦‣●○■□»›*–—-]|\d{1,2}[.)])\s+")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s*$|[.!?…]\s*[»”\"]\s*$|[»”]\s*$")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_WORD = re.compile(r"[^\W\d_]+")
_FUNCTION_WORDS = frozenset(
    "le la les l un une des du de d au aux et ou ni mais que qu qui dont ou ce cet cette ces se s "
    "son sa ses leur leurs nous vous ils elles il elle on ne n pas plus par pour dans sur sous "
    "avec sans est sont etait ont ete avait sera comme si y en a "
    "the a an of to in on at by for from with without and or nor but that which who whom whose "
    "this these those it its is are was were be been has have had will would not no as if than "
    "their his her he she they we you i there what when where how into over after".split()
)


@dataclass(frozen=True)
class Line:
    """A line without its outer blanks; `number` is its place in the source, from 1.

    Lines of the same `block` have no blank line between them.
    """

    number: int
    text: str
    block: int

    @cached_property
    def bare(self) -> str:
        """Folded, without bullets, quotes and punctuation around it: what patterns compare."""
        return _EDGES.sub("", fold(self.text))

    @cached_property
    def bullet(self) -> bool:
        return _BULLET.match(self.text) is not None

    @cached_property
    def ends_sentence(self) -> bool:
        return _SENTENCE_END.search(self.text) is not None

    @cached_property
    def prose(self) -> bool:
        """A paragraph of running text: long enough, with the small words of a language."""
        if len(self.text) < 80:
            return False
        found = _WORD.findall(self.bare)
        small = sum(word in _FUNCTION_WORDS for word in found)
        return small >= max(3, len(found) / 8) and (self.ends_sentence or len(self.text) > 240)


def split_lines(text: str) -> list[Line]:
    """The lines of `text` that are not blank; hard-wrapped paragraphs become one line each."""
    lines: list[Line] = []
    block = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        if stripped := raw.strip():
            lines.append(Line(number, stripped, block))
        else:
            block += 1
    return _unwrap(lines)


def paragraph_lines(paragraphs: Iterable[tuple[int, str]]) -> list[Line]:
    """Lines of a format that marks its paragraphs: each is a block of its own."""
    return [
        Line(number, text.strip(), block)
        for block, (number, text) in enumerate(paragraphs)
        if text.strip()
    ]


def _unwrap(lines: list[Line]) -> list[Line]:
    blocks = [list(group) for _, group in groupby(lines, key=lambda line: line.block)]
    width = max((_width(block) for block in blocks if _is_wrapped(block, _width(block))), default=0)
    unwrapped: list[Line] = []
    for block in blocks:
        own = max(width, _width(block))  # a paragraph's longest line may be a little longer
        if width and own <= width + 8 and _is_wrapped(block, own, least=2):
            unwrapped.append(replace(block[0], text=_join(block)))
        else:
            unwrapped.extend(block)
    return unwrapped


def _width(block: list[Line]) -> int:
    return max(len(line.text) for line in block)


def _is_wrapped(block: list[Line], width: int, least: int = 3) -> bool:
    """Whether each line was broken because the next word did not fit into `width` columns.

    A list of headlines, or verse, breaks elsewhere.
    """
    if len(block) < least or width not in WRAP_WIDTHS or any(line.bullet for line in block[1:]):
        return False
    pairs = list(pairwise(block))
    full = all(len(one.text) + 1 + len(two.text.split()[0]) > width for one, two in pairs)
    mid_sentence = sum(two.text[0].islower() for _, two in pairs)
    return full and mid_sentence >= len(pairs) / 2


def _join(block: list[Line]) -> str:
    joined = block[0].text
    for line in block[1:]:
        glue = "" if re.search(r"[^\W\d_]-$", joined) else " "
        joined += glue + line.text
    return joined
