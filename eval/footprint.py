"""What Recoupe takes: time to start, memory, and room on disk, each in a process of its own.

    python -m eval.footprint DOSSIER QUESTION

opens the dossier, loads the models, answers, and prints as one JSON object the most memory that
its process held. The file of the language model is mapped: its pages count as memory of the
process, and the system takes them back when others need them; `file_backed` is their share.
"""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil

from eval.identity import peak_memory_mb
from eval.timing import columns, median, seconds, shown
from rag.config import PROJECT, Settings
from rag.store import FILE, Store

REPEATS = 3
PAGE_SECONDS = 120.0
MEMORY_LIMIT = 4e9  # bytes: what a process may take with models and dossier
_RECOUPE = (sys.executable, "-c", "from rag.cli import main; main()")


@dataclass(frozen=True, slots=True)
class StartUp:
    """Seconds from the start of a process: medians, except of `first` and `again`, asked once.

    `list`: until the articles are listed; `page`: until the page answers. `first`: what a first
    question takes by step, over passages never read; `again`: the same in a new process, over
    passages that were read. Their `process` is everything, from start to end.
    """

    version: float
    list: float
    page: float
    first: dict[str, float]
    again: dict[str, float]


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of a process that answered a question; None where the system does not tell."""

    peak: int | None
    at_end: int
    file_backed: int | None


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of a dossier with so many articles and passages; `state` is one passage's, on
    average over those that were read."""

    articles: int
    passages: int
    database: int
    index: int
    state: float | None

    def per_1000_articles(self) -> dict[str, float | None]:
        """Bytes, as far as others' articles are like these; of states, once all were read."""
        states = self.state * self.passages if self.state is not None else None
        parts = {"database": self.database, "index": self.index, "states": states}
        return {
            name: None if size is None else size * 1000 / self.articles
            for name, size in parts.items()
        }


def start_up(settings: Settings, question: str, repeats: int = REPEATS) -> StartUp:
    """Start the program over the dossier of `settings`, in which nothing was read yet."""
    folder = str(settings.dossier)
    version, listed, page = [], [], []
    for _ in range(repeats):
        version.append(seconds(_run, settings, [*_RECOUPE, "--version"]))
        listed.append(seconds(_run, settings, [*_RECOUPE, "list", "--dossier", folder]))
        page.append(_page_up(settings))
    first, again = (_asked(settings, question) for _ in range(2))
    return StartUp(_middle(version), _middle(listed), _middle(page), first, again)


def memory(settings: Settings, question: str) -> Memory:
    """What a process takes that opens the dossier of `settings` and answers `question`."""
    program = [sys.executable, "-m", f"{__package__}.footprint", str(settings.dossier), question]
    return Memory(**json.loads(_run(settings, program)))


def disk(settings: Settings) -> Disk:
    """What the dossier of `settings` takes; some of its passages should have been read."""
    folder = settings.dossier
    with closing(Store.open(folder)) as store:
        articles, passages = len(store.entries()), len(store.passage_ids())
    states = [path.stat().st_size for path in folder.glob("kv/*.state")]
    return Disk(
        articles,
        passages,
        sum(path.stat().st_size for path in folder.glob(f"{FILE}*")),
        sum(path.stat().st_size for path in folder.glob("passages.*")),
        sum(states) / len(states) if states else None,
    )


@contextmanager
def copied(source: Path, settings: Settings) -> Iterator[Settings]:
    """The settings of a throw-away copy of the dossier in `source`, in which nothing was read."""
    with tempfile.TemporaryDirectory(dir=source.parent) as temporary:
        with (
            closing(sqlite3.connect(source / FILE)) as original,
            closing(sqlite3.connect(Path(temporary) / FILE)) as copy,
        ):
            original.backup(copy)
        yield settings.model_copy(update={"dossier": Path(temporary)})


def _asked(settings: Settings, question: str) -> dict[str, float]:
    command = [*_RECOUPE, "ask", question, "--json", "--dossier", str(settings.dossier)]
    started = time.perf_counter()
    answer = json.loads(_run(settings, command))
    timings: dict[str, float] = answer["timings"]
    return {**timings, "process": time.perf_counter() - started}


def _page_up(settings: Settings) -> float:
    """Seconds until the page answers, in a process that is then ended."""
    port = free_port()
    options = ["--port", str(port), "--no-browser", "--dossier", str(settings.dossier)]
    started = time.perf_counter()
    process = subprocess.Popen(
        [*_RECOUPE, "serve", *options],
        cwd=PROJECT,
        env=_environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - started > PAGE_SECONDS:
                raise RuntimeError("the page did not come up: `recoupe serve` says why")
            time.sleep(0.02)
        return time.perf_counter() - started
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    with closing(connection), suppress(OSError, HTTPException):
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    return False


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _run(settings: Settings, command: Sequence[str]) -> str:
    """What the command prints. Raises RuntimeError, with its last words, where it fails."""
    done = subprocess.run(
        command, cwd=PROJECT, env=_environment(settings), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command[-1]}: {done.stderr.strip()[-300:]}")
    return done.stdout


def _environment(settings: Settings) -> dict[str, str]:
    """The settings, all but the dossier, as another process reads them."""
    values = settings.model_dump(exclude={"dossier"})
    return {**os.environ, **{f"RECOUPE_{name.upper()}": str(one) for name, one in values.items()}}


def _middle(values: Sequence[float]) -> float:
    middle = median(values)
    assert middle is not None  # measured at least once
    return middle


# -- tables -------------------------------------------------------------------------------------


def start_up_table(one: StartUp) -> str:
    """Seconds."""
    rows = [
        ("recoupe --version", shown(one.version)),
        ("recoupe list", shown(one.list)),
        ("page up", shown(one.page)),
    ]
    for name, times in (("first answer", one.first), ("again", one.again)):
        for step in ("load_embedder", "load_llm", "total", "process"):
            rows.append((f"{name}: {step}", shown(times.get(step))))
    return columns([("seconds", ""), *rows])


def memory_table(held: Memory, kept: Disk) -> str:
    """Megabytes (a million bytes)."""
    under = held.peak is not None and held.peak < MEMORY_LIMIT
    rows = [
        ("memory, MB", ""),
        (f"most ({'under' if under else 'NOT under'} {MEMORY_LIMIT / 1e9:g} GB)", _mb(held.peak)),
        ("at the end", _mb(held.at_end)),
        ("  of it backed by files", _mb(held.file_backed)),
        ("disk, MB for 1,000 articles", ""),
        *((f"  {name}", _mb(size)) for name, size in kept.per_1000_articles().items()),
    ]
    told = f"estimated from {kept.articles} articles with {kept.passages} passages; "
    return f"{columns(rows)}\n{told}states: once every passage was read, up to the setting's limit"


def _mb(size: float | None) -> str:
    return shown(None if size is None else size / 1e6, ".0f")


# -- the process that is measured ---------------------------------------------------------------


def own_memory() -> dict[str, Any]:
    """What this process holds and held, in bytes: the fields of Memory."""
    held = psutil.Process().memory_info()
    return {"peak": _peak(), "at_end": held.rss, "file_backed": getattr(held, "shared", None)}


def _peak() -> int | None:
    """Linux says it of the program itself; `getrusage` counts the one that started it, too."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    megabytes = peak_memory_mb()
    return None if megabytes is None else int(megabytes * 1e6)


def main(arguments: Sequence[str]) -> None:
    from rag.assistant import Assistant

    dossier, question = arguments
    with closing(Assistant.open(Path(dossier))) as assistant:
        assistant.ask(question)
        print(json.dumps(own_memory()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
