"""The words of the evaluation: what is asked, what a system did, what it scored.

Offsets are in characters into a document's text, the end excluded, as everywhere in Recoupe.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.types import Document, Language

ANSWERLESS = ("unanswerable", "false_premise")  # kinds of question that must be refused


@dataclass(frozen=True, slots=True)
class Gold:
    """Words that prove the answer: `quote == documents[document_id].text[start:end]`."""

    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class ExpectedPosition:
    """One of the answers that the sources give, where they disagree."""

    answers: tuple[str, ...]
    document_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer; what a set does not tell stays empty.

    `answers`: any of them is right. `parts`: several groups of answers, one of each is needed.
    `relevant`: the documents that answer, with their grade, 1 where there are no grades.
    `scope`: the documents it is asked over, all where empty; `excluded`: those it is not.
    `wrong`: answers that some of its passages give and that are known to be false.
    `forbidden`: strings that only an answer that obeyed an article's instructions would hold.
    `cluster`: the document that it is about; questions about one document are not independent.
    """

    id: str
    text: str
    language: Language
    kind: str = "fact"
    answerable: bool | None = None
    answers: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    gold: tuple[Gold, ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)
    positions: tuple[ExpectedPosition, ...] = ()
    wrong: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents by id, and questions over them; `dataset` names it in every figure."""

    dataset: str
    documents: Mapping[str, Document]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a document that a system retrieved; ranks from 1, a higher score is better.

    `answerable` is the system's probability that it answers, None where it gives none.
    """

    document_id: str
    start: int
    end: int
    score: float
    rank: int
    answerable: float | None = None


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """What a system read in one retrieved stretch, before it wrote its answer."""

    document_id: str
    start: int
    end: int
    text: str
    answerable: float


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation: number `n` in the answer stands for these words of a document."""

    n: int
    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, without its markers, and the numbers that it cites."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system answered. `confidence` is its probability of being right, if it has one.

    `positions` are the versions that it tells apart, each with what it cites. `refused` says
    that it did not answer; a refusal has no claims and no citations.
    """

    text: str
    language: Language
    refused: bool
    confidence: float | None = None
    claims: tuple[Claim, ...] = ()
    citations: tuple[Cited, ...] = ()
    positions: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the language model took in and put out, and the seconds each took."""

    prompt_tokens: int = 0
    prompt_seconds: float = 0.0
    generated_tokens: int = 0
    generation_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one system did with one question: a line of `results.jsonl`.

    `times`: seconds from the question to "hits", "first_reading", "first_text", "done"; a moment
    that a system does not have is absent. `error` is what it failed with, its reply then empty.
    """

    dataset: str
    question_id: str
    system: str
    reply: Reply
    hits: tuple[Found, ...] = ()
    readings: tuple[ReadPassage, ...] = ()
    times: Mapping[str, float] = field(default_factory=dict)
    usage: Usage = Usage()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % interval, over `n` questions."""

    value: float
    low: float
    high: float
    n: int
