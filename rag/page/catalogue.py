"""What the table of articles shows of the open dossier, without loading their texts.

The list is read once for each revision of the dossier. What takes longer, whether an article was
read ahead and which other articles it is a copy of, is found out in a thread of its own, for the
articles on show; until then the table says nothing of it.
"""

import logging
import threading
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rag.copies.families import Families
from rag.errors import RecoupeError
from rag.language import fold
from rag.store import Listed, Store

if TYPE_CHECKING:
    from rag.assistant import Assistant

log = logging.getLogger(__name__)

COMPARED_UP_TO = 2000  # articles: above, looking for copies takes minutes of the processor


class State(NamedTuple):
    """What is known of an article; None while it is not."""

    read_ahead: bool | None = None
    copies: tuple[str, ...] | None = None  # ids of the others that are one source with it


@dataclass(frozen=True, slots=True)
class Article:
    """A line of the list; folded: the words that a search looks at, and those it is sorted by."""

    listed: Listed
    words: str
    title: str
    outlet: str


class Catalogue:
    """The list of one dossier. Thread-safe; follows what other programs do to the dossier."""

    def __init__(self, assistant: "Assistant") -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._revision = -1
        self._articles: list[Article] = []
        self._ahead: dict[str, bool | None] = {}
        self._copies: dict[str, tuple[str, ...]] | None = None
        self._compared = -1  # the revision that the copies are of
        self._wanted: tuple[str, ...] = ()
        self._thread: threading.Thread | None = None
        self.changes = 0  # grows with everything that is newly known

    def articles(self) -> list[Article]:
        """All articles in the order they came. Raises StoreError."""
        store = self._assistant.dossier.store
        revision = store.revision
        with self._lock:
            if revision == self._revision:
                return self._articles
        listed = store.listing()
        found = [_article(one) for one in listed]
        with self._lock:
            self._articles, self._revision = found, revision
        return found

    def state(self, document_id: str) -> State:
        """What is known of the article by now."""
        with self._lock:
            copies = self._copies
            known = None if copies is None else copies.get(document_id, ())
            return State(self._ahead.get(document_id), known)

    def look_at(self, ids: Iterable[str]) -> None:
        """Find out about these articles behind the caller's back."""
        with self._lock:
            self._wanted = tuple(ids)
            if self._thread is None and self._wanted:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()

    def settle(self, seconds: float) -> None:
        """Wait until what is being found out is known, at most so long."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _work(self) -> None:
        try:
            while wanted := self._next():
                self._find_ahead(wanted)
                self._find_copies()
        except RecoupeError as error:
            log.info("the state of articles is not known: %s", error)
        except Exception:  # in a thread of its own: the table only says less
            log.exception("the state of articles is not known")
        finally:
            with self._lock:
                self._thread = None

    def _next(self) -> tuple[str, ...]:
        with self._lock:
            wanted, self._wanted = self._wanted, ()
            if not wanted:
                self._thread = None
            return wanted

    def _find_ahead(self, ids: tuple[str, ...]) -> None:
        there = {one.listed.id for one in self.articles()}
        found = {one: self._assistant.is_read_ahead(one) for one in ids if one in there}
        with self._lock:
            if any(self._ahead.get(one) != known for one, known in found.items()):
                self._ahead |= found
                self.changes += 1

    def _find_copies(self) -> None:
        articles = self.articles()
        revision = self._revision
        if revision == self._compared or len(articles) > COMPARED_UP_TO:
            return
        # a connection of its own: it holds what it reads for long, and questions must not wait
        with closing(Store.open(self._assistant.dossier.store.folder)) as store:
            families = Families(store).all()
        members: dict[str, list[str]] = {}
        for document_id, family in families.items():
            members.setdefault(family, []).append(document_id)
        copies = {
            one: tuple(other for other in group if other != one)
            for group in members.values()
            for one in group
            if len(group) > 1
        }
        with self._lock:
            self._compared = revision
            if copies != self._copies:
                self._copies = copies
                self.changes += 1


def _article(one: Listed) -> Article:
    words = fold(f"{one.title} {one.outlet} {one.author} {one.path} {one.url}")
    return Article(one, words, fold(one.title or one.path), fold(one.outlet))
