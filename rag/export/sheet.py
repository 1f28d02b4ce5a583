"""What an export says of each turn, whatever the format: text without any mark-up.

Labels are in the language of the page, answers in their own, quotations as the articles have them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.archive.records import Turn
from rag.compose import disagreement, with_markers
from rag.doubts import doubt
from rag.export.text import in_marks, moment, one_line, paragraphs, said, spaced, web_address
from rag.language import detect
from rag.messages import long_date
from rag.recheck import Evidence
from rag.types import Answer, Citation, CitedPosition, Language, Sentence

Lost = Mapping[int, Sequence[Evidence]]
STATES = {"changed": "export.changed", "gone": "export.gone"}


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an answer, and what a reader has to know of them."""

    text: str
    notes: tuple[str, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A citation in full. `link` is its web address, or empty; `address` always says where."""

    n: int
    origin: str  # outlet, author, title, date, paragraph
    quote: tuple[str, ...]
    quote_language: Language
    address: str
    link: str
    notes: tuple[str, ...]  # copies, and whether the article still says it


@dataclass(frozen=True, slots=True)
class Entry:
    """A turn as it is exported."""

    question: str
    language: Language
    asked: str
    understood: str
    verdict: str  # that there is no answer; else empty
    answer: tuple[tuple[Span, ...], ...]  # by paragraph
    positions: tuple[str, ...]  # of sources that disagree
    dropped: tuple[str, ...]
    heading: str  # of the sources
    sources: tuple[Source, ...]


def entries(turns: Sequence[Turn], language: Language, lost: Lost) -> list[Entry]:
    """The turns in their order; `lost` is the evidence that no longer holds, by turn."""
    return [_entry(turn, language, lost.get(turn.id, ())) for turn in turns]


def _entry(turn: Turn, language: Language, lost: Sequence[Evidence]) -> Entry:
    answer, spoken = turn.answer, turn.answer.language
    states = {one.n: one.state for one in lost}
    understood = one_line(turn.standalone)
    if understood and understood != one_line(turn.question):
        question = spaced(understood, spoken)
        understood = said("export.understood", language, question=question)
    else:
        understood = ""
    return Entry(
        question=spaced(one_line(turn.question), spoken),
        language=spoken,
        asked=said("export.asked", language, when=moment(turn.asked, language)),
        understood=understood,
        verdict=said("page.refused", language) if answer.refused else "",
        answer=_answer(answer, language),
        positions=tuple(_position(one, spoken, language) for one in disagreement(answer)),
        dropped=tuple(spaced(one_line(text), spoken) for text in answer.dropped),
        heading=said("page.closest" if answer.refused else "page.sources", language),
        sources=tuple(
            _source(one, states.get(one.n), spoken, language) for one in answer.citations
        ),
    )


def _answer(answer: Answer, language: Language) -> tuple[tuple[Span, ...], ...]:
    """The answer's text by paragraph, the sentences that need a note apart."""
    spans: list[Span] = []
    at = 0
    for sentence in answer.sentences:
        written, notes = with_markers(sentence), _notes(sentence, language)
        start = answer.text.find(written, at)
        if start >= 0 and notes:
            doubtful = sentence.status != "supported"
            spans += [Span(answer.text[at:start]), Span(written, notes, doubtful)]
            at = start + len(written)
    spans.append(Span(answer.text[at:]))
    return _by_paragraph(spans, answer.language)


def _by_paragraph(spans: Sequence[Span], language: Language) -> tuple[tuple[Span, ...], ...]:
    done: list[list[Span]] = [[]]
    for span in spans:
        first, *others = span.text.split("\n\n")
        for number, part in enumerate((first, *others)):
            if number:
                done.append([])
            last = number == len(others)
            text = spaced(one_line(part), language)
            if text:
                done[-1].append(Span(text, span.notes if last else (), span.doubtful))
    return tuple(tuple(paragraph) for paragraph in done if paragraph)


def _notes(sentence: Sentence, language: Language) -> tuple[str, ...]:
    originals = (one.original for one in sentence.quotations if one.status == "translated")
    notes = [said("page.original", language, words=one_line(words)) for words in originals]
    if sentence.status != "supported":
        found = tuple(map(one_line, sentence.problems))
        notes.append(spaced(doubt(replace(sentence, problems=found), language), language))
    return tuple(notes)


def _position(position: CitedPosition, spoken: Language, language: Language) -> str:
    marks = "".join(f"[{n}]" for n in position.citations)
    told = [said("export.latest", language)] * position.latest
    told += [said("export.revised", language)] * position.revised
    more = f" ({', '.join(told)})" if told else ""
    return f"{spaced(one_line(position.text), spoken)} {marks}{more}"


def _source(citation: Citation, state: str | None, spoken: Language, language: Language) -> Source:
    notes = []
    if citation.copies:
        copies = ", ".join(map(one_line, citation.copies))
        notes.append(said("page.same_article", language, copies=copies))
    if state in STATES:
        notes.append(said(STATES[state], language))
    link = web_address(citation.url, citation.path)
    return Source(
        n=citation.n,
        origin=_origin(citation, language),
        quote=paragraphs(citation.quote),
        quote_language=detect(citation.quote, spoken),
        address=link or one_line(citation.path),
        link=link,
        notes=tuple(notes),
    )


def _origin(citation: Citation, language: Language) -> str:
    """Outlet, author, title, date, paragraph."""
    title = one_line(citation.title)
    known = (
        one_line(citation.outlet) or said("page.no_outlet", language),
        one_line(citation.author),
        in_marks(title, language) if title else said("page.untitled", language),
        _day(citation.published, language),
        said("page.paragraph", language, n=citation.paragraph),
    )
    return ", ".join(part for part in known if part)


def _day(published: str, language: Language) -> str:
    try:
        return long_date(date.fromisoformat(published), language)
    except ValueError:
        return one_line(published) or said("page.undated", language)
