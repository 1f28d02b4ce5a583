"""Overviews: what each article on a topic says of it, in its own words.

No passage answers "Summarise what is known about the recall", a reader who is asked whether one
does says no, and a small model's summary mixes what it read. What is told is, of each article that
is about the topic by its words, the sentence that is nearest in meaning to the topic and to the
article's title. Articles in the other language are translated where there are no others, and
said to be; otherwise they are only pointed to: this model translates badly.
"""

import math
from collections.abc import Collection, Iterator, Sequence
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
from rag.sentences import sentences
from rag.speech.interviews import questions
from rag.speech.quotations import CLOSE_IN_MEANING
from rag.topics import about_what
from rag.translate import translate
from rag.types import Hit, Language, Reading
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
SHORTEST = 8  # words of a sentence that tells what an article is about


def on_topic(hits: Sequence[Hit], question: str, language: Language) -> list[Hit]:
    """Those of the hits whose articles are about what an overview is asked of; all of them where
    it is of everything.

    An article in the question's language has its names and half of its other words, a single one
    aside; one in the other language, whose words may not be known, shares names with such a one.
    """
    topic = about_what(question)
    if not topic:
        return list(hits)
    wanted = _topic_words(topic, language)
    about = {hit.document.id: hit for hit in hits if _is_about(hit, topic, wanted, language)}
    own = [hit.document for hit in about.values() if hit.document.language == language]
    stories = [names_of(document) for document in own]
    for hit in hits:
        across = hit.document.language != language
        if across and any(len(one & names_of(hit.document)) >= SHARED_NAMES for one in stories):
            about[hit.document.id] = hit
    return [hit for hit in hits if hit.document.id in about]


def leading(hits: Sequence[Hit], question: str, embedder: Embedder) -> list[Hit]:
    """Of each article the hit with the sentence that tells best what it is about, in the order of
    their first ones."""
    ranked: dict[str, tuple[float, Hit]] = {}
    for hit in hits:
        best = max((near for near, _, _ in _scored(hit, question, embedder)), default=-1.0)
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
    for hit, chance in zip(hits, chances, strict=True):
        points_to = own and hit.document.language != language
        best = sorted(_scored(hit, question, embedder), reverse=True)[: 1 if points_to else most]
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


def _scored(hit: Hit, question: str, embedder: Embedder) -> list[tuple[float, int, int]]:
    """The sentences of a passage that tell something, each after how near it is to the topic and
    to the title."""
    document, passage = hit.document, hit.passage
    left_out = [*asides(document), *questions(document)]
    spans = [
        (passage.start + start, passage.start + end)
        for start, end in sentences(passage.text, document.language)
        if _tells(passage.text[start:end])
        and not any(a <= passage.start + start < b for a, b in left_out)
    ]
    if not spans:
        return []
    topic = embedder.encode_query(about_what(question) or question)
    told = [document.text[start:end] for start, end in spans]
    *vectors, title = embedder.encode_passages([*told, document.title or question])
    near = np.array(vectors) @ (topic + title)
    return [(float(score), *span) for score, span in zip(near, spans, strict=True)]


def _tells(sentence: str) -> bool:
    """Whether a sentence is the article's own, and can stand alone: it is not too short, and does
    not begin with what points back."""
    quoted = any(one.end - one.start > LONGEST_PHRASE for one in quoted_spans(sentence))
    said = words(sentence)
    return len(said) >= SHORTEST and not quoted and not POINTING_BACK & set(said[:POINTING])


def _topic_words(topic: str, language: Language) -> set[Word]:
    named = {word for name in names(topic) for word in words(name)}
    said = content_words(text_of(topic, language).words)
    return {word for word in said if word.text not in named}


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
