"""Nothing is asked twice, and what is remembered is what was said."""

from pathlib import Path

from eval.remembered import Remembering
from rag.engine import Piece, Prompt
from tests.fakes import ScriptedEngine

BRIDGE = Prompt((), "Le pont a rouvert.", "\n\nQuestion : quand ?")
RAIN = Prompt((), "Il pleut.", "\n\nQuestion : quand ?")
SCRIPT = {"pont": (0.9, "Il a rouvert."), "pleut": (0.2, "Il pleut fort.")}


def test_only_what_is_new_is_asked_and_the_rest_is_said_again(tmp_path: Path) -> None:
    engine = ScriptedEngine(SCRIPT)
    remembering = Remembering(lambda: engine, tmp_path / "replies", "model")
    assert remembering.probabilities([BRIDGE], ["Oui"], ["Non"]) == [0.9]
    assert remembering.probabilities([RAIN, BRIDGE], ["Oui"], ["Non"]) == [0.2, 0.9]
    first = list(remembering.generate([BRIDGE], 9))
    assert first == [Piece(0, word, -0.1) for word in ("Il ", "a ", "rouvert.")]
    both = list(remembering.generate([RAIN, BRIDGE], 9))
    assert both == [
        *[Piece(1, word, -0.1) for word in ("Il ", "a ", "rouvert.")],
        *[Piece(0, word, -0.1) for word in ("Il ", "pleut ", "fort.")],
    ]
    assert engine.asked == [BRIDGE, RAIN, BRIDGE, RAIN]


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    first = Remembering(lambda: ScriptedEngine(SCRIPT), tmp_path / "replies", "model")
    first.probabilities([BRIDGE], ["Oui"], ["Non"])
    list(first.generate([BRIDGE], 9))
    later = ScriptedEngine({"pont": (0.1, "Autre chose.")})
    again = Remembering(lambda: later, tmp_path / "replies", "model")
    assert again.probabilities([BRIDGE], ["Oui"], ["Non"]) == [0.9]
    assert "".join(piece.text for piece in again.generate([BRIDGE], 9)) == "Il a rouvert."
    assert later.asked == []
    assert again.probabilities([BRIDGE], ["Yes"], ["Non"]) == [0.1]
    other = Remembering(lambda: later, tmp_path / "replies", "another model")
    assert other.probabilities([BRIDGE], ["Oui"], ["Non"]) == [0.1]


def test_a_reply_that_was_stopped_half_way_is_not_kept(tmp_path: Path) -> None:
    engine = ScriptedEngine(SCRIPT)
    remembering = Remembering(lambda: engine, tmp_path / "replies", "model")
    pieces = remembering.generate([BRIDGE], 9)
    next(pieces)
    pieces.close()
    assert "".join(piece.text for piece in remembering.generate([BRIDGE], 9)) == "Il a rouvert."
    assert engine.asked == [BRIDGE, BRIDGE]
