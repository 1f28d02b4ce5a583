"""What can be done with one turn: open its sources, rate, translate and export it."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import gradio as gr

from rag.archive.records import Rating, comment_of
from rag.errors import RecoupeError
from rag.page import render, render_sources
from rag.page.saved import saved
from rag.page.talks import UNCHANGED, Talks
from rag.page.view import View
from rag.types import Citation, Language


class TurnActions:
    """Handlers of the buttons and markers inside answers and sources."""

    def __init__(self, talks: Talks) -> None:
        self._talks = talks
        self._desk = talks.desk

    def on_source(
        self, view: View, language: Language, request: gr.Request, event: gr.EventData
    ) -> str:
        """The article behind a marker or a card, at the words that are cited; else nothing."""
        citation = self._citation(view, str(request.session_hash), event)
        if citation is None:
            return ""
        return render_sources.article(citation, self._desk.cited(citation), language)

    def _citation(self, view: View, tab: str, event: gr.EventData) -> Citation | None:
        if passage := event._data.get("hit"):
            hits = (hit for hit in view.hits if hit.passage.id == passage)
            return next((render_sources.of_hit(hit, view) for hit in hits), None)
        turn = self._talks.turn(tab, event)
        cited = turn.answer.citations if turn else ()
        return next((one for one in cited if str(one.n) == event._data.get("n")), None)

    def on_rate(
        self, view: View, language: Language, request: gr.Request, event: gr.EventData
    ) -> list[Any]:
        """Keep whether an answer is right, why not, and what else is said of it."""
        tab = str(request.session_hash)
        turn = self._talks.turn(tab, event)
        if turn is None:
            return UNCHANGED
        try:
            rating = _rated(event._data, turn.rating)
            self._talks.history.rate(turn.id, rating)
        except RecoupeError as error:
            return [gr.skip(), render.error(error, language), *UNCHANGED[2:]]
        self._talks.put(tab, self._talks.of(tab).with_turn(replace(turn, rating=rating)))
        return self._talks.shown_again(view, language, tab)

    def on_translate(
        self, view: View, language: Language, request: gr.Request, event: gr.EventData
    ) -> Iterator[list[Any]]:
        """The sources of a turn that are in the other language, translated by the model."""
        tab = str(request.session_hash)
        turn = self._talks.turn(tab, event)
        if turn is None:
            return
        busy = render.line("talk.translating", language, busy=True)
        yield [busy, gr.skip(), gr.skip(), gr.update(interactive=True)]
        status = render.status(view, language)
        try:
            for found in self._desk.translate(tab, turn.answer):
                if found:
                    talk = self._talks.of(tab)
                    known = {**talk.translations, turn.id: found}
                    self._talks.put(tab, replace(talk, translations=known))
        except RecoupeError as error:
            status = render.error(error, language)
        now = self._talks.shown(view, language, tab)
        yield [status, now[3], now[6], gr.update(interactive=False)]

    def on_export(self, language: Language, request: gr.Request, event: gr.EventData) -> Any:
        """A turn, or the whole conversation, as a file that the browser keeps: see ask.js."""
        tab = str(request.session_hash)
        turn = self._talks.turn(tab, event)
        whole = event._data.get("turn") == "all"
        turns = self._talks.of(tab).turns if whole else (turn,) if turn else ()
        if not turns:
            return gr.skip()
        lost = self._talks.history.lost(turns)
        name, kind, content = saved(turns, event._data.get("form", ""), language, lost)
        written = base64.b64encode(content).decode("ascii")
        return json.dumps({"name": name, "type": kind, "base64": written})


def _rated(data: Mapping[str, Any], given: Rating | None) -> Rating | None:
    """What is to be kept; the same said twice takes it back.

    `data` holds a verdict with or without a reason, or a comment on what was `given`, or both.
    """
    goes_on = given is not None and given.verdict == data["verdict"]
    reason, comment = (given.reason, given.comment) if given and goes_on else (None, "")
    if "comment" in data:
        comment = comment_of(str(data["comment"]))
        if "reason" not in data:
            return Rating(data["verdict"], reason, comment)
    said = Rating(data["verdict"], data.get("reason"), comment)
    return None if _says_again(said, given) else said


def _says_again(said: Rating, given: Rating | None) -> bool:
    """Whether it was said already: a verdict without its reason takes the reason back too."""
    if given is None or given.verdict != said.verdict:
        return False
    return said.reason in (None, given.reason)
