"""What an article gives on somebody's authority: "selon la mairie", "according to the union"."""

import re
from collections.abc import Iterator

from rag.speech.clauses import FINITE, Span, Statement, around, is_clause, trim
from rag.speech.phrases import (
    could_speak,
    is_apposition,
    is_name,
    is_named,
    is_pronoun,
    oblique_at,
    role_of,
)
from rag.types import Language

_SOURCE = {
    "fr": re.compile(
        r"(?<![\w’'-])(?P<cue>[Ss]elon|[Dd]['’]après|[ÀA] en croire|[Dd]e l['’]avis d(?:e|u)"
        r"|[Aa]ux yeux d(?:e|u)|(?P<for>Pour)) "
    ),
    "en": re.compile(
        r"\b(?P<cue>[Aa]ccording to|[Ii]n the (?:words|view|opinion) of|[Ii]n the eyes of) "
    ),
}
_NO_SOURCE = re.compile(
    r"\b(?:droit|lois?|constitution|traité|contrat|méthode|besoins?|modalités?|critères?|calendrier|âge|saisons?|années?|jours?|principe"
    r"|formules?|expressions?|règles?|ordres?|cas|plan|plans|schedule|rules?|custom|taille|prix"
    r"|law|tradition|size|age|need|needs|procédure|rythme|nature|type|types)\b"
)
_APPOSITION = re.compile(r", ([^,.;:]+?)(?=[,.]| ?:)")
_ENDS = re.compile(r"\s*(?:[,.;!?:]|$)")
FEW_WORDS = 3  # of what stands before "selon" at the end of a sentence, and is a clause then


def sources(text: str, language: Language) -> Iterator[Statement]:
    """What a sentence says according to somebody, on either side of where that stands.

    Its quotations are hidden, as for `rag.speech.clauses.statements`.
    """
    for match in _SOURCE[language].finditer(text):
        who = oblique_at(text, match.end(), language)
        if who is None or not _is_source(text, match, who, language):
            continue
        end = past_apposition(text, who, language)
        spans = _spans(text, match.start(), end, language)
        if spans:
            yield Statement(spans, who, match.span("cue"))


def _spans(text: str, begin: int, end: int, language: Language) -> tuple[Span, ...]:
    head = trim(text, 0, begin)
    ends = head is not None and trim(text, end, len(text)) is None
    if head and (is_clause(text[slice(*head)], language) or (ends and _has_words(text, head))):
        return around(text, begin, end, language)
    semicolon = text.find(";", end)
    rest = trim(text, end, semicolon if semicolon > 0 else len(text))
    if rest is None:
        return ()
    told = head is not None and len(text[slice(*head)].split()) > 2
    return (head, rest) if head and told else (rest,)


def _has_words(text: str, span: Span) -> bool:
    return len(text[slice(*span)].split()) >= FEW_WORDS


def _is_source(text: str, match: re.Match[str], who: Span, language: Language) -> bool:
    words = text[slice(*who)]
    if _NO_SOURCE.search(words) and not is_named(words):
        return False
    somebody = could_speak(words, language)
    if "for" in match.groupdict() and match["for"]:
        surely = is_pronoun(words, language) or role_of(words) or (" " in words and somebody)
        return bool(surely) and text.startswith(",", who[1])
    return somebody or _ENDS.match(text, who[1]) is not None


def past_apposition(text: str, who: Span, language: Language) -> int:
    """Behind what tells who it is: "selon Marie Dupont, directrice de l’usine, …"."""
    end = who[1]
    named = is_named(text[slice(*who)])
    while match := _APPOSITION.match(text, end):
        described = (
            named and is_apposition(match[1], language) and not FINITE[language].search(match[1])
        )
        if not described and (named or not is_name(match[1])):
            break
        end, named = match.end(), True
    return end
