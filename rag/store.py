"""The dossier's database: articles, passages, vectors and full text in one SQLite file.

It is the one source of truth; the FAISS file beside it is derived. Every change is one
transaction (`rag.database`).
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rag.database import BUSY_SECONDS, Database, Plan, Told
from rag.errors import ArticleError, StoreError
from rag.language import stems
from rag.types import LANGUAGES, Document, Filters, Language, Passage

FILE = "dossier.db"
SCHEMA_VERSION = 1
CACHE_KIB = 32_000  # of database pages, a connection: what is read for most questions
_VECTORS_AT_ONCE = 8_192

# The full text holds stems separated by spaces, one table a language: how rare a word is
# depends on the language. The ascii tokenizer splits at nothing else, and keeps "14.3" whole.
_TABLES = """
CREATE TABLE dossier (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO dossier VALUES ('revision', 0);
CREATE TABLE documents (
    id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, text TEXT NOT NULL,
    language TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, outlet TEXT NOT NULL,
    published TEXT, url TEXT NOT NULL
);
CREATE INDEX documents_sha256 ON documents (sha256);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, paragraph INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX passages_document_id ON passages (document_id);
""" + "".join(
    f"""
CREATE VIRTUAL TABLE words_{language} USING fts5 (stems, tokenize = "ascii tokenchars '.,'");
CREATE VIRTUAL TABLE vocabulary_{language} USING fts5vocab (words_{language}, row);
"""
    for language in LANGUAGES
)

_DOCUMENT = "d.id, d.path, d.text, d.language, d.title, d.author, d.outlet, d.published, d.url"
_JOIN = "JOIN documents d ON d.id = p.document_id"
_CONNECTION = (
    f"PRAGMA cache_size = -{CACHE_KIB}",
    "PRAGMA temp_store = MEMORY",
    *(  # only a view of words_*, so it need not be in the file
        f"CREATE VIRTUAL TABLE temp.occurrences_{language} "
        f"USING fts5vocab (main, words_{language}, instance)"
        for language in LANGUAGES
    ),
)
_TOLD = Told(
    corrupted="store.corrupted",
    failed="store.failed",
    newer=lambda file: StoreError("store.newer", path=file.parent),
    unicode=lambda file: ArticleError("store.unicode", path=file.parent),
)


class Recipe(NamedTuple):
    """What made the vectors: changing either means embedding everything again."""

    embedder: str
    passage_tokens: int


class Entry(NamedTuple):
    """A document without its text; `sha256` is that of the source it was read from."""

    document_id: str
    sha256: str
    title: str


class Listed(NamedTuple):
    """A document as a list shows it: all but its text, and how many passages it has."""

    id: str
    path: str
    language: Language
    title: str
    author: str
    outlet: str
    published: date | None
    url: str
    passages: int


class IndexStamp(NamedTuple):
    """An index file by its SHA-256, and the revision of the store that it holds."""

    sha256: str
    revision: int


class WordTotals(NamedTuple):
    """How many passages of one language there are, and how many stems they hold together."""

    passages: int
    stems: int


class Item(NamedTuple):
    """A document with its passages and their vectors (n, dimensions)."""

    document: Document
    passages: Sequence[Passage]
    vectors: np.ndarray


class Store:
    """One open dossier. Safe from several threads, and from several processes at once."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._db = database
        self._recipe: Recipe | None = None

    @classmethod
    def open(cls, folder: Path, busy_seconds: float = BUSY_SECONDS) -> "Store":
        """Open the dossier in `folder`, made if absent.

        Raises StoreError if it cannot be read or written, is damaged, or is of a newer version.
        """
        plan = Plan(SCHEMA_VERSION, _TABLES.split(";\n"), _CONNECTION, _TOLD)
        return cls(folder, Database(folder / FILE, plan, busy_seconds))

    def close(self) -> None:
        self._db.close()

    # -- what the dossier is ------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """Grows with every change, whichever process made it."""
        return int(self._value("revision"))

    @property
    def recipe(self) -> Recipe | None:
        """What made the vectors that are stored; None while there are none."""
        embedder = self._value("embedder")
        return Recipe(embedder, self._value("passage_tokens")) if embedder else None

    def claim(self, recipe: Recipe) -> None:
        """Declare what will make and read vectors from now on, in this process.

        Raises StoreError if the dossier's were made in another way.
        """
        with self._changing(count=False):
            self._check(recipe)
            self._set("embedder", recipe.embedder)
            self._set("passage_tokens", recipe.passage_tokens)
        self._recipe = recipe

    def reading(self) -> AbstractContextManager[None]:
        """Everything read inside is of one moment, whatever other processes write meanwhile."""
        return self._db.reading()

    # -- changes, each one transaction --------------------------------------------------------

    def put(
        self, document: Document, sha256: str, passages: Sequence[Passage], vectors: np.ndarray
    ) -> None:
        """Store `document` with its passages and their vectors, instead of its older version.

        `vectors` is (len(passages), dimensions). When this returns, the document is on disk.
        Raises StoreError, or ArticleError for text that is not Unicode; nothing changes then.
        """
        with self._changing():
            if self._recipe:
                self._check(self._recipe)
            self._put(Item(document, passages, vectors), sha256)

    def put_many(self, items: Sequence[Item]) -> None:
        """Store documents that come from no file, all of them or none. Raises as `put` does."""
        with self._changing():
            if self._recipe:
                self._check(self._recipe)
            for item in items:
                self._put(item, "")

    def remove(self, document_id: str) -> None:
        """Forget a document and everything derived from it; nothing happens if it is not there."""
        with self._changing():
            self._delete(document_id)

    def replace_passages(self, items: Sequence[Item], recipe: Recipe) -> None:
        """Exchange all passages and vectors for `items`, made by `recipe`: all of them, or none.

        Raises StoreError if a document has come or gone since `items` were made.
        """
        given = {item.document.id for item in items}
        with self._changing():
            if given != {row[0] for row in self._db.all("SELECT id FROM documents")}:
                raise StoreError("store.changed_meanwhile", path=self.folder)
            for language in LANGUAGES:
                self._db.run(f"DELETE FROM words_{language}")
            self._db.run("DELETE FROM passages")
            for item in items:
                self._insert_passages(item)
            self._set("embedder", recipe.embedder)
            self._set("passage_tokens", recipe.passage_tokens)
        self._recipe = recipe

    # -- reading ------------------------------------------------------------------------------

    def documents(self) -> list[Document]:
        """All documents in the order they came."""
        return [
            _document(row)
            for row in self._db.all(f"SELECT {_DOCUMENT} FROM documents d ORDER BY rowid")
        ]

    def document(self, document_id: str) -> Document:
        """Raises StoreError if there is no such document."""
        rows = self._db.all(f"SELECT {_DOCUMENT} FROM documents d WHERE id = ?", document_id)
        if not rows:
            raise StoreError("store.no_document", name=document_id)
        return _document(rows[0])

    def entries(self) -> dict[str, Entry]:
        """`{path: what is stored under it}`, without loading any text."""
        rows = self._db.all("SELECT path, id, sha256, title FROM documents ORDER BY rowid")
        return {path: Entry(*columns) for path, *columns in rows}

    def listing(self) -> list[Listed]:
        """All documents in the order they came, without loading any text."""
        rows = self._db.all(
            "SELECT d.id, d.path, d.language, d.title, d.author, d.outlet, d.published, d.url, "
            "(SELECT count(*) FROM passages p WHERE p.document_id = d.id) "
            "FROM documents d ORDER BY d.rowid"
        )
        return [Listed._make((*row[:6], _read_day(row[6]), *row[7:])) for row in rows]

    def source_hashes(self) -> dict[str, str]:
        """`{path: SHA-256 of the source it was read from}`."""
        return {path: entry.sha256 for path, entry in self.entries().items()}

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """The passages of these ids, in their order; ids that are gone are left out."""
        rows = self._db.all(
            'SELECT p.id, p.document_id, p.start, p."end", p.paragraph, d.text FROM passages p '
            f"JOIN documents d ON d.id = p.document_id WHERE p.id IN ({_marks(ids)})",
            *ids,
        )
        found = {
            row[0]: Passage(row[0], row[1], row[2], row[3], row[5][row[2] : row[3]], row[4])
            for row in rows
        }
        return [found[passage_id] for passage_id in ids if passage_id in found]

    def passage_ids(self, filters: Filters | None = None) -> list[str]:
        """The ids of the passages that `filters` let through, in the order they came."""
        where, values = _where(filters or Filters())
        join = _JOIN if where else ""
        rows = self._db.all(
            f"SELECT p.id FROM passages p {join} {where} ORDER BY p.number", *values
        )
        return [row[0] for row in rows]

    # -- passages by number, for what is derived from them ------------------------------------
    #
    # A passage has its number for ever: a newer version of it gets another, greater than any
    # before. So whoever knows the passages up to a number has only to ask for those after it.

    def ids(self, numbers: Sequence[int]) -> dict[int, str]:
        """`{number: passage id}`; numbers that are gone are left out."""
        rows = self._db.all(
            f"SELECT number, id FROM passages WHERE number IN ({_marks(numbers)})", *numbers
        )
        return dict(rows)

    def owners(self, numbers: Sequence[int]) -> dict[int, str]:
        """`{number: document id}`; numbers that are gone are left out."""
        rows = self._db.all(
            f"SELECT number, document_id FROM passages WHERE number IN ({_marks(numbers)})",
            *numbers,
        )
        return dict(rows)

    def numbers(self, filters: Filters) -> np.ndarray:
        """The numbers (n,) int64 of the passages that `filters` let through, in no order."""
        where, values = _where(filters)
        source = "FROM documents d JOIN passages p ON p.document_id = d.id"
        return self._column("p.number", f"{source} {where}", *values)

    def numbers_in(self, language: Language, after: int = 0) -> np.ndarray:
        """The numbers (n,) int64 of the passages in `language` above `after`, ascending."""
        return self._column("id", f"FROM words_{language}_docsize WHERE id > ?", after)

    def vectors(
        self, language: Language, after: int = 0, every: int = 1
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Numbers (n,) int64 and vectors (n, dimensions) float16 in `language`, in batches.

        Those numbered above `after`, ascending; of them only those that `every` divides. To be
        read to its end within `reading`.
        """
        for batch in self._db.batches(
            _VECTORS_AT_ONCE,
            f"SELECT p.number, p.vector FROM words_{language}_docsize w "
            "CROSS JOIN passages p ON p.number = w.id WHERE w.id > ? AND w.id % ? = 0",
            after,
            every,
        ):
            yield _matrix(batch)

    def vectors_of(self, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """As `vectors`, of these passages: numbers that are gone are left out, in no order."""
        return _matrix(
            self._db.all(
                f"SELECT number, vector FROM passages WHERE number IN ({_marks(numbers)})",
                *numbers,
            )
        )

    # -- words --------------------------------------------------------------------------------

    def word_totals(self, language: Language) -> WordTotals:
        """What BM25 has to know of all passages in `language`.

        FTS5 keeps the two counts as the first record of its index: two of its integers.
        """
        block = self._db.all(f"SELECT block FROM words_{language}_data WHERE id = 1")[0][0]
        return WordTotals(*_integers_of_fts5(block)[:2].tolist()) if block else WordTotals(0, 0)

    def passages_with(self, words: Sequence[str], language: Language) -> dict[str, int]:
        """`{stem: how many passages in language hold it}`, without those that none holds."""
        rows = self._db.all(
            f"SELECT term, doc FROM vocabulary_{language} WHERE term IN ({_marks(words)})", *words
        )
        return dict(rows)

    def occurrences(self, word: str, language: Language) -> np.ndarray:
        """The number (n,) int64 of the passage of each occurrence of this stem, ascending."""
        return self._column("doc", f"FROM occurrences_{language} WHERE term = ?", word)

    def lengths(self, language: Language, after: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Numbers (n,) of the passages in `language` above `after`, and their stems (n,)."""
        row = self._db.all(
            "SELECT group_concat(id), group_concat(hex(sz), '') "
            f"FROM words_{language}_docsize WHERE id > ?",
            after,
        )[0]
        return _parsed(row[0]), _integers_of_fts5(bytes.fromhex(row[1] or ""))

    # -- the derived index --------------------------------------------------------------------

    def index_stamp(self) -> IndexStamp | None:
        """Which index file was written last; None if none was."""
        sha256 = self._value("index_sha256")
        return IndexStamp(sha256, self._value("index_revision")) if sha256 else None

    def stamp_index(self, stamp: IndexStamp) -> None:
        """Remember which index file is whole and what it holds."""
        with self._changing(count=False):
            self._set("index_sha256", stamp.sha256)
            self._set("index_revision", stamp.revision)

    # -- inside -------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, count: bool = True) -> Iterator[None]:
        with self._db.changing():
            yield
            if count:
                self._set("revision", self.revision + 1)

    def _check(self, recipe: Recipe) -> None:
        stored = self.recipe
        empty = not self._db.all("SELECT 1 FROM documents LIMIT 1")
        if stored is None or empty or stored == recipe:
            return
        if stored.embedder != recipe.embedder:
            raise StoreError("store.other_embedder", path=self.folder)
        raise StoreError(
            "store.other_size",
            path=self.folder,
            stored=stored.passage_tokens,
            asked=recipe.passage_tokens,
        )

    def _put(self, item: Item, sha256: str) -> None:
        document = item.document
        self._delete(document.id)
        self._db.run(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            document.id,
            document.path,
            sha256,
            document.text,
            document.language,
            document.title,
            document.author,
            document.outlet,
            document.published.isoformat() if document.published else None,
            document.url,
        )
        self._insert_passages(item)

    def _insert_passages(self, item: Item) -> None:
        language = item.document.language
        for passage, vector in zip(item.passages, item.vectors, strict=True):
            number = self._db.run(
                'INSERT INTO passages (id, document_id, start, "end", paragraph, vector) '
                "VALUES (?, ?, ?, ?, ?, ?)",
                passage.id,
                passage.document_id,
                passage.start,
                passage.end,
                passage.paragraph,
                vector.astype(np.float16).tobytes(),
            ).lastrowid
            self._db.run(
                f"INSERT INTO words_{language} (rowid, stems) VALUES (?, ?)",
                number,
                " ".join(stems(passage.text, language)),
            )

    def _delete(self, document_id: str) -> None:
        for language in LANGUAGES:
            self._db.run(
                f"DELETE FROM words_{language} WHERE rowid IN "
                "(SELECT number FROM passages WHERE document_id = ?)",
                document_id,
            )
        self._db.run("DELETE FROM documents WHERE id = ?", document_id)

    def _column(self, column: str, source: str, *values: object) -> np.ndarray:
        """A column of integers: joined into one text it is read several times faster."""
        rows = self._db.all(f"SELECT group_concat({column}) {source}", *values)
        return _parsed(rows[0][0])

    def _value(self, key: str) -> Any:
        rows = self._db.all("SELECT value FROM dossier WHERE key = ?", key)
        return rows[0][0] if rows else None

    def _set(self, key: str, value: object) -> None:
        self._db.run("INSERT OR REPLACE INTO dossier VALUES (?, ?)", key, value)


def _document(row: Sequence[Any]) -> Document:
    published = _read_day(row[7])
    return Document(row[0], row[1], row[2], row[3], row[4], row[5], row[6], published, row[8])


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _matrix(rows: Sequence[tuple[int, bytes]]) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.array([row[0] for row in rows], dtype=np.int64)
    flat = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16)
    return numbers, flat.reshape(len(rows), -1 if rows else 0)


def _parsed(numbers: str | None) -> np.ndarray:
    return np.fromstring(numbers or "", dtype=np.int64, sep=",")


def _integers_of_fts5(data: bytes) -> np.ndarray:
    """SQLite's variable-length integers: seven bits a byte, the high bit set but on the last."""
    digits = np.frombuffer(data, dtype=np.uint8)
    last = np.flatnonzero(digits < 128)
    first = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
    places = np.repeat(last, last - first + 1) - np.arange(len(digits))
    values = (digits & 127).astype(np.int64) << 7 * places
    return np.add.reduceat(values, first) if len(first) else values


def _where(filters: Filters) -> tuple[str, list[str]]:
    conditions: list[str] = []
    values: list[str] = []
    for comparison, day in ((">=", filters.published_from), ("<=", filters.published_to)):
        if day:
            conditions.append(f"d.published {comparison} ?")
            values.append(day.isoformat())
    for column, allowed in (
        ("outlet", filters.outlets),
        ("language", filters.languages),
        ("id", filters.document_ids),
    ):
        if allowed:
            conditions.append(f"d.{column} IN ({','.join('?' * len(allowed))})")
            values.extend(allowed)
    return (f"WHERE {' AND '.join(conditions)}" if conditions else ""), values
