"""TREC run files: `query Q0 document rank score tag`, one line a document found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from eval.types import Found
from rag.models.installed import write_safely

SAFE = "/#:@+,="  # in ids; a space would end one


def by_document(found: Sequence[Found]) -> dict[str, float]:
    """The documents found, in order, each with the score of its best stretch."""
    best: dict[str, float] = {}
    for one in found:
        best[one.document_id] = max(best.get(one.document_id, one.score), one.score)
    return best


def read_run(path: Path) -> dict[str, tuple[Found, ...]]:
    """What `write_run` wrote, by question; where in its document each was found is not known."""
    found: dict[str, list[Found]] = {}
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        question, _, document, rank, score, _ = line.split(" ")
        one = Found(unquote(document), 0, 0, float(score), int(rank))
        found.setdefault(unquote(question), []).append(one)
    return {question: tuple(stretches) for question, stretches in found.items()}


def write_run(path: Path, run: Mapping[str, Sequence[Found]], tag: str) -> None:
    """Write what was found for each question, as trec_eval and its successors read it."""
    lines = [
        f"{quote(question, SAFE)} Q0 {quote(document, SAFE)} {rank} {score:.6f} {tag}\n"
        for question, found in run.items()
        for rank, (document, score) in enumerate(by_document(found).items(), start=1)
    ]
    write_safely(path, "".join(lines).encode())
