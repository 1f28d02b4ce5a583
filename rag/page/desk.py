"""What every tab of the page shares: the assistant, whose turn it is, and what is running."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rag.dossier import Change, Dossier
from rag.errors import ArticleError, RecoupeError, StoreError
from rag.page.background import Item, Task, Turns
from rag.page.catalogue import Article, Catalogue
from rag.page.view import Addition, Opening, Pasted, Phase, Progress, View, after
from rag.shelf import Shelf
from rag.types import Answer, Citation, Document, Event, Filters, Language, Passage

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.followup import Previous
    from rag.translate import Translation

log = logging.getLogger(__name__)

Kind = Literal["ask", "add", "translate"]
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
        self._catalogue: Catalogue | None = None
        self._shelf: Shelf | None = None
        self._moved: dict[Path, Path] = {}  # folders of dossiers, before and after a new name
        self._handing_out = threading.Lock()  # work, or another dossier to do it on
        self._reading_ahead = threading.Lock()
        self._switching = threading.Event()
        self._open_assistant = open_assistant
        self._questions, self._additions = Turns(), Turns()
        self._tasks: dict[tuple[Kind, str], Task[Any]] = {}

    def open(self) -> None:
        """Open the dossier, then load the models; what goes wrong is kept in `error`."""
        try:
            self._sit_at(self._open_assistant())
            self._shelf = Shelf(self.assistant.dossier.store.folder)
            self._settled.set()
            self.assistant.load()
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
        finished: tuple[Path, int] | None = None  # the dossier that was read ahead, as it was
        while not self._closed.wait(self._rest_seconds):
            try:
                with self._reading_ahead:
                    store = self.assistant.dossier.store
                    now = (store.folder, store.revision)
                    if self._is_idle() and now != finished and self._read_while_idle():
                        finished = now
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
        return not (self._tasks or self._closed.is_set() or self._switching.is_set())

    def _interrupt(self) -> None:
        """Stop the passage that is being read ahead, if any."""
        if self.ahead is not None:
            self.assistant.stop()

    def until_open(self, seconds: float) -> bool:
        """Wait at most `seconds` for the dossier; whether it can be seen."""
        self._settled.wait(seconds)
        return self.is_open

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

    @property
    def catalogue(self) -> Catalogue:
        """The list of the open dossier. Raises as `assistant` does."""
        if self._catalogue is None:
            raise self.error or RecoupeError("page.opening_short")
        return self._catalogue

    @property
    def shelf(self) -> Shelf:
        """The dossiers there are. Raises as `assistant` does."""
        if self._shelf is None:
            raise self.error or RecoupeError("page.opening_short")
        return self._shelf

    @property
    def folder(self) -> Path | None:
        """That of the open dossier, None while there is none."""
        return self._assistant.dossier.store.folder if self._assistant else None

    def whereabouts(self, folder: Path | None) -> Path | None:
        """Where the dossier that was in `folder` is now, should it have got another name."""
        return folder if folder is None else self._moved.get(folder, folder)

    def listing(self) -> list[Article]:
        """The articles of the dossier without their texts, in the order they came; none while it
        is being opened."""
        return self._catalogue.articles() if self._catalogue else []

    def switch(self, folder: Path) -> None:
        """Open another dossier with the models that are loaded, for every tab of the page.

        Raises RecoupeError while the models are loading, or a question is being answered or
        articles are being added in any tab, and where the dossier cannot be opened: then all is
        as it was.
        """
        if self.opening:
            raise RecoupeError("page.opening_short")
        with self._handing_out:
            if self._tasks:
                raise RecoupeError("page.switch_busy")
            self._switching.set()
            try:
                self._interrupt()
                with self._reading_ahead:
                    former = self.assistant
                    self._sit_at(former.over(folder))
                    self._moved.pop(self.assistant.dossier.store.folder, None)
                    former.dossier.close()
                    self.ahead = None
            finally:
                self._switching.clear()

    def rename_dossier(self, new: str) -> None:
        """Give the open dossier another name. Raises as `switch` and `Shelf.rename` do."""
        folder, shelf = self.assistant.dossier.store.folder, self.shelf
        with self._back_to(folder):
            renamed = shelf.rename(folder.name, new, self._leave)
        self.switch(renamed)
        now = self.assistant.dossier.store.folder
        known = {old: now if to == folder else to for old, to in self._moved.items()}
        self._moved = {old: to for old, to in {**known, folder: now}.items() if old != now}

    def delete_dossier(self, confirmed: str) -> None:
        """Delete the open dossier for ever and open the one that the program was started with.

        Raises as `switch` and `Shelf.delete` do.
        """
        folder, shelf = self.assistant.dossier.store.folder, self.shelf
        with self._back_to(folder):
            shelf.delete(folder.name, confirmed, self._leave)

    def _leave(self) -> None:
        """Open the dossier that the program was started with instead of the one that is open."""
        former = self.catalogue
        self.switch(self.shelf.started)
        former.settle(CLOSING_SECONDS)

    @contextmanager
    def _back_to(self, folder: Path) -> Iterator[None]:
        """Open the dossier in `folder` again where what is done inside fails."""
        try:
            yield
        except RecoupeError:
            if self.folder != folder and folder.exists():
                self.switch(folder)
            raise

    def _sit_at(self, assistant: "Assistant") -> None:
        self._assistant, self._catalogue = assistant, Catalogue(assistant)

    def documents(self) -> list[Document]:
        """The articles of the dossier, the newest first; none while it is being opened."""
        if self._assistant is None:
            return []
        documents = self._assistant.dossier.documents()
        return sorted(
            documents, key=lambda one: (str(one.published or ""), one.title), reverse=True
        )

    def passages(self, document_id: str) -> list[Passage]:
        """Those of the article, in its order; none where it is no longer in the dossier."""
        store = self.assistant.dossier.store
        return store.passages(store.passage_ids(Filters(document_ids=(document_id,))))

    def document(self, document_id: str) -> Document | None:
        """The article, None if it is no longer in the dossier."""
        try:
            return self.assistant.dossier.store.document(document_id)
        except StoreError:
            return None

    def cited(self, citation: Citation) -> Document | None:
        """The article that `citation` is of, or the version of it that took its place."""
        document = self.document(citation.document_id)
        if document is not None:
            return document
        return next((one for one in self.documents() if one.path == citation.path), None)

    def ask(
        self,
        tab: str,
        question: str,
        language: Language | None,
        filters: Filters | None = None,
        previous: "Sequence[Previous]" = (),
    ) -> Iterator[View]:
        """What the page knows of the answer, a few times a second until it is there.

        It may lean on what was asked before it, `previous`. It waits for its turn and for the
        assistant to be open. It is stopped by `stop`, and when nobody follows this iterator.
        """
        answering = self._answering(question, language, filters or Filters(), previous)
        task = Task(self._questions, answering)
        view, start = View(question, "waiting"), time.monotonic()
        for events in self._followed("ask", tab, task):
            if view.phase == "waiting":
                phase: Phase = "waiting" if task.waiting else "searching"
                view = replace(view, phase=phase, before=task.before)
            view = replace(reduce(after, events, view), seconds=time.monotonic() - start)
            yield view
        if task.error is not None:
            yield replace(view, phase="failed", error=as_shown(task.error))
        elif view.answer is None and not self._is_followed("ask", tab):
            yield replace(view, phase="stopped")  # the engine ends its step behind the page's back

    def _answering(
        self,
        question: str,
        language: Language | None,
        filters: Filters,
        previous: "Sequence[Previous]",
    ) -> Callable[[Callable[[Event | Opening], None]], None]:
        def work(hand_over: Callable[[Event | Opening], None]) -> None:
            while not self._settled.wait(POLL_SECONDS):
                hand_over(Opening())
            self._interrupt()  # the search comes before the engine, and needs the processor too
            stream = self.assistant.stream(
                question, language=language, filters=filters, previous=previous
            )
            with closing(stream) as events:
                for event in events:
                    hand_over(event)

        return work

    def translate(self, tab: str, answer: Answer) -> "Iterator[dict[int, Translation] | None]":
        """None a few times a second, then the sources of `answer` that are in the other language,
        translated, by citation number; nothing where it was stopped.

        Waits for its turn as a question does. Raises RecoupeError where it failed.
        """

        def work(hand_over: "Callable[[dict[int, Translation]], None]") -> None:
            self._interrupt()
            hand_over(self.assistant.translations(answer))

        task = Task(self._questions, work)
        for found in self._followed("translate", tab, task):
            yield found[-1] if found else None
        if task.error is not None:
            raise as_shown(task.error)

    def add(
        self,
        tab: str,
        uploads: Sequence[str],
        places: Sequence[str],
        pasted: Pasted | None = None,
    ) -> Iterator[Addition]:
        """How far the addition of uploaded files, each under its name, of files, folders and
        addresses, and of a pasted article has come, a few times a second until it is done.

        Stopped as `ask` is. Raises RecoupeError while the dossier is not open.
        """
        if not self.is_open:
            raise self.error or RecoupeError("page.opening_short")
        task = Task(self._additions, self._adding(uploads, places, pasted))
        addition = Addition()
        for steps in self._followed("add", tab, task):
            addition = replace(addition, steps=(*addition.steps, *steps))
            yield addition
        if task.error is not None:
            yield replace(addition, phase="failed", error=as_shown(task.error))
        else:
            yield replace(addition, phase="stopped" if task.stopped else "done")

    def _adding(
        self, uploads: Sequence[str], places: Sequence[str], pasted: Pasted | None
    ) -> Callable[[Callable[[Progress], None]], None]:
        names = [*_distinct(Path(upload).name for upload in uploads), *[None] * len(places)]
        sources, first = [*uploads, *places], int(pasted is not None)

        def work(hand_over: Callable[[Progress], None]) -> None:
            dossier = self.assistant.dossier
            if pasted:
                hand_over(Progress(_add_text(dossier, pasted), 1, 1 + len(sources)))
            if sources:
                dossier.add(
                    sources,
                    lambda change, done, total: hand_over(
                        Progress(change, done + first, total + first)
                    ),
                    names,
                )

        return work

    def stop(self, kind: Kind, tab: str) -> None:
        """Stop what this tab asked for, if it is still going on."""
        if task := self._tasks.get((kind, tab)):
            task.stop()
            if kind != "add" and task.working:
                self.assistant.stop()  # it may be long before the next event otherwise

    def _followed(self, kind: Kind, tab: str, task: Task[Item]) -> Iterator[list[Item]]:
        """What `task` hands over, a few times a second; a tab has one task of each kind."""
        self.stop(kind, tab)
        with self._handing_out:
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


def _add_text(dossier: Dossier, pasted: Pasted) -> Change:
    try:
        return dossier.add_text(*pasted)
    except ArticleError as error:
        return Change("", pasted.title, "failed", error)


def _distinct(names: Iterable[str]) -> list[str]:
    """Two uploads of one name, from two folders, are two articles: the second gets a number."""
    found: dict[str, None] = {}
    for name in names:
        path, number, own = Path(name), 2, name
        while own in found:
            own, number = f"{path.stem} ({number}){path.suffix}", number + 1
        found[own] = None
    return list(found)


def as_shown(error: Exception) -> RecoupeError:
    """`error` as the page shows it; one that nobody foresaw also goes to the log."""
    if isinstance(error, RecoupeError):
        return error
    log.error("unexpected error behind the page", exc_info=error)
    return RecoupeError("page.unexpected", kind=type(error).__name__)
