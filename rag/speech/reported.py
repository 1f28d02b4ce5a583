"""Who says what in an article: reported speech, kept apart from what the outlet itself states.

Decided by rules over the words: verbs of speech (`rag.speech.cues`), the phrases that may be their
subjects (`rag.speech.phrases`), "selon" and "according to", and quotation marks. Words in quotation
marks that nobody is named for are nobody's: a title, or a word held at a distance.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rag.marks import Quoted, quoted_spans
from rag.sentences import sentences
from rag.speech.clauses import ADJUNCT, Span, Statement, statements, trim
from rag.speech.cues import cues, is_passive
from rag.speech.phrases import (
    HIDDEN,
    could_speak,
    is_named,
    is_pronoun,
    names_in,
    phrase_at,
    role_of,
)
from rag.speech.saying import asks_what_was_said
from rag.speech.sources import past_apposition, sources
from rag.speech.speakers import resolved, same_speaker
from rag.types import Language

__all__ = ["Speech", "asks_what_was_said", "same_speaker", "speaker_at", "speech"]


@dataclass(frozen=True, slots=True)
class Speech:
    """Words that somebody says: `text[start:end]`, without quotation marks or "that".

    `speaker` is who, as written at `speaker_start:speaker_end`; `name` is the full name of who
    that is where the text leaves no doubt, and otherwise the same. `direct`: in quotation marks.
    """

    start: int
    end: int
    speaker: str
    speaker_start: int
    speaker_end: int
    direct: bool
    cue: str
    name: str


class _Said(NamedTuple):
    """A statement, as offsets into the text."""

    spans: tuple[Span, ...]
    speaker: Span
    cue: Span
    quotes_only: bool = False


class _Sentence(NamedTuple):
    start: int
    text: str  # its quotations hidden


_WORK = re.compile(
    r"\b(?:film|roman|livre|pièce|chanson|album|exposition|spectacle|revue|magazine|opération"
    r"|programme|titre|intitulée?s?|baptisée?s?|surnommée?s?|appelée?s?|nommée?s?|titrée?|article"
    r"|association|collectif|slogan|émission|série|ouvrage|essai|label|projet|mot|terme"
    r"|, dite?|novel|book|play|song|series|show|operation|scheme|entitled|titled|called|dubbed"
    r"|named|nicknamed|known as|word|term|label|magazine|painting|exhibition|tableau) $"
)
_BY = {"fr": re.compile(r"[^.;:,]{0,30}? par "), "en": re.compile(r"[^.;:,]{0,30}? by ")}
_VERB_NEXT = {  # what no noun phrase goes on with
    "fr": re.compile(r" (?:(?:la|les?|une?|des|son|sa|ses|leurs?|que)\b|l['’]|qu['’])"),
    "en": re.compile(r" (?:the|an?|his|her|its|their|it|them|him|any|all|to|that)\b"),
}
_LONGEST = 4000  # characters of a sentence; what is longer is no prose
_FIRST_PERSON = re.compile(
    r"(?:I|we|you|me|us|tu|nous|vous|je|on|some|many|certains|tous)$", re.IGNORECASE
)


def speech(text: str, language: Language) -> list[Speech]:
    """What is said by others than the outlet in `text`, in order; a quotation within a clause too.

    A quotation of several sentences, or taken apart by "a-t-il dit", comes as several spans of
    one speaker. Pronouns stay as they are written where they could be more than one person.
    """
    return list(_speech(text, language))


def speaker_at(text: str, language: Language, start: int, end: int) -> Speech | None:
    """Who says the words `text[start:end]`: the innermost speech that they are part of."""
    holding = [s for s in _speech(text, language) if s.start <= start and end <= s.end]
    return min(holding, key=lambda s: s.end - s.start, default=None)


@lru_cache(maxsize=128)
def _speech(text: str, language: Language) -> tuple[Speech, ...]:
    quotes = [quote for quote in quoted_spans(text) if quote.depth == 0]
    hidden = _hide(text, quotes)
    parts = _sentences(hidden, language)
    found: list[_Said] = []
    for number, sentence in enumerate(parts):
        before = parts[number - 1] if number else None
        found += _in_sentence(hidden, sentence, before, language)
    spoken = list(_spoken(text, hidden, found, quotes, language))
    spoken += _unclaimed(text, hidden, parts, spoken, quotes, language)
    spoken = sorted(set(spoken), key=lambda s: (s.start, -s.end, s.speaker_start))
    spoken = _first_claims(spoken)
    mentions = [(s.speaker_start, s.speaker_end) for s in spoken]
    names = resolved(text, hidden, language, mentions)
    return tuple(replace(s, name=names[s.speaker_start]) for s in spoken)


def _first_claims(spoken: list[Speech]) -> list[Speech]:
    """Each span once: said by whoever stands nearest to it."""
    nearest: dict[tuple[int, int, bool], Speech] = {}
    for s in spoken:
        key = (s.start, s.end, s.direct)
        if key not in nearest or _distance(s) < _distance(nearest[key]):
            nearest[key] = s
    return list(nearest.values())


def _distance(s: Speech) -> int:
    return max(s.speaker_start - s.end, s.start - s.speaker_end, 0)


def _hide(text: str, quotes: list[Quoted]) -> str:
    """`text` with its quotations as runs of HIDDEN, in a full stop those that end a sentence."""
    parts, position = [], 0
    for quote in quotes:
        following = text[quote.outer_end : quote.outer_end + 3].lstrip(" \u00a0\u202f")
        ends = text[quote.end - 1] in ".!?…" and (not following or not following[0].islower())
        ends = ends and not following.startswith((",", ";", ":", ".", ")", "—", "–", "-"))
        length = quote.outer_end - quote.outer_start
        parts += [text[position : quote.outer_start], HIDDEN * (length - ends) + "." * ends]
        position = quote.outer_end
    flat = "".join((*parts, text[position:]))
    return flat.translate({0xA0: " ", 0x202F: " ", 0x2009: " "})


def _sentences(hidden: str, language: Language) -> list[_Sentence]:
    found = []
    for line in re.finditer(r"[^\n]+", hidden):
        for start, end in sentences(line[0], language):
            found.append(_Sentence(line.start() + start, line[0][start:end]))
    return found


def _in_sentence(
    hidden: str, sentence: _Sentence, before: _Sentence | None, language: Language
) -> list[_Said]:
    found: list[_Said] = []
    offset, text = sentence
    subject: Span | None = None
    for statement in statements(text, language) if len(text) <= _LONGEST else ():
        subject = statement.subject or subject or lead(text, language)
        if subject is None or _FIRST_PERSON.match(text[slice(*subject)]):
            continue
        spans = statement.spans or _just_before(sentence, before, hidden)
        if spans:
            found.append(_moved(replace(statement, spans=spans, subject=subject), offset))
    found += [_moved(statement, offset) for statement in sources(text, language)]
    return found


def _moved(statement: Statement, by: int) -> _Said:
    assert statement.subject is not None
    spans = tuple((start + by, end + by) for start, end in statement.spans)
    (a, b), (c, d) = statement.subject, statement.cue
    return _Said(spans, (a + by, b + by), (c + by, d + by), statement.quotes_only)


def _just_before(sentence: _Sentence, before: _Sentence | None, hidden: str) -> tuple[Span, ...]:
    """The quotation that ends right where a sentence such as "said the mayor." begins."""
    if before is None or not _only_quotes(before.text):
        return ()
    end = before.start + len(before.text)
    if hidden[end : sentence.start].strip() or "\n" in hidden[end : sentence.start]:
        return ()
    start = end
    while start > before.start and hidden[start - 1] in HIDDEN + ".":
        start -= 1
    return ((start - sentence.start, end - sentence.start),)


def lead(text: str, language: Language) -> Span | None:
    """The first phrase of a sentence that may be its subject: somebody, or some body."""
    position = 0
    while position < len(text):
        gap = re.compile(r"[\s,]*(?:(?:Mais|Et|Or|Puis|But|And|Yet) )?").match(text, position)
        start = gap.end() if gap else position
        span = phrase_at(text, start, language)
        if span and could_speak(text[slice(*span)], language):
            return _without_verb(text, span, language)
        comma = text.find(",", start)
        if comma < 0:
            return None
        position = comma + 1
    return None


def _without_verb(text: str, span: Span, language: Language) -> Span:
    """A phrase without the verb that is not told from its nouns: "the minister rejected the"."""
    start, end = span
    shorter = text[start:end].rpartition(" ")
    is_verb = _VERB_NEXT[language].match(text, end) or (
        language == "en" and shorter[2][-2:] == "ed"
    )
    is_verb = is_verb and shorter[2].islower() and role_of(shorter[2]) is None
    if is_verb and could_speak(shorter[0], language):
        return start, start + len(shorter[0])
    return span


def _spoken(
    text: str, hidden: str, found: list[_Said], quotes: list[Quoted], language: Language
) -> Iterator[Speech]:
    for said in found:
        for start, end in said.spans:
            inside = [q for q in quotes if start <= q.outer_start < end]
            end = max([end, *(q.outer_end for q in inside)])
            if not said.quotes_only and not _only_quotes(hidden[start:end]):
                yield _speech_of(text, (start, end), said, False)
            for quote in inside:
                if _only_quotes(hidden[start:end]) or not _is_title(text, hidden, quote):
                    yield from _direct(text, quote, said, language)


def _only_quotes(hidden: str) -> bool:
    return not hidden.replace(HIDDEN, "").strip(" .,;:!?…")


def _speech_of(text: str, span: Span, said: _Said, direct: bool) -> Speech:
    speaker = text[slice(*said.speaker)]
    return Speech(*span, speaker, *said.speaker, direct, text[slice(*said.cue)], speaker)


def _direct(text: str, quote: Quoted, said: _Said, language: Language) -> Iterator[Speech]:
    """The quotation; in two where "a-t-il dit" stands between its marks, with commas around."""
    inside = _interrupted(text, quote, language)
    if inside is None:
        yield _speech_of(text, (quote.start, quote.end), said, True)
        return
    if is_pronoun(text[slice(*inside.speaker)], language):
        inside = inside._replace(speaker=said.speaker)
    for span in inside.spans:
        yield _speech_of(text, span, inside, True)


def _interrupted(text: str, quote: Quoted, language: Language) -> _Said | None:
    """Who says a quotation where that stands between its marks, with the words on either side."""
    inner = text[quote.start : quote.end]
    for cue in cues(inner, language):
        who = cue.pronoun or _named_behind(inner, cue.end, language)
        before = inner[: cue.start].rstrip(" \u00a0\u202f")
        if who is None or not before.endswith(","):
            continue
        behind = past_apposition(inner, who, language) if cue.pronoun is None else cue.end
        comma = re.compile(rf"(?:{ADJUNCT[language]})?\s*[,.]").match(inner, max(behind, cue.end))
        if comma is None:
            continue
        rest = trim(text, quote.start + comma.end(), quote.end)
        spans = [(quote.start, quote.start + len(before.rstrip(" ,\u00a0")))]
        spans += [(rest[0], quote.end)] if rest else []
        who = (quote.start + who[0], quote.start + who[1])
        return _Said(tuple(spans), who, (quote.start + cue.start, quote.start + cue.end))
    return None


def _named_behind(text: str, end: int, language: Language) -> Span | None:
    who = phrase_at(text, end + 1, language)
    return who if who and could_speak(text[slice(*who)], language) else None


def _is_title(text: str, hidden: str, quote: Quoted) -> bool:
    """Whether the quotation names a work, a plan or a body, whoever speaks of it."""
    words = text[quote.start : quote.end].split()
    before = hidden[: quote.outer_start]
    if _WORK.search(before[-40:]) and len(words) <= 10:
        return True
    long = [word for word in words if len(word) > 3]
    if len(words) > 8 or not words[0][0].isupper() or text[quote.end - 1] in ".!?,":
        return False
    if len(long) > 1 and all(word[0].isupper() for word in long):
        return True
    noun = re.search(r"(?:^|\s|['’])([a-zà-ÿ]{4,}) $", before[-30:])
    return noun is not None and noun[1] not in ("dans", "pour", "avec", "that", "with", "said")


def _unclaimed(
    text: str,
    hidden: str,
    parts: list[_Sentence],
    spoken: list[Speech],
    quotes: list[Quoted],
    language: Language,
) -> list[Speech]:
    """Quotations that no verb of their own has: after a colon, "par X", or going on."""
    added = _unclosed(spoken, quotes)
    taken = {s.start for s in (*spoken, *added) if s.direct}
    for quote in quotes:
        sentence = next((p for p in parts if quote.outer_start < p.start + len(p.text)), None)
        if quote.start in taken or sentence is None or quote.outer_start < sentence.start:
            continue
        found = (
            _interrupted(text, quote, language)
            or _after_colon(text, sentence, quote, language)
            or _by(hidden, quote, language)
            or _signed(text, hidden, quote, language)
        )
        earlier = [s for s in (*spoken, *added) if s.direct and s.end <= quote.start]
        last = max(earlier, key=lambda s: s.end, default=None)
        if found:
            added += _direct(text, quote, found, language)
        elif last and _goes_on(text, hidden, sentence, parts, quote, last):
            added.append(replace(last, start=quote.start, end=quote.end))
    return added


def _unclosed(spoken: list[Speech], quotes: list[Quoted]) -> list[Speech]:
    """Paragraphs of a quotation that the next one goes on with: whoever says that says them."""
    said = {s.start: s for s in spoken if s.direct}
    added: list[Speech] = []
    for quote, following in reversed(list(pairwise(quotes))):
        speaker = said.get(following.start)
        if speaker and quote.outer_end == quote.end and quote.start not in said:
            said[quote.start] = replace(speaker, start=quote.start, end=quote.end)
            added.append(said[quote.start])
    return added


def _after_colon(text: str, s: _Sentence, quote: Quoted, language: Language) -> _Said | None:
    before = s.text[: quote.outer_start - s.start]
    if not before.rstrip().endswith(":") or HIDDEN in before:
        return None
    who = lead(before, language)
    if who is None:
        return None
    name = before[slice(*who)]
    if role_of(name) in ("report", "statement"):
        return None
    if before.rstrip(" :") == name and not _is_somebody(name, text):
        return None  # what it is about: "Ukraine: …"
    colon = s.start + len(before.rstrip())
    return _Said(((0, 0),), (s.start + who[0], s.start + who[1]), (colon - 1, colon))


def _is_somebody(name: str, text: str) -> bool:
    """Whether a single word is a role, or the text has it as the end of a longer name."""
    if " " in name or role_of(name):
        return True
    return any(whole.endswith(f" {name}") for _, whole in names_in(text))


def _by(hidden: str, quote: Quoted, language: Language) -> _Said | None:
    """`qualifié de « honteux » par le maire`, `described as “shameful” by the mayor`."""
    by = _BY[language].match(hidden, quote.outer_end)
    verb = re.search(
        r"([^\W\d_]+)(?: (?:de|as|comme|un|une|an?|the)| d['’](?:une? ?)?)* ?$",
        hidden[max(quote.outer_start - 60, 0) : quote.outer_start],
    )
    if by is None or verb is None:
        return None
    offset = max(quote.outer_start - 60, 0)
    who = phrase_at(hidden, by.end(), language)
    if who is None or not is_passive(hidden, offset + verb.end(1), language):
        return None
    return _Said(((0, 0),), who, (offset + verb.start(1), offset + verb.end(1)))


def _signed(text: str, hidden: str, quote: Quoted, language: Language) -> _Said | None:
    """A paragraph of a quotation, a dash and a name."""
    if (quote.outer_start and hidden[quote.outer_start - 1] != "\n") or (
        text[quote.end - 1] not in ".!?…"
    ):
        return None
    dash = re.compile(r"\s*[—–-]\s+").match(hidden, quote.outer_end)
    who = phrase_at(hidden, dash.end(), language) if dash else None
    if dash is None or who is None or not is_named(text[slice(*who)]):
        return None
    return _Said(((0, 0),), who, (dash.start(), dash.end()))


def _goes_on(
    text: str,
    hidden: str,
    sentence: _Sentence,
    parts: list[_Sentence],
    quote: Quoted,
    last: Speech,
) -> bool:
    """More of what the one just quoted says: the rest of the sentence, or sentences of its own."""
    between = hidden[max(last.end, last.speaker_end) : quote.outer_start]
    if last.start >= sentence.start and last.speaker_start > last.end:
        return re.search(r",\s*(?:et |and |mais |but )?$", between) is not None
    words = text[quote.start : quote.end]
    alone = _only_quotes(sentence.text) and (len(words.split()) > 3 or words[-1] in ".!?…")
    number = parts.index(sentence)
    follows = number > 0 and last.start >= parts[number - 1].start
    return alone and follows and between.count("\n") < 3
