"""Turns as a file to keep: its name, its kind and its bytes."""

from collections.abc import Mapping, Sequence

from rag import export
from rag.archive.records import Turn
from rag.recheck import Evidence
from rag.types import Language

KINDS = {  # ending and media type
    "markdown": ("md", "text/markdown"),
    "html": ("html", "text/html"),
    "json": ("json", "application/json"),
    "docx": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def saved(
    turns: Sequence[Turn], form: str, language: Language, lost: Mapping[int, Sequence[Evidence]]
) -> tuple[str, str, bytes]:
    """The file that holds `turns`; a `form` that is none of KINDS is written as Markdown.

    `lost` is the evidence that no longer holds, by turn, which the file tells.
    """
    form = form if form in KINDS else "markdown"
    ending, kind = KINDS[form]
    name = f"recoupe-{turns[0].asked:%Y-%m-%d-%H%M%S}.{ending}"
    match form:
        case "html":
            content = export.html(turns, language, lost=lost).encode()
        case "json":
            content = export.json(turns).encode()
        case "docx":
            content = export.docx(turns, language, lost=lost)
        case _:
            content = export.markdown(turns, language, lost=lost).encode()
    return name, kind, content
