"""FAISS over the store's vectors: derived, checked before it is read, rebuilt at any time."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np

from rag.errors import StoreError
from rag.store import IndexStamp, Store

FILE = "passages.faiss"


class Selection(NamedTuple):
    """Some of the passages of an index."""

    selector: faiss.IDSelector


class Index:
    """The vectors of one revision of the dossier, searched exactly.

    Exact search of 100,000 passages takes some 20 ms; approximate indexes start to pay beyond
    what a dossier holds, and lose passages.
    """

    def __init__(self, revision: int, ids: list[str], flat: faiss.Index) -> None:
        self.revision = revision
        self._ids = ids
        self._position = {passage_id: position for position, passage_id in enumerate(ids)}
        self._flat = flat

    @classmethod
    def open(cls, store: Store) -> "Index":
        """The index of what `store` holds now: its file if whole and current, else rebuilt.

        The file is rewritten when it had to be rebuilt, if the folder can be written.
        Raises StoreError if the store cannot be read.
        """
        with store.reading():
            revision, stamp = store.revision, store.index_stamp()
            if stamp and stamp.revision == revision:
                flat = _whole_index(store.folder / FILE, stamp.sha256)
                if flat is not None:
                    return cls(revision, store.passage_ids(), flat)
            ids, vectors = store.vectors()
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        index = cls(revision, ids, flat)
        # A copy for next time, no more: a full disk or a busy database must not stop a question.
        with contextlib.suppress(OSError, StoreError):
            index._save(store)
        return index

    @property
    def is_empty(self) -> bool:
        return not self._ids

    def select(self, ids: Sequence[str]) -> Selection:
        """The passages of these ids, for `search`; ids that it does not hold are left out."""
        return Selection(faiss.IDSelectorBatch(self._positions(ids)))

    def search(
        self, vector: np.ndarray, k: int, selection: Selection | None = None
    ) -> list[tuple[str, float]]:
        """The `k` passages nearest to `vector` (dimensions,), with their cosines, best first.

        Only passages of `selection` are looked at, if it is given.
        """
        if self.is_empty:
            return []
        parameters = None
        if selection is not None:
            parameters = faiss.SearchParameters(sel=selection.selector)  # type: ignore[call-arg]
        query = np.ascontiguousarray(vector[None], dtype=np.float32)
        scores, found = self._flat.search(query, min(k, len(self._ids)), params=parameters)
        return [
            (self._ids[position], float(score))
            for position, score in zip(found[0], scores[0], strict=True)
            if position >= 0  # -1 fills up where fewer are allowed
        ]

    def cosines(self, vector: np.ndarray, ids: Sequence[str]) -> dict[str, float]:
        """The cosine of each of these passages with `vector`; ids it does not hold are left out."""
        known = [passage_id for passage_id in ids if passage_id in self._position]
        if not known:
            return {}
        found = self._flat.reconstruct_batch(self._positions(known)) @ vector
        return dict(zip(known, map(float, found), strict=True))

    def _positions(self, ids: Sequence[str]) -> np.ndarray:
        position = self._position
        return np.array([position[one] for one in ids if one in position], dtype=np.int64)

    def _save(self, store: Store) -> None:
        data = faiss.serialize_index(self._flat).tobytes()
        _write_whole(store.folder / FILE, data)
        store.stamp_index(IndexStamp(sha256(data).hexdigest(), self.revision))


def _whole_index(path: Path, expected_sha256: str) -> faiss.Index | None:
    try:
        data = path.read_bytes()
        # FAISS trusts what it reads: a file that is not ours could make it read anywhere.
        if sha256(data).hexdigest() != expected_sha256:
            return None
        return faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
    except (OSError, RuntimeError):  # RuntimeError: the format of another FAISS
        return None


def _write_whole(path: Path, data: bytes) -> None:
    for left_by_a_kill in path.parent.glob(f".{path.name}.*"):
        left_by_a_kill.unlink(missing_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
