"""Answers, articles, passages and changes as plain objects: what is written as JSON, by the
command line and by the page's interface."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rag.types import Answer, Document, Hit

if TYPE_CHECKING:
    from rag.dossier import Change
    from rag.ingest import Article
    from rag.translate import Translation


def answer_object(answer: Answer, translations: "Mapping[int, Translation]") -> dict[str, Any]:
    """The answer; its citations that were translated with their `translation`."""
    value = asdict(answer)
    for citation in value["citations"]:
        if told := translations.get(citation["n"]):
            citation["translation"] = asdict(told)
    return value


def document_object(document: Document) -> dict[str, Any]:
    """All that is known of an article, without its text."""
    return {name: value for name, value in asdict(document).items() if name != "text"}


def hit_object(hit: Hit) -> dict[str, Any]:
    """A passage that was found, with its exact words and their place in its article."""
    passage = hit.passage
    return {
        "rank": hit.rank,
        "score": hit.score,
        "passage_id": passage.id,
        "paragraph": passage.paragraph,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "copies": list(hit.copies),
        "document": document_object(hit.document),
    }


def change_object(change: "Change", article: "Article | None") -> dict[str, Any]:
    """What became of a source; with `article`, what was understood of it too."""
    value: dict[str, Any] = {
        "path": change.path,
        "title": change.title,
        "outcome": change.outcome,
        "error": str(change.error) if change.error else None,
    }
    if article:
        value["document"] = document_object(article.document)
        value["removed"] = [asdict(line) for line in article.removed]
    return value
