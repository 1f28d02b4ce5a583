"""One SQLite file in write-ahead mode, shared by threads and processes.

Every change is one transaction, on disk when it returns: a process killed at any moment loses
nothing that was committed. What goes wrong is told as a StoreError.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import StoreError

BUSY_SECONDS = 10.0
_ERRORS = {
    "SQLITE_BUSY": "store.locked",
    "SQLITE_LOCKED": "store.locked",
    "SQLITE_READONLY": "store.read_only",
    "SQLITE_CANTOPEN": "store.read_only",
    "SQLITE_PERM": "store.read_only",
    "SQLITE_FULL": "store.full",
    "SQLITE_IOERR": "store.disk",
    "SQLITE_CORRUPT": "archive.corrupted",
    "SQLITE_NOTADB": "archive.corrupted",
}


class Database:
    """An open file with the tables of `schema`, made if absent."""

    def __init__(
        self, path: Path, schema: Sequence[str], version: int, busy_seconds: float
    ) -> None:
        """Raises StoreError if it cannot be read or written, is damaged or of a newer version."""
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("store.read_only", path=path.parent, detail=error.strerror) from error
        with self._as_store_errors():
            self._db = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(schema, version, busy_seconds)
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All that is run inside is kept, or nothing of it."""
        with self._lock, self._as_store_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._db.execute("ROLLBACK")
                raise

    def run(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Run one statement that changes something: within `changing`."""
        return self._db.execute(statement, values)

    def all(self, statement: str, *values: object) -> list[Any]:
        """The rows that a statement reads. Raises StoreError."""
        with self._lock, self._as_store_errors():
            return self._db.execute(statement, values).fetchall()

    def forget_log(self) -> None:
        """Leave nothing of deleted rows in the log, unless somebody reads at this moment."""
        with self._lock, self._as_store_errors():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _prepare(self, schema: Sequence[str], version: int, busy_seconds: float) -> None:
        self._use_write_ahead_log(busy_seconds)
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA secure_delete = ON")  # what was deleted is not left in the file
        if self._version() == 0:
            with self.changing():
                if self._version() == 0:  # another process may have been first
                    for statement in schema:
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {version}")
        if self._version() > version:
            raise StoreError("archive.newer", path=self.path)

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
    def _as_store_errors(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError as error:
            raise StoreError("archive.unicode", path=self.path) from error
        except sqlite3.Error as error:
            name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
            key = _ERRORS.get(name, "archive.failed")
            raise StoreError(key, path=self.path, detail=error) from error
