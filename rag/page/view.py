"""What the page knows about one question or one addition of articles."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, NamedTuple

from rag.dossier import Change
from rag.errors import RecoupeError
from rag.types import (
    Answer,
    Done,
    Event,
    Hit,
    HitsFound,
    Language,
    PassageRead,
    Reading,
    ReadingDelta,
    TextDelta,
)

Phase = Literal[
    "idle",
    "waiting",
    "opening",
    "searching",
    "reading",
    "writing",
    "done",
    "stopped",
    "failed",
]
BUSY: tuple[Phase, ...] = ("waiting", "opening", "searching", "reading", "writing")


@dataclass(frozen=True, slots=True)
class Opening:
    """Comes before the events of a stream while the assistant is being opened."""


@dataclass(frozen=True, slots=True)
class View:
    """One question of one browser tab; `seconds` is the time since it was asked.

    `standalone` is the question as it was understood after those before it, empty where it stood
    alone. `before` counts the questions that come first while it waits. `turn` is the number
    under which the answer was kept.
    """

    question: str = ""
    phase: Phase = "idle"
    seconds: float = 0.0
    language: Language | None = None  # of the answer, known once the dossier was searched
    hits: tuple[Hit, ...] = ()
    readings: tuple[Reading, ...] = ()
    drafts: Mapping[str, str] = field(default_factory=dict)  # by passage, before it is checked
    text: str = ""
    answer: Answer | None = None
    error: RecoupeError | None = None
    standalone: str = ""
    before: int = 0
    turn: int | None = None

    def reading_of(self, hit: Hit) -> Reading | None:
        """The reading of `hit`, None where it was not read yet; the one that says most of two."""
        same = [one for one in self.readings if one.hit.passage.id == hit.passage.id]
        return max(same, key=lambda one: (bool(one.text), one.answerable), default=None)


class Pasted(NamedTuple):
    """An article that was pasted, with what is said of it; empty where nothing is."""

    text: str
    title: str = ""
    outlet: str = ""
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """One article was dealt with."""

    change: Change
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Addition:
    """Articles that one browser tab adds to the dossier."""

    phase: Literal["working", "done", "stopped", "failed"] = "working"
    steps: tuple[Progress, ...] = ()
    error: RecoupeError | None = None


def after(view: View, event: Event | Opening) -> View:
    """`view` with `event` in it."""
    match event:
        case Opening():
            return replace(view, phase="opening")
        case HitsFound(language=language, hits=hits, standalone=standalone):
            return replace(
                view, phase="reading", language=language, hits=hits, standalone=standalone
            )
        case ReadingDelta(hit=hit, text=text):
            draft = view.drafts.get(hit.passage.id, "") + text
            return replace(view, drafts={**view.drafts, hit.passage.id: draft})
        case PassageRead(reading=reading):
            return replace(view, phase="reading", readings=(*view.readings, reading))
        case TextDelta(text=text):
            return replace(view, phase="writing", text=view.text + text)
        case Done(answer=answer):
            return replace(
                view,
                phase="done",
                language=answer.language,
                text=answer.text,
                answer=answer,
                standalone=answer.standalone,
            )
