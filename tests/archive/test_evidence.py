"""A saved answer says which of its evidence is gone."""

from dataclasses import replace

from rag.archive.evidence import lost, lost_of
from tests.archive.conversations import BRIDGE, DISAGREEMENT, QUAY, REFUSAL, turn


def test_evidence_that_was_corrected_or_removed_is_named() -> None:
    saved = turn(DISAGREEMENT)
    assert lost(saved, [BRIDGE, QUAY]) == []
    corrected = replace(BRIDGE, id="newer", text="Le pont a coûté 15 millions d’euros.")
    assert [(one.n, one.state) for one in lost(saved, [corrected, QUAY])] == [(1, "changed")]
    assert [(one.n, one.state) for one in lost(saved, [corrected])] == [(1, "changed"), (2, "gone")]


def test_words_that_only_moved_still_hold() -> None:
    moved = replace(BRIDGE, id="newer", text=f"Rivenac, lundi.\n\n{BRIDGE.text}")
    assert lost(turn(DISAGREEMENT), [moved, QUAY]) == []


def test_only_the_turns_that_lost_something_are_named() -> None:
    turns = [turn(DISAGREEMENT, 1), turn(REFUSAL, 2)]
    assert list(lost_of(turns, [QUAY])) == [1]
