"""Events that a question takes for granted, and whether a passage speaks of them at all.

"Why did the director resign?" asks a small model to make a reason up where nobody resigned. Code
knows better: a passage that has none of the words in which a resignation could be told, in
either language, does not answer (`events.toml` has the words); nor does one that only says that
it did not happen.
"""

import tomllib
from functools import cache
from importlib.resources import files

from rag.asides import own_words
from rag.asked import asks_yes_or_no
from rag.denial import denies
from rag.language import stems, words
from rag.meaning import clauses
from rag.sentences import sentences
from rag.types import Hit, Language


def asserted(question: str, language: Language) -> frozenset[str]:
    """The events that a question takes for granted; none where it denies or asks whether."""
    if denies(question, language) or asks_yes_or_no(question):
        return frozenset()
    return events_in(question, language)


def events_in(question: str, language: Language) -> frozenset[str]:
    """The events that a question speaks of."""
    there = set(words(question))
    return frozenset(
        event
        for event, listed in _listed().items()
        if there & set(words(listed["asked"][language]))
    )


def speaks_of(hit: Hit, events: frozenset[str], or_denies: bool = False) -> bool:
    """Whether the passage, or the title of its article, has a word for each of the events, in a
    clause that does not deny it; in any clause if it may say that it did not happen."""
    if not events:
        return True
    language = hit.document.language
    told = [
        clause
        for text in (hit.document.title, own_words(hit.document, hit.passage))
        for start, end in sentences(text, language)
        for clause in clauses(text[start:end])
    ]
    there = {
        stem for one in told if or_denies or not denies(one, language)
        for stem in stems(one, language)
    }  # fmt: skip
    return all(there & _telling(event, language) for event in events)


def tells_of(text: str, language: Language, events: frozenset[str]) -> bool:
    """Whether a text has a word for one of the events, be it that it did not happen."""
    there = set(stems(text, language)) if events else set()
    return any(there & _telling(event, language) for event in events)


@cache
def _telling(event: str, language: Language) -> frozenset[str]:
    listed = _listed()[event]
    return frozenset(stems(f"{listed['asked'][language]} {listed['told'][language]}", language))


@cache
def _listed() -> dict[str, dict[str, dict[Language, str]]]:
    return tomllib.loads(files("rag").joinpath("events.toml").read_text(encoding="utf-8"))
