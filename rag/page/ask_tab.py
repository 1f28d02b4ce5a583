"""Asking: the question, the answer as it comes, and its sources beside it."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from rag.errors import RecoupeError
from rag.language import parse_language
from rag.messages import message
from rag.page import render
from rag.page.desk import Desk
from rag.page.labels import HIDDEN, QUICK, Labels
from rag.page.view import BUSY, View
from rag.types import Language

EXAMPLES = ("page.example_1", "page.example_2", "page.example_3")
QUESTION_CHARACTERS = 1000  # what the assistant takes


class AskTab:
    """The components of the tab and what happens to them."""

    def __init__(self, desk: Desk, labels: Labels, languages: dict[str, Language]) -> None:
        """`languages` is that of the page in each browser tab: it may change meanwhile."""
        self.desk = desk
        self._labels = labels
        self._languages = languages

    def build(self) -> None:
        self.view = gr.State(View())
        with gr.Row(elem_id="question-row"):
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
                gr.Button(
                    variant="stop", elem_id="stop", scale=0, min_width=130, interactive=False
                ),
                value="page.stop",
            )
        self.answer_language = self._labels.on(
            gr.Radio(answer_languages("en"), value="", elem_id="answer-language"),
            label="page.answer_language",
        )
        with gr.Row(elem_id="examples", visible=False) as self.examples:
            self.example_buttons = [
                self._labels.on(gr.Button(size="sm", scale=0, min_width=10), value=key)
                for key in EXAMPLES
            ]
        self.status = gr.HTML(elem_id="status")
        with gr.Row(elem_id="result"):
            with gr.Column(scale=5, min_width=320):
                self.answer = gr.HTML(elem_id="answer")
                self.copy = self._labels.on(
                    gr.Button(size="sm", visible=False, elem_id="copy", scale=0),
                    value="page.copy",
                )
            with gr.Column(scale=4, min_width=320):
                self.sources = gr.HTML(elem_id="sources")

    def wire(self, language: Any) -> None:
        """`language` is the component that holds the language of the page."""
        shown = [self.view, self.status, self.answer, self.sources, self.ask, self.stop, self.copy]
        question = [self.question, self.answer_language, language]
        asking = {**HIDDEN, "concurrency_limit": None, "trigger_mode": "once"}
        gr.on([self.ask.click, self.question.submit], self.on_ask, question, shown, **asking)
        for button in self.example_buttons:
            filled = button.click(lambda text: text, button, self.question, **QUICK)
            filled.then(self.on_ask, question, shown, **asking)
        self.stop.click(self.on_stop, **QUICK)
        self.copy.click(None, js="() => recoupe.copyAnswer()", **QUICK)

    def on_view(self, view: View, language: Language) -> list[Any]:
        if view.phase == "idle":
            return [gr.skip()] * 3
        return list(self._rendered(view, language))

    def on_ask(
        self, question: str, answer_language: str, language: Language, request: gr.Request
    ) -> Iterator[list[Any]]:
        question = question.strip()
        try:
            self._check_question(question)
        except RecoupeError as error:
            # what was on the page stays there: only the line that says what to do is new
            yield [gr.skip(), render.error(error, language), *[gr.skip()] * 5]
            return
        tab, wanted = str(request.session_hash), parse_language(answer_language or None)
        last: list[Any] = []
        for view in self.desk.ask(tab, question, wanted):
            now = self._shown(view, self._languages.get(tab, language))
            yield now if not last else list(map(_if_changed, now, last))
            last = now

    def _check_question(self, question: str) -> None:
        if not question:
            raise RecoupeError("page.no_question")
        if self.desk.is_open and not self.desk.documents():
            raise RecoupeError("page.empty_text")

    def _shown(self, view: View, language: Language) -> list[Any]:
        busy = view.phase in BUSY
        return [
            view,
            *self._rendered(view, language),
            gr.update(interactive=not busy),
            gr.update(interactive=busy),
            gr.update(visible=view.answer is not None),
        ]

    def _rendered(self, view: View, language: Language) -> tuple[str, str, str]:
        return (
            render.status(view, language),
            render.answer(view, language),
            render.sources(view, self.desk.document, language),
        )

    def on_stop(self, request: gr.Request) -> None:
        self.desk.stop("ask", str(request.session_hash))


def answer_languages(language: Language) -> list[tuple[str, str]]:
    """The choices of the answer's language, the first being that of the question."""
    return [(message("page.auto", language), ""), ("Français", "fr"), ("English", "en")]


def start_notice(count: int, language: Language) -> str:
    """What the answer's place shows before the first question."""
    if not count:
        return render.notice(
            message("page.empty_title", language), message("page.empty_text", language)
        )
    text = message("page.start_text", language)
    total = message("page.start_count", language, count=count)
    return render.notice(message("page.start_title", language), f"{text} {total}.")


def _if_changed(now: Any, before: Any) -> Any:
    return gr.skip() if now == before else now
