"""The conversation of one browser tab: its turns, and what became of their sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.archive.records import Turn
from rag.followup import Previous
from rag.page.render_sources import Beside
from rag.page.view import View
from rag.recheck import State
from rag.translate import Translation

REMEMBERED = 2  # turns that a question may lean on


@dataclass(frozen=True, slots=True)
class Talk:
    """`id` is that of the archive, None before the first answer was kept; `folder` is that of the
    dossier it is about.

    `base` is how many turns come before a question that is asked again, None for a new one.
    `began` counts the conversations of the tab: an answer to an earlier one comes too late.
    """

    id: str | None = None
    turns: tuple[Turn, ...] = ()
    translations: Mapping[int, Mapping[int, Translation]] = field(default_factory=dict)
    states: Mapping[int, Mapping[int, State]] = field(default_factory=dict)
    folder: Path | None = None
    base: int | None = None
    began: int = 0

    def turn(self, number: int | None) -> Turn | None:
        """The turn with this number, if it is in this conversation."""
        return next((one for one in self.turns if one.id == number), None)

    def before(self, number: int) -> int:
        """How many turns come before the one with this number."""
        return next((i for i, one in enumerate(self.turns) if one.id == number), len(self.turns))

    def previous(self) -> tuple[Previous, ...]:
        """What the next question may lean on."""
        known = self.turns if self.base is None else self.turns[: self.base]
        return tuple(
            Previous(one.standalone or one.question, one.answer.text) for one in known[-REMEMBERED:]
        )

    def beside(self, turn: Turn | None, folded: bool = False) -> Beside:
        """What is known of the sources of a turn."""
        if turn is None:
            return Beside()
        return Beside(
            turn.id, folded, self.translations.get(turn.id, {}), self.states.get(turn.id, {})
        )

    def with_turn(self, turn: Turn) -> "Talk":
        """The same with a turn more, or with a new version of one of its turns."""
        if self.turn(turn.id) is None:
            turns = (*self.turns, turn)
        else:
            turns = tuple(turn if one.id == turn.id else one for one in self.turns)
        return replace(self, id=turn.conversation_id or self.id, turns=turns, base=None)


def view_of(turn: Turn) -> View:
    """A turn that was kept, as if it had just been answered."""
    answer = turn.answer
    return View(
        turn.question,
        "done",
        answer.timings.get("total", 0.0),
        answer.language,
        text=answer.text,
        answer=answer,
        standalone=turn.standalone,
        turn=turn.id,
    )
