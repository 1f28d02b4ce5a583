"""The fit finds the sign that tells, and the threshold keeps its promise."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.fit import auc, choose, curve, fit


def row(n: int, right: bool, sure: float, language: str = "fr", answerable: bool = True) -> Any:
    return {
        "dataset": "made",
        "question": f"q{n}",
        "language": language,
        "cluster": f"d{n % 7}",
        "answerable": answerable,
        "rank": 1,
        "gold": right,
        "right": right,
        "text": "Words.",
        "signs": {"says_yes": sure, "noise": float(n % 3)},
    }


def state_of(one: Any) -> Any:
    """A state of two numbers, of which the first tells."""
    state = np.array([1.0 if one["right"] else -1.0, one["signs"]["noise"]], dtype=np.float16)
    return {
        "dataset": "made",
        "question": one["question"],
        "rank": 1,
        "article": one["cluster"],
        "answers": one["right"],
        "doubtful": False,
        "state": base64.b64encode(state.tobytes()).decode(),
    }


def test_the_curve_counts_questions_by_their_surest_reading() -> None:
    rows = [
        row(1, True, 0.0), row(1, False, 0.0), row(2, False, 0.0),
        row(3, False, 0.0, answerable=False), row(4, True, 0.0, language="en"),
    ]  # fmt: skip
    final = np.array([0.9, 0.3, 0.4, 0.2, 0.9])
    by_threshold = {round(one.threshold, 2): one for one in curve(rows, final, rows, "fr")}
    low, middle, high = by_threshold[0.1], by_threshold[0.3], by_threshold[0.5]
    assert (low.right, low.wrongly_refused, low.rightly_refused) == (0.5, 0.0, 0.0)
    assert (middle.right, middle.wrongly_refused, middle.rightly_refused) == (0.5, 0.0, 1.0)
    assert (high.right, high.wrongly_refused, high.rightly_refused) == (0.5, 0.5, 1.0)


def test_the_fit_weighs_the_sign_that_tells_and_says_where_it_comes_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        row(n, n % 2 == 0, 2.0 if n % 2 == 0 else -2.0, language, answerable=n % 2 == 0)
        for n in range(60)
        for language in ("fr", "en")
    ]
    noted = tmp_path / "readings.jsonl"
    noted.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    states = tmp_path / "states.jsonl"
    states.write_text("".join(json.dumps(state_of(one)) + "\n" for one in rows), encoding="utf-8")
    out = tmp_path / "confidence.json"
    fit([noted], [states], out)
    made = json.loads(out.read_text(encoding="utf-8"))
    plain, probed = made["plain"], made["probed"]
    assert plain["after"]["says_yes"] > 10 * abs(plain["after"]["noise"])
    assert "inner" not in plain["after"]
    assert probed["after"]["inner"] > 0
    assert made["provenance"]["questions"] == {"made": 60}
    assert made["provenance"]["readings"] == 120
    assert 0.3 < plain["thresholds"]["fr"] < 0.98
    assert "after 1.000" in capsys.readouterr().out


def test_the_threshold_refuses_as_much_as_it_may_and_no_answerable_question_more() -> None:
    rows = [row(n, n < 20, 0.0, answerable=n < 20) for n in range(40)]
    final = np.array([0.2, 0.3, 0.4] + [0.9] * 17 + [0.35] * 20)
    chosen = choose(curve(rows, final, rows, "fr"))
    assert 0.4 < chosen.threshold <= 0.9
    assert (chosen.right, chosen.wrongly_refused, chosen.rightly_refused) == (0.85, 0.15, 1.0)


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    assert auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
