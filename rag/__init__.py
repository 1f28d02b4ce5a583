"""Recoupe: answers over a dossier of articles, offline, each with the exact words behind it.

from rag import Assistant

assistant = Assistant.open("dossier")
print(assistant.ask("Où la centrale sera-t-elle construite ?").text)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant

__all__ = ["Assistant"]


def __getattr__(name: str) -> Any:
    """`Assistant`, on first use: importing `rag` alone loads none of the heavy libraries."""
    if name == "Assistant":
        from rag.assistant import Assistant

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
