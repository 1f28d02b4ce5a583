"""Articles: adding them, the table of the dossier, and reading one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import RecoupeError
from rag.page import render, render_articles
from rag.page.desk import Desk
from rag.page.labels import HIDDEN, QUICK, Labels
from rag.types import Language


class ArticlesTab:
    """The components of the tab and what happens to them."""

    def __init__(self, desk: Desk, labels: Labels) -> None:
        self.desk = desk
        self._labels = labels

    def build(self) -> None:
        with gr.Row(elem_id="adding"):
            self.files = self._labels.on(
                gr.File(file_count="multiple", elem_id="files", height=150), label="page.upload"
            )
            self.addresses = self._labels.on(
                gr.Textbox("", lines=4, max_lines=8, elem_id="addresses"),
                label="page.addresses",
                placeholder="page.addresses_hint",
            )
        with gr.Row(elem_id="add-buttons"):
            self.add = self._labels.on(
                gr.Button(variant="primary", elem_id="add", scale=0, min_width=180),
                value="page.add",
            )
            self.stop_adding = self._labels.on(
                gr.Button(variant="stop", elem_id="stop-adding", visible=False, scale=0),
                value="page.stop",
            )
        self.added = gr.HTML(elem_id="added")
        with gr.Column(visible=False, elem_id="reader") as self.reader:
            self.article = gr.HTML()
            self.article_id = gr.State("")
            with gr.Row(elem_id="reader-buttons"):
                self.close = self._labels.on(
                    gr.Button(scale=0, elem_id="close"), value="page.close"
                )
                self.remove = self._labels.on(
                    gr.Button(variant="stop", scale=0, elem_id="remove"), value="page.remove"
                )
            with gr.Row(visible=False, elem_id="sure") as self.sure:
                self.sure_text = gr.HTML()
                self.remove_yes = self._labels.on(
                    gr.Button(variant="stop", scale=0, elem_id="remove-yes"),
                    value="page.remove_yes",
                )
                self.remove_no = self._labels.on(
                    gr.Button(scale=0, elem_id="remove-no"), value="page.remove_no"
                )
        self.filter = self._labels.on(
            gr.Textbox("", elem_id="filter", visible=False),
            label="page.filter",
            placeholder="page.filter_hint",
        )
        self.table = gr.HTML(
            elem_id="table",
            js_on_load="element.addEventListener('click', (event) => {"
            " const button = event.target.closest('button.open');"
            " if (button) trigger('click', {document: button.dataset.document}); });",
        )

    def wire(self, language: Any, on_change: Callable[[Any], Any]) -> None:
        """`on_change(event)` has the rest of the page follow a change of the dossier."""
        adding = [self.files, self.addresses, language]
        added = [self.added, self.files, self.addresses, self.add, self.stop_adding]
        asking = {**HIDDEN, "concurrency_limit": None, "trigger_mode": "once"}
        on_change(self.add.click(self.on_add, adding, added, **asking))
        self.stop_adding.click(self.on_stop_adding, **QUICK)
        self.filter.change(self.on_filter, [self.filter, language], self.table, **QUICK)

        reader = [self.article_id, self.article, self.reader, self.sure, self.added]
        opened = self.table.click(self.on_open, language, reader, **QUICK)
        opened.then(None, js="() => recoupe.show('reader')", **QUICK)
        self.close.click(self.on_close, None, reader, **QUICK)
        question_first = [self.sure, self.sure_text]
        self.remove.click(self.on_remove, [self.article_id, language], question_first, **QUICK)
        self.remove_no.click(lambda: gr.update(visible=False), None, self.sure, **QUICK)
        sure = [self.article_id, language]
        on_change(self.remove_yes.click(self.on_remove_sure, sure, reader, **HIDDEN))

    def on_stop_adding(self, request: gr.Request) -> None:
        self.desk.stop("add", str(request.session_hash))

    def on_add(
        self, files: list[str] | None, addresses: str, language: Language, request: gr.Request
    ) -> Iterator[list[Any]]:
        places = [one.strip().strip("\"'") for one in addresses.splitlines() if one.strip()]
        try:
            if not files and not places:
                raise RecoupeError("page.nothing_to_add")
            for addition in self.desk.add(str(request.session_hash), files or [], places):
                busy = addition.phase == "working"
                empty = [None, ""] if addition.phase == "done" else [gr.skip(), gr.skip()]
                html = render_articles.addition(addition, language)
                yield [html, *empty, gr.update(interactive=not busy), gr.update(visible=busy)]
        except RecoupeError as error:
            yield [render.error(error, language), *[gr.skip()] * 4]
            return
        if addition.phase == "done":  # the dossier has its own copy of the text
            for file in files or []:
                Path(file).unlink(missing_ok=True)

    def on_filter(self, wanted: str, language: Language) -> str:
        return render_articles.articles(self.desk.documents(), wanted, language)

    def on_open(self, language: Language, event: gr.EventData) -> list[Any]:
        document = self.desk.document(str(event._data.get("document", "")))
        if document is None:
            gone = render.error(RecoupeError("page.article_gone"), language)
            return ["", "", gr.update(visible=False), gr.update(visible=False), gone]
        html = render_articles.article(document, language)
        return [document.id, html, gr.update(visible=True), gr.update(visible=False), gr.skip()]

    def on_close(self) -> list[Any]:
        return ["", "", gr.update(visible=False), gr.update(visible=False), gr.skip()]

    def on_remove(self, document_id: str, language: Language) -> list[Any]:
        document = self.desk.document(document_id)
        title = render_articles.title_of(document, language) if document else ""
        text = render.line("page.remove_sure", language, title=title)
        return [gr.update(visible=document is not None), text]

    def on_remove_sure(self, document_id: str, language: Language) -> list[Any]:
        """Remove the article that is open; its file, where it has one, is left alone."""
        document = self.desk.document(document_id)
        try:
            if document is None:
                raise RecoupeError("page.article_gone")
            self.desk.assistant.dossier.remove(document_id)
            title = render_articles.title_of(document, language)
            said = render.line("page.remove_done", language, title=title)
        except RecoupeError as error:
            said = render.error(error, language)
        return [*self.on_close()[:4], said]
