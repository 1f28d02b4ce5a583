"""Turns as JSON, with everything that was kept of them; what readers thought, one line each."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rag.archive.answers import plain
from rag.archive.records import Turn

# Half characters cannot be written, and some programs take the others for the end of a line.
_APART = re.compile("[\ud800-\udfff\x85\u2028\u2029]")


def render(turns: Sequence[Turn]) -> str:
    """One object; each answer in it is as `recoupe ask --json` prints it."""
    return _written({"turns": [asdict(turn) for turn in turns]}, indent=2) + "\n"


def feedback(turns: Sequence[Turn]) -> str:
    """One object a line for each rated turn: what was asked, answered, cited and thought of it."""
    return "".join(f"{_written(_rated(turn))}\n" for turn in turns if turn.rating)


def _rated(turn: Turn) -> dict[str, Any]:
    assert turn.rating
    return {
        "question": turn.question,
        "answer": turn.answer.text,
        "citations": [asdict(citation) for citation in turn.answer.citations],
        "rating": turn.rating.verdict,
        "reason": turn.rating.reason,
        "comment": turn.rating.comment,
        "date": turn.asked,
    }


def _written(value: dict[str, Any], indent: int | None = None) -> str:
    text = json.dumps(value, ensure_ascii=False, default=plain, indent=indent)
    return _APART.sub(lambda one: f"\\u{ord(one[0]):04x}", text)
