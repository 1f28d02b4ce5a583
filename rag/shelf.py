"""Several dossiers: which there are, and making, renaming and deleting them.

A dossier is a folder with a database of ours in it. They stand side by side in a folder
`dossiers`: the one that the program was started with, if it is in such a folder, and its
siblings; else that one, and those in the folder `dossiers` beside it. Nothing else is ever looked
at, renamed or deleted, and what is not a dossier's own is never deleted with it.
"""

import os
import shutil
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from rag.errors import SettingsError, StoreError
from rag.language import fold
from rag.store import FILE, Store

FOLDER = "dossiers"
NAME_CHARACTERS = 80
# All that a dossier's folder holds; anything else was put there by somebody.
OWN_FILES = ("dossier.db", "conversations.db", "passages.faiss", "recoupe.toml")
OWN_ENDINGS = ("-wal", "-shm", "-journal")  # of a database
OWN_FOLDERS = {"kv": (".state", ".part")}
_FORBIDDEN = frozenset('/\\:*?"<>|')
_RESERVED = frozenset(  # names that Windows keeps for devices
    ["con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(1, 10))]
)


def _nothing() -> None:
    pass


class Shelved(NamedTuple):
    """A dossier on the shelf; `articles` is None where its database cannot be read."""

    name: str
    path: Path
    articles: int | None
    started: bool  # the program was started with it


class Shelf:
    """The dossiers beside the one in `started`, and that one."""

    def __init__(self, started: Path) -> None:
        self.started = started.absolute()
        above = self.started.parent
        self.folder = above if above.name == FOLDER else above / FOLDER

    def dossiers(self) -> list[Shelved]:
        """The one the program was started with, then the others by name."""
        others = [path for path in self._folders() if path != self.started]
        return [self._shelved(path) for path in (self.started, *others)]

    def find(self, name: str) -> Shelved:
        """Raises SettingsError where there is none of this name."""
        for one in self.dossiers():
            if one.name == name:
                return one
        raise SettingsError("shelf.unknown", name=name)

    def create(self, name: str) -> Path:
        """Make an empty one. Raises SettingsError for a name that cannot be used, StoreError."""
        path = self.folder / self._free_name(name)
        Store.open(path).close()
        return path

    def rename(self, name: str, new: str, leave: Callable[[], object] = _nothing) -> Path:
        """Give the dossier another name; returns its folder.

        `leave` closes it where this process has it open: called once nothing else is in the way.
        Raises SettingsError for a name that cannot be used and for the dossier that the program
        was started with, StoreError for one in use.
        """
        one = self._changeable(name)
        target = self.folder / self._free_name(new, other_than=name)
        leave()
        _check_unused(one)
        try:
            one.path.rename(target)
        except OSError as error:
            raise StoreError("shelf.disk", name=name, detail=error.strerror) from None
        return target

    def delete(self, name: str, confirmed: str, leave: Callable[[], object] = _nothing) -> None:
        """Delete the dossier, its conversations and what was kept of its articles, for ever.

        `confirmed` is its name, written once more; `leave` as for `rename`. Raises SettingsError
        where it is another, for a dossier with files that are not its own, and for the one the
        program was started with; StoreError for one in use. Nothing is deleted then.
        """
        one = self._changeable(name)
        if confirmed.strip() != one.name:
            raise SettingsError("shelf.not_confirmed", name=name)
        if foreign := next(_foreign(one.path), None):
            raise SettingsError("shelf.foreign", name=name, file=foreign.name)
        leave()
        _check_unused(one)
        doomed = one.path.with_name(f".{one.path.name}.deleted-{os.getpid()}")
        try:
            one.path.rename(doomed)  # gone at once, whole; then piece by piece
            shutil.rmtree(doomed)
        except OSError as error:
            raise StoreError("shelf.disk", name=name, detail=error.strerror) from None

    def _folders(self) -> list[Path]:
        try:
            found = [path for path in self.folder.iterdir() if _is_dossier(path)]
        except OSError:
            return []
        return sorted(found, key=lambda path: fold(path.name))

    def _shelved(self, path: Path) -> Shelved:
        return Shelved(path.name, path, _articles(path), path == self.started)

    def _changeable(self, name: str) -> Shelved:
        one = self.find(name)
        if one.started:
            raise SettingsError("shelf.started", name=name)
        return one

    def _free_name(self, name: str, other_than: str = "") -> str:
        """`name` as a folder is called. Raises SettingsError."""
        name = unicodedata.normalize("NFC", " ".join(name.split()))
        if not name:
            raise SettingsError("shelf.no_name")
        if not _is_safe(name):
            raise SettingsError("shelf.name", name=name, characters=NAME_CHARACTERS)
        taken = {fold(one.name) for one in self.dossiers() if one.name != other_than}
        there = self.folder / name
        if fold(name) in taken or (name != other_than and os.path.lexists(there)):
            raise SettingsError("shelf.taken", name=name)
        return name


def _is_safe(name: str) -> bool:
    stem = name.split(".")[0].casefold()
    return (
        len(name) <= NAME_CHARACTERS
        and len(name.encode(errors="replace")) <= 200  # what file systems take, and room to spare
        and name[0] not in ".-~"
        and name[-1] != "."
        and stem not in _RESERVED
        and not _FORBIDDEN & set(name)
        and all(unicodedata.category(char)[0] != "C" for char in name)
    )


def _is_dossier(path: Path) -> bool:
    """Whether it is a folder, not a link to one, with a database of ours in it."""
    return (
        not path.name.startswith(".")
        and not path.is_symlink()
        and path.is_dir()
        and _articles(path) is not None
    )


def _articles(path: Path) -> int | None:
    """How many articles the dossier has; None where there is no database of ours to be read."""
    if not (path / FILE).is_file():
        return None
    address = f"{(path / FILE).absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=1)) as db:
            db.execute("SELECT value FROM dossier WHERE key = 'revision'")
            return int(db.execute("SELECT count(*) FROM documents").fetchone()[0])
    except sqlite3.Error:
        return None


def _check_unused(one: Shelved) -> None:
    """Raises StoreError where another connection, of any process, has the dossier open.

    A connection in write-ahead mode holds a lock for as long as it is open, and SQLite leaves that
    mode only for who is alone. The next one to open the dossier goes back to it.
    """
    for file in (FILE, "conversations.db"):
        if not (one.path / file).is_file():
            continue
        try:
            with closing(sqlite3.connect(one.path / file, timeout=0)) as db:
                mode = db.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise StoreError("shelf.in_use", name=one.name) from None
            raise StoreError("store.failed", path=one.path / file, detail=error) from error
        except sqlite3.Error as error:
            raise StoreError("store.corrupted", path=one.path / file) from error
        if mode != "delete":
            raise StoreError("shelf.in_use", name=one.name)


def _foreign(folder: Path) -> Iterator[Path]:
    """What lies in the folder and is not a dossier's own."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and path.name in OWN_FOLDERS:
            endings = OWN_FOLDERS[path.name]
            yield from (
                one for one in sorted(path.iterdir()) if one.is_dir() or one.suffix not in endings
            )
        elif not path.is_file() or path.is_symlink() or not _is_own(path.name):
            yield path


def _is_own(name: str) -> bool:
    own = any(name == one or name in [one + end for end in OWN_ENDINGS] for one in OWN_FILES)
    return own or name.startswith(".passages.faiss.")  # one that is being written
