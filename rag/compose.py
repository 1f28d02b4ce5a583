"""Positions -> an answer in the question's language, each sentence with its citations.

Written by code from what each source was read to say: a citation is the passage that was read,
so none can point elsewhere. Every sentence is checked against the words it cites.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rag.asked import asks_for_several
from rag.crosscheck import answer_figures, disagree
from rag.messages import long_date, message
from rag.read import describe
from rag.types import (
    Citation,
    CitedPosition,
    Document,
    Hit,
    Language,
    Position,
    Reading,
    Sentence,
)
from rag.verify import check_reading

SOURCES_SHOWN = 3  # for one sentence: more citations say no more
SENTENCES_SHOWN = 3
LISTED = 5  # sentences, for a question that asks for several things
CLOSEST_OFFERED = 3
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

    def cite(self, hit: Hit, start: int, end: int) -> int:
        document = hit.document
        for citation in self.citations:
            if (citation.document_id, citation.start, citation.end) == (document.id, start, end):
                return citation.n
        self.citations.append(
            Citation(
                n=len(self.citations) + 1,
                passage_id=hit.passage.id,
                document_id=document.id,
                title=document.title,
                author=document.author,
                outlet=document.outlet,
                published=document.published.isoformat() if document.published else "",
                url=document.url,
                path=document.path,
                paragraph=document.text.count("\n\n", 0, start) + 1,
                start=start,
                end=end,
                quote=document.text[start:end],
            )
        )
        return len(self.citations)

    def cite_all(self, readings: Sequence[Reading]) -> tuple[int, ...]:
        numbers = [self.cite(r.hit, r.start, r.end) for r in readings[:SOURCES_SHOWN]]
        return tuple(dict.fromkeys(numbers))


def compose(parts: Sequence[Part], hits: Sequence[Hit], language: Language) -> Composition:
    """The answer that the positions of each part of a question give, one part after the other.

    Positions that disagree with the first are told in a first sentence that says so, and leave
    no room for others. A part without any is said to have no answer; where all are, the answer is
    a refusal that offers the closest hits.
    """
    references = _References()
    if not any(part.positions for part in parts):
        return _refusal(hits, language, references)
    told: list[Sentence] = []
    cited: list[CitedPosition] = []
    for part in parts:
        sentences, positions = _part(part, language, references)
        told += sentences
        cited += positions
    return Composition(False, tuple(told), tuple(references.citations), tuple(cited))


def _part(
    part: Part, language: Language, references: _References
) -> tuple[list[Sentence], list[CitedPosition]]:
    if not part.positions:
        text = message("compose.part_refusal", language, question=part.question)
        return [Sentence(text, (), "supported")], []
    first, *others = part.positions
    against = [p for p in others if disagree(first, p, part.question, language)]
    limit = LISTED if asks_for_several(part.question) else SENTENCES_SHOWN
    shown = [first, *(against or others)][:limit]
    told = [_sentence(position, part.question, language, references) for position in shown]
    cited = [CitedPosition(p.text, s.citations) for p, s in zip(shown, told, strict=True)]
    if against:
        told.insert(0, _divergence(shown, told, part.question, language))
    return told, cited


def with_markers(sentence: Sentence) -> str:
    """The sentence as it is shown, its citation markers before its final stop."""
    markers = "".join(f"[{n}]" for n in sentence.citations)
    if all(f"[{n}]" in sentence.text for n in sentence.citations):  # a divergence has its own
        return sentence.text
    return _END.sub(lambda end: f" {markers}{end[1]}", sentence.text, count=1)


def refusal(language: Language) -> str:
    """The one sentence that says that the articles do not answer."""
    return message("compose.refusal", language)


def _refusal(hits: Sequence[Hit], language: Language, references: _References) -> Composition:
    for hit in hits[:CLOSEST_OFFERED]:
        references.cite(hit, hit.passage.start, hit.passage.end)
    sentences = [Sentence(refusal(language), (), "supported")]
    if references.citations:
        closest = tuple(citation.n for citation in references.citations)
        sentences.append(Sentence(message("compose.closest", language), closest, "supported"))
    return Composition(True, tuple(sentences), tuple(references.citations))


def _sentence(
    position: Position, question: str, language: Language, references: _References
) -> Sentence:
    reading = position.readings[0]
    status, problems = check_reading(reading, question, language)
    if reading.partly:
        problems = (*problems, "length: its last sentences were not read")
    return Sentence(position.text, references.cite_all(position.readings), status, problems)


def _divergence(
    positions: Sequence[Position], told: Sequence[Sentence], question: str, language: Language
) -> Sentence:
    """The sentence that says that the articles differ, with each value and who gives it."""
    versions = []
    for position, sentence in zip(positions, told, strict=False):
        reading = position.readings[0]
        figure = answer_figures(reading, question, language)[0]
        versions.append(
            message(
                "compose.version",
                language,
                value=reading.text[figure.start : figure.end],
                source=_source_name(reading.hit.document, language),
                markers="".join(f"[{n}]" for n in sentence.citations),
            )
        )
    cited = tuple(dict.fromkeys(n for sentence in told for n in sentence.citations))
    text = message("compose.divergence", language, versions=", ".join(versions))
    return Sentence(text, cited, "supported")


def _source_name(document: Document, language: Language) -> str:
    """What an article is called in a sentence: its outlet and date, or else its title."""
    if not document.outlet:
        return describe(document, language)
    if not document.published:
        return document.outlet
    return f"{document.outlet} ({long_date(document.published, language)})"
