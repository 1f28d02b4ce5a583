"""Readings -> positions: which sources say the same, which say more, which disagree.

Values decide: two readings that give the same figure, date or name agree however they word it,
and two that give different ones to a question that asks for one disagree however alike they
sound. Copies of one article are one source, and never agree with each other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from rag.asked import (
    asks_for_date,
    asks_for_figure,
    asks_for_person,
    asks_for_several,
    asks_for_share,
)
from rag.dates import When, dates, same
from rag.evidence import evidence_of
from rag.language import fold, stems, words
from rag.names import full_names, missing_names, names
from rag.types import Hit, Language, Position, Reading
from rag.values import Figure, figures, near
from rag.verify import content_share

NEARLY_AS_SURE = 0.85  # of the surest reading's probability: below it a reading is not told
RIVAL_AS_SURE = 0.35  # … of one that gives another value for what was asked
RIVAL_RATIO = 4.0  # of two figures that may be of one thing, the larger to the smaller
SAME_STATEMENT = 80.0  # rapidfuzz token-set ratio of the stems from which two texts say the same
ON_TOPIC = 0.6  # of a question's content words, in a passage that may give another value
REPEATED = 0.5  # of a question's content words, in an answer that speaks of the same deed
SAME_NAME = 85.0  # rapidfuzz ratio of two spellings of one word of a name
# A plural right after a number, in either language; no small word that ends like one.
_COUNTED = re.compile(
    r"[ \u00a0\u202f](?!(?:dans|sous|plus|vers|mais|après|sans|puis|depuis|moins|dès|alors|jamais"
    r"|was|has|less|plus|as|is|this|its|always|perhaps|across|towards)\b)"
    r"(?:[^\W\d_]{2,}[sx]|people|children|(?:wo)?men)\b"
)


@dataclass(frozen=True, slots=True)
class Value:
    """What a reading gives for what was asked: a figure, a period or a name, and its words."""

    words: str
    what: Figure | When | str

    def same(self, other: "Value") -> bool | None:
        """Whether both can be true of one thing; None where they are of different kinds."""
        match self.what, other.what:
            case Figure() as a, Figure() as b:
                return True if near(a, b) else (False if a.unit == b.unit else None)
            case When() as a, When() as b:
                return same(a, b)
            case str() as a, str() as b:
                return _one_name(a, b)
        return None


def values(reading: Reading, question: str, language: Language) -> list[Value]:
    """The values that a reading gives, those of the question itself left out.

    Dates for a question that asks when, names for one that asks who, otherwise figures.
    """
    return [
        value
        for value in _values(reading, question, language)
        if not any(value.same(other) for other in _asked(question, language, value))
    ]


def _values(reading: Reading, question: str, language: Language) -> list[Value]:
    text, day = reading.text, reading.hit.document.published
    if asks_for_date(question) and (periods := dates(text, language, day)):
        return [Value(text[one.start : one.end], one) for one in periods]
    if asks_for_person(question):
        return [Value(name, name) for name in full_names(text, names(question))]
    found = [one for one in figures(text, language) if not one.loose]
    shares = [one for one in found if one.unit == "%"]
    kind = shares if asks_for_share(question) else [one for one in found if one not in shares]
    return [Value(_as_told(text, one), one) for one in kind or found]


def _as_told(text: str, figure: Figure) -> str:
    """A figure as one can tell it apart from its sentence: with what it counts."""
    end = figure.end
    if not figure.unit and (counted := _COUNTED.match(text, end)):
        end = counted.end()
    told = text[figure.start : end]
    return told if figure.start else told[:1].lower() + told[1:]


def _asked(question: str, language: Language, like: Value) -> list[Value]:
    """What `question` itself says, of the kind of `like`."""
    match like.what:
        case When():
            return [Value("", one) for one in dates(question, language, None)]
        case str():
            return [Value(name, name) for name in full_names(question)]
    return [Value("", one) for one in figures(question, language)]


def group(
    readings: Sequence[Reading],
    question: str,
    language: Language,
    families: Mapping[str, str] = {},
) -> list[Position]:
    """Positions, the surest first; the text of each is that of its surest reading.

    `families` gives, by document, what it is a copy of (`rag.copies`): of the readings of one
    family that take one position, the surest speaks for the others. Left out: readings without
    text, which say nothing; those of which the reader was much less sure than of the surest,
    unless the question asks for several things (or, not so much less, they contradict it); and,
    for a question that asks for a figure, those without one of the kind that the surest gives.
    """
    speaking = sorted((r for r in readings if r.text), key=lambda r: -r.answerable)
    if not asks_for_several(question):
        speaking = [r for r in speaking if _is_told(r, speaking[0], question, language)]
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
    return [_position(members, families) for members in groups]


def _is_told(reading: Reading, surest: Reading, question: str, language: Language) -> bool:
    share = reading.answerable / surest.answerable
    return share >= NEARLY_AS_SURE or (
        share >= RIVAL_AS_SURE
        and reading.hit.document.id != surest.hit.document.id
        and _repeats(reading, question, language)
        and _conflicting(values(reading, question, language), values(surest, question, language))
    )


def disagree(a: Position, b: Position, question: str, language: Language) -> bool:
    """Whether two positions give different values to a question that asks for one.

    Names are looked at only where both speak of what was asked: another person who is named may
    have done something else. And an article does not contradict itself: two values that it gives
    are of two things.
    """
    ours, theirs = a.readings[0], b.readings[0]
    if asks_for_several(question) or ours.hit.document.id == theirs.hit.document.id:
        return False
    if not asks_for_figure(question) and not (
        asks_for_person(question)
        and _repeats(ours, question, language)
        and _repeats(theirs, question, language)
    ):
        return False
    return _conflicting(values(ours, question, language), values(theirs, question, language))


def _repeats(reading: Reading, question: str, language: Language) -> bool:
    return content_share(question, reading.text, language) >= REPEATED


def revises(newer: Reading, older: Reading, question: str, language: Language) -> bool:
    """Whether a later article gives another value and also the older one, as what was said before.

    "2,1 millions d'euros, et non 1,6 million comme annoncé": both figures are in what it says.
    """
    new, old = newer.hit.document, older.hit.document
    if not (new.published and old.published and new.published > old.published):
        return False
    ours, theirs = values(newer, question, language), values(older, question, language)
    told = _values(_as_reading(newer.hit), question, new.language)
    return _conflicting(ours, theirs) and any(a.same(b) for a in told for b in theirs)


def rivals(
    position: Position, candidates: Sequence[Hit], question: str, language: Language
) -> list[Hit]:
    """The passages that seem to give another value for what the position says.

    Such a passage speaks of what is asked (most of its words, or across languages its names) and
    has a value of the kind and order of the position's, but not that one. What it says must be
    read.
    """
    ours = values(position.readings[0], question, language)
    if not ours or not asks_for_figure(question):
        return []
    return [
        hit
        for hit in candidates
        if _speaks_of(hit, question, language)
        and _rivalling(ours, _values(_as_reading(hit), question, hit.document.language))
    ]


def _rivalling(ours: Sequence[Value], theirs: Sequence[Value]) -> bool:
    """Whether `theirs` has a value of the kind of `ours`, of the same order, and none of `ours`."""
    return _conflicting(ours, theirs) and any(
        a.same(b) is False and _of_one_order(a, b) for a in ours for b in theirs
    )


def _of_one_order(a: Value, b: Value) -> bool:
    if not (isinstance(a.what, Figure) and isinstance(b.what, Figure)):
        return True
    low, high = sorted((abs(a.what.value), abs(b.what.value)))
    return high <= RIVAL_RATIO * low


def _as_reading(hit: Hit) -> Reading:
    """What the passage says, all of it."""
    return Reading(hit, 1.0, hit.passage.text, hit.passage.start, hit.passage.end)


def _speaks_of(hit: Hit, question: str, language: Language) -> bool:
    text = f"{hit.document.title} {hit.passage.text}"
    if language == hit.document.language:
        return content_share(question, text, language) >= ON_TOPIC
    own = full_names(question)
    return bool(own) and not missing_names(question, language, evidence_of(hit, text))


def _position(members: Sequence[Reading], families: Mapping[str, str]) -> Position:
    """A position of these readings, the surest of each family only."""
    sources: dict[str, Reading] = {}
    for reading in members:
        document = reading.hit.document
        family = families.get(document.id, document.id)
        first = sources.setdefault(family, reading)
        known = {first.hit.document.id, *(copy.id for copy in first.copies)}
        if document.id not in known:
            sources[family] = replace(first, copies=(*first.copies, document))
    return Position(members[0].text, tuple(sources.values()))


def _of_one_kind(readings: Sequence[Reading], question: str, language: Language) -> list[Reading]:
    """Those with a value of the kind of the first that has any; all, where none has one."""
    given = [values(reading, question, language) for reading in readings]
    wanted = next((found for found in given if found), None)
    if wanted is None:
        return list(readings)
    return [
        reading
        for reading, found in zip(readings, given, strict=True)
        if any(a.same(b) is not None for a in found for b in wanted)
    ]


def _agree(a: Reading, b: Reading, question: str, language: Language) -> bool:
    ours, theirs = values(a, question, language), values(b, question, language)
    if _conflicting(ours, theirs):
        return False
    asks = asks_for_figure(question) or asks_for_person(question)
    if ours and theirs and asks:
        return any(f.same(g) for f in ours for g in theirs)
    alike = fuzz.token_set_ratio(
        " ".join(stems(a.text, language)), " ".join(stems(b.text, language))
    )
    return alike >= SAME_STATEMENT and _same_names(a.text, b.text, question)


def _conflicting(ours: Sequence[Value], theirs: Sequence[Value]) -> bool:
    """Values of one kind on both sides, and not one of them the same."""
    verdicts = [f.same(g) for f in ours for g in theirs]
    return False in verdicts and True not in verdicts


def _same_names(a: str, b: str, question: str) -> bool:
    asked = {fold(name) for name in names(question)}
    ours = {fold(name) for name in names(a)} - asked
    theirs = {fold(name) for name in names(b)} - asked
    return not ours or not theirs or bool(ours & theirs)


def _one_name(a: str, b: str) -> bool:
    """Whether a name may be the other, shortened or spelt otherwise: Wang and Alexandr Wang."""
    shorter, longer = sorted((words(a), words(b)), key=len)
    return bool(shorter) and any(fuzz.ratio(shorter[-1], word) >= SAME_NAME for word in longer)
