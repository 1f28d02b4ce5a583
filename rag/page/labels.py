"""Every label of the page, in the language that its reader chose."""

from typing import Any

import gradio as gr

from rag.messages import message
from rag.types import Language

HIDDEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
QUICK: dict[str, Any] = {**HIDDEN, "queue": False}  # answers at once, whatever else is going on
# The same, and none is dropped that comes while the one before is under way, as Gradio would.
EACH: dict[str, Any] = {**QUICK, "trigger_mode": "multiple"}

# Changes a State whose `change` others follow: Gradio tells of it only by way of the queue.
FOLLOWED: dict[str, Any] = {**HIDDEN, "concurrency_limit": None}


class Labels:
    """The components that have words on them, and which messages these are."""

    def __init__(self) -> None:
        self._labelled: list[tuple[Any, dict[str, str]]] = []

    def on(self, component: Any, **properties: str) -> Any:
        """`component`, its properties written in English until the page is opened."""
        self._labelled.append((component, properties))
        for name, key in properties.items():
            setattr(component, name, message(key, "en"))
        return component

    @property
    def components(self) -> list[Any]:
        return [component for component, _ in self._labelled]

    def updates(self, language: Language) -> list[Any]:
        """What makes `components` read in `language`, in their order."""
        texts: list[dict[str, Any]] = [
            {name: message(key, language) for name, key in properties.items()}
            for _, properties in self._labelled
        ]
        return [gr.update(**one) for one in texts]
