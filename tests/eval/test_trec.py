"""A TREC run says what was found, to trec_eval and back to us."""

from pathlib import Path

from eval.trec import by_document, read_run, write_run
from eval.types import Found


def test_a_document_counts_once_at_its_best_place() -> None:
    found = [Found("a", 0, 5, 0.9, 1), Found("b", 0, 5, 0.8, 2), Found("a", 9, 12, 0.7, 3)]
    assert by_document(found) == {"a": 0.9, "b": 0.8}


def test_what_is_written_is_read_whatever_the_ids_hold(tmp_path: Path) -> None:
    path = tmp_path / "x.trec"
    write_run(path, {"q 1": [Found("my doc", 3, 9, 0.5, 1)], "q#2": [Found("é", 0, 1, 2, 1)]}, "us")
    assert path.read_text(encoding="utf-8").splitlines()[0] == "q%201 Q0 my%20doc 1 0.500000 us"
    assert read_run(path) == {
        "q 1": (Found("my doc", 0, 0, 0.5, 1),),
        "q#2": (Found("é", 0, 0, 2.0, 1),),
    }
