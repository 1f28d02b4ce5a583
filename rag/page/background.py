"""Work in a thread that a page follows, can stop, and that takes its turn.

The engine answers one question at a time. Each piece of work holds a ticket; only the first
ticket works, the others wait, in the order in which they were taken.
"""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Stopped(Exception):
    """Raised inside the work, where it hands over an item after `stop` was called."""


class Turns:
    """First come, first served."""

    def __init__(self) -> None:
        self._tickets: list[object] = []
        self._lock = threading.Lock()

    def take(self) -> object:
        """A new ticket, behind all others."""
        ticket = object()
        with self._lock:
            self._tickets.append(ticket)
        return ticket

    def is_first(self, ticket: object) -> bool:
        with self._lock:
            return bool(self._tickets) and self._tickets[0] is ticket

    def before(self, ticket: object) -> int:
        """How many others come first; 0 for a ticket that was given back."""
        with self._lock:
            return self._tickets.index(ticket) if ticket in self._tickets else 0

    def give_back(self, ticket: object) -> None:
        """Let the next one work; a ticket given back twice does no harm."""
        with self._lock:
            self._tickets = [one for one in self._tickets if one is not ticket]


class Task(Generic[Item]):
    """`work(hand_over)`, in a thread of its own once `turns` comes to it.

    `work` calls `hand_over(item)` for each item. After `stop`, that call raises Stopped, which
    ends the work where it stands.
    """

    def __init__(self, turns: Turns, work: Callable[[Callable[[Item], None]], None]) -> None:
        self.error: Exception | None = None
        self.stopped = False
        self.finished = False
        self._turns = turns
        self._ticket = turns.take()
        self._items: queue.SimpleQueue[Item | None] = queue.SimpleQueue()  # None: it has ended
        self._work = work
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> bool:
        """Whether it has not begun, because another one works."""
        return self._thread is None

    @property
    def before(self) -> int:
        """How many others come first."""
        return self._turns.before(self._ticket)

    @property
    def working(self) -> bool:
        """Whether it has begun and not ended."""
        return self._thread is not None and self._thread.is_alive()

    def poll(self, seconds: float) -> list[Item]:
        """What was handed over since the last call, after at most `seconds`.

        Starts the work if its turn has come. Sets `finished` once nothing more will come.
        """
        if self._thread is None and not self.stopped and self._turns.is_first(self._ticket):
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        items: list[Item] = []
        try:
            item = self._items.get(timeout=seconds)
            while item is not None:
                items.append(item)
                item = self._items.get_nowait()
            self.finished = True
        except queue.Empty:
            pass
        return items

    def stop(self) -> None:
        """Ask the work to end at its next item; end it now if it has not begun."""
        if self.finished:
            return
        self.stopped = True
        if self._thread is None:
            self._end()

    def _run(self) -> None:
        try:
            self._work(self._hand_over)
        except Stopped:
            pass
        except Exception as error:  # the page shows it: a thread's exception would be lost
            self.error = None if self.stopped else error
        finally:
            self._end()

    def _hand_over(self, item: Item) -> None:
        if self.stopped:
            raise Stopped
        self._items.put(item)

    def _end(self) -> None:
        self._turns.give_back(self._ticket)
        self._items.put(None)
