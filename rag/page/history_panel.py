"""Past conversations: the list of them, searched, opened again and deleted."""

from dataclasses import replace
from typing import Any

import gradio as gr

from rag.errors import RecoupeError
from rag.page import render, render_history
from rag.page.labels import HIDDEN, QUICK, Labels
from rag.page.talk import view_of
from rag.page.talks import DELEGATED, UNCHANGED, Talks
from rag.page.view import View
from rag.types import Language

OPENING_SECONDS = 60.0  # that a conversation waits for its dossier, after a reload


class HistoryPanel:
    """The components of the panel and what happens to them."""

    def __init__(self, talks: Talks, labels: Labels) -> None:
        self._talks = talks
        self._labels = labels

    def build(self) -> None:
        with gr.Column(visible=False, elem_id="history") as self.column:
            self.is_shown = gr.State(False)
            self.sure = gr.State("")  # the conversation that is about to be deleted
            self.search = self._labels.on(
                gr.Textbox("", elem_id="search"),
                label="talk.search",
                placeholder="talk.search_hint",
            )
            self.list = gr.HTML(elem_id="past", js_on_load=DELEGATED)

    def wire(self, button: Any, language: Any, shown: list[Any]) -> None:
        """`button` shows and hides the panel; `shown` is what `Talks.shown` fills."""
        listed = [self.search, self.sure, language]
        visible = [self.column, self.is_shown]
        toggled = button.click(lambda one: _toggled(not one), self.is_shown, visible, **QUICK)
        opened = self.list.select(self.on_open, language, shown, **QUICK)
        hidden = opened.then(lambda: _toggled(False), None, visible, **QUICK)
        asked = [
            event(self.on_sure, None, self.sure, **QUICK)
            for event in (self.list.delete, self.list.clear)
        ]
        deleted = self.list.apply(self.on_delete, language, [*shown, self.sure], **QUICK)
        for event in (toggled, hidden, deleted, *asked):
            event.then(self.on_past, listed, self.list, **QUICK)
        for changed in (self.search.change, language.input):
            changed(self.on_past, listed, self.list, **QUICK)

    def follow(self, opened: Any, language: Any) -> Any:
        """After `opened`, the list of what was asked of the dossier that is open now."""
        return opened.then(self.on_past, [self.search, self.sure, language], self.list, **QUICK)

    def restore(self, loaded: Any, remembered: Any, language: Any, shown: list[Any]) -> Any:
        """After `loaded`, the conversation that the browser tab remembers."""
        remembered.change(None, remembered, js="(id) => recoupe.remember(id)", **QUICK)
        return loaded.then(
            self.on_restore,
            [remembered, language],
            shown,
            js="(id, language) => [recoupe.recall(id), language]",
            **HIDDEN,
            concurrency_limit=None,
        )

    def on_restore(self, remembered: Any, language: Language, request: gr.Request) -> list[Any]:
        """The conversation that this tab showed before it was loaded anew."""
        tab = str(request.session_hash)
        try:
            if not remembered or not self._talks.desk.until_open(OPENING_SECONDS):
                return UNCHANGED
            return self._opened(str(remembered), language, tab)
        except RecoupeError:  # deleted since, or of another dossier
            return UNCHANGED
        finally:
            self._talks.arrived(tab)

    def on_open(self, language: Language, request: gr.Request, event: gr.EventData) -> list[Any]:
        """A conversation of the list, its sources looked up again."""
        try:
            return self._opened(str(event._data["id"]), language, str(request.session_hash))
        except RecoupeError as error:
            return [gr.skip(), render.error(error, language), *UNCHANGED[2:]]

    def _opened(self, conversation_id: str, language: Language, tab: str) -> list[Any]:
        turns = tuple(self._talks.history.turns(conversation_id))
        states = self._talks.history.states(turns)
        talk = replace(self._talks.begin(tab), id=conversation_id, turns=turns, states=states)
        self._talks.put(tab, talk)
        return self._talks.shown(view_of(turns[-1]), language, tab)

    def on_past(self, search: str, sure: str, language: Language, request: gr.Request) -> str:
        """The list of conversations."""
        try:
            found = self._talks.history.conversations(search)
        except RecoupeError as error:
            return render.error(error, language)
        opened = self._talks.of(str(request.session_hash)).id
        return render_history.conversations(found, search, language, opened, sure)

    def on_sure(self, event: gr.EventData) -> str:
        """The conversation that is about to be deleted, or none."""
        return str(event._data.get("id", ""))

    def on_delete(self, language: Language, request: gr.Request, event: gr.EventData) -> list[Any]:
        """Forget a conversation; if it is the one on the page, an empty one takes its place."""
        wanted, tab = str(event._data.get("id", "")), str(request.session_hash)
        try:
            self._talks.history.delete(wanted)
        except RecoupeError as error:
            return [gr.skip(), render.error(error, language), *UNCHANGED[2:], ""]
        if self._talks.of(tab).id != wanted:
            return [*UNCHANGED, ""]
        return [*self.fresh(language, tab), ""]

    def fresh(self, language: Language, tab: str) -> list[Any]:
        """What `Talks.shown` gives of an empty conversation, which begins here."""
        self._talks.begin(tab)
        return self._talks.shown(View(), language, tab)


def _toggled(shown: bool) -> list[Any]:
    return [gr.update(visible=shown), shown]
