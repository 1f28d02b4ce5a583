"""Files and folders: which articles an argument means, and a file's bytes, read without harm."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.errors import ArticleError
from rag.ingest.fetch import megabytes

SUPPORTED = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")
_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def is_url(source: str) -> bool:
    """Whether `source` is an address (of any kind) and not a path."""
    return _URL.match(source) is not None


def find_sources(arguments: Sequence[str | Path]) -> list[str]:
    """Every file and URL that `arguments` mean, each once, in order.

    Folders are walked, sorted by name; hidden files and folders, and what is no regular file,
    are left out. Nothing is raised here: a path that does not exist, and a folder without any
    article, stay in the list, and `read_article` says what is wrong with them.
    """
    found = (source for argument in arguments for source in _expand(str(argument)))
    return list(dict.fromkeys(found))


def _expand(argument: str) -> list[str]:
    if is_url(argument):
        return [argument]
    path = resolve(os.path.expanduser(argument))
    return _walk(path) if os.path.isdir(path) else [path]


def resolve(path: str) -> str:
    """`path` made absolute, its links followed; as it is where no file can have that name."""
    try:
        return os.path.realpath(path)
    except ValueError:
        return path


def _walk(folder: str) -> list[str]:
    found = list(_files_below(folder))
    return found if any(map(is_supported, found)) or _unreadable(found) else [folder]


def _unreadable(found: list[str]) -> bool:
    return any(os.path.isdir(path) for path in found)


def _files_below(folder: str) -> Iterator[str]:
    seen = {folder}
    closed: list[str] = []
    walk = os.walk(folder, followlinks=True, onerror=lambda error: closed.append(error.filename))
    for parent, folders, names in walk:
        visible = sorted(name for name in folders if not name.startswith("."))
        targets = {name: os.path.realpath(os.path.join(parent, name)) for name in visible}
        folders[:] = [name for name in visible if targets[name] not in seen]  # no loop of links
        seen.update(targets.values())
        for name in sorted(names):
            path = os.path.join(parent, name)
            if not name.startswith(".") and (os.path.isfile(path) or os.path.islink(path)):
                yield resolve(path)
    yield from closed


def is_supported(path: str) -> bool:
    """Whether the name of a file says that it can be read."""
    return suffix(path) in SUPPORTED


def suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def read_bytes(path: str, limit: int, shown: str) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; errors name it `shown`.

    Never blocks: a pipe or a device that has the name of a file is opened without waiting and
    refused. Raises ArticleError.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
        with open(descriptor, "rb", closefd=True) as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise ArticleError("ingest.not_a_file", path=shown)
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise ArticleError("ingest.missing", path=shown) from None
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise ArticleError("ingest.unreadable", path=shown, detail=detail) from None
    if len(data) > limit:
        raise ArticleError("ingest.too_big", path=shown, limit=megabytes(limit))
    return data
