"""Readings -> positions: which sources say the same, which say more, which disagree.

Values decide: two readings that give the same figure, date or name agree however they word it,
and two that give different ones to a question that asks for one disagree however alike they
sound. Copies of one article are one source, and never agree with each other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from rag.asides import own_words
from rag.asked import (
    asks_for_all,
    asks_for_date,
    asks_for_figure,
    asks_for_person,
    asks_for_several,
    asks_for_share,
    counted_in,
)
from rag.claims import is_denied, is_part
from rag.dates import When, dates, same
from rag.language import fold, stems, words
from rag.meaning import content_words, found_in, text_of
from rag.names import full_names, names
from rag.speech.speakers import name_in
from rag.types import Hit, Language, Position, Reading
from rag.values import Figure, figures, near, start_of_rounding
from rag.values.counted import counted
from rag.values.measures import measured
from rag.values.units import TIMES
from rag.verify import content_share, content_stems

NEARLY_AS_SURE = 0.85  # of the surest reading's probability: below it a reading is not told
RIVAL_AS_SURE = 0.6  # … of one that gives another value for what was asked
DOUBTED_AS_SURE = 0.75  # … and whose words do not seem to be in its passage
SAME_STATEMENT = 80.0  # rapidfuzz token-set ratio of the stems from which two texts say the same
FEW = 3  # words that two texts say beyond the question, at most, for each of them to count
REPEATED = 0.5  # of a question's content words, in an answer that speaks of the same deed
_NUMBER_OF = re.compile(
    r"[^.;:,]{0,20}\b(?:nombre|number|total) (?:de |d['’]|des |of )(?:the )?(?P<noun>\w+)"
)
SAME_NAME = 85.0  # rapidfuzz ratio of two spellings of one word of a name


@dataclass(frozen=True, slots=True)
class Value:
    """What a reading gives for what was asked: a figure, a period or a name, and its words."""

    words: str
    what: Figure | When | str

    @property
    def is_money(self) -> bool:
        return isinstance(self.what, Figure) and self.what.is_money

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

    Dates for a question that asks when, names for one that asks who, otherwise figures, but for
    those that only date something, or that it says are not so ("19, not 11"). Of those of which
    some count what the question asks the number of, these.
    """
    given = [
        value
        for value in all_values(reading, question, language)
        if not any(value.same(other) for other in _asked(question, language, value))
        and not (isinstance(value.what, Figure) and is_denied(value.what, reading.text))
        and not _is_part_there(value, reading, question)
    ]
    asked = counted_in(question, language)
    return [one for one in given if _counts(one, asked, reading.text, language)] or given


def _is_part_there(value: Value, reading: Reading, question: str) -> bool:
    """Whether a figure is one of those that the article has for a part only, and the question asks
    how many there are: "900 of its members" of a club."""
    if not isinstance(value.what, Figure) or not asks_for_all(question):
        return False
    there = figures(reading.quote, reading.hit.document.language)
    same = [one for one in there if one.same_value(value.what)]
    return bool(same) and all(is_part(one, reading.quote) for one in same)


def _counts(value: Value, asked: str, text: str, language: Language) -> bool:
    """Whether a figure of `text` counts what is asked: "12,600 cheeses", "12,600 is the number of
    cheeses"."""
    if not asked or not isinstance(value.what, Figure):
        return False
    found = counted(text, value.what.end)
    number_of = _NUMBER_OF.match(text, value.what.end)
    noun = found["noun"] if found else number_of["noun"] if number_of else ""
    return stems(noun, language) == stems(asked, language)


def told_value(
    reading: Reading, question: str, language: Language, against: Sequence[Reading] = ()
) -> str:
    """The value that tells a reading from those `against` it, as one names it in a sentence.

    A figure as the article writes it, where both are in one language and the article says more
    of it: what rounds it, what it counts. Raises IndexError for a reading without any value.
    """
    given, quote = values(reading, question, language), reading.quote
    theirs = [other for one in against for other in values(one, question, language)]
    value = next((v for v in given if any(v.same(w) is False for w in theirs)), given[0])
    told = [value.words]
    if isinstance(value.what, Figure) and reading.hit.document.language == language:
        told += [
            _as_told(quote, figure, language)
            for figure in figures(quote, language)
            if figure.same_value(value.what)
        ]
    return max(told, key=len)


def all_values(reading: Reading, question: str, language: Language) -> list[Value]:
    """The values that a reading gives, those of the question itself among them."""
    text, day = reading.text, reading.hit.document.published
    periods = dates(text, language, day)
    if asks_for_date(question) and periods:
        return [Value(text[one.start : one.end], one) for one in periods]
    if asks_for_person(question):
        return [Value(name, name) for name in full_names(text, names(question))]
    found = [
        one
        for one in figures(text, language)
        if not one.loose and (one.unit or not any(d.start <= one.start < d.end for d in periods))
    ]
    shares = [one for one in found if one.unit == "%"]
    kind = shares if asks_for_share(question) else [one for one in found if one not in shares]
    quoted = figures(reading.quote, reading.hit.document.language)
    return [Value(_as_told(text, one, language), _with_unit(one, quoted)) for one in kind or found]


def _with_unit(figure: Figure, quoted: Sequence[Figure]) -> Figure:
    """The same, with the unit that the article has and a reading left out."""
    units = {one.unit for one in quoted if one.value == figure.value}
    if figure.unit or "" in units or len(units) != 1:
        return figure
    return replace(figure, unit=units.pop(), counts=False)


def _as_told(text: str, figure: Figure, language: Language) -> str:
    """A figure as one can tell it apart from its sentence: with what rounds it and it counts."""
    start, end = start_of_rounding(text, figure, language), figure.end
    if figure.unit in ("", *TIMES) and (what := counted(text, end)):
        end = what.end()
    elif measure := measured(text, end):
        end = measure[1]
    told = text[start:end]
    return told if start else told[:1].lower() + told[1:]


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
    text, which say nothing; for a question that asks for a figure, those without one of the kind
    that the surest of those with any gives; for one that asks when, beside a surest that is not
    doubted, those that are; and those of which the reader was much less sure than
    of the surest, unless the question asks for several things (or, not so much less, they
    contradict it).
    """
    speaking = sorted((r for r in readings if r.text), key=lambda r: -r.answerable)
    if asks_for_date(question) and speaking and not speaking[0].doubted:
        speaking = [r for r in speaking if not r.doubted]  # those date what else happened
    if asks_for_figure(question):
        speaking = _of_one_kind(speaking, question, language)
    if not asks_for_several(question):
        speaking = [r for r in speaking if _is_told(r, speaking[0], question, language)]
    groups: list[list[Reading]] = []
    for reading in speaking:
        for members in groups:
            if _agree(members[0], reading, question, language):
                if members[0].doubted or not reading.doubted:
                    members.append(reading)
                break
        else:
            groups.append([reading])
    return [_position(members, families) for members in groups]


def _is_told(reading: Reading, surest: Reading, question: str, language: Language) -> bool:
    share = reading.answerable / surest.answerable
    least = DOUBTED_AS_SURE if reading.doubted else RIVAL_AS_SURE
    return share >= NEARLY_AS_SURE or (
        (reading.rival or (share >= least and _repeats(reading, question, language)))
        and reading.hit.document.id != surest.hit.document.id
        and conflicting(values(reading, question, language), values(surest, question, language))
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
    return conflicting(values(ours, question, language), values(theirs, question, language))


def _repeats(reading: Reading, question: str, language: Language) -> bool:
    """Whether an answer has half of the words of the question, or what means the same."""
    if content_share(question, reading.text, language) >= REPEATED:
        return True
    asked = set(content_words(text_of(question, language).words))
    said = found_in(asked, language, text_of(reading.text, language))
    return bool(asked) and len(said) >= REPEATED * len(asked)


def revises(newer: Reading, older: Reading, question: str, language: Language) -> bool:
    """Whether a later article gives another value and also the older one, as what was said before.

    "2,1 millions d'euros, et non 1,6 million comme annoncé": both figures are in what it says.
    """
    new, old = newer.hit.document, older.hit.document
    if not (new.published and old.published and new.published > old.published):
        return False
    ours, theirs = values(newer, question, language), values(older, question, language)
    told = all_values(whole(newer.hit), question, new.language)
    return conflicting(ours, theirs) and any(a.same(b) for a in told for b in theirs)


def whole(hit: Hit) -> Reading:
    """All that a passage says, as if it had been read to say it."""
    passage = hit.passage
    return Reading(hit, 1.0, own_words(hit.document, passage), passage.start, passage.end)


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
    """Those with a value of the kind of the first that has any; all, where none has one that is
    not much less sure than the surest."""
    given = [values(reading, question, language) for reading in readings]
    wanted = next(
        (
            found
            for reading, found in zip(readings, given, strict=True)
            if found and reading.answerable >= RIVAL_AS_SURE * readings[0].answerable
        ),
        None,
    )
    if wanted is None:
        return list(readings)
    return [
        reading
        for reading, found in zip(readings, given, strict=True)
        if any(a.same(b) is not None or (a.is_money and b.is_money) for a in found for b in wanted)
    ]


def _agree(a: Reading, b: Reading, question: str, language: Language) -> bool:
    ours, theirs = values(a, question, language), values(b, question, language)
    if conflicting(ours, theirs):
        return False
    asks = asks_for_figure(question) or asks_for_person(question)
    if ours and theirs and asks:
        return any(f.same(g) for f in ours for g in theirs)
    alike = fuzz.token_set_ratio(
        " ".join(stems(a.text, language)), " ".join(stems(b.text, language))
    )
    return (
        alike >= SAME_STATEMENT
        and _same_names(a.text, b.text, question)
        and _same_words(a.text, b.text, question, language)
    )


def conflicting(ours: Sequence[Value], theirs: Sequence[Value]) -> bool:
    """Whether there are values of one kind on both sides, and not one of them the same."""
    verdicts = [f.same(g) for f in ours for g in theirs]
    return False in verdicts and True not in verdicts


def _same_names(a: str, b: str, question: str) -> bool:
    """Whether one of both names nothing, beside the question, that the other does not."""
    asked = {fold(name) for name in names(question)}
    ours = {fold(name) for name in names(a)} - asked
    theirs = {fold(name) for name in names(b)} - asked
    return _all_in(ours, theirs) or _all_in(theirs, ours)


def _all_in(some: set[str], others: set[str]) -> bool:
    return all(any(_one_name(name, other) for other in others) for name in some)


def _same_words(a: str, b: str, question: str, language: Language) -> bool:
    """Whether what each says beyond the question has a word in common, or one says no more.

    Of a few words beyond it each one counts: an American actor is no American chef.
    """
    asked = content_stems(question, language)
    ours, theirs = (content_stems(text, language) - asked for text in (a, b))
    if max(len(ours), len(theirs)) <= FEW:
        return ours <= theirs or theirs <= ours
    return bool(ours & theirs)


def _one_name(a: str, b: str) -> bool:
    """Whether a name may be the other, shortened or spelt otherwise: Wang and Alexandr Wang, but
    not Jean and Pierre Aubriot."""
    shorter, longer = sorted((words(a), words(b)), key=len)
    if len(shorter) == 2 and len(longer) == 2 and _other_given_name(a, b):
        return False
    return bool(shorter) and any(fuzz.ratio(shorter[-1], word) >= SAME_NAME for word in longer)


def _other_given_name(a: str, b: str) -> bool:
    """Whether two names of two words, neither a title, begin with names of two people, by their
    first letters: Tom may be Thomas."""
    ours, theirs = words(name_in(a) or ""), words(name_in(b) or "")
    return len(ours) == len(theirs) == 2 and ours[1] == theirs[1] and ours[0][0] != theirs[0][0]
