"""Asking: the question, the answer as it comes, its sources beside it, and the turns before it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from rag.archive.records import Turn
from rag.errors import RecoupeError
from rag.language import parse_language
from rag.messages import message
from rag.page import filters as chosen
from rag.page import render
from rag.page.desk import Desk
from rag.page.examples import Examples
from rag.page.history_panel import HistoryPanel
from rag.page.labels import EACH, FOLLOWED, HIDDEN, QUICK, Labels
from rag.page.talks import DELEGATED, UNCHANGED, Talks
from rag.page.turn_actions import TurnActions
from rag.page.view import View
from rag.suggested import COUNT
from rag.types import Filters, Language

QUESTION_CHARACTERS = 1000  # what the assistant takes
ASKING: dict[str, Any] = {**HIDDEN, "concurrency_limit": None, "trigger_mode": "once"}


class AskTab:
    """The components of the tab and what happens to them."""

    def __init__(self, desk: Desk, labels: Labels, languages: dict[str, Language]) -> None:
        """`languages` is that of the page in each browser tab: it may change meanwhile."""
        self.desk = desk
        self.talks = Talks(desk)
        self._examples = Examples(desk)
        self.past = HistoryPanel(self.talks, labels)
        self.turns = TurnActions(self.talks)
        self._labels = labels
        self._languages = languages

    # -- the components -----------------------------------------------------------------------

    def build(self) -> None:
        self.view = gr.State(View())
        self.seen = gr.State(None)  # the folder of the dossier that the tab shows
        self.remembered = gr.BrowserState(None, storage_key="recoupe-talk", secret="recoupe")
        with gr.Row(elem_id="question-row"):
            self._build_question()
        self.chips = gr.HTML(elem_id="chips", js_on_load=DELEGATED)
        with gr.Row(elem_id="asking-options"):
            self._build_options()
        self.past.build()
        with gr.Row(elem_id="examples", visible=False) as self.examples:
            self.example_buttons = [
                gr.Button("", size="sm", scale=0, min_width=10) for _ in range(COUNT)
            ]
        self.status = gr.HTML(elem_id="status")
        with gr.Row(elem_id="result"):
            with gr.Column(scale=5, min_width=320):
                self.answer = gr.HTML(elem_id="answer", js_on_load=DELEGATED)
                # a place of its own, which an answer hides: whichever is drawn last, it is seen
                self.start = gr.HTML(elem_id="start")
            with gr.Column(scale=4, min_width=320):
                self.sources = gr.HTML(elem_id="sources", js_on_load=DELEGATED)
        self.earlier = gr.HTML(elem_id="earlier", js_on_load=DELEGATED)
        self.panel = gr.HTML(elem_id="panel", js_on_load=None)
        self.file = gr.Textbox(visible="hidden", elem_id="file")
        self.shown = [
            self.view,
            self.status,
            self.answer,
            self.sources,
            self.ask,
            self.stop,
            self.earlier,
            self.remembered,
        ]

    def _build_question(self) -> None:
        self.question = self._labels.on(
            gr.Textbox(
                "",
                lines=1,
                max_lines=4,
                autofocus=True,
                elem_id="question",
                scale=5,
                min_width=260,
                max_length=QUESTION_CHARACTERS,
            ),
            label="page.question",
            placeholder="page.question_hint",
        )
        self.ask = self._labels.on(
            gr.Button(variant="primary", elem_id="ask", scale=0, min_width=130),
            value="page.ask",
        )
        self.stop = self._labels.on(
            gr.Button(variant="stop", elem_id="stop", scale=0, min_width=130, interactive=False),
            value="page.stop",
        )

    def _build_options(self) -> None:
        self.answer_language = self._labels.on(
            gr.Radio(answer_languages("en"), value="", elem_id="answer-language"),
            label="page.answer_language",
        )
        self.fresh = self._labels.on(
            gr.Button(size="sm", scale=0, min_width=10, elem_id="fresh"), value="talk.fresh"
        )
        self.show_past = self._labels.on(
            gr.Button(size="sm", scale=0, min_width=10, elem_id="show-past"), value="talk.history"
        )

    def follow(self, opened: Any, language: Any, filters: Any) -> Any:
        """After `opened`, another dossier was perhaps: nothing stays of the one before."""
        told = [self.seen, self.question, self.view, language]
        emptied = [*self.shown, self.question, self.panel, filters, self.seen]
        left = opened(self.on_elsewhere, told, emptied, **FOLLOWED)
        left.then(None, js="() => recoupe.leave()", **QUICK)
        return self.past.follow(left, language)

    @property
    def offered(self) -> list[Any]:
        """What `on_examples` fills."""
        return [self.examples, *self.example_buttons]

    # -- what happens to them -----------------------------------------------------------------

    def wire(self, language: Any, filters: Any) -> None:
        """`language` and `filters` are the components that hold those of the page."""
        options = [self.answer_language, language, filters]
        question = [self.question, *options]
        gr.on([self.ask.click, self.question.submit], self.on_ask, question, self.shown, **ASKING)
        for button in self.example_buttons:
            filled = button.click(lambda text: text, button, self.question, **QUICK)
            filled.then(self.on_ask, question, self.shown, **ASKING)
        self.stop.click(self.on_stop, **QUICK)
        self.fresh.click(self.on_fresh, language, [*self.shown, self.question], **QUICK)
        for changed in (filters.change, language.input):
            changed(chosen.chips, [filters, language], self.chips, **QUICK)
        self.chips.clear(self.on_chip, filters, filters, **FOLLOWED)
        for place in (self.answer, self.sources, self.earlier):
            self._wire_turns(place, language, options)
        self.past.wire(self.show_past, language, self.shown)

    def _wire_turns(self, place: Any, language: Any, options: list[Any]) -> None:
        """What the buttons and markers inside `place` do."""
        about = [self.view, language]
        opened = place.click(self.turns.on_source, about, self.panel, **EACH)
        opened.then(None, js="() => recoupe.openPanel()", **QUICK)
        place.like(self.turns.on_rate, about, self.shown, **EACH)
        kept = place.download(self.turns.on_export, language, self.file, **EACH)
        kept.then(None, self.file, js="(file) => recoupe.save(file)", **QUICK)
        translated = [self.status, self.sources, self.earlier, self.stop]
        place.apply(self.turns.on_translate, about, translated, **ASKING)
        place.retry(self.on_again, options, self.shown, **ASKING)
        edited = place.edit(self.on_edit, None, self.question, **QUICK)
        edited.then(None, js="() => recoupe.edit()", **QUICK)

    def restore(self, loaded: Any, language: Any) -> Any:
        """After `loaded`, the conversation that the tab showed before."""
        return self.past.restore(loaded, self.remembered, language, self.shown)

    def on_view(self, view: View, language: Language, request: gr.Request) -> list[Any]:
        """The same as it is, in `language`: status, answer, sources, earlier turns."""
        if view.phase == "idle":
            return [gr.skip()] * 4
        now = self.talks.shown(view, language, str(request.session_hash))
        return [now[1], now[2], now[3], now[6]]

    def on_examples(self, language: Language) -> list[Any]:
        """The questions to click; a dossier that cannot be read has said so already."""
        try:
            offered = self._examples.offered(language)
        except RecoupeError:
            offered = []
        shown = [gr.update(value=question, visible=True) for question in offered]
        hidden = [gr.update(visible=False)] * (COUNT - len(offered))
        return [gr.update(visible=bool(offered)), *shown, *hidden]

    def on_ask(
        self,
        question: str,
        answer_language: str,
        language: Language,
        request: gr.Request,
        filters: Filters = Filters(),
    ) -> Iterator[list[Any]]:
        question = question.strip()
        try:
            self._check_question(question)
        except RecoupeError as error:
            # what was on the page stays there: only the line that says what to do is new
            yield [gr.skip(), render.error(error, language), *UNCHANGED[2:]]
            return
        tab = str(request.session_hash)
        yield from self._asked(question, answer_language, language, tab, filters)

    def on_again(
        self,
        answer_language: str,
        language: Language,
        request: gr.Request,
        event: gr.EventData,
        filters: Filters = Filters(),
    ) -> Iterator[list[Any]]:
        """The same question once more, after the same turns as the first time."""
        tab = str(request.session_hash)
        if turn := self.talks.rewind(tab, event):
            yield from self._asked(turn.question, answer_language, language, tab, filters)

    def on_edit(self, request: gr.Request, event: gr.EventData) -> Any:
        """The question, to be changed and asked again."""
        turn = self.talks.rewind(str(request.session_hash), event)
        return turn.question if turn else gr.skip()

    def on_stop(self, request: gr.Request) -> None:
        self.desk.stop("ask", str(request.session_hash))
        self.desk.stop("translate", str(request.session_hash))

    def on_fresh(self, language: Language, request: gr.Request) -> list[Any]:
        """An empty conversation and question; the one before it stays in the list."""
        return [*self.past.fresh(language, str(request.session_hash)), ""]

    def on_elsewhere(
        self,
        seen: Path | None,
        question: str,
        view: View,
        language: Language,
        request: gr.Request,
    ) -> list[Any]:
        """Nothing of a dossier that is not open any more: for `emptied`.

        `seen` is the folder of the one that the tab showed. What is being written stays.
        """
        tab, now = str(request.session_hash), self.desk.folder
        if self.desk.whereabouts(seen) in (None, now) and not self.talks.is_elsewhere(tab):
            return [*UNCHANGED, gr.skip(), gr.skip(), gr.skip(), now]
        kept = "" if question.strip() == view.question else gr.skip()
        return [*self.past.fresh(language, tab), kept, "", Filters(), now]

    def on_chip(self, filters: Filters, event: gr.EventData) -> Filters:
        """The filters less the one whose chip was taken back."""
        return chosen.without(filters, str(event._data.get("filter", "")))

    def _check_question(self, question: str) -> None:
        if not question:
            raise RecoupeError("page.no_question")
        if self.desk.is_open and not self.desk.listing():
            raise RecoupeError("page.empty_text")

    def _asked(
        self, question: str, answer_language: str, language: Language, tab: str, filters: Filters
    ) -> Iterator[list[Any]]:
        talk = self.talks.here(tab)
        self.talks.put(tab, replace(talk, base=None))
        wanted = parse_language(answer_language or None)
        last: list[Any] = []
        turn: Turn | None = None
        problem: RecoupeError | None = None
        for view in self.desk.ask(tab, question, wanted, filters, talk.previous()):
            if self.talks.of(tab).began != talk.began:
                return  # the reader has gone on to another conversation
            if view.answer is not None and turn is None:
                turn, problem = self._keep(tab, view)
            view = replace(view, turn=turn.id if turn else None)
            now = self.talks.shown(view, self._languages.get(tab, language), tab)
            if problem is not None:
                now[1] += render.error(problem, language)
            yield now if not last else list(map(_if_changed, now, last))
            last = now

    def _keep(self, tab: str, view: View) -> tuple[Turn, RecoupeError | None]:
        """The turn that is now in the archive and in the conversation."""
        assert view.answer is not None
        talk = self.talks.of(tab)
        turn, problem = self.talks.history.keep(talk.id, view.question, view.answer)
        # asked while the page was opening, it had no dossier yet
        self.talks.put(tab, replace(talk.with_turn(turn), folder=self.desk.folder))
        return turn, problem


def answer_languages(language: Language) -> list[tuple[str, str]]:
    """The choices of the answer's language, the first being that of the question."""
    return [(message("page.auto", language), ""), ("Français", "fr"), ("English", "en")]


def _if_changed(now: Any, before: Any) -> Any:
    return gr.skip() if now == before else now
