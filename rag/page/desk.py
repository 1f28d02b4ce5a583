"""What every tab of the page shares: the assistant, whose turn it is, and what is running."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rag.errors import RecoupeError, StoreError
from rag.page.background import Item, Task, Turns
from rag.page.view import Addition, Opening, Progress, View, after
from rag.types import Document, Event, Language

if TYPE_CHECKING:
    from rag.assistant import Assistant

log = logging.getLogger(__name__)

Kind = Literal["ask", "add"]
POLL_SECONDS = 0.25  # between two looks at how far the work is
CLOSING_SECONDS = 5.0
REST_SECONDS = 3.0  # between two looks at whether there is something to read ahead


class Desk:
    """Opens the assistant in the background and hands out work on it, one at a time."""

    def __init__(
        self, open_assistant: Callable[[], "Assistant"], rest_seconds: float = REST_SECONDS
    ) -> None:
        self.error: RecoupeError | None = None
        self.opening = True  # until the models are loaded, or have failed to load
        self.ahead: tuple[int, int] | None = None  # passages read ahead, of how many; None: all
        self._rest_seconds = rest_seconds
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._settled = threading.Event()  # open, or failed to
        self._assistant: Assistant | None = None
        self._open_assistant = open_assistant
        self._questions, self._additions = Turns(), Turns()
        self._tasks: dict[tuple[Kind, str], Task[Any]] = {}

    def open(self) -> None:
        """Open the dossier, then load the models; what goes wrong is kept in `error`."""
        try:
            self._assistant = self._open_assistant()
            self._settled.set()
            self._assistant.load()
        except Exception as error:  # in a thread of its own: the page shows it
            self.error = as_shown(error)
        finally:
            self.opening = False
            self._settled.set()

    def open_in_background(self) -> None:
        """Open it, then read articles ahead whenever nothing else is going on."""

        def work() -> None:
            self.open()
            self.read_ahead()

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the reading ahead, within milliseconds where the model can be stopped."""
        self._closed.set()
        self._interrupt()
        if self._thread is not None and not self.opening:
            self._thread.join(CLOSING_SECONDS)

    def read_ahead(self) -> None:
        """Read passages ahead until `close`: once the desk is open, and after every change of the
        dossier, by whichever program; never while articles are added or a question is asked.
        """
        if self.error is not None or not self.assistant.settings.warm:
            return
        finished: int | None = None  # the revision of the dossier that was read ahead
        while not self._closed.wait(self._rest_seconds):
            try:
                revision = self.assistant.dossier.store.revision
                if self._is_idle() and revision != finished and self._read_while_idle():
                    finished = revision
            except Exception as error:  # in a thread of its own: questions are still answered
                as_shown(error)
                break
        self.ahead = None

    def _read_while_idle(self) -> bool:
        """False where something else came in between."""
        interrupted = False

        def wanted() -> bool:
            nonlocal interrupted
            interrupted = interrupted or not self._is_idle()
            return not interrupted

        for done, total in self.assistant.warm(wanted):
            self.ahead = (done, total) if done < total else None
        if not interrupted:
            self.ahead = None
        return not interrupted

    def _is_idle(self) -> bool:
        return not self._tasks and not self._closed.is_set()

    def _interrupt(self) -> None:
        """Stop the passage that is being read ahead, if any."""
        if self.ahead is not None:
            self.assistant.stop()

    @property
    def is_open(self) -> bool:
        """Whether the dossier can be seen and asked; the models may still be loading."""
        return self._assistant is not None

    @property
    def assistant(self) -> "Assistant":
        """Raises the error of opening, or RecoupeError while it is not open yet."""
        if self._assistant is None:
            raise self.error or RecoupeError("page.opening_short")
        return self._assistant

    def documents(self) -> list[Document]:
        """The articles of the dossier, the newest first; none while it is being opened."""
        if self._assistant is None:
            return []
        documents = self._assistant.dossier.documents()
        return sorted(
            documents, key=lambda one: (str(one.published or ""), one.title), reverse=True
        )

    def document(self, document_id: str) -> Document | None:
        """The article, None if it is no longer in the dossier."""
        try:
            return self.assistant.dossier.store.document(document_id)
        except StoreError:
            return None

    def ask(self, tab: str, question: str, language: Language | None) -> Iterator[View]:
        """What the page knows of the answer, a few times a second until it is there.

        The question waits for its turn and for the assistant to be open. It is stopped by
        `stop`, and when nobody follows this iterator any more.
        """
        task = Task(self._questions, self._answering(question, language))
        view, start = View(question, "waiting"), time.monotonic()
        for events in self._followed("ask", tab, task):
            if view.phase == "waiting" and not task.waiting:
                view = replace(view, phase="searching")
            view = replace(reduce(after, events, view), seconds=time.monotonic() - start)
            yield view
        if task.error is not None:
            yield replace(view, phase="failed", error=as_shown(task.error))
        elif view.answer is None and not self._is_followed("ask", tab):
            yield replace(view, phase="stopped")  # the engine ends its step behind the page's back

    def _answering(
        self, question: str, language: Language | None
    ) -> Callable[[Callable[[Event | Opening], None]], None]:
        def work(hand_over: Callable[[Event | Opening], None]) -> None:
            while not self._settled.wait(POLL_SECONDS):
                hand_over(Opening())
            self._interrupt()  # the search comes before the engine, and needs the processor too
            with closing(self.assistant.stream(question, language=language)) as events:
                for event in events:
                    hand_over(event)

        return work

    def add(self, tab: str, uploads: Sequence[str], places: Sequence[str]) -> Iterator[Addition]:
        """How far the addition of uploaded files, each under its name, and of files, folders and
        addresses has come, a few times a second until it is done.

        Stopped as `ask` is. Raises RecoupeError while the dossier is not open.
        """
        task = Task(self._additions, self._adding(uploads, places))
        addition = Addition()
        for steps in self._followed("add", tab, task):
            addition = replace(addition, steps=(*addition.steps, *steps))
            yield addition
        if task.error is not None:
            yield replace(addition, phase="failed", error=as_shown(task.error))
        else:
            yield replace(addition, phase="stopped" if task.stopped else "done")

    def _adding(
        self, uploads: Sequence[str], places: Sequence[str]
    ) -> Callable[[Callable[[Progress], None]], None]:
        dossier = self.assistant.dossier
        names = [*(Path(upload).name for upload in uploads), *[None] * len(places)]

        def work(hand_over: Callable[[Progress], None]) -> None:
            dossier.add(
                [*uploads, *places], lambda *progress: hand_over(Progress(*progress)), names
            )

        return work

    def stop(self, kind: Kind, tab: str) -> None:
        """Stop what this tab asked for, if it is still going on."""
        if task := self._tasks.get((kind, tab)):
            task.stop()
            if kind == "ask" and task.working:
                self.assistant.stop()  # it may be long before the next event otherwise

    def _followed(self, kind: Kind, tab: str, task: Task[Item]) -> Iterator[list[Item]]:
        """What `task` hands over, a few times a second; a tab has one task of each kind."""
        self.stop(kind, tab)
        self._tasks[kind, tab] = task
        try:
            while not task.finished and not task.stopped:
                yield task.poll(POLL_SECONDS)
        finally:
            task.stop()
            if self._tasks.get((kind, tab)) is task:
                del self._tasks[kind, tab]

    def _is_followed(self, kind: Kind, tab: str) -> bool:
        return (kind, tab) in self._tasks


def as_shown(error: Exception) -> RecoupeError:
    """`error` as the page shows it; one that nobody foresaw also goes to the log."""
    if isinstance(error, RecoupeError):
        return error
    log.error("unexpected error behind the page", exc_info=error)
    return RecoupeError("page.unexpected", kind=type(error).__name__)
