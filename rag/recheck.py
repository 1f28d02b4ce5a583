"""Whether what a saved answer rests on is still what the articles say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rag.types import Document

State = Literal["same", "moved", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What became of a citation: its words are where they were, or elsewhere in the article, or
    the article no longer has them, or is no longer there."""

    n: int
    title: str
    quote: str
    state: State

    @property
    def holds(self) -> bool:
        return self.state in ("same", "moved")


def recheck(
    citations: Iterable[Mapping[str, Any]], documents: Mapping[str, Document]
) -> list[Evidence]:
    """What became of the citations of a saved answer, as `recoupe ask --json` writes them.

    `documents` are those that the dossier has now, by path: a newer version of an article has
    another id. Raises KeyError, TypeError for what is no citation.
    """
    return [
        Evidence(int(one["n"]), str(one["title"]), str(one["quote"]), _state(one, documents))
        for one in citations
    ]


def _state(citation: Mapping[str, Any], documents: Mapping[str, Document]) -> State:
    document, quote = documents.get(str(citation["path"])), str(citation["quote"])
    if document is None:
        return "gone"
    if document.text[int(citation["start"]) : int(citation["end"])] == quote:
        return "same"
    return "moved" if quote in document.text else "changed"
