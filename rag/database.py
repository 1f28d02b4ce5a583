"""One SQLite file in write-ahead mode, shared by threads and processes.

Every change is one transaction, on disk when it returns: a process killed at any moment loses
nothing that was committed, and other processes go on reading meanwhile. No error of SQLite
leaves this module: what goes wrong is told as a RecoupeError.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import RecoupeError, StoreError

BUSY_SECONDS = 10.0
_ERRORS = {
    "SQLITE_BUSY": "store.locked",
    "SQLITE_LOCKED": "store.locked",
    "SQLITE_READONLY": "store.read_only",
    "SQLITE_CANTOPEN": "store.read_only",
    "SQLITE_PERM": "store.read_only",
    "SQLITE_FULL": "store.full",
    "SQLITE_IOERR": "store.disk",
}
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


@dataclass(frozen=True, slots=True)
class Told:
    """How the errors are told that are not told alike of every file."""

    corrupted: str  # a key of messages.toml, as is the next
    failed: str
    newer: Callable[[Path], RecoupeError]  # of the file, as is the next
    unicode: Callable[[Path], RecoupeError]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is in a file, as SQL statements. `told`: how to say what is wrong with it."""

    version: int
    tables: Sequence[str]
    connection: Sequence[str]  # run each time the file is opened
    told: Told


class Database:
    """An open file with the tables of `plan`, made if absent."""

    def __init__(self, path: Path, plan: Plan, busy_seconds: float) -> None:
        """Raises StoreError if it cannot be read or written, is damaged or of a newer version."""
        self.path = path
        self._told = plan.told
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("store.read_only", path=path.parent, detail=error.strerror) from error
        with self._telling_errors():
            self._db = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(plan, busy_seconds)
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All that is run inside is kept, or nothing of it."""
        with self._lock, self._telling_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read inside is of one moment, whatever other processes write meanwhile."""
        with self._lock, self._telling_errors():
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("COMMIT")

    def run(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Run one statement that changes something: within `changing`."""
        return self._db.execute(statement, values)

    def all(self, statement: str, *values: object) -> list[Any]:
        """The rows that a statement reads. Raises StoreError."""
        with self._lock, self._telling_errors():
            return self._db.execute(statement, values).fetchall()

    def batches(self, size: int, statement: str, *values: object) -> Iterator[list[Any]]:
        """As `all`, `size` rows at a time; to be read to its end within `reading`."""
        with self._lock, self._telling_errors():
            rows = self._db.execute(statement, values)
            while batch := rows.fetchmany(size):
                yield batch

    def forget_log(self) -> None:
        """Leave nothing of deleted rows in the log, unless somebody reads at this moment."""
        with self._lock, self._telling_errors():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _prepare(self, plan: Plan, busy_seconds: float) -> None:
        self._use_write_ahead_log(busy_seconds)
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        if self._version() == 0:
            with self.changing():
                if self._version() == 0:  # another process may have been first
                    for statement in plan.tables:
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {plan.version}")
        if self._version() > plan.version:
            raise self._told.newer(self.path)
        for statement in plan.connection:
            self._db.execute(statement)

    def _use_write_ahead_log(self, busy_seconds: float) -> None:
        """Switch to it, waiting for others that do: SQLite itself does not wait for this one."""
        deadline = time.monotonic() + busy_seconds
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _telling_errors(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError as error:
            raise self._told.unicode(self.path) from error
        except sqlite3.Error as error:
            name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
            own = self._told.corrupted if name in _DAMAGED else self._told.failed
            raise StoreError(_ERRORS.get(name, own), path=self.path, detail=error) from error
