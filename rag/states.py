"""Passage states on disk: what a model has computed for a passage, kept for the next question.

A bounded least-recently-used cache of opaque bytes in one folder, one file a state. It is all
derived: any file may vanish at any moment, and nothing that goes wrong here fails a question.
Written here because diskcache, zict and joblib keep no checksums of what they read back, and LMDB
keeps a mapped value readable only while its transaction is open.
"""

import hashlib
import mmap
import os
import secrets
import shutil
import stat
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# A state that would leave less than this free on its disk, in bytes, is not kept.
RESERVE_BYTES = 1_000_000_000
# A page: the payload is then aligned for whatever reads it. What the header leaves is zeros.
PAYLOAD_START = 4096
# No write takes this long: a temporary file of that age is the remains of a killed one.
LEFTOVER_NS = 3600 * 10**9

_MAGIC, _FORMAT = b"RECOUPKV", 1
_HEADER = struct.Struct("<8sI64sQ32s")  # magic, format, key, payload's length, payload's SHA-256
_STATE, _PART = ".state", ".part"


class _File(NamedTuple):
    used: int  # nanoseconds since 1970
    size: int  # bytes
    path: str


def state_key(*parts: str) -> str:
    """A name for what `parts` determine together: 64 hexadecimal digits (SHA-256).

    Each part goes in behind its length, so that ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class States:
    """The states in `folder`, `limit_bytes` at most; with 0 nothing is kept and nothing read.

    For any thread, and for several processes on one folder: there is nothing but the files.
    A file's modification time says when its state was used last, because many disks record no
    times of access. Methods raise ValueError for a key that `state_key` did not make, no other
    error.
    """

    folder: Path
    limit_bytes: int

    def get(self, key: str) -> memoryview | None:
        """The bytes kept under `key`, mapped from the file, now used last; None for none.

        They stay readable when the file is evicted. The mapping is private and can be written
        to, only because ctypes takes no other without a copy: the file does not change. A file
        that is not exactly what `put` wrote is removed.
        """
        path = self._path(key)
        if self.limit_bytes <= 0:
            return None
        try:
            state = _read(path, key)
        except (OSError, ValueError):  # not there, not readable, or cut off while it was read
            return None
        if state is None:
            _remove(path)
            return None
        with suppress(OSError):  # evicted meanwhile, or a dossier that cannot be written to
            _mark_used(path)
        return state

    def put(self, key: str, state: "ReadableBuffer") -> bool:
        """Keep `state` (contiguous bytes) under `key`; the states unused for longest make room.

        False where it cannot be kept: larger than the limit, or a disk that is full or refuses.
        """
        path = self._path(key)
        size = PAYLOAD_START + memoryview(state).nbytes
        if size > self.limit_bytes:
            return False
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self.folder).free < RESERVE_BYTES + size:
                return False
            _write(path, key, state)
        except OSError:
            return False
        self._evict()
        return key in self

    def __contains__(self, key: str) -> bool:
        """Whether there is a file for `key`; only `get` finds out whether it is whole."""
        path = self._path(key)
        try:
            status = path.lstat()
        except OSError:
            return False
        whole = stat.S_ISREG(status.st_mode) and status.st_size >= PAYLOAD_START
        return whole and self.limit_bytes > 0

    def clear(self) -> int:
        """Remove every state, whatever the limit; returns the bytes freed."""
        files, parts = _files(self.folder)
        _remove_leftovers(parts)
        return sum(file.size for file in files if _remove(Path(file.path)))

    @property
    def size_bytes(self) -> int:
        """The bytes of all files of states in the folder, whatever the limit."""
        return sum(file.size for file in _files(self.folder)[0])

    @property
    def count(self) -> int:
        """How many files of states the folder has, whatever the limit."""
        return len(_files(self.folder)[0])

    def _path(self, key: str) -> Path:
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise ValueError(f"not a key of a state: {key!r}")
        return self.folder / f"{key}{_STATE}"

    def _evict(self) -> None:
        """Remove the remains of killed writes, and the oldest states until the rest fits.

        The folder is listed at each `put`, some 5 ms for 1,000 files where writing 5 MB takes 12:
        another process may have added to it, and the times must be read to know the oldest.
        """
        files, parts = _files(self.folder)
        _remove_leftovers(parts)
        excess = sum(file.size for file in files) - self.limit_bytes
        now = time.time_ns()
        # A time still to come is from before the clock was set back: it would never be the oldest.
        for file in sorted(files, key=lambda f: f.used if f.used <= now else 0):
            if excess <= 0:
                return
            if _remove(Path(file.path)):
                excess -= file.size


def _header(key: str, length: int, digest: bytes) -> bytes:
    header = _HEADER.pack(_MAGIC, _FORMAT, key.encode("ascii"), length, digest)
    return header.ljust(PAYLOAD_START, b"\0")


def _read(path: Path, key: str) -> memoryview | None:
    """The payload of a file that is whole and of this key, else None. OSError as it comes."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return None
    with path.open("rb", buffering=0) as file:
        header = file.read(PAYLOAD_START)
        # Read, not mapped, to be checked: a bad sector under a mapping kills the process.
        digest = hashlib.file_digest(file, "sha256").digest()
        size = file.tell()
        if size < PAYLOAD_START or header != _header(key, size - PAYLOAD_START, digest):
            return None
        mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
    return memoryview(mapped)[PAYLOAD_START:]


def _write(path: Path, key: str, state: "ReadableBuffer") -> None:
    """Make the file of `state` appear whole or not at all. OSError as it comes."""
    header = _header(key, memoryview(state).nbytes, hashlib.sha256(state).digest())
    temporary = path.with_suffix(f".{secrets.token_hex(8)}{_PART}")
    try:
        with temporary.open("xb") as file:
            file.write(header)
            file.write(state)
            file.flush()
            os.fsync(file.fileno())  # some disks say only now that they are full
        _mark_used(temporary)
        os.replace(temporary, path)
    finally:
        _remove(temporary)


def _mark_used(path: Path) -> None:
    now = time.time_ns()  # the system's own time of a change is coarse: several ms
    os.utime(path, ns=(now, now))


def _files(folder: Path) -> tuple[list[_File], list[_File]]:
    """The states in `folder` and the temporary files, symbolic links as themselves."""
    kept: list[_File] = []
    parts: list[_File] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.endswith((_STATE, _PART)) or entry.is_dir(follow_symlinks=False):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:  # removed by another process meanwhile
                continue
            file = _File(status.st_mtime_ns, status.st_size, entry.path)
            (kept if entry.name.endswith(_STATE) else parts).append(file)
    return kept, parts


def _remove_leftovers(parts: list[_File]) -> None:
    now = time.time_ns()
    for part in parts:
        if abs(now - part.used) > LEFTOVER_NS:
            _remove(Path(part.path))


def _remove(path: Path) -> bool:
    """Whether nothing of that name is left, whoever removed it. A full folder is left alone."""
    try:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    except FileNotFoundError:
        return True
    except OSError:  # Windows while it is mapped, or a folder that cannot be written to
        return False
    return True
