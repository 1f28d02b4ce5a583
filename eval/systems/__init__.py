"""What can be evaluated: Recoupe, and what it is compared with, on the same terms.

Each system gets the same documents, embedder, language model file and machine, and tells the
same things of what it did (`eval.types.Result`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eval.types import Collection, Found, Question, Result
from rag.config import Settings
from rag.dossier import Dossier
from rag.embed import Embedder
from rag.errors import SettingsError

SYSTEMS = ("recoupe", "naive", "extract", "langchain", "llamaindex")


class System(Protocol):
    """Something that answers questions over one collection."""

    name: str
    load: Mapping[str, float]  # seconds that it took to get ready, by step

    def retrieve(self, question: Question, k: int) -> tuple[Found, ...]:
        """The `k` best stretches for `question` by the system's own retrieval, best first."""
        ...

    def answer(self, question: Question) -> Result:
        """What the system makes of `question`; the `dataset` of the result is left empty.

        Raises RecoupeError where it fails.
        """
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What all systems are given. `dossier` holds the collection; `cache` is theirs to keep
    derived files in.
    """

    settings: Settings
    collection: Collection
    dossier: Dossier
    embedder: Embedder
    cache: Path


def open_system(name: str, bench: Bench) -> System:
    """Get the system called `name` ready.

    Raises SettingsError for an unknown name or a missing extra, ModelError.
    """
    return opener(name)(bench)


def opener(name: str) -> Callable[[Bench], System]:
    """What gets the system called `name` ready, its packages imported.

    Raises SettingsError for an unknown name or a missing extra.
    """
    if name == "recoupe":
        from eval.systems.recoupe import RecoupeSystem

        return RecoupeSystem.open
    if name == "naive":
        from eval.systems.naive import NaiveSystem

        return NaiveSystem.open
    if name == "extract":
        from eval.systems.extract import ExtractSystem

        return ExtractSystem
    if name == "langchain":
        from eval.systems.langchain import LangChainSystem

        return _framework(LangChainSystem.open)
    if name == "llamaindex":
        from eval.systems.llamaindex import LlamaIndexSystem

        return _framework(LlamaIndexSystem.open)
    raise SettingsError("eval.system", name=name, known=", ".join(SYSTEMS))


def _framework(
    open_it: Callable[[Settings, Collection, Embedder, Path], System],
) -> Callable[[Bench], System]:
    return lambda bench: open_it(bench.settings, bench.collection, bench.embedder, bench.cache)
