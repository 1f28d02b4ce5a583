"""Whether a question asks what somebody says, thinks or announces, and who that is."""

import re

from rag.speech.clauses import Span
from rag.speech.cues import Cue, cues
from rag.speech.phrases import (
    could_speak,
    is_pronoun,
    oblique_at,
    phrase_at,
    role_of,
    subject_before,
)
from rag.types import Language

_ASKS = {
    "fr": re.compile(
        r"^(?:et |mais )?(?:que |qu['’]|quoi|comment|pourquoi|(?:à|de|sur|dans|en) que?l?l?e?s?\w* "
        r"|quels?\b|quelles?\b|est-ce que )",
        re.IGNORECASE,
    ),
    "en": re.compile(r"\b(?P<does>did|does|do|has|have|had|is|are|was|were)\s", re.IGNORECASE),
}
_SOURCE = {
    "fr": re.compile(r"(?<![\w’'-])(?:selon|d['’]après|aux yeux de|pour) ", re.IGNORECASE),
    "en": re.compile(r"\b(?:according to|in the (?:words|view|opinion|eyes) of) ", re.IGNORECASE),
}
_VIEW = {
    "fr": re.compile(
        r"\b(?:position|réaction|réponse|opinion|avis|point de vue|version|explication|promesse"
        r"|critique|déclaration|argument|propos|mots?|justification|reproche)s? "
        r"(?=d(?:e |u |es |['’]))"
    ),
    "en": re.compile(
        r"\b(?:view|views|opinion|position|stance|reaction|response|version|explanation|promise"
        r"|criticism|statement|argument|words|reply|answer) of (?P<of>)"
        r"|(?:['’]s?|s['’]) (?:view|views|opinion|position|stance|reaction|response|version"
        r"|explanation|promise|criticism|statement|argument|words|reply|answer)\b"
    ),
}
_OPINES = {  # verbs that ask for somebody's words in a question, though not in an article
    "fr": re.compile(r"\b(?:réagit|réagi|réagissent|voit|reproche|pense|promet)(?:-t)?(?:-\w+)?\b"),
    "en": re.compile(r"\b(?:react|respond|describe|justify|see|view|think|say|mean|react to)\b"),
}
_PAPERS = re.compile(
    r"\b(?:articles?|sources?|textes?|documents?|journaux|papers?|journal|presse|press|passages?"
    r"|newspapers?|dossier|tu|vous|you|we|nous)\b",
    re.IGNORECASE,
)


def asks_what_was_said(question: str, language: Language) -> str | None:
    """Who the question asks the words or the opinion of, as written; None where it asks no such.

    "What did Odile Garrec say about it?", « Que reproche le maire à l’État ? », "according to".
    """
    text = question.strip().replace("\u00a0", " ").replace("\u202f", " ")
    for find in (_according_to, _view_of, _subject_of):
        span = find(text, language)
        if span is None:
            continue
        who = text[slice(*span)].strip(" ,?")
        if who and not _PAPERS.search(who) and could_speak(who, language):
            return who
    return None


def _according_to(text: str, language: Language) -> Span | None:
    for match in _SOURCE[language].finditer(text):
        who = oblique_at(text, match.end(), language)
        if who is None or is_pronoun(text[slice(*who)], language):
            continue
        words = text[slice(*who)]
        opening = match.start() == 0 or text[: match.start()].rstrip().endswith(",")
        if match[0].casefold().startswith("pour") and not (opening and text[who[1] :][:1] == ","):
            continue
        if role_of(words) or could_speak(words, language):
            return who
    return None


def _view_of(text: str, language: Language) -> Span | None:
    match = _VIEW[language].search(text)
    if match is None:
        return None
    if language == "en":
        if match["of"] is not None:
            return phrase_at(text, match.end(), language)
        possessor = match.start() + (1 if match[0].startswith("s") else 0)
        return subject_before(text[:possessor], language)
    of = re.compile(r"de (?=la |l['’])|de |d['’]|du |des ").match(text, match.end())
    if of is None:
        return None
    if of[0] not in ("du ", "des "):
        return phrase_at(text, of.end(), language)
    found = phrase_at(f"le {text[of.end() :]}", 0, language)  # "du syndicat" is "de le syndicat"
    return (of.end(), of.end() + found[1] - 3) if found else None


def _subject_of(text: str, language: Language) -> Span | None:
    return _french(text) if language == "fr" else _english(text)


def _english(text: str) -> Span | None:
    for does in _ASKS["en"].finditer(text):
        verbs = [(c.start, c.end) for c in cues(text, "en") if c.start >= does.end()]
        verbs += [m.span() for m in _OPINES["en"].finditer(text, does.end())]
        for start, _ in sorted(verbs):
            between = text[does.end() : start].strip()
            if between and len(between.split()) < 10 and "," not in between.rstrip(","):
                return (does.end(), start)
            break
    return None


def _french(text: str) -> Span | None:
    asks = _ASKS["fr"].match(text)
    if asks is None:
        return None
    for cue in _verbs(text):
        asked = text[asks.end() : cue.start]
        own = subject_before(asked, "fr")
        before = (asks.end() + own[0], asks.end() + own[1]) if own else None
        behind = phrase_at(text, cue.end + 1, "fr")
        if behind and not cue.pronoun:
            behind = _without_topic(text, behind)
        return before if cue.pronoun or before else behind
    return None


def _without_topic(text: str, span: Span) -> Span:
    """« Que pense la directrice de la fermeture ? »: what is behind the last "de" is what about."""
    topic = re.search(
        r" (?:de |du |des |d['’]|à |au |aux )(?!.* (?:de|du|des|d|à|au|aux)\b)", text[slice(*span)]
    )
    last = not text[span[1] :].strip(" ?.")
    return (span[0], span[0] + topic.start()) if topic and last else span


def _verbs(text: str) -> list[Cue]:
    found = list(cues(text, "fr"))
    taken = {c.end for c in found}
    for match in _OPINES["fr"].finditer(text):
        pronoun = re.search(r"-(?:t-)?(il|elle|ils|elles)$", match[0])
        aux = re.search(r"\b(?:a|ont)(?:-t)?(?:-(il|elle|ils|elles))? $", text[: match.start()])
        inverted = pronoun or (aux if aux and aux[1] else None)
        begin = aux.start() if aux else match.start()
        if match.end() not in taken and not any(c.start <= match.start() < c.end for c in found):
            found.append(Cue(begin, match.end(), frozenset(), pronoun=(0, 0) if inverted else None))
    return sorted(found, key=lambda c: c.start)
