"""Words of a question that count from today (last year, la semaine dernière), as dates.

The reader knows no calendar, and the words of an article are about other days than those of the
question. So the dates are written behind such words, for retrieval and reading alike. Weekdays,
months and days without a year stay as they are: a dossier may be about any year.
"""

from datetime import date
from functools import cache

from babel import Locale

from rag.dates import When, dates
from rag.language import words
from rag.messages import long_date, message
from rag.types import Language


def written_out(question: str, language: Language, today: date) -> str:
    """`question` with the days that its relative words mean, counted from `today`."""
    for when in reversed(dates(question, language, today)):
        said = question[when.start : when.end]
        if when.relative and not any(c.isdigit() for c in said) and not _is_named(said, language):
            dated = _spelt(when, language)
            question = f"{question[: when.end]} ({dated}){question[when.end :]}"
    return question


def _spelt(when: When, language: Language) -> str:
    first, last = when.first, when.last
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return str(first.year) if first.year == last.year else f"{first.year}-{last.year}"
    if first == last:
        return long_date(first, language)
    return message(
        "ask.period", language, first=long_date(first, language), last=long_date(last, language)
    )


def _is_named(said: str, language: Language) -> bool:
    """Whether a month or a weekday is in these words."""
    return not _names(language).isdisjoint(words(said))


@cache
def _names(language: Language) -> frozenset[str]:
    locale = Locale(language)
    named = [*locale.months["format"]["wide"].values(), *locale.days["format"]["wide"].values()]
    return frozenset(word for name in named for word in words(name))
