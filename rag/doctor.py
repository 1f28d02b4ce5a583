"""Does everything work? Each check says what it found, and what to do where something is wrong."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.assistant import Assistant
from rag.config import OFFLINE_ENVIRONMENT, Settings
from rag.errors import RecoupeError
from rag.messages import message
from rag.models import find_model, verify
from rag.store import FILE

FREE_BYTES = 500_000_000  # for the dossier to grow and be written anew
LOOPBACK = ("127.0.0.1", "::1", "localhost", "", None)
TRIED = 3  # articles to ask about before saying that questions are not answered


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report: `remedy` says what to do, empty where `detail` already does."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def diagnose(settings: Settings) -> Iterator[Check]:
    """Every check, in the order in which one problem explains the next; in English.

    What needs the models or the articles is left out where there are none.
    """
    models = [check_model(name, settings.models) for name in (settings.embedder, settings.llm)]
    yield from models
    yield check_writable(settings.dossier)
    yield check_space(settings.dossier)
    if not (settings.dossier / FILE).is_file():
        yield _no_articles(settings.dossier)
    elif all(model.ok for model in models):
        yield from check_answering(settings)


def check_model(name: str, models_folder: Path) -> Check:
    """Every byte of the model compared with the catalogue."""
    label = _text("doctor.model", name=name)
    try:
        verify(name, models_folder, full=True)
        megabytes = find_model(name).size // 1_000_000
    except RecoupeError as error:
        return Check(label, False, str(error), _text("doctor.missing", name=name))
    return Check(label, True, _text("doctor.whole", megabytes=megabytes))


def check_writable(folder: Path) -> Check:
    """A file can be made in `folder`, or where it would be made."""
    place = _existing(folder)
    try:
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        problem = _text("doctor.cannot_write", path=place, detail=error.strerror)
        return Check(_text("doctor.writable"), False, problem, _text("doctor.grant"))
    return Check(_text("doctor.writable"), True, _text("doctor.can_write", path=place))


def check_space(folder: Path, wanted: int = FREE_BYTES) -> Check:
    """There are `wanted` bytes free on the disk of `folder`."""
    place = _existing(folder)
    free = shutil.disk_usage(place).free
    remedy = "" if free >= wanted else _text("doctor.make_room", gigabytes=wanted / 1e9, path=place)
    return Check(
        _text("doctor.disk"), free >= wanted, _text("doctor.free", gigabytes=free / 1e9), remedy
    )


def check_answering(settings: Settings) -> Iterator[Check]:
    """Open the dossier, ask it about one of its own articles, and watch the network meanwhile."""
    with watched_network() as attempts:
        try:
            with closing(Assistant.open(settings=settings)) as assistant:
                yield from _checks_of(assistant, settings)
        except RecoupeError as error:
            yield Check(_text("doctor.dossier"), False, str(error))
    yield check_network(attempts)


def _checks_of(assistant: Assistant, settings: Settings) -> Iterator[Check]:
    documents = assistant.dossier.documents()
    if not documents:
        yield _no_articles(settings.dossier)
        return
    articles = _text("doctor.articles", count=len(documents), path=settings.dossier)
    yield Check(_text("doctor.dossier"), True, articles)
    passages = len(assistant.dossier.store.passage_ids())
    matches = _text("doctor.matches", count=passages, name=settings.embedder)
    yield Check(_text("doctor.index"), True, matches)
    yield check_question(assistant)


def check_question(assistant: Assistant) -> Check:
    """A question about an article of the dossier is answered, with its sources."""
    question = ""
    for document in assistant.dossier.documents()[:TRIED]:
        question = message(
            "doctor.about", document.language, title=document.title or document.text[:60]
        )
        answer = assistant.ask(question, document.language)
        if not answer.refused:
            answered = _text(
                "doctor.answered", seconds=answer.timings["total"], citations=len(answer.citations)
            )
            return Check(_text("doctor.question"), True, answered)
    return Check(_text("doctor.question"), False, _text("doctor.refused", question=question))


def check_network(attempts: list[str]) -> Check:
    """No connection was attempted, and libraries are told not to."""
    online = [name for name in OFFLINE_ENVIRONMENT if os.environ.get(name) is None]
    if attempts or online:
        problem = _text("doctor.attempted", addresses=", ".join([*attempts, *online]))
        return Check(_text("doctor.network"), False, problem, _text("doctor.report"))
    return Check(_text("doctor.network"), True, _text("doctor.not_needed"))


@contextmanager
def watched_network() -> Iterator[list[str]]:
    """A list that fills with every address outside this machine that Python code tries to reach.

    By an audit hook, which cannot be taken away again: it only falls silent.
    """
    attempts: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
            attempts.extend(_outside(event, arguments))

    sys.addaudithook(hook)
    try:
        yield attempts
    finally:
        watching = False


def _outside(event: str, arguments: tuple[object, ...]) -> list[str]:
    """The address of a connection or look-up, unless it stays on this machine."""
    target = arguments[1] if event == "socket.connect" else arguments
    host = target[0] if isinstance(target, tuple) else None  # a Unix socket's is a path
    return [] if host in LOOPBACK else [str(host)]


def _no_articles(folder: Path) -> Check:
    return Check(
        _text("doctor.dossier"),
        False,
        _text("doctor.no_articles", path=folder),
        _text("doctor.add", path=folder),
    )


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _text(key: str, /, **blanks: object) -> str:
    return message(key, "en", **blanks)
