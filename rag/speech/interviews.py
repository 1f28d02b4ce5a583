"""Interviews without quotation marks: questions in paragraphs of their own, and who answers."""

import re
from functools import lru_cache

from rag.names import full_names
from rag.sentences import paragraphs
from rag.speech.clauses import Span
from rag.speech.reported import Speech
from rag.types import Document

FEWEST = 3  # questions of an interview: an article may ask one or two of its own
LONGEST = 250  # characters of a question
_ADDRESSED = re.compile(r"\b(?:vous|votre|vos|you|your|yours)\b", re.IGNORECASE)
_OWN = re.compile(
    r"\b(?:je|moi|mon|ma|mes|nous|notre|nos|I|me|my|we|our|us)\b|\bj['’]|\bm['’]", re.IGNORECASE
)

_CLOSING = re.compile(  # what its editors add below
    r"[\W_]*(?:propos recueillis|entretien réalisé|traduit|précision|rectificatif|correction"
    r"|erratum|clarification|interview(?:ed)? by|editor['’]s note|note de la rédaction)\b",
    re.IGNORECASE,
)


def answers(document: Document) -> list[Speech]:
    """What the one who is interviewed says: a paragraph each, in order; nothing where the article
    is no interview, or names several whom it could be with.

    A short paragraph that says "you" and not "I" is a question too: "Your critics want you gone."
    """
    return list(_answers(document.title, document.text))


def questions(document: Document) -> list[Span]:
    """Its paragraphs that ask something, of an interview or not."""
    return [span for span in paragraphs(document.text) if _asks(document.text[slice(*span)])]


@lru_cache(maxsize=64)
def _answers(title: str, text: str) -> tuple[Speech, ...]:
    spans = paragraphs(text)
    asked = [span for span in spans if _asks(text[slice(*span)])]
    if len(asked) < FEWEST:
        return ()
    first = asked[0][0]
    name = _named(title, text[:first])
    if not name:
        return ()
    start = max(text.find(name), 0)
    return tuple(
        Speech(*span, name, start, start + len(name), False, "", name)
        for span in _not_asking(spans, asked, text)
    )


def _not_asking(spans: list[Span], asked: list[Span], text: str) -> list[Span]:
    """The paragraphs from the first question to what closes the interview, without questions."""
    ends = (start for start, end in spans if _CLOSING.match(text, start, end))
    last = next(ends, len(text))
    return [
        span
        for span in spans
        if asked[0][0] < span[0] < last and span not in asked and not _addresses(text[slice(*span)])
    ]


def _asks(paragraph: str) -> bool:
    return len(paragraph) <= LONGEST and paragraph.rstrip(' »”"*_').endswith("?")


def _addresses(paragraph: str) -> bool:
    said = _ADDRESSED.search(paragraph) and not _OWN.search(paragraph)
    return len(paragraph) <= LONGEST and bool(said)


def _named(title: str, before: str) -> str:
    """The one person whom the title names, or else what stands before the first question."""
    for text in (title, before):
        found = {name for name in full_names(text) if len(name.split()) > 1}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""
