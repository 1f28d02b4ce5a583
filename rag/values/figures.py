"""Figures in a text, as values that can be compared across French and English.

14,3 milliards de dollars, $14.3 billion and 14.3bn USD are one value: 14.3e9 with unit "USD".
"Vingt-trois" is 23, "la moitié" is 50 with unit "%", and "près de la moitié" is just under it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.types import Language
from rag.values.counted import counted
from rag.values.digits import digits
from rag.values.fractions import fractions
from rag.values.measures import measured, ratio
from rag.values.number_words import spelt
from rag.values.units import CURRENCIES, SPACE, Number, sign_before, tail

Approximate = Literal["", "about", "under", "over"]
NEARLY = 0.1  # of a value: how far "about", "nearly" and "more than" may be from what they round
NEARLY_YEARS = 5.0  # … where it may be a year: about 2030
THIRDS = 1.0  # percentage points: 33 % and 34 % are a third
_GAP = SPACE[1:-1]
_ROUNDING: dict[Language, dict[Approximate, str]] = {
    "fr": {
        "over": "plus de|plus d'|plus des|plus du|+ de|+ d'|pas moins de|pas moins d'|au moins"
        "|au minimum|au-delà de|au-delà d'|au-delà des|supérieur à|supérieure à|dépasse|dépassent"
        "|dépassé|dépassait|dépassant|dépasser|>",
        "under": "près de|près d'|près des|près du|presque|quasi|quasiment|moins de|moins d'"
        "|moins des|moins du|pas loin de|pas loin d'|pas loin des|jusqu'à|au plus|au maximum"
        "|à peine|pas plus de|pas plus d'|inférieur à|inférieure à|<",
        "about": "environ|autour de|autour d'|autour des|alentours de|alentours d'|alentours des"
        "|quelque|à peu près|approximativement|de l'ordre de|de l'ordre d'|vers|~|≈",
    },
    "en": {
        "over": "more than|no fewer than|no less than|over|at least|above|upwards of|in excess of"
        "|exceed|exceeds|exceeded|exceeding|topped|topping|>",
        "under": "nearly|almost|close to|near|under|less than|fewer than|below|up to|at most"
        "|no more than|just short of|as many as|as much as|not quite|<",
        "about": "about|around|approximately|roughly|some|circa|estimated|in the region of|~|≈",
    },
}
_MARKS: dict[Language, dict[str, Approximate]] = {
    language: {words: mark for mark, all_of_it in marks.items() for words in all_of_it.split("|")}
    for language, marks in _ROUNDING.items()
}
_ALL_MARKS = {language: tuple(marks) for language, marks in _MARKS.items()}
_VERBS = ("dépass", "exceed", "topp")  # what those among these words begin with
_ARTICLE = re.compile(r" (?:the|an?|les?|la|une?|une bonne)$|(?<=d')une?$")
_PLAIN = str.maketrans({"’": "'", **dict.fromkeys(_GAP, " ")})
_ABOUT_AFTER = re.compile(rf"[{_GAP}](?:environ|or so|ou presque)\b|-odd\b", re.IGNORECASE)
_OVER_AFTER = re.compile(rf"[{_GAP}](?:au moins|or more|at least)\b|\+(?!\w)", re.IGNORECASE)
_RANGE = re.compile(rf"[{_GAP}]*(?:à|ou|to|or|[-–—])[{_GAP}]*", re.IGNORECASE)
_BETWEEN = re.compile(rf"[{_GAP}]*(?:et|and)[{_GAP}]*", re.IGNORECASE)
_HOURS_AND = re.compile(
    rf"[{_GAP}]*(?:heures?|hours?|hrs?|h)[{_GAP}]*(?:,|et\b|and\b)?[{_GAP}]*", re.IGNORECASE
)
_ENTRE = re.compile(rf"\b(?:entre|between)[{_GAP}]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text: `value` in units (not millions), `unit` "" where none is known.

    Units are ISO 4217 codes, "%", "pp" (percentage points), "ordinal", "phone", times from "second"
    to "year", and measures by their names in CLDR ("length-kilometer"). `start` and `end` delimit
    the figure, its currency or percent sign included, what is counted or measured not, in the text
    it was found in.

    `approximate` says how the text rounds it: "about", "under" (nearly, up to) or "over" (more
    than). `loose` marks what is hardly a figure: it points back to what was counted before (the
    two, both) or only comes first. `counts`: it has no unit, but says what it counts.
    """

    value: float
    unit: str
    start: int
    end: int
    approximate: Approximate = ""
    loose: bool = False
    counts: bool = False

    def same_value(self, other: "Figure") -> bool:
        """The same number of the same thing; a missing unit agrees with any, unless it counts."""
        other = other.measured_like(self)
        slack = max(1e-6 * max(1.0, abs(self.value)), _rounding(self), _rounding(other))
        return _units_agree(self, other) and abs(self.value - other.value) <= slack

    @property
    def is_money(self) -> bool:
        return self.unit in CURRENCIES

    def measured_like(self, other: "Figure") -> "Figure":
        """The same in the unit of `other`, where both measure one thing: 1,500 kg, 1.5 tonnes."""
        by = ratio(self.unit, other.unit)
        return replace(self, value=self.value * by, unit=other.unit) if by else self


@dataclass(frozen=True, slots=True)
class _Part:
    """A figure while it is put together: its value is `number` times `factor`."""

    number: float
    factor: float
    unit: str
    start: int
    end: int
    about: bool
    loose: bool


def figures(text: str, language: Language) -> list[Figure]:
    """The figures of `text`, in digits and in words, in order; the articles (un, one) are none.

    Both ends of a range have the magnitude and the unit written once: entre 10 et 15 millions.
    Values have no sign: a fall of 3 % is 3.
    """
    parts = [_with_unit(number, text, language) for number in _numbers(text, language)]
    parts = _joined(_shared(_apart(parts), text), text)
    return [
        Figure(
            part.number * part.factor,
            part.unit,
            part.start,
            part.end,
            _approximate(part, text, language),
            part.loose,
            not part.unit and counted(text, part.end) is not None,
        )
        for part in parts
    ]


def start_of_rounding(text: str, figure: Figure, language: Language) -> int:
    """Where a figure of `text` begins with the words that round it: about 50,000.

    Verbs are not among them: of "exceeds 50,000" that is where 50,000 begins.
    """
    start, words = _rounded_by(text, figure.start, language)
    return figure.start if words.startswith(_VERBS) else start


def near(a: Figure, b: Figure) -> bool:
    """Whether two figures can be of one thing: the same value, or one that is rounded to the other.

    "Près de la moitié" is near 49 %, "plus de 40" near 43 but not near 38.
    """
    if a.same_value(b):
        return True
    b = b.measured_like(a)
    (low, high), (lowest, highest) = _bounds(a), _bounds(b)
    return _units_agree(a, b) and low <= highest and lowest <= high


def missing_figures(claim: Sequence[Figure], evidence: Sequence[Figure]) -> list[Figure]:
    """The figures of `claim` that no figure of `evidence` bears out.

    One that says it is rounded is borne out by what it rounds, not the reverse: "about 50" may
    stand for 49, and 49 not for "about 50". The `loose` ones are never missing.
    """
    return [
        figure
        for figure in claim
        if not figure.loose and not any(_bears_out(other, figure) for other in evidence)
    ]


def _bears_out(evidence: Figure, claim: Figure) -> bool:
    if {claim.approximate, evidence.approximate} == {"under", "over"}:
        return False  # fewer than 40 are not more than 40
    if claim.same_value(evidence):
        return True
    low, high = _bounds(claim)
    evidence = evidence.measured_like(claim)
    return _units_agree(claim, evidence) and low <= evidence.value <= high


def _units_agree(a: Figure, b: Figure) -> bool:
    """Six accounts are not six months; a bare six may be either."""
    if a.unit == b.unit:
        return True
    return (not a.unit and not a.counts) or (not b.unit and not b.counts)


def _rounding(figure: Figure) -> float:
    """What a share whose decimals do not end is rounded by."""
    return THIRDS if figure.unit == "%" and abs(figure.value - round(figure.value, 3)) > 1e-9 else 0


def _bounds(figure: Figure) -> tuple[float, float]:
    """The lowest and the highest value that `figure` can stand for."""
    year = not figure.unit and 1500 <= figure.value <= 2100
    spread = NEARLY_YEARS if year else figure.value * NEARLY
    down = spread if figure.approximate in ("about", "under") else 0.0
    up = spread if figure.approximate in ("about", "over") else 0.0
    return figure.value - down - 1e-9, figure.value + up + 1e-9


def _numbers(text: str, language: Language) -> list[Number]:
    """All readings of numbers in `text`, those to be preferred first where they overlap."""
    return [*fractions(text, language), *digits(text, language), *spelt(text, language)]


def _with_unit(number: Number, text: str, language: Language) -> _Part:
    value, unit, start, end, about, loose = number
    if unit:
        return _Part(value, 1.0, unit, start, end, about, loose)
    sign = sign_before(text, start)
    after = tail(text, end, language, sign[0].strip() if sign else None)
    start = sign.start() if sign else start
    unit = after.unit or _measure(text, after.end)
    return _Part(value + after.more, after.factor, unit, start, after.end, about, loose)


def _measure(text: str, end: int) -> str:
    found = measured(text, end)
    return found[0] if found else ""


def _apart(parts: Sequence[_Part]) -> list[_Part]:
    """Those that do not overlap one before them, in the order of the text."""
    kept: list[_Part] = []
    for part in parts:
        if not any(part.start < other.end and other.start < part.end for other in kept):
            kept.append(part)
    return sorted(kept, key=lambda part: part.start)


def _shared(parts: Sequence[_Part], text: str) -> list[_Part]:
    """`parts` with what a range writes only once: 10 à 15 %, between $10 and $15 million."""
    kept = list(parts)
    for at in range(len(kept) - 2, -1, -1):
        first, last = kept[at], kept[at + 1]
        if not _is_range(first, last, text) or first.factor > 1 or first.number > 999:
            continue
        if last.unit and first.unit not in ("", last.unit):
            continue
        factor = last.factor if first.number <= 10 * last.number else 1.0
        kept[at] = replace(first, factor=factor, unit=last.unit or first.unit)
        if not last.unit and first.unit:
            kept[at + 1] = replace(last, unit=first.unit)
    return kept


def _joined(parts: Sequence[_Part], text: str) -> list[_Part]:
    """`parts`, hours and the minutes after them as one: six hours and twelve minutes, 6 h 12."""
    kept: list[_Part] = []
    for part in parts:
        last = kept[-1] if kept else None
        if (
            last is not None
            and (last.unit, part.unit) == ("hour", "minute")
            and part.number < 60
            and _HOURS_AND.fullmatch(text[last.end : part.start])
        ):
            kept[-1] = replace(last, number=last.number + part.number / 60, end=part.end)
        else:
            kept.append(part)
    return kept


def _is_range(first: _Part, last: _Part, text: str) -> bool:
    between = text[first.end : last.start]
    if _RANGE.fullmatch(between):
        return True
    return bool(_BETWEEN.fullmatch(between) and _ENTRE.search(text[: first.start][-10:]))


def _approximate(part: _Part, text: str, language: Language) -> Approximate:
    """How the words around a figure round it."""
    _, words = _rounded_by(text, part.start, language)
    if words:
        return _MARKS[language][words]
    if _ABOUT_AFTER.match(text, part.end):
        return "about"
    if _OVER_AFTER.match(text, part.end):
        return "over"
    return "about" if part.about else ""


def _rounded_by(text: str, start: int, language: Language) -> tuple[int, str]:
    """The words before the figure at `start` that round it, as `_MARKS` has them, and where they
    begin; no words where it is not rounded."""
    first = max(0, start - 28)
    before = text[first:start].lower().translate(_PLAIN).rstrip()
    for said in (before, _ARTICLE.sub("", before)):
        if said.endswith(_ALL_MARKS[language]) and (words := _mark(said, language)):
            return first + len(said) - len(words), words
    return start, ""


def _mark(before: str, language: Language) -> str:
    """The longest words at the end of `before` that round the figure that follows."""
    fitting = [words for words in _MARKS[language] if before.endswith(words)]
    words = max(fitting, key=len, default="")
    is_whole = not before[: -len(words)][-1:].isalpha()
    return words if is_whole else ""
