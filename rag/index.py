"""FAISS over the store's vectors: derived, checked before it is read, kept up with the store.

An index for each language, so that a question in both looks at every passage once. Which index
depends on how many passages a language has:

- up to EXACT_UP_TO, the stored float16 vectors as they are, all of them looked at
  (IndexScalarQuantizer, QT_fp16). It is exact, half as large as float32, and as fast as eight
  bits a number: some 7 ms for 100,000 passages.
- above, the same vectors in lists by nearest centroid (IndexIVFScalarQuantizer), of which a
  question looks at the nearest quarter. A filtered question looks at all of them: it is exact.

The figures are in eval/README.md.
"""

import contextlib
import itertools
import math
import os
import struct
import tempfile
import threading
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, cast

import faiss
import numpy as np

from rag.config import physical_cores
from rag.errors import StoreError
from rag.store import IndexStamp, Store
from rag.types import LANGUAGES, Language

FILE = "passages.faiss"
EXACT_UP_TO = 150_000  # passages in one language
SAVED_EVERY = 0.05  # of the passages changed: reading these from the store is quicker than saving
LOOKED_AT = 1 / 4  # of the lists, by a question without filters
NO_REVISION = -1
_TRAINED_ON = 64  # passages a centroid
_AS_STORED = (faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
_HEADER = struct.Struct("<2Q")  # bytes of each language's index, which follow

Parts = dict[Language, faiss.Index]


class Selection(NamedTuple):
    """Some of the passages: a bool for each passage number, and the same for FAISS."""

    allowed: np.ndarray
    selector: faiss.IDSelector

    @classmethod
    def of(cls, numbers: np.ndarray) -> "Selection":
        allowed = np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.bool_)
        allowed[numbers] = True
        bits = np.packbits(allowed, bitorder="little")
        return cls(allowed, faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg,arg-type]


class Index:
    """The vectors of the dossier by passage number. Safe from several threads."""

    def __init__(self, parts: Parts, saved_revision: int, exact_up_to: int) -> None:
        self.revision = saved_revision
        self._parts = parts
        self._exact_up_to = exact_up_to
        self._unsaved = 0  # passages that came or went
        self._was_saved = saved_revision != NO_REVISION
        self._lock = threading.Lock()  # FAISS may be searched by many, or changed by one

    @classmethod
    def open(cls, store: Store, exact_up_to: int = EXACT_UP_TO) -> "Index":
        """The index of what `store` holds now: its file if whole, with what changed since.

        Raises StoreError if the store cannot be read.
        """
        with store.reading():
            stamp = store.index_stamp()
            parts = _whole_index(store.folder / FILE, stamp.sha256) if stamp else None
        if parts and not all(_suits(one, one.ntotal, exact_up_to) for one in parts.values()):
            parts = None
        revision = stamp.revision if stamp and parts is not None else NO_REVISION
        index = cls(parts or {}, revision, exact_up_to)
        index.refresh(store)
        return index

    def refresh(self, store: Store) -> None:
        """Follow the store to what it holds now.

        The file is written again when much has changed, if the folder can be written. Raises
        StoreError if the store cannot be read.
        """
        with store.reading(), self._lock:  # in this order everywhere
            revision = store.revision
            if self.revision == revision:
                return
            faiss.omp_set_num_threads(physical_cores())
            after = max(
                (int(_numbers(part).max(initial=0)) for part in self._parts.values()), default=0
            )
            for language in LANGUAGES:
                self._follow(store, language, after)
            self.revision = revision
            is_stale = self._unsaved > SAVED_EVERY * self._size or not self._was_saved
            pieces = _serialized(self._parts) if is_stale else []
        if is_stale:
            self._unsaved, self._was_saved = 0, True
            # A copy for next time, no more: a full disk or a busy database must not stop
            # a question.
            with contextlib.suppress(OSError, StoreError):
                _write_whole(store.folder / FILE, pieces)
                store.stamp_index(IndexStamp(_sha256(pieces), revision))

    @property
    def is_empty(self) -> bool:
        return not self._size

    @property
    def is_exact(self) -> bool:
        """Whether a question without filters looks at every passage."""
        return not any(isinstance(part, faiss.IndexIVF) for part in self._parts.values())

    def search(
        self, vector: np.ndarray, language: Language, k: int, selection: Selection | None = None
    ) -> list[tuple[int, float]]:
        """The `k` passages in `language` nearest to `vector` (dimensions,), best first.

        Their numbers, with their cosines. Only passages of `selection` are looked at, if given.
        """
        with self._lock:
            part = self._parts.get(language)
            if part is None or not part.ntotal:
                return []
            query = np.ascontiguousarray(vector[None], dtype=np.float32)
            parameters = _parameters(part, selection)
            # FAISS shares out questions, and this is one: more threads would only wait, and
            # spin for tens of milliseconds where another program wants the processor.
            faiss.omp_set_num_threads(1)
            scores, found = part.search(query, min(k, part.ntotal), params=parameters)
        return [
            (number, score)
            for number, score in zip(found[0].tolist(), scores[0].tolist(), strict=True)
            if number >= 0  # -1 fills up where fewer are allowed
        ]

    @property
    def _size(self) -> int:
        return sum(part.ntotal for part in self._parts.values())

    def _follow(self, store: Store, language: Language, after: int) -> None:
        """Bring one language up to date; `after` is the last number of any that is known.

        What the part holds is as it was once, and numbers are never used again: so it lacks
        only later numbers, and may hold some that are gone.
        """
        part = self._parts.get(language)
        size = store.word_totals(language).passages
        new = len(store.numbers_in(language, after))
        if part is None or new == size or not _suits(part, size, self._exact_up_to):
            self._unsaved += size
            self._parts[language] = _built(store, language, size, self._exact_up_to)
            return
        if gone := part.ntotal + new - size:
            numbers = np.setdiff1d(_numbers(part), store.numbers_in(language))
            part.remove_ids(faiss.IDSelectorBatch(numbers))
        _add(part, store.vectors(language, after))
        self._unsaved += new + gone


def _suits(part: faiss.Index, size: int, exact_up_to: int) -> bool:
    """Whether an index of this kind is still right for so many passages."""
    if isinstance(part, faiss.IndexIVF):
        # four times the passages that it was trained on make lists of twice the best length
        return exact_up_to // 2 < size and _lists(size) <= 2 * part.nlist
    return size <= exact_up_to


def _built(store: Store, language: Language, size: int, exact_up_to: int) -> faiss.Index:
    """The index of all passages in `language`."""
    batches = store.vectors(language)
    first = next(batches, None)
    dimensions = first[1].shape[1] if first else 1
    part = (
        faiss.IndexIDMap(faiss.IndexScalarQuantizer(dimensions, *_AS_STORED))
        if size <= exact_up_to
        else _trained(store, language, size, dimensions)
    )
    if first:
        _add(part, itertools.chain([first], batches))
    return part


def _trained(store: Store, language: Language, size: int, dimensions: int) -> faiss.IndexIVF:
    lists = _lists(size)
    quantizer = faiss.IndexFlatIP(dimensions)
    part = faiss.IndexIVFScalarQuantizer(quantizer, dimensions, lists, *_AS_STORED, False)
    part.cp.spherical = True  # cosines: a centroid has the length of what it stands for
    part.cp.min_points_per_centroid = 1  # else FAISS warns on the terminal
    part.nprobe = math.ceil(lists * LOOKED_AT)
    every = max(1, size // (_TRAINED_ON * lists))
    sample = [vectors for _, vectors in store.vectors(language, every=every)]
    part.train(np.concatenate(sample).astype(np.float32))
    return part


def _lists(size: int) -> int:
    return max(1, round(2 * math.sqrt(size)))


def _add(part: faiss.Index, batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    for numbers, vectors in batches:
        part.add_with_ids(vectors.astype(np.float32), numbers)


def _numbers(part: faiss.Index) -> np.ndarray:
    if isinstance(part, faiss.IndexIVF) and part.invlists:
        lists = part.invlists
        each = ((lists.get_ids(i), lists.list_size(i)) for i in range(part.nlist))
        return np.concatenate([faiss.rev_swig_ptr(*one) for one in each])
    return np.asarray(faiss.vector_to_array(cast(faiss.IndexIDMap, part).id_map))


def _parameters(part: faiss.Index, selection: Selection | None) -> faiss.SearchParameters | None:
    if selection is None:
        return None
    if isinstance(part, faiss.IndexIVF):
        return faiss.SearchParametersIVF(sel=selection.selector, nprobe=part.nlist)  # type: ignore[call-arg]
    return faiss.SearchParameters(sel=selection.selector)  # type: ignore[call-arg]


def _serialized(parts: Parts) -> list[np.ndarray]:
    """A header, and the index of each language."""
    pieces = [faiss.serialize_index(parts[language]) for language in LANGUAGES]
    header = _HEADER.pack(*(len(piece) for piece in pieces))
    return [np.frombuffer(header, dtype=np.uint8), *pieces]


def _sha256(pieces: Sequence[np.ndarray]) -> str:
    digest = sha256()
    for piece in pieces:
        digest.update(piece.data)
    return digest.hexdigest()


def _whole_index(path: Path, expected_sha256: str) -> Parts | None:
    try:
        data = np.fromfile(path, dtype=np.uint8)
        # FAISS trusts what it reads: a file that is not ours could make it read anywhere.
        if _sha256([data]) != expected_sha256:
            return None
        lengths = _HEADER.unpack_from(data.data)
        ends = np.cumsum([_HEADER.size, *lengths]).tolist()
        return {
            language: faiss.deserialize_index(data[start:end])
            for language, start, end in zip(LANGUAGES, ends, ends[1:], strict=False)
        }
    # RuntimeError: the format of another FAISS; the other: that of another Recoupe
    except (OSError, RuntimeError, struct.error):
        return None


def _write_whole(path: Path, pieces: Sequence[np.ndarray]) -> None:
    for left_by_a_kill in path.parent.glob(f".{path.name}.*"):
        left_by_a_kill.unlink(missing_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece.data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
