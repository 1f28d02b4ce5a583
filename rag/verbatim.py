"""What somebody says, in the article's own words, with who says it.

A question for somebody's words needs none of a model's: they are in the article. And an answer
that was copied from what somebody says there is theirs: "we did not see it".
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.language import fold, stems, words
from rag.marks import quoted_spans
from rag.meaning import Word, content_words, found_in, text_of
from rag.messages import colon
from rag.names import names
from rag.sentences import paragraphs, sentences
from rag.speech.cues import cues
from rag.speech.interviews import answers
from rag.speech.reported import Speech, speech
from rag.speech.saying import asks_what_was_said
from rag.types import Document, Language, Reading
from rag.verify import bear_out, said_by, said_in

TOPIC_SHARE = 0.5  # of what a question for somebody's words is about, in and before what is said
LIKELY = 0.25  # P(the passage answers) from which its words need none of the question's
LONGEST = 250  # characters of what is told, where it is more than one sentence
_FIRST_PERSON = {
    "fr": re.compile(r"\b(?:je|moi|mes|mon|ma|nous|notre|nos)\b|\bj['’]", re.IGNORECASE),
    "en": re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Ww]e|[Oo]ur|us)\b"),
}
_ABOUT_ONESELF = {
    "fr": re.compile(
        r"\b(?:il|elle|ils|elles|on|lui|leurs?|son|sa|ses|se|eux|nous|je|moi|mes|mon|ma|nos|notre)\b"
        r"|\b[sj]['’]",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:he|she|they|him|his|hers?|their|them|one|I|we|my|me|our|us)\b", re.IGNORECASE
    ),
}
_MARKS: dict[Language, str] = {"fr": "« {} »", "en": "“{}”"}


def in_their_words(readings: Sequence[Reading], question: str, language: Language) -> list[Reading]:
    """The readings, where none tells what somebody said whose words are asked for, with those that
    the article has: of the passages in the question's language in which they speak of what it is
    about, or that the reader took for likely to answer."""
    asked = asks_what_was_said(question, language)
    if asked is None:
        return list(readings)
    topic = _Topic.of(question, asked, language)
    if any(one.text and topic.is_told_by(one, language) for one in readings):
        return list(readings)
    told = [_told_in(one, asked, topic, question, language) for one in readings]
    return told if any(one.text for one in told) else list(readings)


def attributed(reading: Reading, question: str, language: Language) -> Reading:
    """The same, with the one who says it in the article, where it says "I" or "we", or was asked
    for somebody's words and does not name anybody, or has somebody else for their "we"; silent
    where nobody's words were asked for and theirs are of nothing that the question speaks of."""
    owes = (
        _says_i(reading.text, language)
        or _owes_a_name(reading, question, language)
        or _loses_i(reading, question, language)
    )
    if not (reading.text and owes):
        return reading
    if _is_beside_the_question(reading, question, language):
        return replace(reading, text="", start=0, end=0)
    said = said_in(reading.hit.document, reading.start, reading.end)
    name = said[0].name if said else ""
    if not name or any(one.name != name for one in said):
        return reading
    if language != reading.hit.document.language:
        return replace(reading, text=f"{name}{colon(language)} {reading.text}")
    told = _worded(reading, said, question, language, 0)
    return told if told.text else reading


def _says_i(text: str, language: Language) -> bool:
    """Whether a text says "I" or "we", but where it quotes or reports somebody."""
    hidden = [(one.outer_start, one.outer_end) for one in quoted_spans(text)]
    hidden += [(one.start, one.end) for one in speech(text, language)]
    return any(
        not any(start <= match.start() < end for start, end in hidden)
        for match in _FIRST_PERSON[language].finditer(text)
    )


def _owes_a_name(reading: Reading, question: str, language: Language) -> bool:
    asked = asks_what_was_said(question, language)
    return (
        asked is not None
        and not speech(reading.text, language)
        and not set(words(asked)) & set(words(reading.text))
    )


def _loses_i(reading: Reading, question: str, language: Language) -> bool:
    """Whether words in the first person were asked for and are reported of no "he" or "they": a
    small model has the towns say what "we" say of them."""
    document = reading.hit.document
    if asks_what_was_said(question, language) is None or document.language != language:
        return False
    said = said_in(document, reading.start, reading.end)
    theirs = " ".join(document.text[one.start : one.end] for one in said)
    reported = " ".join(reading.text[one.start : one.end] for one in speech(reading.text, language))
    return (
        bool(reported)
        and not quoted_spans(reading.text)
        and _FIRST_PERSON[language].search(theirs) is not None
        and _ABOUT_ONESELF[language].search(reported) is None
    )


def _is_beside_the_question(reading: Reading, question: str, language: Language) -> bool:
    """Whether what somebody says was not asked for, and neither it nor what is around it has a word
    of the question: "since Tuesday I have lost a third of my customers", of a bridge."""
    document = reading.hit.document
    if asks_what_was_said(question, language) or answers(document):
        return False
    return document.language == language and not _Topic.of(question, "", language).share_around(
        document, reading.start, reading.end
    )


class _Topic(NamedTuple):
    """What a question for somebody's words is about, beside them and their saying it."""

    words: frozenset[Word]
    names: frozenset[str]

    @classmethod
    def of(cls, question: str, asked: str, language: Language) -> "_Topic":
        said = [question[cue.start : cue.end] for cue in cues(question, language)]
        asking = {stem for text in (asked, *said) for stem in stems(text, language)}
        about = content_words(text_of(question, language).words)
        return cls(
            frozenset(word for word in about if word.stem not in asking),
            frozenset(fold(name) for name in names(question)) - set(words(asked)),
        )

    def share(self, text: str, language: Language) -> float:
        """Of it that is in `text`; 1 where there is none."""
        there = len(found_in(self.words, language, text_of(text, language)))
        there += len(self.names.intersection(words(text)))
        return there / size if (size := len(self.words) + len(self.names)) else 1.0

    def share_around(self, document: Document, start: int, end: int) -> float:
        """Of it that is in the sentences around `text[start:end]` and the one before them."""
        spans = sentences(document.text, document.language)
        near = [n for n, span in enumerate(spans) if span[0] < end and start < span[1]]
        if not near:
            return 0.0
        first = spans[max(near[0] - 1, 0)][0]
        return self.share(document.text[first : spans[near[-1]][1]], document.language)

    def is_told_by(self, reading: Reading, language: Language) -> bool:
        """Whether a reading quotes what is about it, as far as its language tells."""
        document = reading.hit.document
        return (
            document.language != language
            or self.share_around(document, reading.start, reading.end) >= TOPIC_SHARE
        )


def _told_in(
    reading: Reading, asked: str, topic: _Topic, question: str, language: Language
) -> Reading:
    """The reading with what `asked` says in its passage, silent where that is of other things."""
    document, passage = reading.hit.document, reading.hit.passage
    silent = replace(reading, text="", start=0, end=0)
    if document.language != language:
        return silent
    said = said_by(asked, document, passage.start, passage.end)
    shares = [topic.share_around(document, one.start, one.end) for one in said]
    best = max(range(len(said)), key=shares.__getitem__, default=None)
    if best is None or (shares[best] < TOPIC_SHARE and reading.answerable < LIKELY):
        return silent
    start = max(said[best].start, passage.start)
    here = replace(reading, start=start, end=start + 1)
    return _worded(here, said, question, language, LONGEST)


def _worded(
    reading: Reading, said: Sequence[Speech], question: str, language: Language, longest: int
) -> Reading:
    """The reading, telling the sentences that it quotes and, up to `longest` characters, what of
    `said` goes on in the same paragraph, with the name of who speaks where they lack it; silent
    where that fails a check."""
    document = reading.hit.document
    first, last = reading.start, reading.end
    paragraph = next(span for span in paragraphs(document.text) if first < span[1])
    for start, end in sentences(document.text, language):
        if end <= reading.start or start >= paragraph[1]:
            continue
        first = min(first, start)
        goes_on = any(one.start < end and start < one.end for one in said)
        if start < reading.end or (goes_on and end - first <= longest):
            last = max(last, end)
        else:
            break
    text = " ".join(document.text[first:last].split())
    name = said[0].name
    if not quoted_spans(text) and all(not one.cue for one in said):  # of an interview
        text = f"{name}{colon(language)} {_MARKS[language].format(text)}"
    elif not set(words(name)[-1:]) <= set(words(text)):
        text = f"{name}{colon(language)} {text}"
    told = replace(reading, text=text, start=first, end=last, dropped="")
    return bear_out(told, question, language)
