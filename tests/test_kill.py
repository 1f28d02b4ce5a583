"""Killed while it adds articles, Recoupe loses nothing that it reported as added."""

import multiprocessing
import random
import shutil
import sqlite3
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from rag.config import Settings
from rag.dossier import Dossier
from rag.store import FILE
from rag.types import LANGUAGES
from tests.fakes import HashEmbedder

ARTICLES, CHANGED, GONE = 40, 10, 3
SLACK = 0.02  # seconds after a report within which the kill comes: longer than one article takes


def text(number: int, version: str) -> str:
    return "\n\n".join(
        " ".join(
            f"La {version} nouvelle {number} parle du quai {part * 10 + line} et de ses grues."
            for line in range(10)
        )
        for part in range(4)
    )


def write_articles(folder: Path) -> None:
    for number in range(ARTICLES):
        (folder / f"{number:02}.txt").write_text(text(number, "nouvelle"), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The articles as they are when the kills come."""
    folder = tmp_path_factory.mktemp("articles")
    write_articles(folder)
    return folder


@pytest.fixture(scope="module")
def before(folder, tmp_path_factory) -> Path:
    """A dossier of some articles in an older version, and of some whose files are gone since."""
    names = [f"{number:02}.txt" for number in range(CHANGED)]
    names += [f"gone-{number}.txt" for number in range(GONE)]
    for number, name in enumerate(names):
        (folder / name).write_text(text(number, "vieille"), encoding="utf-8")
    path = tmp_path_factory.mktemp("before") / "dossier"
    dossier = Dossier.open(Settings(dossier=path), HashEmbedder())
    dossier.add([folder / name for name in names])
    dossier.close()
    for name in names[CHANGED:]:
        (folder / name).unlink()
    write_articles(folder)
    return path


def add(dossier: Path, folder: Path, reports: Connection) -> None:
    """What the killed process does: add the folder, report each change as it is on disk."""
    opened = Dossier.open(Settings(dossier=dossier), HashEmbedder())
    opened.add([folder], lambda change, done, total: reports.send((change.path, change.outcome)))
    reports.send(None)


def reports_until_killed(dossier: Path, folder: Path, kill_after: int, then: float) -> list:
    """Run `add` in a process of its own, kill it; what it had reported by then."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["rag.dossier", "tests.fakes"])
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=add, args=(dossier, folder, sender))
    process.start()
    sender.close()
    reported = [receiver.recv() for _ in range(kill_after)]
    time.sleep(then)
    process.kill()
    process.join()
    try:
        while receiver.poll():
            reported.append(receiver.recv())
    except (EOFError, OSError):  # the last report was cut short by the kill
        pass
    receiver.close()
    return [report for report in reported if report]


def check_sound(dossier: Path) -> None:
    connection = sqlite3.connect(dossier / FILE)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    for language in LANGUAGES:
        table = f"words_{language}"
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    in_full_text = sum(
        connection.execute(f"SELECT count(*) FROM words_{language}").fetchone()[0]
        for language in LANGUAGES
    )
    passages = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    assert in_full_text == passages
    connection.close()


@pytest.mark.parametrize("seed", range(20))
def test_a_kill_while_adding_loses_nothing_reported(seed, folder, before, tmp_path):
    chance = random.Random(seed)
    path = tmp_path / "dossier"
    shutil.copytree(before, path)
    kill_after = chance.randrange(ARTICLES + GONE)
    reported = reports_until_killed(path, folder, kill_after, chance.uniform(0, SLACK))

    check_sound(path)
    dossier = Dossier.open(Settings(dossier=path), HashEmbedder())
    texts = {one.path: one.text for one in dossier.documents()}
    older = {text(number, "vieille") for number in range(CHANGED + GONE)}
    newer = {text(number, "nouvelle") for number in range(ARTICLES)}
    assert len(reported) >= kill_after
    for source, outcome in reported:
        if outcome == "removed":
            assert source not in texts
        else:
            assert texts[source] in newer
    assert set(texts.values()) <= older | newer

    finished = dict(reported)
    for change in dossier.add([folder]):
        assert change.outcome == "unchanged" or change.path not in finished
    assert {one.text for one in dossier.documents()} == newer
    assert len(dossier.documents()) == ARTICLES
    (hit,) = dossier.retriever.retrieve("la nouvelle 39 parle du quai", "fr", top_k=1)
    assert hit.document.text[hit.passage.start : hit.passage.end] == hit.passage.text
    dossier.close()
    check_sound(path)
