"""Numbers written in digits: 14,3 and 14.3, 1 200 and 1,200, 1er, XXIe, 18h30, a phone number.

Digits that are part of a name are none of them: F-16, Covid-19, G20, 5G.
"""

import re

from rag.types import Language
from rag.values.units import CODES, SPACE, Number

_GAP = SPACE[1:-1]
_DIGITS = re.compile(r"[+(]?(\d)\d*")
_NUMBER = re.compile(
    rf"(?:(?<![\w.,])|(?<={CODES})|(?<=\bRs))(?:\d{{1,3}}(?:[{_GAP}'’]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d(?:[\d.,]*\d)?)"
)
_POINT = re.compile(rf"(?<=[ (]\.)\d+(?={SPACE}?(?:%|per|point))")
_METRES = re.compile(r"(?<![\w.,])(\d{1,2})m(\d\d)(?!\w)")
_OF_A_NAME = re.compile(r"[^\W\d_]-$")
_DECADE = re.compile(rf"\bannées{SPACE}$|\bthe{SPACE}['’]?$|['’]$", re.IGNORECASE)
_OF_A_TIME = re.compile(r"\b(?:mid|mi|pre|pré|post|early|late|avant|après)-$", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:ers?|[èe]re?s?|nde?|st|nd|rd|th|i?[èe]mes?|es?|è|º|ᵉʳ?)(?!\w)")
_STUCK = re.compile(  # what a digit may be stuck to and still be a number
    r"(?![^\W\d_])|[½¼¾]|(?:[kcdmµ]?m[²³23]?|[kmcµ]?g|[hcm]?[lL]|ha|t|[hH](?:\d\d)?|min|mn|s|ans"
    r"|[kMGT]?W[hc]?|[CF]|[kMG]?[Hh]z|[kKMGT](?:[bBo]|bits?)|ft|in|lbs?|oz|mph|kph|x"
    r"|k|K|m|M|b|B|[mM]ds?|[mb]n|tn|trn|EUR|USD|GBP|CHF|million|billion)(?![\w])"
)
_ROMAN = re.compile(r"\b(?=[IVX])(X{0,3})(IX|IV|V?I{0,3})(?:e|ème)s?\b")
_PHONE = re.compile(
    rf"(?<![\w.,])(?:\+\d{{1,3}}(?:[{_GAP}.()-]{{0,3}}\d{{1,4}}){{3,6}}"
    rf"|0\d(?:[{_GAP}.-]?\d\d){{4}}|0\d{{2,4}}[{_GAP}-]\d{{3,4}}[{_GAP}-]\d{{3,4}}"
    rf"|\(?\d{{3}}\)?[{_GAP}.-]\d{{3}}-\d{{4}})(?!\w|[.,]\d)"
)
_WHEN_FR = "du|de|ce|cette|hier|précises?|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_WHEN_EN = (
    "(?:on|in the|that|this|yesterday|last|local time|sharp|gmt|bst|cet|monday|tuesday|wednesday"
    "|thursday|friday|saturday|sunday)"
)
_CLOCK = re.compile(
    rf"(?<![\w.,:])(?:(?P<h>[01]?\d)(?:[:.](?P<m>[0-5]\d))?[{_GAP}]?(?P<half>[ap])\.?m\b"
    rf"|(?P<early>[1-9]|1[0-2])(?=[-–](?:[1-9]|1[0-2])[{_GAP}]?(?P<same>[ap])\.?m\b)"
    rf"|(?P<evening>[1-9]|1[01])[{_GAP}](?:h|heures?)[{_GAP}](?:du[{_GAP}]soir|de[{_GAP}]l['’]après-midi)"
    rf"|(?P<hour>[01]?\d|2[0-4])(?:[{_GAP}]?h[{_GAP}]?|:)(?P<minute>[0-5]\d)(?![\w:]|[.,]\d)"
    rf"|(?P<heure>[01]?\d|2[0-4])[{_GAP}]heures?[{_GAP}](?P<passee>[0-5]\d)(?=[{_GAP}]*(?:[,;:)]|\.(?!\d)|$|(?:{_WHEN_FR})\b))"
    rf"|(?<=\bat[{_GAP}])(?P<at>[01]?\d)\.(?P<past>[0-5]\d)(?=[{_GAP}](?P<when>{_WHEN_EN})\b))",
    re.IGNORECASE,
)
# Of a time without am or pm: what may come next, and what makes it one after noon
_LATE = re.compile(r".{0,12}\b(?:afternoon|evening|night)\b", re.IGNORECASE)
_HOURS = (
    ("h", "m"), ("early", ""), ("evening", ""), ("hour", "minute"), ("heure", "passee"),
    ("at", "past"),
)  # fmt: skip
_DAY = re.compile(
    r"(?<![\w./-])(?:(\d{1,2})([/.])(\d{1,2})\2((?:1\d|20)\d\d)"
    r"|(?P<year>(?:1\d|20)\d\d)-\d\d-(?P<day>\d\d))(?![\w/-])"
)


_ROMAN_UNITS = {"": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8,
                "IX": 9}  # fmt: skip
# After it, the decimal mark of the language is one even before three digits: 2,125 %.
_FINE = re.compile(rf"{SPACE}?(?:%|pour|per|milli(?:on|ard)|[mb]illion|[mb]n|Md)", re.IGNORECASE)


def digits(text: str, language: Language) -> list[Number]:
    """The numbers that `text` writes in digits, in no order.

    A clock time is its hours, of 24, half past six 6.5; a date in digits its day and its year; a
    phone number is one number of the unit "phone".
    """
    found: list[Number] = []
    end = 0
    for run in _DIGITS.finditer(text):
        for pattern, read in _FORMS:
            start = run.start() if pattern is _PHONE else run.start(1)
            match = pattern.match(text, start) if start >= end else None
            if match:
                found += read(match, language)
                end = match.end()
    if language == "fr":
        for match in _ROMAN.finditer(text):
            found += _roman(match)
    return found


def _is_of_a_name(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 6) : start]
    if _OF_A_NAME.search(before) and not _OF_A_TIME.search(before):
        return True
    if before.endswith("[") and text.startswith("]", end):
        return True  # the number of a note
    return not _STUCK.match(text, end) and not _ORDINAL.match(text, end)


def _plain(match: re.Match[str], language: Language) -> list[Number]:
    """A number that is none of the others; none where it is part of a name or a version."""
    text, (start, end) = match.string, match.span()
    if _is_of_a_name(text, start, end):
        return []
    value = _decade(match, language) or _value(match, language)
    unit = "ordinal" if _ORDINAL.match(text, end) else ""
    return [] if value is None else [Number(value, unit, start, end)]


def _decade(match: re.Match[str], language: Language) -> float | None:
    """1990 for the '90s and les années 90."""
    text, (start, end) = match.string, match.span()
    if not re.fullmatch("[2-9]0", match[0]) or not _DECADE.search(text[max(0, start - 8) : start]):
        return None
    whole = language == "fr" or re.match("['’]?s", text[end : end + 2])
    return 1900 + float(match[0]) if whole else None


def _value(match: re.Match[str], language: Language) -> float | None:
    fine = bool(_FINE.match(match.string, match.end()))
    return parse(match[0], {"fr": ",", "en": "."}[language] if fine else "")


def parse(number: str, decimal: str = "") -> float | None:
    """A written number; None where its separators make none.

    A last separator before exactly three digits groups thousands, in either language, unless it
    is `decimal`.
    """
    compact = re.sub(rf"{SPACE}|['’]", "", number)
    separators = [char for char in compact if char in ".,"]
    if not separators:
        return float(compact)
    last = separators[-1]
    whole, _, decimals = compact.rpartition(last)
    once = separators.count(last) == 1
    if not once and re.search(r"[.,](?!\d{2,3}(?:[.,]|$))", compact):
        return None
    grouped = len(decimals) == 3 and len(set(separators)) == 1 and whole.lstrip("0") != ""
    if not once or (grouped and last != decimal):
        return float(re.sub(r"[.,]", "", compact)) if grouped else None
    return float(f"{re.sub('[.,]', '', whole)}.{decimals}")


def _point(match: re.Match[str], language: Language) -> list[Number]:
    """.5 per cent."""
    return [Number(float(f"0.{match[0]}"), "", match.start() - 1, match.end())]


def _metres(match: re.Match[str], language: Language) -> list[Number]:
    """1m80."""
    return [Number(float(f"{match[1]}.{match[2]}"), "length-meter", *match.span())]


def _phone(match: re.Match[str], language: Language) -> list[Number]:
    return [Number(float(re.sub(r"\D", "", match[0])), "phone", match.start(), match.end())]


def _roman(match: re.Match[str]) -> list[Number]:
    number = 10 * len(match[1]) + _ROMAN_UNITS[match[2]]
    return [Number(float(number), "ordinal", match.start(), match.end())] if number > 1 else []


def _clock(match: re.Match[str], language: Language) -> list[Number]:
    hour, minute = next(pair for pair in _HOURS if match[pair[0]])
    hours = float(match[hour])
    half = match["half"] or match["same"]
    if half:
        hours = hours % 12 + 12 * (half.lower() == "p")
    elif match["evening"] or (match["at"] and _LATE.match(match.string, match.end())):
        hours += 12 * (hours < 12)
    past = match[minute] if minute else None
    end = match.end(minute) if minute and past else match.end(hour)
    return [Number(hours + int(past or 0) / 60, "hour", match.start(hour), end)]


def _day(match: re.Match[str], language: Language) -> list[Number]:
    """The day and the year; 03/06/2025 in English may be either day, so it is both numbers."""
    parts = [4, 1] if match[4] else ["year", "day"]
    if match[4] and language == "en" and int(match[3]) > 12:
        parts = [4, 3]
    elif match[4] and language == "en" and int(match[1]) <= 12:
        parts = [4, 3, 1]
    return [Number(float(match[part]), "", *match.span(part)) for part in parts]


_FORMS = (
    (_PHONE, _phone),
    (_DAY, _day),
    (_CLOCK, _clock),
    (_METRES, _metres),
    (_POINT, _point),
    (_NUMBER, _plain),
)
