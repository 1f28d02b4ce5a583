"""Throw-away dossiers over the documents of a collection, kept by the hash of what they hold."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from eval.data import fingerprint
from eval.types import Collection
from rag import chunk
from rag.config import Settings
from rag.dossier import Dossier
from rag.embed import Embedder


def folder_for(collection: Collection, settings: Settings, embedder: Embedder, cache: Path) -> Path:
    """Where everything derived from these documents is kept.

    Vectors of another embedder, passage size or way of cutting are no use: they are part of the
    name.
    """
    cutting = sha256(Path(chunk.__file__).read_bytes()).hexdigest()[:8]
    recipe = f"{embedder.fingerprint[:8]}-{settings.passage_tokens}-{cutting}"
    return cache / f"{fingerprint(collection)[:16]}-{recipe}"


@contextmanager
def dossier_of(
    collection: Collection,
    settings: Settings,
    embedder: Embedder,
    cache: Path,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Dossier]:
    """The collection as a dossier, made or finished if it is not there whole.

    `on_progress(done, total)` counts documents. Raises StoreError.
    """
    folder = folder_for(collection, settings, embedder, cache) / "dossier"
    with closing(
        Dossier.open(settings.model_copy(update={"dossier": folder}), embedder)
    ) as dossier:
        dossier.put(list(collection.documents.values()), on_progress)
        yield dossier
