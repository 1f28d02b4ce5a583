"""What can be written in an article, counted by how much of it is read as it is to be."""

import pytest

from eval import written
from eval.written import FIGURES, HARD_SPEECH, expected_speech, main, read_speech


def test_each_table_is_counted_and_what_is_read_otherwise_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"language": "en", "text": "“It is late,” said Tom.", "said": []}
    hard = ([wrong, *HARD_SPEECH], expected_speech, read_speech)
    monkeypatch.setattr(written, "HARD", hard)
    main()
    printed = capsys.readouterr().out
    assert f"figures: {len(FIGURES)} of {len(FIGURES)}\n" in printed
    assert f" of {len(HARD_SPEECH) + 1}\n  “It is late,” said Tom.: [(" in printed


def test_the_hard_passages_are_in_both_languages_and_most_are_read_rightly() -> None:
    assert [row["language"] for row in HARD_SPEECH].count("fr") == len(HARD_SPEECH) / 2 == 70
    right = [row for row in HARD_SPEECH if read_speech(row) == expected_speech(row)]
    assert len(right) >= 0.9 * len(HARD_SPEECH)
