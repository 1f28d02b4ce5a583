"""Are these words about something else than a question asks, though they are all but its own?

Asked what somebody did not sign, what was the lowest price, what happened in 1971, a small model
answers with what was signed, with the highest price, with 1979, asked of France with Britain: the
words are the article's, and so many of them are the question's that nothing else gives it away.
`python -m eval.contrary` prints how often words that answer are taken for such.
"""

import re

from rag.asked import asks_for_date, asks_why, asks_yes_or_no
from rag.dates import When, about, dates, is_open
from rag.denial import denies_alone
from rag.language import fold
from rag.opposites import asks_the_opposite
from rag.places import countries, countries_where
from rag.types import Document, Language

# What stands before a date that says when something happened, not which thing it was: "in 2019",
# "last year (2024)" (see `rag.asked_dates`), not "the 2019 law". Folded.
_WHEN = re.compile(
    r"\b(?:in|on|during|en|le|durant|pendant|courant)\s+(?:(?:early|mid|late|debut|fin|the)\s+)?$"
    r"|\($"
)


def tells_of_another(quote: str, document: Document, question: str, language: Language) -> bool:
    """Whether `quote`, of `document`, tells the contrary of what is asked, or of another date."""
    if asks_yes_or_no(question):  # which the contrary answers
        return False
    if not asks_why(question) and denies_alone(question, language, quote, document.language):
        return True
    if language == document.language and asks_the_opposite(question, quote, language):
        return True
    if _is_of_another_country(quote, document, question, language):
        return True
    return not asks_for_date(question) and _is_of_another_date(quote, document, question, language)


def _is_of_another_country(
    quote: str, document: Document, question: str, language: Language
) -> bool:
    """Whether the question asks of what is in a country, and the quote tells of another: how many
    fell ill in France, and three people in Britain."""
    asked = countries_where(question, language)
    there = countries_where(quote, document.language)
    return bool(asked and there) and not asked & countries(quote, document.language)


def _is_of_another_date(quote: str, document: Document, question: str, language: Language) -> bool:
    """Whether the question says when, and the quote has other dates only.

    A date that is the article's own is not in its words: it tells what happened that day.
    """
    asked = [when for when in dates(question, language) if _says_when(when, question)]
    if not asked:
        return False
    day = document.published
    told = dates(quote, document.language, day or asked[0].first)
    if not told or any(is_open(when, quote) for when in told):
        return False
    return not any(_meet(one, other) for one in asked for other in told) and not any(
        day is not None and about(when, day) for when in asked
    )


def _says_when(when: When, question: str) -> bool:
    return _WHEN.search(fold(question[: when.start])) is not None


def _meet(one: When, other: When) -> bool:
    return one.first <= other.last and other.first <= one.last
