"""Which dossier is open, and making, renaming and deleting dossiers, on the Articles tab."""

from collections.abc import Callable
from typing import Any, Literal

import gradio as gr

from rag.errors import RecoupeError
from rag.page import render
from rag.page.desk import Desk
from rag.page.facets import dossiers
from rag.page.labels import FOLLOWED, QUICK, Labels
from rag.types import Filters, Language


class ShelfBar:
    """The components of the bar and what happens to them."""

    def __init__(self, desk: Desk, labels: Labels) -> None:
        self.desk = desk
        self._labels = labels

    def build(self, listen: str) -> None:
        on = self._labels.on
        with gr.Row(elem_id="dossier-row"):
            self.bar = gr.HTML(elem_id="dossier", js_on_load=listen)
            self.create = on(_button("dossier-create"), value="page.dossier_create")
            self.rename = on(_button("dossier-rename"), value="page.dossier_rename")
            self.delete = on(_button("dossier-delete", "stop"), value="page.dossier_delete")
        with gr.Column(visible=False, elem_id="dossier-form") as self.form:
            self.act = gr.State("")
            self.text = gr.HTML()
            with gr.Row():
                self.name = on(
                    gr.Textbox("", elem_id="dossier-name", max_length=80), label="page.dossier_name"
                )
                self.yes = on(
                    gr.Button(variant="primary", scale=0, elem_id="dossier-yes"),
                    value="page.dossier_yes",
                )
                self.no = on(gr.Button(scale=0, elem_id="dossier-no"), value="page.dossier_no")
        self.said = gr.HTML(elem_id="dossier-said")

    def wire(self, language: Any, filters: Any, on_change: Callable[[Any], Any]) -> None:
        """`on_change(event)` has the page follow an event after which another may be open."""
        form = [self.act, self.form, self.text, self.name, self.said]
        self.create.click(lambda one: self.on_form("create", one), language, form, **QUICK)
        self.rename.click(lambda one: self.on_form("rename", one), language, form, **QUICK)
        self.delete.click(lambda one: self.on_form("delete", one), language, form, **QUICK)
        self.no.click(self.on_cancel, None, form, **QUICK)
        done = [filters, *form]
        chosen = self.bar.input(self.on_choose, [filters, language], done, **FOLLOWED)
        sure = [self.act, self.name, filters, language]
        managed = gr.on([self.yes.click, self.name.submit], self.on_sure, sure, done, **FOLLOWED)
        on_change(chosen)
        on_change(managed)

    def shown(self, language: Language) -> str:
        """The dossiers there are; nothing while none is open."""
        folder = self.desk.folder
        if folder is None:
            return ""
        return dossiers(self.desk.shelf.dossiers(), folder.name, language)

    def on_choose(self, filters: Filters, language: Language, event: gr.EventData) -> list[Any]:
        """Open another dossier; the filters were about the articles of the one before."""
        name = str(event._data.get("value", ""))
        try:
            self.desk.switch(self.desk.shelf.find(name).path)
        except RecoupeError as error:
            return [filters, *self.on_cancel()[:-1], render.error(error, language)]
        return [Filters(), *self.on_cancel()[:-1], self._opened(language)]

    def on_form(self, act: str, language: Language) -> list[Any]:
        """Ask for the name of a new dossier, for a new name, or for the name of one to delete."""
        folder = self.desk.folder
        if folder is None:
            error = RecoupeError("page.opening_short")
            return [*self.on_cancel()[:-1], render.error(error, language)]
        key = {
            "create": "page.dossier_create_text",
            "rename": "page.dossier_rename_text",
            "delete": "page.dossier_delete_text",
        }[act]
        text = render.line(key, language, name=folder.name)
        filled = folder.name if act == "rename" else ""
        return [act, gr.update(visible=True), text, filled, ""]

    def on_cancel(self) -> list[Any]:
        return ["", gr.update(visible=False), "", "", ""]

    def on_sure(self, act: str, name: str, filters: Filters, language: Language) -> list[Any]:
        """Do what the form asks for; where that fails it stays open and says why."""
        try:
            said = self._done(act, name, language)
        except RecoupeError as error:
            return [filters, *[gr.skip()] * 4, render.error(error, language)]
        kept = filters if act == "rename" else Filters()
        return [kept, *self.on_cancel()[:-1], said]

    def _done(self, act: str, name: str, language: Language) -> str:
        folder = self.desk.assistant.dossier.store.folder
        if act == "create":
            self.desk.switch(self.desk.shelf.create(name))
        elif act == "rename":
            self.desk.rename_dossier(name)
        elif act == "delete":
            self.desk.delete_dossier(name)
            gone = render.line("page.dossier_deleted", language, name=folder.name)
            return gone + self._opened(language)
        return self._opened(language)

    def _opened(self, language: Language) -> str:
        folder = self.desk.folder
        return render.line("page.dossier_opened", language, name=folder.name if folder else "")


def _button(elem_id: str, variant: Literal["secondary", "stop"] = "secondary") -> gr.Button:
    return gr.Button(size="sm", scale=0, variant=variant, elem_id=elem_id)
