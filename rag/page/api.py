"""What programs may ask of the page: four functions over HTTP, described in docs/api.md.

They work for Gradio's Python client, for plain HTTP and, two of them, for MCP (rag/page/mcp.py).
A question takes its turn with those of the page. Each returns what the command of the same name
prints with --json.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

import gradio as gr
from gradio.events import api

from rag.errors import RecoupeError, SettingsError
from rag.language import detect, parse_language
from rag.objects import answer_object, change_object, document_object, hit_object
from rag.page.desk import Desk
from rag.page.guard import API_NAMES

QUESTION_CHARACTERS = 1000  # what the assistant takes
MOST_PASSAGES = 50
AT_ONCE = 4  # calls of one function; more wait, so that the page keeps its threads


class Interface:
    """The functions that programs may call. Each raises RecoupeError."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def offer(self) -> None:
        """Add them to the Blocks that are being built."""
        offered: tuple[Callable[..., dict[str, Any]], ...] = (
            self.ask,
            self.search,
            self.add,
            self.documents,
        )
        for name, function in zip(API_NAMES, offered, strict=True):
            api(_for_gradio(function), api_name=name, concurrency_limit=AT_ONCE)

    def ask(self, question: str, language: str = "") -> dict[str, Any]:
        """Ask the dossier a question; the answer with its sentences, positions and citations.

        Args:
            question: In French or in English, at most 1000 characters.
            language: Of the answer, fr or en; empty: that of the question.
        """
        asked, wanted = checked_question(question), parse_language(language or None)
        *_, last = self.desk.ask(_tab(), asked, wanted)
        if last.answer is None:
            raise last.error or RecoupeError("llm.stopped")
        return plain(answer_object(last.answer, {}))

    def search(self, question: str, limit: int = 10) -> dict[str, Any]:
        """Find the passages nearest to a question or to words, the best first, unread.

        Args:
            question: In French or in English, at most 1000 characters.
            limit: How many passages at most, from 1 to 50.
        """
        asked = checked_question(question)
        if type(limit) is not int or not 1 <= limit <= MOST_PASSAGES:
            raise SettingsError("api.limit", most=MOST_PASSAGES)
        retrieve = self._open().assistant.dossier.retriever.retrieve
        return plain({"hits": list(map(hit_object, retrieve(asked, detect(asked), limit)))})

    def add(self, places: list[str]) -> dict[str, Any]:
        """Add articles to the dossier; what became of each.

        Args:
            places: Addresses of web pages, and paths of files and folders of the machine that
                serves the page, where it is open to that machine alone.
        """
        if not isinstance(places, list) or not all(isinstance(one, str) for one in places):
            raise SettingsError("api.places")
        wanted = [place.strip() for place in places if place.strip()]
        if not wanted:
            raise RecoupeError("page.nothing_to_add")
        *_, last = self.desk.add(_tab(), [], wanted)
        if last.error is not None:
            raise last.error
        return plain({"changes": [change_object(step.change, None) for step in last.steps]})

    def documents(self) -> dict[str, Any]:
        """List the articles of the dossier, the newest first, without their texts."""
        return plain({"documents": [document_object(one) for one in self._open().documents()]})

    def _open(self) -> Desk:
        """The desk. Raises RecoupeError while its dossier is not open."""
        assert self.desk.assistant
        return self.desk


def checked_question(question: object) -> str:
    """`question` with its spaces in order. Raises SettingsError for one that cannot be asked."""
    words = " ".join(question.split()) if isinstance(question, str) else ""
    if not words:
        raise SettingsError("ask.empty")
    if len(words) > QUESTION_CHARACTERS:
        raise SettingsError("ask.long", characters=len(words), limit=QUESTION_CHARACTERS)
    return words


def plain(value: dict[str, Any]) -> dict[str, Any]:
    """`value` as JSON has it: lists for tuples, dates as text."""
    answered: dict[str, Any] = json.loads(json.dumps(value, default=str))
    return answered


def _for_gradio(function: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """`function`, raising gr.Error with one line in English."""

    @wraps(function)
    def answer(*values: Any) -> dict[str, Any]:
        try:
            return function(*values)
        except RecoupeError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return answer


def _tab() -> str:
    """Of a call: it takes the place of no other, as a newer question of one tab would."""
    return f"call-{uuid4()}"
