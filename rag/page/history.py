"""The archive behind the page: conversations are kept as their turns finish."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import count

from rag.archive.evidence import lost_of
from rag.archive.records import Conversation, Rating, Turn
from rag.archive.store import Archive
from rag.errors import StoreError
from rag.page.desk import Desk
from rag.recheck import Evidence, State
from rag.types import Answer


class History:
    """The conversations of the dossier that the desk has open.

    Every method but `keep` raises StoreError where the archive cannot be read or written, and
    RecoupeError while the dossier is not open. The archive is opened for each: the dossier may
    be another one the next time.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._unkept = count(-1, -1)  # numbers of turns that could not be kept

    def keep(
        self, conversation_id: str | None, question: str, answer: Answer
    ) -> tuple[Turn, StoreError | None]:
        """The turn as it was kept. An answer that could not be kept is still shown, with why.

        A conversation that was deleted meanwhile begins anew.
        """
        try:
            with self._open() as archive:
                known = {one.id for one in archive.conversations()}
                goes_on = conversation_id if conversation_id in known else None
                return archive.add(goes_on, question, answer, answer.standalone), None
        except StoreError as error:
            now, number = datetime.now(UTC), next(self._unkept)
            name = conversation_id or ""
            return Turn(number, name, now, question, answer.standalone, answer), error

    def conversations(self, search: str = "") -> list[Conversation]:
        """The newest first."""
        with self._open() as archive:
            return archive.conversations(search)

    def turns(self, conversation_id: str) -> list[Turn]:
        """Those of a conversation, in the order they were asked."""
        with self._open() as archive:
            return archive.turns(conversation_id)

    def delete(self, conversation_id: str) -> None:
        """Forget a conversation."""
        with self._open() as archive:
            archive.delete(conversation_id)

    def rate(self, turn_id: int, rating: Rating | None) -> None:
        """Keep what a reader thinks of an answer."""
        with self._open() as archive:
            archive.rate(turn_id, rating)

    def states(self, turns: Sequence[Turn]) -> Mapping[int, Mapping[int, State]]:
        """What became of the citations of `turns` that no longer hold, by turn and number."""
        found = self.lost(turns)
        return {turn: {one.n: one.state for one in lost} for turn, lost in found.items()}

    def lost(self, turns: Sequence[Turn]) -> Mapping[int, Sequence[Evidence]]:
        """The evidence of `turns` that no longer holds, by turn."""
        return lost_of(turns, self._desk.documents())

    @contextmanager
    def _open(self) -> Iterator[Archive]:
        with closing(Archive.open(self._desk.assistant.dossier.store.folder)) as archive:
            yield archive
