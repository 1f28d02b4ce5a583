"""Readings -> positions: which sources say the same, which say more, which disagree.

Values decide: two readings that give the same figure agree however they word it, and two that
give different figures to a question that asks for one disagree however alike they sound.
"""

from collections.abc import Sequence

from rapidfuzz import fuzz

from rag.asked import asks_for_figure, asks_for_several
from rag.language import fold, stems
from rag.types import Language, Position, Reading
from rag.values import Figure, figures
from rag.verify import names

NEARLY_AS_SURE = 0.85  # of the surest reading's probability: below it a reading is not told
SAME_STATEMENT = 80.0  # rapidfuzz token-set ratio of the stems from which two texts say the same


def answer_figures(reading: Reading, question: str, language: Language) -> list[Figure]:
    """The figures that a reading brings, those of the question itself left out."""
    asked = figures(question, language)
    return [
        figure
        for figure in figures(reading.text, language)
        if not any(figure.same_value(other) for other in asked)
    ]


def group(readings: Sequence[Reading], question: str, language: Language) -> list[Position]:
    """Positions, the surest first; the text of each is that of its surest reading.

    Left out: readings without text, which say nothing; those of which the reader was much less
    sure than of the surest, unless the question asks for several things; and, for a question
    that asks for a figure, those without one of the kind that the surest gives.
    """
    speaking = sorted((r for r in readings if r.text), key=lambda r: -r.answerable)
    if not asks_for_several(question):
        speaking = [r for r in speaking if r.answerable >= NEARLY_AS_SURE * speaking[0].answerable]
    if asks_for_figure(question):
        speaking = _of_one_kind(speaking, question, language)
    groups: list[list[Reading]] = []
    for reading in speaking:
        for members in groups:
            if _agree(members[0], reading, question, language):
                members.append(reading)
                break
        else:
            groups.append([reading])
    return [Position(members[0].text, tuple(members)) for members in groups]


def _of_one_kind(readings: Sequence[Reading], question: str, language: Language) -> list[Reading]:
    """Those with a figure in a unit of the first that has any; all, where none has a figure."""
    units = [{f.unit for f in answer_figures(r, question, language)} for r in readings]
    asked = next((kind for kind in units if kind), None)
    if asked is None:
        return list(readings)
    return [reading for reading, kind in zip(readings, units, strict=True) if kind & asked]


def disagree(a: Position, b: Position, question: str, language: Language) -> bool:
    """Whether two positions give different figures of one kind to a question that asks for one."""
    if not asks_for_figure(question):
        return False
    ours = answer_figures(a.readings[0], question, language)
    theirs = answer_figures(b.readings[0], question, language)
    return _conflicting(ours, theirs)


def _agree(a: Reading, b: Reading, question: str, language: Language) -> bool:
    ours = answer_figures(a, question, language)
    theirs = answer_figures(b, question, language)
    if _conflicting(ours, theirs):
        return False
    if ours and theirs and asks_for_figure(question):
        return any(f.same_value(g) for f in ours for g in theirs)
    alike = fuzz.token_set_ratio(
        " ".join(stems(a.text, language)), " ".join(stems(b.text, language))
    )
    return alike >= SAME_STATEMENT and _same_names(a.text, b.text, question)


def _conflicting(ours: Sequence[Figure], theirs: Sequence[Figure]) -> bool:
    """Figures of one unit on both sides, and not one of them the same."""
    if any(f.same_value(g) for f in ours for g in theirs):
        return False
    return bool({f.unit for f in ours} & {f.unit for f in theirs})


def _same_names(a: str, b: str, question: str) -> bool:
    asked = {fold(name) for name in names(question)}
    ours = {fold(name) for name in names(a)} - asked
    theirs = {fold(name) for name in names(b)} - asked
    return not ours or not theirs or bool(ours & theirs)
