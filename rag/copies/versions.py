"""Whether two versions of one article give different facts in the same place.

A reprint or a translation says what the article says. A corrected version does too, but for the
figure, the name or the "not" that it corrects. Across languages figures can tell; within one, so
can the words of a sentence that has hardly changed.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from rag.copies.reprints import decides, edits, tokens
from rag.language import fold, words
from rag.sentences import sentences
from rag.types import Document
from rag.values import Figure, figures, near
from rag.values.measures import is_measure

Chain = Sequence[tuple[int, int]]  # places, in words, of what two texts share, in order

REWORDED = 0.25  # of the words of a sentence, at most, for it to be a version of the other
SAME_WORDING = 0.8  # share in step from which one text is copied, below it is told in other words
SENTENCE_WORDS = 4  # in fewer there is nothing to compare
TWICE = 2.0  # how far apart two figures may be where only one has a unit
KEPT = 256  # texts whose figures are remembered

_NEGATIONS = frozenset(
    "ne n pas non ni sans jamais aucun aucune not no nor never without t".split()
)
_ARTICLES = frozenset("un une one".split())
_MEASURED = re.compile(  # after a figure: another system may have another figure for the same
    r"[\s-]*(?:h|heures?|[ap]\.? ?m|o'clock|:|°|degres?|degrees?|km|kilom\w+|m|metres?|meters?"
    r"|miles?|yards?|feet|foot|ft|pieds?|pi|inch\w*|pouces?|po|cm|kg|kilos?|pounds?|lbs?|livres?"
    r"|stones?|tonn?es?|tons?|acres?|hectares?|ha|litres?|gallons?|mph)(?!\w)"
)


def other_figure(a: Document, b: Document, chain: Chain) -> bool:
    """Whether a figure stands where the other text has another of its kind.

    Figures that both texts have, wherever, are no such figures.
    """
    ours, theirs = _figures(a), _figures(b)
    only_ours, only_theirs = _without_like(ours, theirs), _without_like(theirs, ours)
    for place, figure in only_ours:
        first, last = _gap(chain, place)
        if any(
            first <= there <= last and _one_kind(figure, a.text, other, b.text)
            for there, other in only_theirs
        ):
            return True
    return False


@lru_cache(KEPT)
def _figures(document: Document) -> tuple[tuple[int, Figure], ...]:
    """The figures of a text, each with how many words come before it."""
    found = []
    place = start = 0
    for figure in figures(document.text, document.language):
        place += len(words(document.text[start : figure.start]))
        start = figure.start
        if not figure.loose:
            # a version may say "the four" of what another calls "four suspects"
            found.append((place, replace(figure, counts=False)))
    return tuple(found)


def _without_like(
    claim: Sequence[tuple[int, Figure]], evidence: Sequence[tuple[int, Figure]]
) -> list[tuple[int, Figure]]:
    return [one for one in claim if not any(near(one[1], other) for _, other in evidence)]


def _gap(chain: Chain, place: int) -> tuple[int, int]:
    """Between which places of the other text the words at `place` must stand, one anchor wider."""
    after = bisect_right([here for here, _ in chain], place)
    first = chain[after - 2][1] if after >= 2 else 0
    last = chain[after + 1][1] if after + 1 < len(chain) else 10**9
    return first, last


def _one_kind(a: Figure, text: str, b: Figure, other: str) -> bool:
    """Whether two figures, if they differ, cannot both be right: no miles for kilometres."""
    if is_measure(a.unit) or is_measure(b.unit):
        return False
    if a.unit and b.unit:
        return a.unit == b.unit
    if a.unit or b.unit:  # one article may leave out what the other says: 15 for $14.3
        return max(a.value, b.value) <= TWICE * min(a.value, b.value)
    if _may_be_a_year(a, text) != _may_be_a_year(b, other):  # the 1980s, les années 80
        return False
    return not (_is_measured(a, text) or _is_measured(b, other))


def _may_be_a_year(figure: Figure, text: str) -> bool:
    return text[figure.start : figure.end].isdigit() and 1000 <= figure.value < 2100


def _is_measured(figure: Figure, text: str) -> bool:
    return (
        _MEASURED.match(fold(text[figure.end : figure.end + 12])) is not None
        or text[: figure.start][-1:] == ":"
    )


def other_words(a: Document, b: Document, share: float) -> bool:
    """Whether a sentence has a version in the other text that differs in a word that decides.

    For texts in one language; `share` is that of their anchors that are in step, by which one is
    copied from the other or told in other words.
    """
    theirs = [tokens(b.text[slice(*span)]) for span in sentences(b.text, b.language)]
    known = [set(map(str.lower, sentence)) for sentence in theirs]
    for span in sentences(a.text, a.language):
        ours = tokens(a.text[slice(*span)])
        if len(ours) < SENTENCE_WORDS or not theirs or ours in theirs:
            continue
        own = set(map(str.lower, ours))
        nearest = max(range(len(theirs)), key=lambda n: len(own & known[n]) - 0.5 * len(known[n]))
        if 2 * len(own & known[nearest]) < min(len(own), len(known[nearest])):
            continue
        if _other_fact(ours, theirs[nearest], copied=share >= SAME_WORDING):
            return True
    return False


def _other_fact(old: Sequence[str], new: Sequence[str], copied: bool) -> bool:
    """Whether one sentence is the other with another fact; what is only left out is none.

    Where the text is not `copied`, a word that decides has to stand against another one.
    """
    changes = edits(old, new)
    changed = sum(max(i2 - i1, j2 - j1) for _, i1, i2, j1, j2 in changes)
    if changed > REWORDED * min(len(old), len(new)):
        return False
    common = {token for token in (*old, *new) if token.islower()}
    for tag, i1, i2, j1, j2 in changes:
        before, after = old[i1:i2], new[j1:j2]
        if copied and not _NEGATIONS.isdisjoint(map(str.lower, (*before, *after))):
            return True
        if tag == "replace" and _is_exchanged(before, after, common, copied):
            return True
    return False


def _is_exchanged(
    before: Sequence[str], after: Sequence[str], common: set[str], copied: bool
) -> bool:
    """Whether these words exchange a word that decides or, in a copied text, a name."""
    deciding = [any(_is_decisive(t, copied) for t in side) for side in (before, after)]
    if all(deciding) or (copied and any(deciding)):
        return True
    return copied and all(
        any(decides(t, common, names=True) for t in side) for side in (before, after)
    )


def _is_decisive(token: str, copied: bool) -> bool:
    if token[0].isdigit():  # in other words 19 h is 7 p.m.: `_other_figure` tells
        return copied
    return decides(token, set(), names=False) and token.lower() not in _ARTICLES
