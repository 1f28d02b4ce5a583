"""Answers made comparable: the same thing gives the same tokens, in French and in English.

What SQuAD does before it compares answers (Rajpurkar et al., SQuAD: 100,000+ Questions for
Machine Comprehension of Text, 2016: lower case, no punctuation, no articles, single spaces), for
two languages, and with numbers, amounts, percentages and dates as values instead of spellings.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

from babel import Locale

from eval.numerals import in_digits
from rag.dates.days import month_names
from rag.language import fold
from rag.types import LANGUAGES, Language
from rag.values import Figure, figures

_ARTICLES: dict[Language, frozenset[str]] = {
    "fr": frozenset("le la les un une des du de".split()),
    "en": frozenset("a an the".split()),
}
# An elided article; the possessive, which SQuAD leaves stuck to its word.
_CLITIC: dict[Language, re.Pattern[str]] = {
    "fr": re.compile(r"\b(?:l|d|qu)'(?=\w)"),
    "en": re.compile(r"(?<=\w)'s\b"),
}
_CHARACTERS = str.maketrans({**dict.fromkeys("’‘ʼ′`", "'"), "œ": "oe", "Œ": "Oe", "æ": "ae"})
_PERCENT = re.compile(r"\b(?:pour|per)[ -]?cents?\b", re.IGNORECASE)
_SHORT_AMOUNT = re.compile(r"(?<=\d) ?(k|M|Mds?) ?(?=[€$£])")  # 412 M€
_MAGNITUDES = {"k": " mille ", "M": " millions ", "Md": " milliards ", "Mds": " milliards "}
_HOUR = re.compile(r"\b(\d{1,2}) ?[h:] ?([0-5]\d)\b(?!:)|\b(\d{1,2})h\b")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_ORDINAL = re.compile(r"\b(\d+)(?:er|re|ère|e|è?me|ème|nde?|st|nd|rd|th)\b(?!['’])", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+|%")
_UNITS = {
    "USD": ["dollars"], "CAD": ["dollars", "canadian"], "AUD": ["dollars", "australian"],
    "EUR": ["euros"], "GBP": ["pounds"], "%": ["%"],
}  # fmt: skip
# What may stick to a number and still be a word of its own: 61mm is 61 mm, 5G is not 5 g.
_OF_TIME = re.compile(r"[^\W\d]|:")
_STUCK = re.compile(r"(?:[kcm]?m[23]?|k?g|ha|h|l|[kMG]Wh?|°C)?(?!\w)")
_BILLION = re.compile(r"\d[ -]billion(s?)\b", re.IGNORECASE)


def normalize(text: str, language: Language) -> str:
    """The `tokens` of `text`, a space between them."""
    return " ".join(tokens(text, language))


def tokens(text: str, language: Language) -> list[str]:
    """The words of `text`, folded, without articles; a number is its value, whatever its form.

    "$14.3 billion" and "14,3 milliards de dollars" are `14300000000 dollars`; "June 13, 2025",
    "13 juin 2025" and "2025-06-13" are `13th june 2025`. The day is an ordinal, so that "13" is
    not in it. Months and weekdays are English in both languages; other words stay as they are.
    """
    text = _uniform(text, language)
    found, end = [], 0
    for match in _dates().finditer(text):
        found += _numbers_and_words(text[end : match.start()], language)
        found += _date_tokens(match)
        end = match.end()
    return found + _numbers_and_words(text[end:], language)


def answer_tokens(answer: str, language: Language) -> list[list[str]]:
    """The ways to read an acceptable `answer` to a question in `language`, that one first.

    An answer may be in either language. Where "billion" tells which (14,3 billions is French,
    14.3 billion English: a thousand times less) it is read in that one only.
    """
    languages = sorted(LANGUAGES, key=lambda one: one != language)
    if billion := _BILLION.search(in_digits(answer, "en")):
        languages = ["fr" if billion[1] else "en"]
    readings = [tokens(answer, one) for one in languages]
    return [one for number, one in enumerate(readings) if one and one not in readings[:number]]


def months(words: Iterable[str]) -> set[str]:
    """The tokens among `words` that are full names of months, in either language."""
    return set(words) & _full_month_names()


def contains(text: str, answer: str, language: Language) -> bool:
    """Whether whole tokens of `text`, in `language`, side by side, are those of `answer`.

    `answer` may be in either language; one without any token is in no text.
    """
    there = tokens(text, language)
    return any(_is_run(one, there) for one in answer_tokens(answer, language))


def _is_run(run: list[str], there: list[str]) -> bool:
    size = len(run)
    return any(there[start : start + size] == run for start in range(len(there) - size + 1))


def _uniform(text: str, language: Language) -> str:
    """`text` with one sort of space and apostrophe, and one way to write what has several."""
    text = unicodedata.normalize("NFKC", text.translate(_CHARACTERS))
    text = _PERCENT.sub("%", text)
    text = _INITIALS.sub(lambda match: match[0].replace(".", ""), text)
    text = _SHORT_AMOUNT.sub(lambda match: _MAGNITUDES[match[1]], text)
    text = _HOUR.sub(lambda match: f"{match[1] or match[3]} h {match[2] or ''} ", text)
    return in_digits(text, language)


@cache
def _month_names() -> dict[str, str]:
    """French and English months, folded, full and short, to the token that stands for each."""
    english = Locale("en").months["format"]["wide"]
    return {name: fold(english[month]) for name, month in month_names().items()}


@cache
def _full_month_names() -> frozenset[str]:
    """French and English, folded; a French one is left where the text was read as English."""
    tables = (Locale(language).months["format"]["wide"] for language in LANGUAGES)
    return frozenset(fold(name) for table in tables for name in table.values())


@cache
def _french_names() -> dict[str, str]:
    """The French months and weekdays, folded, to the English ones."""
    french, english = Locale("fr"), Locale("en")
    return {
        fold(name): fold(getattr(english, table)["format"]["wide"][number])
        for table in ("months", "days")
        for number, name in getattr(french, table)["format"]["wide"].items()
    }


@cache
def _dates() -> re.Pattern[str]:
    """Finds a day with its month, with or without a year; month names as `_month_names` has."""
    spellings = {"fevrier": "f[eé]vrier", "fevr": "f[eé]vr", "aout": "ao[uû]t"}
    spellings |= {"decembre": "d[eé]cembre", "dec": "d[eé]c"}
    spellings |= {"may": "(?-i:M)ay", "march": "(?-i:M)arch"}  # in "the 12 may leave", a verb
    longest_first = sorted(_month_names(), key=len, reverse=True)
    month = "|".join(spellings.get(name, name) for name in longest_first)
    day, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:1\d|20)\d\d"
    number_goes_on = r"\d|[.,]\d| ?%| \d{3}\b| ?(?:mil|bil|tril)l"
    return re.compile(
        rf"\b(?P<y1>{year})-(?P<m1>0[1-9]|1[0-2])-(?P<d1>{day})\b"
        rf"|(?<![\w.,])(?P<d2>{day})(?:er|st|nd|rd|th)? (?:of )?(?P<m2>{month})\b"
        rf"(?:\.?,? (?:of )?(?P<y2>{year})\b)?"
        rf"|\b(?P<m3>{month})\.? (?:the )?(?P<d3>{day})(?:(?:st|nd|rd|th)\b|(?!{number_goes_on}))"
        rf"(?:,? (?P<y3>{year})\b)?",
        re.IGNORECASE,
    )


def _date_tokens(match: re.Match[str]) -> list[str]:
    """Day, month and year in this order: "13 juin" and "juin 2025" are runs of the whole date."""
    form = next(one for one in "123" if match[f"d{one}"])
    day, month, year = match[f"d{form}"], match[f"m{form}"], match[f"y{form}"]
    if month.isdigit():
        month = Locale("en").months["format"]["wide"][int(month)]
    return [f"{int(day)}th", _month_names()[fold(month)], *([year] if year else [])]


def _numbers_and_words(text: str, language: Language) -> list[str]:
    found, end = [], 0
    for figure in _whole_figures(text, language):
        found += _words(text[end : figure.start], language)
        found += _time(figure, text) or [_written(figure.value), *_UNITS.get(figure.unit, [])]
        end = figure.end
    return found + _words(text[end:], language)


def _whole_figures(text: str, language: Language) -> Iterator[Figure]:
    """The figures of `text` that are not the beginning of a word, as in 5G, 4x4 or 13th."""
    return (one for one in figures(text, language) if _STUCK.match(text, one.end))


def _time(figure: Figure, text: str) -> list[str]:
    """Hours and minutes that are written as such, 18 h 30; empty for any other figure."""
    if figure.unit != "hour" or not _OF_TIME.search(text, figure.start, figure.end):
        return []
    hours, minutes = divmod(round(60 * figure.value), 60)
    return [str(hours), "h", str(minutes)] if minutes else []


def _written(value: float) -> str:
    """The digits of `value`, without an exponent; 15 of them, the precision of a float."""
    return format(Decimal(f"{value:.15g}").normalize(), "f")


def _words(text: str, language: Language) -> list[str]:
    """The words of a stretch without figures."""
    plain = _CLITIC[language].sub(" ", fold(_ORDINAL.sub(r"\1th", text)))
    names = _french_names() if language == "fr" else {}
    found = (names.get(word, word) for word in _WORD.findall(plain))
    return [word for word in found if word not in _ARTICLES[language]]
