"""The conversations of a dossier, in one file beside its articles: it goes where they go."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.archive.answers import from_json, to_json
from rag.archive.records import Conversation, Rating, Turn, title_of
from rag.database import BUSY_SECONDS, Database, Plan, Told
from rag.errors import StoreError
from rag.language import fold
from rag.types import Answer

FILE = "conversations.db"
SCHEMA_VERSION = 1

# `folded` is what is searched. A turn's number is never given again: the highest is the newest,
# whatever the clocks of the machines that asked say.
_TABLES = (
    """CREATE TABLE conversations (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, folded TEXT NOT NULL,
    started TEXT NOT NULL, changed TEXT NOT NULL
)""",
    """CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    asked TEXT NOT NULL, question TEXT NOT NULL, standalone TEXT NOT NULL, answer TEXT NOT NULL,
    folded TEXT NOT NULL, verdict TEXT, reason TEXT, comment TEXT
)""",
    "CREATE INDEX turns_conversation_id ON turns (conversation_id)",
)
_CONNECTION = ("PRAGMA secure_delete = ON",)  # what was deleted is not left in the file
_TOLD = Told(
    corrupted="archive.corrupted",
    failed="archive.failed",
    newer=lambda file: StoreError("archive.newer", path=file),
    unicode=lambda file: StoreError("archive.unicode", path=file),
)
_CONVERSATION = (
    "SELECT c.id, c.title, c.started, c.changed, count(t.id) FROM conversations c "
    "JOIN turns t ON t.conversation_id = c.id"
)
_TURN = (
    "SELECT id, conversation_id, asked, question, standalone, answer, verdict, reason, comment "
    "FROM turns"
)
_HOLDS = (
    "(instr(c.folded, ?) > 0 OR EXISTS (SELECT 1 FROM turns s "
    "WHERE s.conversation_id = c.id AND instr(s.folded, ?) > 0))"
)


class Archive:
    """The open archive of a dossier. Safe from several threads, and several processes at once.

    Every method raises StoreError where the file cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    @classmethod
    def open(cls, folder: Path, busy_seconds: float = BUSY_SECONDS) -> "Archive":
        """Open the archive of the dossier in `folder`, made if absent.

        Raises StoreError if it cannot be read or written, is damaged, or is of a newer version.
        """
        plan = Plan(SCHEMA_VERSION, _TABLES, _CONNECTION, _TOLD)
        return cls(Database(folder / FILE, plan, busy_seconds))

    def close(self) -> None:
        self._db.close()

    # -- reading ------------------------------------------------------------------------------

    def conversations(self, search: str = "") -> list[Conversation]:
        """The newest first; with `search`, those that hold each of its words.

        In their title, questions or answers, whatever the accents and capitals.
        """
        words = _folded(search).split()
        where = f"WHERE {' AND '.join([_HOLDS] * len(words))}" if words else ""
        rows = self._db.all(
            f"{_CONVERSATION} {where} GROUP BY c.id ORDER BY max(t.id) DESC",
            *(word for word in words for _ in range(2)),
        )
        return [_conversation(row) for row in rows]

    def conversation(self, conversation_id: str) -> Conversation:
        """Raises StoreError if there is no such conversation."""
        rows = self._db.all(f"{_CONVERSATION} WHERE c.id = ? GROUP BY c.id", conversation_id)
        if not rows:
            raise StoreError("archive.no_conversation", name=conversation_id)
        return _conversation(rows[0])

    def turns(self, conversation_id: str) -> list[Turn]:
        """In the order they were asked. Raises StoreError if there is no such conversation."""
        rows = self._db.all(f"{_TURN} WHERE conversation_id = ? ORDER BY id", conversation_id)
        if not rows:
            raise StoreError("archive.no_conversation", name=conversation_id)
        return [self._turn(row) for row in rows]

    def rated(self) -> list[Turn]:
        """The turns that readers rated, of all conversations, in the order they were asked."""
        rows = self._db.all(f"{_TURN} WHERE verdict IS NOT NULL ORDER BY id")
        return [self._turn(row) for row in rows]

    # -- changes, each one transaction --------------------------------------------------------

    def add(
        self, conversation_id: str | None, question: str, answer: Answer, standalone: str = ""
    ) -> Turn:
        """Keep a question and its answer; None begins a new conversation.

        It is on disk when this returns. Raises StoreError also where the conversation is gone.
        """
        asked = datetime.now(UTC)
        with self._db.changing():
            if conversation_id is None:
                conversation_id = self._begin(question, asked)
            else:
                self._touch(conversation_id, asked)
            number = self._db.run(
                "INSERT INTO turns (conversation_id, asked, question, standalone, answer, folded) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                conversation_id,
                asked.isoformat(),
                question,
                standalone,
                to_json(answer),
                _folded(f"{question}\n{answer.text}"),
            ).lastrowid
        return Turn(int(number or 0), conversation_id, asked, question, standalone, answer)

    def delete(self, conversation_id: str) -> None:
        """Forget a conversation, its words in the file too; nothing happens if it is not there."""
        with self._db.changing():
            self._db.run("DELETE FROM conversations WHERE id = ?", conversation_id)
        self._db.forget_log()

    def rename(self, conversation_id: str, title: str) -> None:
        """Call it `title`; an empty one brings back its first question.

        Raises StoreError if there is no such conversation.
        """
        title = title_of(title) or title_of(self.turns(conversation_id)[0].question)
        with self._db.changing():
            changed = self._db.run(
                "UPDATE conversations SET title = ?, folded = ? WHERE id = ?",
                title,
                _folded(title),
                conversation_id,
            )
            if not changed.rowcount:
                raise StoreError("archive.no_conversation", name=conversation_id)

    def rate(self, turn_id: int, rating: Rating | None) -> None:
        """Keep what a reader thinks of an answer, instead of what was kept; None takes it back.

        Raises StoreError if there is no such turn.
        """
        kept = (rating.verdict, rating.reason, rating.comment) if rating else (None, None, None)
        with self._db.changing():
            changed = self._db.run(
                "UPDATE turns SET verdict = ?, reason = ?, comment = ? WHERE id = ?", *kept, turn_id
            )
            if not changed.rowcount:
                raise StoreError("archive.no_turn", number=turn_id)

    # -- inside -------------------------------------------------------------------------------

    def _begin(self, question: str, asked: datetime) -> str:
        conversation_id, title = secrets.token_hex(6), title_of(question)
        self._db.run(
            "INSERT INTO conversations VALUES (?, ?, ?, ?, ?)",
            conversation_id,
            title,
            _folded(title),
            asked.isoformat(),
            asked.isoformat(),
        )
        return conversation_id

    def _touch(self, conversation_id: str, asked: datetime) -> None:
        changed = self._db.run(
            "UPDATE conversations SET changed = ? WHERE id = ?", asked.isoformat(), conversation_id
        )
        if not changed.rowcount:
            raise StoreError("archive.no_conversation", name=conversation_id)

    def _turn(self, row: Sequence[Any]) -> Turn:
        try:
            answer = from_json(row[5])
        except ValueError as error:
            raise StoreError("archive.record", path=self._db.path, number=row[0]) from error
        rating = Rating(row[6], row[7], row[8]) if row[6] else None
        return Turn(row[0], row[1], datetime.fromisoformat(row[2]), row[3], row[4], answer, rating)


def _conversation(row: Sequence[Any]) -> Conversation:
    started, changed = datetime.fromisoformat(row[2]), datetime.fromisoformat(row[3])
    return Conversation(row[0], row[1], started, changed, row[4])


def _folded(text: str) -> str:
    """As `fold`, ligatures apart: œuvre is found as oeuvre."""
    return fold(text).replace("œ", "oe").replace("æ", "ae")
