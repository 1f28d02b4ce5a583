"""Positions -> an answer in the question's language, each sentence with its citations.

Written by code from what each source was read to say: a citation is the passage that was read,
so none can point elsewhere. Every sentence is checked against the words it cites.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from rag.asides import spoken
from rag.asked import asks_for_date, asks_for_several
from rag.closest import OFFERED, Offer
from rag.crosscheck import disagree, revises, told_value
from rag.dates import asks_for_latest, dates
from rag.evidence import citation_of
from rag.messages import long_date, message
from rag.names import names
from rag.read import describe
from rag.topics import asks_for_overview
from rag.types import (
    Answer,
    Citation,
    CitedPosition,
    Document,
    Hit,
    Language,
    Position,
    Reading,
    Sentence,
    Status,
)
from rag.verify import content_stems, status_of

SOURCES_SHOWN = 3  # for one sentence: more citations say no more
SENTENCES_SHOWN = 3
VERSIONS_NAMED = 3  # of those that disagree, each with its value; others are counted and cited
LISTED = 5  # sentences, for a question that asks for several things
_END = re.compile(r"\s*([.!?…]*)\s*$")


class Part(NamedTuple):
    """A question, or one of several in one, and the positions on it, the surest first."""

    question: str
    positions: Sequence[Position]


@dataclass(frozen=True, slots=True)
class Composition:
    """What an answer says, before it is known how long it took."""

    refused: bool
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    positions: tuple[CitedPosition, ...] = ()


@dataclass(slots=True)
class _References:
    """Numbers citations from 1 in the order of use, the same words always the same number."""

    citations: list[Citation] = field(default_factory=list)

    def cite(
        self, hit: Hit, start: int, end: int, language: Language, copies: Sequence[Document] = ()
    ) -> int:
        for citation in self.citations:
            place = (citation.document_id, citation.start, citation.end)
            if place == (hit.document.id, start, end):
                return citation.n
        names = [_source_name(copy, language) for copy in copies]
        self.citations.append(citation_of(len(self.citations) + 1, hit, start, end, names))
        return len(self.citations)

    def cite_all(self, readings: Sequence[Reading], language: Language) -> tuple[int, ...]:
        numbers = [
            self.cite(r.hit, r.start, r.end, language, r.copies) for r in readings[:SOURCES_SHOWN]
        ]
        return tuple(dict.fromkeys(numbers))


def compose(parts: Sequence[Part], hits: Sequence[Hit], language: Language) -> Composition:
    """The answer that the positions of each part of a question give, one part after the other.

    Positions that disagree with the first are told in a first sentence that says so, and leave
    no room for others: with their values those of most sources and the most recent one. A part
    without any is said to have no answer; where all are, the answer is a refusal that offers the
    closest hits.
    """
    references = _References()
    if not any(part.positions for part in parts):
        return refused([Offer(hit, *spoken(hit.document, hit.passage)) for hit in hits], language)
    told: list[Sentence] = []
    cited: list[CitedPosition] = []
    for part in parts:
        if not part.positions and _is_told_already(part, parts, language):
            continue
        sentences, positions = _part(part, language, references)
        told += [one for one in sentences if not _is_told(one, told, language)]
        cited += positions
    return Composition(False, tuple(told), tuple(references.citations), tuple(cited))


def compose_differences(
    found: Sequence[tuple[Reading, Reading]], language: Language
) -> Composition:
    """What two articles each say, where that is all that was asked: on what they disagree."""
    references = _References()
    sentences: list[Sentence] = []
    positions: list[CitedPosition] = []
    for pair in found[:LISTED]:
        told, cited = [], []
        for reading in pair:
            number = references.cite(reading.hit, reading.start, reading.end, language)
            cited.append(CitedPosition(reading.text, (number,)))
            told.append(
                message(
                    "compose.version", language,
                    value=message("compose.clause", language, words=reading.text),
                    source=_source_name(reading.hit.document, language), markers=f"[{number}]",
                )
            )  # fmt: skip
        key = "further" if sentences else "divergence"
        text = message(f"compose.{key}", language, versions=", ".join(told))
        numbers = tuple(n for one in cited for n in one.citations)
        sentences.append(Sentence(text, numbers, "supported"))
        positions += cited
    if not sentences:
        sentences.append(Sentence(message("compose.no_difference", language), (), "supported"))
    sentences.append(Sentence(message("compose.only_figures", language), (), "supported"))
    return Composition(False, tuple(sentences), tuple(references.citations), tuple(positions))


def _is_told(sentence: Sentence, told: Sequence[Sentence], language: Language) -> bool:
    """Whether an answer to another part says all that this one does: one may be to both."""
    said = content_stems(sentence.text, language)
    return bool(sentence.citations) and any(
        said <= content_stems(other.text, language) for other in told if other.citations
    )


def _is_told_already(part: Part, parts: Sequence[Part], language: Language) -> bool:
    """Whether a part that asks for a date, of what another part asks, has it in that one's answer:
    "who founded it, and in what year?" """
    return asks_for_date(part.question) and any(
        part.question.startswith(other.question.rstrip(" ?")) and dates(position.text, language)
        for other in parts
        for position in other.positions
    )


def _part(
    part: Part, language: Language, references: _References
) -> tuple[list[Sentence], list[CitedPosition]]:
    question = part.question
    if not part.positions:
        text = message("compose.part_refusal", language, question=question)
        return [Sentence(text, (), "supported")], []
    first, *others = part.positions
    against = _of_other_articles([p for p in others if disagree(first, p, question, language)])
    # what was read only because it seemed to contradict says nothing else that was asked
    others = [p for p in others if not all(r.rival for r in p.readings)]
    limit = LISTED if asks_for_several(question) else SENTENCES_SHOWN
    shown = _named([first, *against]) if against else [first, *others][:limit]
    if asks_for_latest(question):
        shown.sort(key=_day, reverse=True)
    elif asks_for_overview(question):
        shown.sort(key=lambda one: (_is_foreign(one, language), _day(one)))
    told = [_sentence(position, question, language, references) for position in shown]
    if not against:
        sentences = [
            _introduced(sentence, position.readings[0], language, references)
            for sentence, position in zip(told, shown, strict=True)
        ]
        return sentences, [_cited(position, language, references) for position in shown]
    versions = _versions(shown, told, question, language, references)
    rest = [_cited(one, language, references) for one in against if one not in shown]
    divergence = _divergence(versions, rest, language)
    more = [
        _introduced(one.sentence, position.readings[0], language, references)
        for one, position in zip(versions, shown, strict=True)
        if one.says_more(question, language)
    ]
    return [divergence, *more], [*(one.cited for one in versions), *rest]


def _of_other_articles(positions: Sequence[Position]) -> list[Position]:
    """Those that are not of the article of one before them, which does not contradict itself."""
    articles = [position.readings[0].hit.document.id for position in positions]
    return [one for n, one in enumerate(positions) if articles[n] not in articles[:n]]


def _named(versions: Sequence[Position]) -> list[Position]:
    """Of positions that disagree those whose value is told, in the same order."""
    by_sources = sorted(versions, key=lambda one: len(one.readings), reverse=True)
    newest = max(versions, key=_day)
    if newest in by_sources[VERSIONS_NAMED:]:
        by_sources.insert(VERSIONS_NAMED - 1, newest)
    return [one for one in versions if one in by_sources[:VERSIONS_NAMED]]


def with_markers(sentence: Sentence) -> str:
    """The sentence as it is shown, its citation markers before its final stop."""
    markers = "".join(f"[{n}]" for n in sentence.citations)
    if all(f"[{n}]" in sentence.text for n in sentence.citations):  # a divergence has its own
        return sentence.text
    return _END.sub(lambda end: f" {markers}{end[1]}", sentence.text, count=1)


def disagreement(answer: Answer) -> tuple[CitedPosition, ...]:
    """The positions that contradict one another: a sentence of the answer names all of them. None
    where several sentences do, of different things."""
    telling = [
        set(one.citations)
        for one in answer.sentences
        if one.citations and with_markers(one) == one.text
    ]
    if len(telling) != 1:
        return ()
    against = tuple(one for one in answer.positions if set(one.citations) <= telling[0])
    return against if len(against) > 1 else ()


def refusal(language: Language) -> str:
    """The one sentence that says that the articles do not answer."""
    return message("compose.refusal", language)


def refused(offers: Sequence[Offer], language: Language) -> Composition:
    """A refusal with the closest passages."""
    references = _References()
    for hit, start, end in offers[:OFFERED]:
        references.cite(hit, start, end, language)
    sentences = [Sentence(refusal(language), (), "supported")]
    if references.citations:
        closest = tuple(citation.n for citation in references.citations)
        sentences.append(Sentence(message("compose.closest", language), closest, "supported"))
    return Composition(True, tuple(sentences), tuple(references.citations))


def _sentence(
    position: Position, question: str, language: Language, references: _References
) -> Sentence:
    reading = position.readings[0]
    status, problems = status_of(reading, question, language)
    if reading.partly:
        problems = (*problems, "length: its last sentences were not read")
    numbers = references.cite_all(position.readings, language)
    return Sentence(position.text, numbers, status, problems, reading.quotations)


def _introduced(
    sentence: Sentence, reading: Reading, language: Language, references: _References
) -> Sentence:
    """The same, citing also what names whom or what the quote of its reading points to."""
    if reading.introduced is None:
        return sentence
    number = references.cite(reading.hit, *reading.introduced, language, reading.copies)
    return replace(sentence, citations=tuple(dict.fromkeys((*sentence.citations, number))))


@dataclass(frozen=True, slots=True)
class _Version:
    """One of the positions that disagree, and the value that tells it from the others."""

    cited: CitedPosition
    sentence: Sentence
    value: str
    source: str

    def says_more(self, question: str, language: Language) -> bool:
        """Whether its sentence says anything beside what was asked and the value: two words, of
        which a name, however long, is one."""
        known = content_stems(f"{question} {self.value}", language)
        beside = content_stems(self.sentence.text, language) - known
        named = [content_stems(name, language) & beside for name in {*names(self.sentence.text)}]
        return len(beside) - sum(len(name) - 1 for name in named if name) > 1

    def told(self, language: Language) -> str:
        kind = "revised" if self.cited.revised else "version"
        markers = "".join(f"[{n}]" for n in self.cited.citations)
        return message(
            f"compose.{kind}", language, value=self.value, source=self.source, markers=markers
        )


def _versions(
    positions: Sequence[Position],
    told: Sequence[Sentence],
    question: str,
    language: Language,
    references: _References,
) -> list[_Version]:
    days = [_day(position) for position in positions]
    known = date.min not in days and len(set(days)) > 1
    newest = max(days) if known else None
    firsts = [position.readings[0] for position in positions]
    revised = [any(revises(newer, one, question, language) for newer in firsts) for one in firsts]
    return [
        _Version(
            replace(_cited(position, language, references), latest=day == newest, revised=before),
            sentence,
            told_value(reading, question, language, [one for one in firsts if one is not reading]),
            _source_name(reading.hit.document, language, day == newest and not before),
        )
        for position, sentence, reading, day, before in zip(
            positions, told, firsts, days, revised, strict=True
        )
    ]


def _divergence(
    versions: Sequence[_Version], rest: Sequence[CitedPosition], language: Language
) -> Sentence:
    """The sentence that says that the articles differ, with each value and who gives it, and how
    many more there are."""
    key = "revision" if any(one.cited.revised for one in versions) else "divergence"
    positions = [*(one.cited for one in versions), *rest]
    cited = tuple(dict.fromkeys(n for one in positions for n in one.citations))
    listed = ", ".join(one.told(language) for one in versions)
    if rest:
        markers = "".join(f"[{n}]" for one in rest for n in one.citations)
        key_more = "more_one" if len(rest) == 1 else "more"
        listed += message(f"compose.{key_more}", language, count=len(rest), markers=markers)
    status: Status = "supported"
    if any(one.sentence.status != "supported" for one in versions):
        status = "partly"
    problems = tuple(dict.fromkeys(p for one in versions for p in one.sentence.problems))
    return Sentence(message(f"compose.{key}", language, versions=listed), cited, status, problems)


def _is_foreign(position: Position, language: Language) -> bool:
    return position.readings[0].hit.document.language != language


def _day(position: Position) -> date:
    """When its most recent article appeared."""
    return max(reading.hit.document.published or date.min for reading in position.readings)


def _cited(position: Position, language: Language, references: _References) -> CitedPosition:
    return CitedPosition(position.text, references.cite_all(position.readings, language))


def _source_name(document: Document, language: Language, latest: bool = False) -> str:
    """What an article is called in a sentence: its outlet, and then its date and whether it is
    the latest; or else its title."""
    if not document.outlet:
        return describe(document, language)
    known = [long_date(document.published, language)] if document.published else []
    if latest:
        known.append(message("compose.latest", language))
    return f"{document.outlet} ({', '.join(known)})" if known else document.outlet
