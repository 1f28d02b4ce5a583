"""A dossier: articles come in, are cut, embedded and stored, one transaction an article."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from rag.chunk import chunk, contextual_text
from rag.config import Settings
from rag.embed import Embedder
from rag.errors import ArticleError, RecoupeError, SettingsError, StoreError
from rag.ingest import Article, find_sources, pasted_article, read_article
from rag.retrieve import Retriever
from rag.store import Entry, Item, Recipe, Store
from rag.types import Document


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one article; `error` says why where it failed."""

    path: str
    title: str
    outcome: Literal["added", "replaced", "unchanged", "removed", "failed"]
    error: RecoupeError | None = None


OnChange = Callable[[Change, int, int], None]


class _Source(NamedTuple):
    location: str
    name: str | None  # recorded instead of the location


class Dossier:
    """The articles of one folder, and the retriever that searches them."""

    def __init__(self, settings: Settings, embedder: Embedder, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.retriever = Retriever(store, embedder, settings)
        self._embedder = embedder

    @classmethod
    def open(cls, settings: Settings, embedder: Embedder) -> "Dossier":
        """Open the dossier in `settings.dossier`, made if absent.

        Raises StoreError if it cannot be opened, or if its articles were embedded in another
        way: `Dossier.reembed` does it again.
        """
        store = Store.open(settings.dossier)
        try:
            store.claim(_recipe(settings, embedder))
        except BaseException:
            store.close()
            raise
        return cls(settings, embedder, store)

    @classmethod
    def reembed(
        cls,
        settings: Settings,
        embedder: Embedder,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> "Dossier":
        """Cut and embed every article again, with these settings and this embedder; open it.

        `on_progress(done, total)` counts articles. The dossier changes at the very end and all
        at once: stopped before, it is as it was. Raises StoreError.
        """
        store = Store.open(settings.dossier)
        try:
            items = []
            documents = store.documents()
            for document in documents:
                items.append(_embed(document, settings, embedder))
                on_progress(len(items), len(documents))
            store.replace_passages(items, _recipe(settings, embedder))
        except BaseException:
            store.close()
            raise
        return cls(settings, embedder, store)

    def close(self) -> None:
        self.store.close()

    def documents(self) -> list[Document]:
        """All articles, in the order they came."""
        return self.store.documents()

    def add(
        self,
        sources: Sequence[str | Path],
        on_change: OnChange = lambda change, done, total: None,
        names: Sequence[str | None] | None = None,
    ) -> list[Change]:
        """Bring the dossier up to date with files, folders and addresses of pages.

        An article that is there already stays as it is, also under another path; a file that
        changed replaces its older version; an article that came from a given folder and whose
        file is gone is removed. One that fails changes nothing, and the others go on. `names`,
        one a source, are recorded instead of the paths where not None (uploads).
        `on_change(change, done, total)` is called once an article, when its change is on disk.

        Raises StoreError if the dossier itself fails; what was reported until then stays.
        """
        known = self.store.entries()
        gone = _gone(sources, known)
        found = _find(sources, names or [None] * len(sources))
        total = len(gone) + len(found)
        changes: list[Change] = []

        def report(change: Change) -> None:
            changes.append(change)
            on_change(change, len(changes), total)

        for path in gone:  # before the additions: a file that was renamed comes back as new
            entry = known.pop(path)
            self.store.remove(entry.document_id)
            report(Change(path, entry.title, "removed"))
        for source in found:
            report(self._add_one(source, known))
        self.retriever.refresh()
        return changes

    def add_text(
        self, text: str, title: str = "", outlet: str = "", published: date | None = None
    ) -> Change:
        """Add an article that was pasted, under a path made from its words.

        The same words once more replace it, should the rest differ. Page furniture is removed as
        from a file. Raises ArticleError where there is nothing to read, StoreError.
        """
        article = pasted_article(text, title, outlet, published)
        known = self.store.entries()
        same = self._same_article(article, known)
        if same:
            return Change(article.document.path, same.title, "unchanged")
        change = self._put(article, known)
        self.retriever.refresh()
        return change

    def put(
        self,
        documents: Sequence[Document],
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Add documents that are at hand, those that are there already left alone.

        For collections that come from no file; `on_progress(done, total)` counts them. Each is
        on disk when it is counted. Raises StoreError.
        """
        known = {entry.document_id for entry in self.store.entries().values()}
        for done, document in enumerate(documents, start=1):
            if document.id not in known:
                item = _embed(document, self.settings, self._embedder)
                self.store.put(document, "", item.passages, item.vectors)
            on_progress(done, len(documents))
        self.retriever.refresh()

    def remove(self, name: str) -> Document:
        """Remove the article with this id or path, or the only one whose title contains `name`.

        Raises StoreError if there is none, SettingsError if there are several.
        """
        document = self.store.document(find_document(self.store, name))
        self.store.remove(document.id)
        return document

    def _add_one(self, source: _Source, known: dict[str, Entry]) -> Change:
        """Add one article to the dossier and to `known`, which says what is there by path."""
        path = source.name or source.location
        try:
            stored = known.get(path)
            if stored and stored.sha256 == _file_sha256(source.location):  # spares the parsing
                return Change(path, stored.title, "unchanged")
            article = read_article(source.location, self.settings, name=source.name)
            path = article.document.path
            same = self._same_article(article, known)
            if same:
                return Change(path, same.title, "unchanged")
            return self._put(article, known)
        except ArticleError as error:
            return Change(path, Path(path).name, "failed", error)

    def _put(self, article: Article, known: dict[str, Entry]) -> Change:
        document = article.document
        item = _embed(document, self.settings, self._embedder)
        self.store.put(document, article.sha256, item.passages, item.vectors)
        outcome: Literal["replaced", "added"] = "replaced" if document.path in known else "added"
        known[document.path] = Entry(document.id, article.sha256, document.title)
        return Change(document.path, document.title, outcome)

    def _same_article(self, article: Article, known: dict[str, Entry]) -> Entry | None:
        """What makes adding `article` needless: itself, or the same bytes under another path."""
        entry = known.get(article.document.path)
        if entry is None:
            return next((one for one in known.values() if one.sha256 == article.sha256), None)
        # the bytes of a page change with its menus and counters
        same = self.store.document(entry.document_id) == article.document
        return entry if same else None


def find_document(store: Store, name: str) -> str:
    """The id of the article with this id or path, or of the only one whose title contains `name`.

    Raises StoreError if there is none, SettingsError if there are several.
    """
    entries = store.entries()
    for path, entry in entries.items():
        if name in (path, entry.document_id) or os.path.realpath(name) == path:
            return entry.document_id
    wanted = name.casefold()
    matches = [one for one in entries.values() if wanted in one.title.casefold()]
    if not matches:
        raise StoreError("store.no_document", name=name)
    if len(matches) > 1:
        raise SettingsError("dossier.several", name=name, count=len(matches))
    return matches[0].document_id


def _recipe(settings: Settings, embedder: Embedder) -> Recipe:
    return Recipe(embedder.fingerprint, settings.passage_tokens)


def _embed(document: Document, settings: Settings, embedder: Embedder) -> Item:
    passages = chunk(document, embedder.count_tokens, settings.passage_tokens)
    if not passages:
        return Item(document, [], np.zeros((0, embedder.dimensions), dtype=np.float32))
    texts = [contextual_text(document, passage) for passage in passages]
    return Item(document, passages, embedder.encode_passages(texts))


def _find(sources: Sequence[str | Path], names: Sequence[str | None]) -> list[_Source]:
    found: dict[str, _Source] = {}
    for source, name in zip(sources, names, strict=True):
        if name is None:
            found |= {location: _Source(location, None) for location in find_sources([source])}
        else:
            found[name] = _Source(str(source), name)
    return list(found.values())


def _gone(sources: Sequence[str | Path], known: Iterable[str]) -> list[str]:
    """The known paths that are below one of these folders and whose file is gone."""
    real = (os.path.realpath(os.path.expanduser(source)) for source in sources)
    folders = tuple(os.path.join(folder, "") for folder in real if os.path.isdir(folder))
    return [path for path in known if path.startswith(folders) and _is_gone(path)]


def _file_sha256(location: str) -> str | None:
    """None where it is not a readable file: reading the article says why."""
    try:
        with open(location, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _is_gone(path: str) -> bool:
    try:
        os.stat(path)
    except FileNotFoundError:
        return True
    except OSError:  # there, or perhaps there: never remove what only cannot be looked at
        return False
    return False
