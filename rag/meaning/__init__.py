"""Whether a sentence says in its own words what others say, in the same language or the other."""

from rag.meaning.rules import (
    Text,
    clauses_of,
    content_words,
    contradicted,
    contradicts,
    denied,
    found_in,
    overstates,
    says,
    says_just_that,
    text_of,
    words_hold,
)
from rag.meaning.words import Word, alike, clause_at, clauses, read

__all__ = [
    "Text",
    "Word",
    "alike",
    "clause_at",
    "clauses",
    "clauses_of",
    "content_words",
    "contradicted",
    "contradicts",
    "denied",
    "found_in",
    "overstates",
    "read",
    "says",
    "says_just_that",
    "text_of",
    "words_hold",
]
