import json
from pathlib import Path

from typer.testing import CliRunner

from eval.contrary import app

TEXT = "The mill burnt in 1904. Its highest wall was kept by the town of Harlow."


def test_sentences_that_answer_and_those_closest_are_counted_apart(tmp_path: Path) -> None:
    def row(n: int, question: str, answers: list[str]) -> str:
        told = {"id": str(n), "lang": "en", "question": question, "context": TEXT, "title": "Mill"}
        return json.dumps({**told, "answers": answers, "answerable": bool(answers)})

    data = tmp_path / "made.jsonl"
    rows = [
        row(1, "Who kept the highest wall?", ["the town of Harlow"]),
        row(2, "Who kept the lowest wall?", ["Harlow"]),
        row(3, "Who kept the lowest wall?", []),
        row(4, "What burnt in 1904?", []),
        row(5, "What mill burnt in 1911?", []),
    ]
    data.write_text("\n".join(rows), encoding="utf-8")
    said = CliRunner().invoke(app, ["--data", str(data)]).stdout.splitlines()
    assert [line.rsplit(": ", 1)[1] for line in said] == ["1 of 2", "2 of 3"]
