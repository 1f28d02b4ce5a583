"""Articles: the dossier, adding articles to it, the table of them, and reading one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import RecoupeError
from rag.ingest.dates import find_date
from rag.page import render, render_articles
from rag.page.desk import Desk
from rag.page.facets import facets
from rag.page.filters import chosen
from rag.page.labels import FOLLOWED, HIDDEN, QUICK, Labels
from rag.page.look import Look, matching, page_of, sorted_by
from rag.page.reading import article
from rag.page.shelf_bar import ShelfBar
from rag.page.view import Addition, Pasted
from rag.types import Filters, Language

LISTEN = "recoupeArticles.listen(element, trigger, watch);"


class ArticlesTab:
    """The components of the tab and what happens to them."""

    def __init__(self, desk: Desk, labels: Labels) -> None:
        self.desk = desk
        self._labels = labels
        self.shelf = ShelfBar(desk, labels)

    def build(self) -> None:
        self.shelf.build(LISTEN)
        self._build_adding()
        self._build_reader()
        self.look = gr.State(Look())
        self.known = gr.State(0)  # the catalogue's changes that the table shows
        self.filter = self._labels.on(
            gr.Textbox("", elem_id="filter", visible=False),
            label="page.filter",
            placeholder="page.filter_hint",
        )
        self.facets = gr.HTML(elem_id="facets", js_on_load=LISTEN)
        self.count = gr.HTML(elem_id="count")
        self.table = gr.HTML(elem_id="table", js_on_load=LISTEN)

    def _build_adding(self) -> None:
        on = self._labels.on
        with gr.Row(elem_id="adding"):
            with gr.Column(min_width=280):
                self.files = on(
                    gr.File(file_count="multiple", elem_id="files", height=150), label="page.upload"
                )
                self.folder = on(
                    gr.Button(size="sm", elem_id="folder", scale=0), value="page.choose_folder"
                )
            with gr.Column(min_width=280):
                self.addresses = on(
                    gr.Textbox("", lines=5, max_lines=8, elem_id="addresses"),
                    label="page.addresses",
                    placeholder="page.addresses_hint",
                )
        with on(gr.Accordion(open=False, elem_id="pasting"), label="page.paste"):
            self.text = on(
                gr.Textbox("", lines=6, max_lines=14, elem_id="paste-text"),
                label="page.paste_text",
                placeholder="page.paste_hint",
            )
            with gr.Row():
                self.title = on(gr.Textbox("", elem_id="paste-title"), label="page.paste_title")
                self.outlet = on(gr.Textbox("", elem_id="paste-outlet"), label="page.paste_outlet")
                self.day = on(
                    gr.Textbox("", elem_id="paste-date"),
                    label="page.paste_date",
                    placeholder="page.paste_date_hint",
                )
        with gr.Row(elem_id="add-buttons"):
            self.add = on(
                gr.Button(variant="primary", elem_id="add", scale=0, min_width=180),
                value="page.add",
            )
            self.stop_adding = on(
                gr.Button(variant="stop", elem_id="stop-adding", visible=False, scale=0),
                value="page.stop",
            )
        self.added = gr.HTML(elem_id="added")

    def _build_reader(self) -> None:
        on = self._labels.on
        with gr.Column(visible=False, elem_id="reader") as self.reader:
            self.article = gr.HTML(js_on_load=LISTEN)
            self.article_id = gr.State("")
            with gr.Row(elem_id="reader-buttons"):
                self.close = on(gr.Button(scale=0, elem_id="close"), value="page.close")
                self.only = on(gr.Button(scale=0, elem_id="only"), value="page.ask_only")
                self.remove = on(
                    gr.Button(variant="stop", scale=0, elem_id="remove"), value="page.remove"
                )
            with gr.Row(visible=False, elem_id="sure") as self.sure:
                self.sure_text = gr.HTML()
                self.remove_yes = on(
                    gr.Button(variant="stop", scale=0, elem_id="remove-yes"),
                    value="page.remove_yes",
                )
                self.remove_no = on(gr.Button(scale=0, elem_id="remove-no"), value="page.remove_no")

    def wire(
        self, language: Any, filters: Any, timer: gr.Timer, on_change: Callable[[Any], Any]
    ) -> None:
        """`filters` holds those of the page; `on_change(event)` has the rest of it follow a change
        of the dossier; at each tick of `timer` the table says what is newly known.
        """
        self._wire_adding(language, on_change)
        self._wire_reader(language, filters, on_change)
        listed = [self.look, self.count, self.table, self.known]
        at = [self.look, filters, language]
        self.filter.change(self.on_filter, [self.filter, *at], listed, **QUICK)
        self.table.input(self.on_table, at, listed, **QUICK)
        timer.tick(self.on_tick, [self.known, *at], [self.known, self.table], **QUICK)
        self.facets.input(self.on_facet, at, [filters, self.added], **FOLLOWED)
        # whoever changes the filters, a chip beside the question too: the list follows
        filters.change(self.on_filters, at, [self.facets, *listed], **QUICK)
        self.shelf.wire(language, filters, on_change)

    def follow(self, left: Any) -> Any:
        """After `left`, another dossier was opened perhaps: none of its articles is read on."""
        return left.then(self.on_gone, self.article_id, self._reading(), **QUICK)

    def _wire_adding(self, language: Any, on_change: Callable[[Any], Any]) -> None:
        pasted = [self.text, self.title, self.outlet, self.day]
        adding = [self.files, self.addresses, *pasted, language]
        added = [self.added, self.files, self.addresses, *pasted, self.add, self.stop_adding]
        asking = {**HIDDEN, "concurrency_limit": None, "trigger_mode": "once"}
        on_change(self.add.click(self.on_add, adding, added, **asking))
        self.stop_adding.click(self.on_stop_adding, **QUICK)
        self.folder.click(None, js="() => recoupeArticles.chooseFolder()", **QUICK)

    def _reading(self) -> list[Any]:
        return [self.article_id, self.article, self.reader, self.sure, self.added]

    def _wire_reader(self, language: Any, filters: Any, on_change: Callable[[Any], Any]) -> None:
        reader = self._reading()
        for place in (self.table, self.article):
            opened = place.click(self.on_open, language, reader, **QUICK)
            opened.then(None, js="() => recoupeArticles.read()", **QUICK)
        closed = self.close.click(self.on_close, None, reader, **QUICK)
        closed.then(None, js="() => recoupeArticles.back()", **QUICK)
        question_first = [self.sure, self.sure_text]
        self.remove.click(self.on_remove, [self.article_id, language], question_first, **QUICK)
        self.remove_no.click(lambda: gr.update(visible=False), None, self.sure, **QUICK)
        sure = [self.article_id, filters, language]
        on_change(self.remove_yes.click(self.on_remove_sure, sure, [filters, *reader], **HIDDEN))
        only = [self.article_id, filters, language]
        self.only.click(self.on_only, only, [filters, self.added], **FOLLOWED)

    # -- adding -------------------------------------------------------------------------------

    def on_stop_adding(self, request: gr.Request) -> None:
        self.desk.stop("add", str(request.session_hash))

    def on_add(
        self,
        files: list[str] | None,
        addresses: str,
        text: str,
        title: str,
        outlet: str,
        day: str,
        language: Language,
        request: gr.Request,
    ) -> Iterator[list[Any]]:
        """Add what was chosen, written and pasted; what is in the fields stays until it is in."""
        tab = str(request.session_hash)
        places = [one.strip().strip("\"'") for one in addresses.splitlines() if one.strip()]
        last = Addition()
        try:
            if not files and not places and not text.strip():
                raise RecoupeError("page.nothing_to_add")
            published = find_date(day, language) if day.strip() else None
            if day.strip() and published is None:
                raise RecoupeError("page.paste_no_date", date=day.strip())
            pasted = Pasted(text, title, outlet, published) if text.strip() else None
            for last in self.desk.add(tab, files or [], places, pasted):
                yield self._shown(last, language)
        except RecoupeError as error:
            yield [render.error(error, language), *[gr.skip()] * 8]
            return
        if last.phase == "done":  # the dossier has its own copy of the text
            for file in files or []:
                Path(file).unlink(missing_ok=True)

    def _shown(self, addition: Addition, language: Language) -> list[Any]:
        busy = addition.phase == "working"
        empty = [None, "", "", "", "", ""] if addition.phase == "done" else [gr.skip()] * 6
        html = render_articles.addition(addition, language)
        return [html, *empty, gr.update(interactive=not busy), gr.update(visible=busy)]

    # -- the list -----------------------------------------------------------------------------

    def on_dossier(self, look: Look, filters: Filters, language: Language) -> list[Any]:
        """The dossiers, and the articles of the open one as they are now: for `components`."""
        try:
            has_articles = bool(self.desk.listing())
        except RecoupeError:  # the banner of the page says it
            return ["", gr.update(visible=False), "", look, "", "", 0]
        return [
            self.shelf.shown(language),
            gr.update(visible=has_articles),
            *self.on_filters(look, filters, language),
        ]

    @property
    def components(self) -> list[Any]:
        """Those that follow a change of the dossier, as `on_dossier` fills them."""
        listed = [self.look, self.count, self.table, self.known]
        return [self.shelf.bar, self.filter, self.facets, *listed]

    def on_filters(self, look: Look, filters: Filters, language: Language) -> list[Any]:
        return [
            facets(self.desk.listing(), filters, language),
            *self._listed(look, filters, language),
        ]

    def on_filter(self, wanted: str, look: Look, filters: Filters, language: Language) -> list[Any]:
        return self._listed(replace(look, search=wanted, page=0), filters, language)

    def on_table(
        self, look: Look, filters: Filters, language: Language, event: gr.EventData
    ) -> list[Any]:
        """Sort by a column, or turn to another page."""
        act, value = _said(event)
        if act == "sort":
            look = sorted_by(look, value)
        elif act == "page" and value.isdecimal():
            look = replace(look, page=int(value))
        return self._listed(look, filters, language)

    def on_facet(
        self, look: Look, filters: Filters, language: Language, event: gr.EventData
    ) -> list[Any]:
        """Change the filters: the list then follows."""
        try:
            return [chosen(filters, *_said(event)), ""]
        except RecoupeError as error:
            return [gr.skip(), render.error(error, language)]

    def on_tick(self, known: int, look: Look, filters: Filters, language: Language) -> list[Any]:
        """The table once more, where more is known of its articles than it shows."""
        if not self.desk.is_open or self.desk.catalogue.changes == known:
            return [gr.skip(), gr.skip()]
        _, _, table, known = self._listed(look, filters, language)
        return [known, table]

    def _listed(self, look: Look, filters: Filters, language: Language) -> list[Any]:
        if not self.desk.is_open:
            return [look, "", "", 0]
        articles, catalogue = self.desk.listing(), self.desk.catalogue
        found = matching(articles, look, filters)
        catalogue.look_at(found[n].id for n in page_of(len(found), look))
        known = catalogue.changes
        table = render_articles.table(found, look, catalogue.state, language)
        if not articles:
            table = render_articles.empty(language)
        return [look, render_articles.count(len(found), len(articles), language), table, known]

    # -- one article --------------------------------------------------------------------------

    def on_open(self, language: Language, event: gr.EventData) -> list[Any]:
        document = self.desk.document(str(event._data.get("document", "")))
        if document is None:
            gone = render.error(RecoupeError("page.article_gone"), language)
            return ["", "", gr.update(visible=False), gr.update(visible=False), gone]
        known = self.desk.catalogue.state(document.id)
        others = {one.listed.id: one.listed for one in self.desk.listing()}
        copies = [others[one] for one in known.copies or () if one in others]
        html = article(document, self.desk.passages(document.id), known, copies, language)
        return [document.id, html, gr.update(visible=True), gr.update(visible=False), gr.skip()]

    def on_close(self) -> list[Any]:
        return ["", "", gr.update(visible=False), gr.update(visible=False), gr.skip()]

    def on_gone(self, document_id: str) -> list[Any]:
        """Close the article that is open, if the dossier does not hold it."""
        if not document_id or not self.desk.is_open or self.desk.document(document_id):
            return [gr.skip()] * 5
        return self.on_close()

    def on_only(self, document_id: str, filters: Filters, language: Language) -> list[Any]:
        """Ask nothing but the article that is open."""
        said = render.line("page.ask_only_done", language)
        return [chosen(filters, "document", document_id), said]

    def on_remove(self, document_id: str, language: Language) -> list[Any]:
        document = self.desk.document(document_id)
        title = render_articles.title_of(document, language) if document else ""
        text = render.line("page.remove_sure", language, title=title)
        return [gr.update(visible=document is not None), text]

    def on_remove_sure(self, document_id: str, filters: Filters, language: Language) -> list[Any]:
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
        left = tuple(one for one in filters.document_ids if one != document_id)
        return [replace(filters, document_ids=left), *self.on_close()[:4], said]


def _said(event: gr.EventData) -> tuple[str, str]:
    """What was pressed or chosen in a component of ours, and which."""
    return str(event._data.get("act", "")), str(event._data.get("value", ""))
