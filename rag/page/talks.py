"""The conversations of all browser tabs, and what the page shows of each."""

from dataclasses import replace
from typing import Any

import gradio as gr

from rag.archive.records import Turn
from rag.page import render, render_answer, render_history, render_sources
from rag.page.desk import Desk
from rag.page.history import History
from rag.page.talk import Talk
from rag.page.view import BUSY, View
from rag.types import Language

# What a button inside HTML asks for: `data-do` names one of Gradio's events. See ask.js.
DELEGATED = "recoupe.delegate(element, trigger); watch('value', () => recoupe.reopen(element));"
UNCHANGED: list[Any] = [gr.skip()] * 8  # what `shown` gives, none of it new


class Talks:
    """One conversation for each browser tab, over one archive."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.history = History(desk)
        self._of: dict[str, Talk] = {}
        self._arriving: set[str] = set()

    def of(self, tab: str) -> Talk:
        """The conversation of a tab; an empty one where none was begun."""
        talk = self._of.get(tab, Talk(folder=self.desk.folder))
        return replace(talk, folder=self.desk.whereabouts(talk.folder))

    def put(self, tab: str, talk: Talk) -> None:
        """Let `talk` be the conversation of a tab."""
        self._of[tab] = talk

    def begin(self, tab: str) -> Talk:
        """A new conversation: what the tab asked for is stopped, and its answer not shown."""
        self._of[tab] = Talk(folder=self.desk.folder, began=self.of(tab).began + 1)
        self.desk.stop("ask", tab)
        self.desk.stop("translate", tab)
        return self._of[tab]

    def here(self, tab: str) -> Talk:
        """The conversation of a tab, a new one where another dossier was opened since.

        Begun while the page was still opening one, it is about that one.
        """
        talk = self.of(tab)
        same = talk.folder in (None, self.desk.folder) or not talk.turns
        return replace(talk, folder=self.desk.folder) if same else self.begin(tab)

    def is_elsewhere(self, tab: str) -> bool:
        """Whether the conversation of a tab is about a dossier that is not open any more."""
        return self.of(tab).folder not in (None, self.desk.folder)

    def expect(self, tab: str) -> None:
        """A tab was loaded: the conversation that it showed before is on its way to it."""
        self._arriving.add(tab)

    def arrived(self, tab: str) -> None:
        """It is there, or there is none."""
        self._arriving.discard(tab)

    def is_arriving(self, tab: str) -> bool:
        """Whether a conversation is on its way to a tab, or may be."""
        return tab in self._arriving

    def forget(self, tab: str) -> None:
        """A browser tab was closed."""
        self._of.pop(tab, None)
        self._arriving.discard(tab)

    def turn(self, tab: str, event: gr.EventData) -> Turn | None:
        """The turn of the tab's conversation that an event is about."""
        try:
            return self.of(tab).turn(int(event._data.get("turn", "")))
        except ValueError:
            return None

    def rewind(self, tab: str, event: gr.EventData) -> Turn | None:
        """The turn that an event is about; the next question follows those before it."""
        turn = self.turn(tab, event)
        if turn is not None:
            self.put(tab, replace(self.of(tab), base=self.of(tab).before(turn.id)))
        return turn

    def shown(self, view: View, language: Language, tab: str) -> list[Any]:
        """The view, status, answer, sources, the states of the buttons that ask and stop, earlier
        turns, and the number that the browser remembers."""
        busy, talk = view.phase in BUSY, self.of(tab)
        turn = talk.turn(view.turn)
        find = self.desk.document
        turns = render_history.earlier(talk, view.turn, find, language)
        return [
            view,
            render.status(view, language),
            render_answer.answer(view, language, turn),
            render_sources.sources(view, find, language, talk.beside(turn)),
            gr.update(interactive=not busy),
            gr.update(interactive=busy),
            turns + render_history.whole(talk, language),
            talk.id,
        ]

    def shown_again(self, view: View, language: Language, tab: str) -> list[Any]:
        """The same, whatever is being asked meanwhile left alone."""
        now = self.shown(view, language, tab)
        return [gr.skip(), gr.skip(), now[2], now[3], gr.skip(), gr.skip(), now[6], gr.skip()]
