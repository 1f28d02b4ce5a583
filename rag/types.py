"""The words of Recoupe: every stage takes some of these and returns others.

Offsets are always in characters (Python string indices), the end excluded.
A score never sits on a Passage: it belongs to the question, so it sits on the Hit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Document:
    """One article, its page furniture gone.

    `path` says where it came from (an absolute path, a URL, or the name of an uploaded file)
    and is the key under which a newer version replaces an older one. `id` derives from it.
    """

    id: str
    path: str
    text: str
    language: Language
    title: str = ""
    author: str = ""
    outlet: str = ""
    published: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive whole sentences of a document: `document.text[start:end] == text`."""

    id: str
    document_id: str
    start: int
    end: int
    text: str
    paragraph: int  # of the passage's first sentence, counted from 1


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found for a question; a higher score is better.

    `copies` are the ids of near-identical passages folded into this one.
    """

    passage: Passage
    document: Document
    score: float
    rank: int  # from 1
    copies: tuple[str, ...] = ()


QuotationStatus = Literal["found", "elsewhere", "translated", "not found"]


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words between quotation marks, `answer[start:end]`, and where they come from.

    "found": the cited article says them, and nobody else than the answer names. "elsewhere":
    another article says them, or somebody else in the cited one. "translated": the cited article
    says them in the other language. `document_id`, `source_start` and `source_end` are where the
    `original` words are: offsets into that document's text; None where they were not found.
    """

    text: str
    start: int
    end: int
    status: QuotationStatus
    document_id: str | None = None
    source_start: int | None = None
    source_end: int | None = None
    original: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one passage, read on its own, answers to the question.

    `answerable` is the reader's probability that the passage answers at all. `text` is the
    answer as a sentence in the question's language, empty where the passage says nothing.
    `start` and `end` delimit, in the document, the exact words that the answer rests on;
    `introduced` those that name what these only point to ("its director"), where that is needed.
    """

    hit: Hit
    answerable: float
    text: str = ""
    start: int = 0
    end: int = 0
    partly: bool = False  # the passage was too long: its last sentences were not read
    signs: Mapping[str, float] = field(default_factory=dict)  # what `answerable` rests on
    dropped: str = ""  # what was read in it, but is not borne out by its words
    copies: tuple[Document, ...] = ()  # of its article, read to say the same: one source with it
    quotations: tuple[Quotation, ...] = ()  # in `text`, each looked for in the article
    problems: tuple[str, ...] = ()  # what was changed in `text`, as `kind: words`
    introduced: tuple[int, int] | None = None
    doubted: bool = False  # its words do not seem to be said there
    rival: bool = False  # read for a sentence of it that contradicts what others answer

    @property
    def quote(self) -> str:
        return self.hit.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Position:
    """Readings that say the same thing. More than one position: the sources disagree."""

    text: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words behind an answer: `quote` is `document.text[start:end]`.

    `copies` names the articles that carry the same text: one source with this one.
    """

    n: int
    passage_id: str
    document_id: str
    title: str
    author: str
    outlet: str
    published: str  # ISO date, or empty
    url: str
    path: str
    paragraph: int
    start: int
    end: int
    quote: str
    copies: tuple[str, ...] = ()


Status = Literal["supported", "partly", "unsupported"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer with the numbers of its citations, its quotations looked up."""

    text: str
    citations: tuple[int, ...]
    status: Status
    problems: tuple[str, ...] = ()
    quotations: tuple[Quotation, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedPosition:
    """A position as the answer shows it.

    `latest`: of positions that disagree, the one with the most recent article. `revised`: a later
    article gives its value as one that was said before.
    """

    text: str
    citations: tuple[int, ...]
    latest: bool = False
    revised: bool = False


@dataclass(frozen=True, slots=True)
class AnsweredHit:
    """A hit as the answer reports it; `answerable` is None where it was not read."""

    passage_id: str
    score: float
    rank: int
    answerable: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user gets. `timings` are seconds by step, `models` names by kind.

    `dropped` are sentences that were read but that their sources do not bear out. `standalone` is
    the question as it was understood after those before it, empty where it stood alone.
    """

    question: str
    language: Language
    text: str
    refused: bool
    citations: tuple[Citation, ...] = ()
    positions: tuple[CitedPosition, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    hits: tuple[AnsweredHit, ...] = ()
    dropped: tuple[str, ...] = ()
    standalone: str = ""
    models: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HitsFound:
    """First event of a stream: what retrieval found, before any model has spoken.

    Comes again where more is looked at. `standalone` as in Answer.
    """

    language: Language
    hits: tuple[Hit, ...]
    standalone: str = ""


@dataclass(frozen=True, slots=True)
class PassageRead:
    """One passage was read."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class ReadingDelta:
    """More of what a passage answers, as the model writes it: not checked yet.

    Its PassageRead follows, with the words that were borne out, or none.
    """

    hit: Hit
    text: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text, to append to what came before."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """Last event of a stream."""

    answer: Answer


Event = HitsFound | ReadingDelta | PassageRead | TextDelta | Done


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents a question looks at; an empty field lets everything through."""

    published_from: date | None = None
    published_to: date | None = None
    outlets: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    document_ids: tuple[str, ...] = ()
