"""Overviews: what each article on a topic says of it, in its own words.

No passage answers "Summarise what is known about the recall", a reader who is asked whether one
does says no, and a small model's summary mixes what it read. What is told is, of each article that
is about the topic by its words, the sentence that is nearest in meaning to the topic and to the
article's title. Articles in the other language are translated where there are no others, and
said to be; otherwise they are only pointed to: this model translates badly.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from rag.asides import asides, own_words
from rag.claims import SHARED_NAMES, names_of
from rag.embed import Embedder
from rag.engine import Engine
from rag.evidence import evidence_of
from rag.language import words
from rag.marks import quoted_spans
from rag.meaning import Word, content_words, found_in, text_of
from rag.messages import message
from rag.names import missing_names, names
from rag.sentences import in_paragraphs, sentences
from rag.speech.interviews import questions
from rag.speech.quotations import CLOSE_IN_MEANING
from rag.topics import about_what
from rag.translate import translate
from rag.types import Document, Hit, Language, Reading
from rag.verbatim import attributed
from rag.verify import bear_out

ON_TOPIC = 0.5  # of the words that say what is asked about, beside its names
ALONE_ON_TOPIC = 0.6  # … where it has none
SENTENCES = 5  # of an overview of few articles; of many, one each
MOST_OF_ONE = 3
LONGEST_PHRASE = 40  # characters between quotation marks, in a sentence of the article's own
POINTING = 3  # words at the start of a sentence, of which none may point back
POINTING_BACK = frozenset(
    "il elle ils elles son sa ses leur leurs celui celle ceux celles he she it they his her its "
    "their this that these those such there".split()
)
LEAD = 3  # sentences at the start of an article, which have the words of what it is about
GENERAL = frozenset("affair affaire case saga scandal scandale story".split())  # of any topic
SHORTEST = 8  # words of a sentence that tells what an article is about


def on_topic(hits: Sequence[Hit], question: str, language: Language) -> list[Hit]:
    """Those of the hits whose articles are about what an overview is asked of; all of them where
    it is of everything.

    An article in the question's language has its names and half of its other words, a single one
    aside; one in the other language, whose words may not be known, shares names with such a one.
    Where there is none, a word that no article has is left aside, unless it is what the others
    say more of: "rigged violins" are violins.
    """
    topic = about_what(question)
    if not topic:
        return list(hits)
    wanted = _topic_words(topic, language)
    about = {hit.document.id: hit for hit in hits if _is_about(hit, topic, wanted, language)}
    if not about and (known := _known(wanted, hits, topic, language)):
        about = {hit.document.id: hit for hit in hits if _is_about(hit, topic, known, language)}
    own = [hit.document for hit in about.values() if hit.document.language == language]
    mentioning = _mentioning(about.values(), topic, language)
    stories = [names_of(one) for one in own if one.id not in mentioning]
    for hit in hits:
        across = hit.document.language != language
        if across and any(len(one & names_of(hit.document)) >= SHARED_NAMES for one in stories):
            about[hit.document.id] = hit
    return [hit for hit in hits if hit.document.id in about]


def leading(
    hits: Sequence[Hit], question: str, language: Language, embedder: Embedder
) -> list[Hit]:
    """Of each article the hit with the sentence that tells best what it is about, in the order of
    their first ones."""
    ranked: dict[str, tuple[float, Hit]] = {}
    mentioning = _mentioning(hits, about_what(question), language)
    for hit in hits:
        scored = _scored(hit, question, mentioning.get(hit.document.id), embedder)
        best = max((near for near, _, _ in scored), default=-1.0)
        known = ranked.setdefault(hit.document.id, (best, hit))
        if best > known[0]:
            ranked[hit.document.id] = (best, hit)
    return [hit for _, hit in ranked.values()]


def overview(
    hits: Sequence[Hit],
    question: str,
    language: Language,
    embedder: Embedder,
    engine: Engine,
    chances: Collection[float],
) -> Iterator[Reading]:
    """What the passages say of the topic, each in a sentence or two as they stand there; of those
    in the other language that there are such, and where there are no others, a translation.

    `chances`: how likely each passage is to answer, as far as its search tells. Raises EngineError.
    """
    own = sum(hit.document.language == language for hit in hits)
    most = min(MOST_OF_ONE, max(1, SENTENCES // (own or len(hits) or 1)))
    mentioning = _mentioning(hits, about_what(question), language)
    for hit, chance in zip(hits, chances, strict=True):
        points_to = own and hit.document.language != language
        scored = _scored(hit, question, mentioning.get(hit.document.id), embedder)
        best = sorted(scored, reverse=True)[: 1 if points_to else most]
        for _, start, end in sorted(best, key=lambda one: one[1]):
            said = " ".join(hit.document.text[start:end].split())
            reading = Reading(hit, chance, said, start, end)
            if points_to:
                yield replace(reading, text=message("compose.also", language))
                continue
            if hit.document.language == language:
                told = bear_out(reading, question, language, embedder)
            else:
                told = _translated(reading, language, embedder, engine)
            yield attributed(told, question, language)


def _translated(
    reading: Reading, language: Language, embedder: Embedder, engine: Engine
) -> Reading:
    """The reading in the other language, and said to be; silent where its figures or names are
    not those of the original, or it does not mean the same."""
    original, source = reading.text, reading.hit.document.language
    made = translate(original, source, language, engine)
    ours, theirs = embedder.encode_passages([made.text, original])
    if made.problems or float(ours @ theirs) < CLOSE_IN_MEANING:
        return replace(reading, text="", dropped=made.text)
    written_in = message(f"page.language_{source}", language)
    return replace(reading, text=made.text, problems=(f"translation: {written_in}",))


def _scored(
    hit: Hit, question: str, only: Collection[int] | None, embedder: Embedder
) -> list[tuple[float, int, int]]:
    """The sentences of a passage that tell something, or begin where `only` says, each after how
    near it is to the topic and to the title."""
    document, passage = hit.document, hit.passage
    left_out = [*asides(document), *questions(document)]
    spans = [
        (passage.start + start, passage.start + end)
        for start, end in sentences(passage.text, document.language)
        if (passage.start + start in only if only else _tells(passage.text[start:end]))
        and not any(a <= passage.start + start < b for a, b in left_out)
    ]
    if not spans:
        return []
    asked = embedder.encode_query(about_what(question) or question)
    told = [document.text[start:end] for start, end in spans]
    *vectors, title = embedder.encode_passages([*told, document.title or question])
    near = np.array(vectors) @ (asked + title)
    return [(float(score), *span) for score, span in zip(near, spans, strict=True)]


def _mentioning(hits: Iterable[Hit], topic: str, language: Language) -> dict[str, set[int]]:
    """By its id, where an article that is on something else only mentions the topic. One of the
    same story as an article on it is on it in other words, unless the topic is a mere name."""
    documents = {hit.document.id: hit.document for hit in hits}
    found = {key: _mentions(one, topic, language) for key, one in documents.items()}
    if not _topic_words(topic, language):
        return {key: there for key, there in found.items() if there}
    on_it = [names_of(documents[key]) for key, there in found.items() if not there]
    return {
        key: there
        for key, there in found.items()
        if there and all(len(names_of(documents[key]) & one) < SHARED_NAMES for one in on_it)
    }


def _mentions(document: Document, topic: str, language: Language) -> set[int]:
    """Where the sentences begin in which an article on something else speaks of the topic, and
    the one behind a single such sentence; none of an article that is on it, by its title or its
    first sentences. One on the closing of a bridge may tell of a ferry further down."""
    if not topic:
        return set()
    written_in = document.language
    parts = list(in_paragraphs(document.text, written_in))
    lead = [document.title, *(document.text[start:end] for _, start, end in parts[:LEAD])]
    if any(_has_all(text, written_in, topic, language) for text in lead):
        return set()
    there = [
        n
        for n, (_, start, end) in enumerate(parts)
        if _has_all(document.text[start:end], written_in, topic, language)
    ]
    if len(there) == 1 and (behind := there[0] + 1) < len(parts):
        paragraph, start, end = parts[behind]
        if paragraph == parts[there[0]][0] and not quoted_spans(document.text[start:end]):
            there.append(behind)
    return {parts[n][1] for n in there}


def _has_all(text: str, written_in: Language, topic: str, language: Language) -> bool:
    wanted = _topic_words(topic, language)
    named = {word for name in names(topic) for word in words(name)}
    there = found_in(wanted, language, text_of(text, written_in))
    return bool(wanted or named) and there == wanted and named <= {*words(text)}


def _tells(sentence: str) -> bool:
    """Whether a sentence is the article's own, and can stand alone: it is not too short, and does
    not begin with what points back."""
    longest = min(LONGEST_PHRASE, len(sentence) / 2)
    quoted = any(one.end - one.start > longest for one in quoted_spans(sentence))
    said = words(sentence)
    return len(said) >= SHORTEST and not quoted and not POINTING_BACK & set(said[:POINTING])


def _topic_words(topic: str, language: Language) -> set[Word]:
    named = {word for name in names(topic) for word in words(name)}
    said = content_words(text_of(topic, language).words)
    return {word for word in said if word.text not in named | GENERAL}


def _known(wanted: set[Word], hits: Sequence[Hit], topic: str, language: Language) -> set[Word]:
    """Those of a topic's words that an article in its language has; none where the one that the
    others describe, the first in French and the last in English, is not among them."""
    own = [hit for hit in hits if hit.document.language == language]
    known = {
        word
        for hit in own
        for word in found_in(wanted, language, text_of(hit.passage.text, language))
    }
    order = [word for word in text_of(topic, language).words if word in wanted]
    described = order[0 if language == "fr" else -1] if order else None
    return known if described in known and len(known) < len(wanted) else set()


def _is_about(hit: Hit, topic: str, wanted: set[Word], language: Language) -> bool:
    document = hit.document
    text = f"{document.title}. {own_words(document, hit.passage)}"
    if missing_names(topic, language, evidence_of(hit, text), names(topic)):
        return False
    there = found_in(wanted, language, text_of(text, document.language))
    least = (ON_TOPIC if names(topic) else ALONE_ON_TOPIC) * len(wanted)
    if names(topic) and document.language == language:
        least = math.floor(least)  # "the transfer of Djibril Manséa" is about him
    return len(there) >= least
