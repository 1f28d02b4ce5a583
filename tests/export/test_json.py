"""What is exported as JSON is all that was kept."""

import json
from dataclasses import asdict, replace

from rag import export
from rag.archive.answers import answer_from
from rag.archive.records import Rating
from tests.archive.conversations import DISAGREEMENT, REFUSAL, turn


def test_everything_that_was_kept_is_exported() -> None:
    text = export.json([turn(DISAGREEMENT, 1, "x?", Rating("down", "wrong")), turn(REFUSAL, 2)])
    first, second = json.loads(text)["turns"]
    assert (answer_from(first["answer"]), answer_from(second["answer"])) == (DISAGREEMENT, REFUSAL)
    assert first["rating"] == {"verdict": "down", "reason": "wrong", "comment": ""}
    assert (first["asked"], first["standalone"]) == ("2024-05-01T12:30:00+00:00", "x?")
    assert second["rating"] is None


def test_feedback_is_one_line_for_each_rated_answer() -> None:
    odd = replace(REFUSAL, text="One\u2028two\n\ud83d")
    rated = turn(odd, 1, "", Rating("down", "incomplete", "Which year?"))
    lines = export.feedback([rated, turn(DISAGREEMENT, 2)]).splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "question": "Who paid?",
            "answer": odd.text,
            "citations": [{**asdict(odd.citations[0]), "copies": []}],
            "rating": "down",
            "reason": "incomplete",
            "comment": "Which year?",
            "date": "2024-05-01T12:30:00+00:00",
        }
    ]
    "".join(lines).encode()  # can be written to a file


def test_without_ratings_there_is_no_feedback() -> None:
    assert export.feedback([turn(REFUSAL)]) == ""
