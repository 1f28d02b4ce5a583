"""Whether a saved answer still rests on what the articles say."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rag.archive.records import Turn
from rag.recheck import Evidence, recheck
from rag.types import Document


def lost(turn: Turn, documents: Iterable[Document]) -> list[Evidence]:
    """The citations of `turn` that no longer hold, in their order: article corrected or removed.

    `documents` are those that the dossier has now.
    """
    return lost_of([turn], documents).get(turn.id, [])


def lost_of(turns: Sequence[Turn], documents: Iterable[Document]) -> dict[int, list[Evidence]]:
    """`{turn id: its citations that no longer hold}`, without the turns that still hold."""
    known = {document.path: document for document in documents}
    found = {
        turn.id: [
            one
            for one in recheck([asdict(citation) for citation in turn.answer.citations], known)
            if not one.holds
        ]
        for turn in turns
    }
    return {turn_id: evidence for turn_id, evidence in found.items() if evidence}
