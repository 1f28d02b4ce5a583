"""The line between states is drawn where it tells, and judged on other articles only."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.probing import fit, held_out_by_key
from rag.config import Settings
from rag.models import fingerprint


def row(n: int, answers: bool, state: list[float], doubtful: bool = False) -> Any:
    return {
        "dataset": "made",
        "question": f"q{n}",
        "rank": 1,
        "article": f"article {n % 5}",
        "own": n % 2 == 0,
        "answers": answers,
        "doubtful": doubtful,
        "state": base64.b64encode(np.array(state, dtype=np.float16).tobytes()).decode(),
    }


def test_the_line_follows_what_tells_and_is_kept_with_its_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row(n, n % 3 == 0, [1.0 if n % 3 == 0 else -1.0, float(n % 2)]) for n in range(60)]
    rows += [row(n, False, [1.0, 0.0], doubtful=True) for n in range(60, 90)]
    noted, out = tmp_path / "states.jsonl", tmp_path / "probe.json"
    noted.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    fit([noted], out, 7)
    made = json.loads(out.read_text(encoding="utf-8"))
    assert (made["layer"], made["model"]) == (7, fingerprint(Settings().llm))
    assert made["weights"][0] > 10 * abs(made["weights"][1])
    assert made["provenance"]["pairs"] == {"made": 60}
    printed = capsys.readouterr().out
    assert "all: 60 pairs, 20 answer, held out AUC 1.000" in printed
    assert "own page: 30 pairs, 10 answer, held out AUC 1.000" in printed


def test_a_pair_is_judged_by_a_line_that_never_saw_its_article() -> None:
    rows = [row(n, n % 2 == 0, [1.0 if n % 2 == 0 else -1.0]) for n in range(40)]
    turned = [row(n, n % 2 == 0, [-1.0 if n % 2 == 0 else 1.0]) for n in range(40, 60)]
    for one in turned:
        one["article"] = "the other way round"
    told = held_out_by_key(rows + turned)
    assert all(told["made", f"q{n}", 1] < 0 for n in range(40, 60, 2))
    assert all(told["made", f"q{n}", 1] > 0 for n in range(41, 60, 2))
