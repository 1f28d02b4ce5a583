"""Is a model whole? Its files against the catalogue, hashed once and then remembered.

Hashing a gigabyte at each start would take seconds. So what was hashed leaves a receipt,
`models/.receipts/NAME.json`: the size, time of change and inode of each file with its SHA-256.
A file that has changed in any of these is hashed again.
"""

import json
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from rag.errors import ModelError
from rag.models.catalog import ModelEntry, find_model
from rag.models.folder import large_files, small_files

Stamp = list[int | str]


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A file of a model as it must lie on disk; `path` is relative to the folder of models."""

    path: str
    size: int
    sha256: str


def expected_files(entry: ModelEntry) -> list[ExpectedFile]:
    """Every file of `entry` as it lies in the folder of models once pulled."""
    if not entry.encoder:
        return [ExpectedFile(file.name, file.size, file.sha256) for file in entry.files]
    large = large_files(entry, entry.encoder)
    small = small_files(entry, entry.encoder)
    return [ExpectedFile(f"{entry.path}/{name}", *what) for name, what in large.items()] + [
        ExpectedFile(f"{entry.path}/{name}", len(content), sha256(content).hexdigest())
        for name, content in small.items()
    ]


def is_present(name: str, models_folder: Path) -> bool:
    """Whether the files of `name` are there with the right sizes; nothing is hashed."""
    return all(
        (models_folder / file.path).is_file()
        and (models_folder / file.path).stat().st_size == file.size
        for file in expected_files(find_model(name))
    )


def model_path(name: str, models_folder: Path) -> Path:
    """Where the verified model `name` lies: a file, or the folder of an embedder.

    Raises ModelError if it is absent, or naming the file and both hashes if it is not the
    expected one.
    """
    return verify(name, models_folder)


def fingerprint(name: str) -> str:
    """A hash of what the files of the model `name` must be. Raises ModelError."""
    files = expected_files(find_model(name))
    return sha256("".join(file.sha256 for file in files).encode()).hexdigest()


def verify(name: str, models_folder: Path, full: bool = False) -> Path:
    """The same; `full` hashes every byte again, whatever was remembered."""
    return verify_entry(find_model(name), models_folder, full=full)


def verify_entry(entry: ModelEntry, models_folder: Path, full: bool = False) -> Path:
    """The same for an entry of any catalogue."""
    receipt = {} if full else _read_receipt(entry, models_folder)
    stamps: dict[str, Stamp] = {}
    expected = expected_files(entry)
    for file in expected:
        path = models_folder / file.path
        try:
            stamps[file.path] = _stamp(path, file)
            if receipt.get(file.path) != stamps[file.path]:
                check_hash(path, file.sha256, entry.name)
        except FileNotFoundError:
            raise ModelError("models.absent", name=entry.name, path=path) from None
        except OSError as error:
            raise ModelError("models.unreadable", path=path, detail=error.strerror) from None
    _check_nothing_else(entry, models_folder, {file.path for file in expected})
    if stamps != receipt:
        _write_receipt(entry, models_folder, stamps)
    return models_folder / entry.path


def _check_nothing_else(entry: ModelEntry, models_folder: Path, expected: set[str]) -> None:
    """A file beside those of an embedder, an adapter for instance, would be loaded with them."""
    if not entry.encoder:
        return
    for path in sorted((models_folder / entry.path).rglob("*")):
        known = path.relative_to(models_folder).as_posix() in expected
        if path.is_file() and not known and not path.name.startswith("."):
            raise ModelError("models.unexpected", path=path, name=entry.name)


def check_hash(path: Path, expected: str, name: str) -> None:
    """Raises ModelError, naming the file and both hashes, unless `path` has that SHA-256."""
    found = hash_file(path)
    if found != expected:
        raise ModelError("models.wrong_hash", path=path, found=found, expected=expected, name=name)


def hash_file(path: Path) -> str:
    """The SHA-256 of the file, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def remember(entry: ModelEntry, models_folder: Path) -> None:
    """Write the receipt of a model whose files were hashed a moment ago, before they moved."""
    files = expected_files(entry)
    _write_receipt(
        entry, models_folder, {file.path: _stamp(models_folder / file.path, file) for file in files}
    )


def write_safely(path: Path, content: bytes) -> None:
    """Write a small file under a temporary name, sync it, rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        temporary.write_bytes(content)
        sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the bytes of a file, or the names in a folder, on disk before going on."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folder, and renames are already ordered
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stamp(path: Path, file: ExpectedFile) -> Stamp:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino, file.sha256]


def _receipt_path(entry: ModelEntry, models_folder: Path) -> Path:
    return models_folder / ".receipts" / f"{entry.name}.json"


def _read_receipt(entry: ModelEntry, models_folder: Path) -> dict[str, Stamp]:
    """Empty where there is none or it cannot be read: then everything is hashed again."""
    try:
        raw = json.loads(_receipt_path(entry, models_folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}


def _write_receipt(entry: ModelEntry, models_folder: Path, stamps: dict[str, Stamp]) -> None:
    # A folder that cannot be written (a read-only disk): hashed again next time.
    with suppress(OSError):
        write_safely(_receipt_path(entry, models_folder), json.dumps(stamps, indent=1).encode())
