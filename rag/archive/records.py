"""What the archive keeps: conversations, their turns, and what readers think of the answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from rag.errors import SettingsError
from rag.types import Answer

Verdict = Literal["up", "down"]
Reason = Literal["wrong", "not_in_source", "wrong_language", "incomplete"]
REASONS: tuple[Reason, ...] = get_args(Reason)
TITLE_CHARACTERS = 80
COMMENT_CHARACTERS = 500  # the most that a reader may say of an answer


@dataclass(frozen=True, slots=True)
class Rating:
    """What a reader thinks of an answer. Raises SettingsError for an unknown verdict or reason."""

    verdict: Verdict
    reason: Reason | None = None
    comment: str = ""

    def __post_init__(self) -> None:
        for value, known in ((self.verdict, get_args(Verdict)), (self.reason, (None, *REASONS))):
            if value not in known:
                names = ", ".join(name for name in known if name)
                raise SettingsError("archive.rating", value=value, known=names)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions that follow each other. `changed` is when the last of them was asked, in UTC."""

    id: str
    title: str
    started: datetime
    changed: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer; `asked` is in UTC.

    `standalone` is the question as it was understood where it followed up on another, else empty.
    """

    id: int
    conversation_id: str
    asked: datetime
    question: str
    standalone: str
    answer: Answer
    rating: Rating | None = None


def comment_of(text: str) -> str:
    """`text` as a comment is kept: one line, of COMMENT_CHARACTERS at most."""
    return " ".join(text.split())[:COMMENT_CHARACTERS].rstrip()


def title_of(question: str) -> str:
    """What a conversation that begins with `question` is called: one line, cut between words."""
    line = " ".join(question.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    start = line[: TITLE_CHARACTERS - 1]
    return f"{start.rpartition(' ')[0] or start}…"
