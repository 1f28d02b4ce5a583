"""The frame of the page: its name, its language, its tabs, and what they share."""

from html import escape
from typing import Any

import gradio as gr

from rag.errors import RecoupeError
from rag.messages import message
from rag.page import render
from rag.page.api import Interface
from rag.page.articles_tab import ArticlesTab
from rag.page.ask_tab import AskTab, answer_languages
from rag.page.desk import Desk
from rag.page.labels import HIDDEN, QUICK, Labels
from rag.page.look import Look
from rag.page.words import starting
from rag.types import LANGUAGES, Filters, Language

UPLOAD_SECONDS = (3600, 86400)  # between two looks, and how long what was not added is kept
AHEAD_SECONDS = 2.0  # between two looks at how much has been read ahead


class Page:
    """The components of one page and what happens to them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.labels = Labels()
        self.languages: dict[str, Language] = {}  # of each tab, should it change meanwhile
        self.asking = AskTab(desk, self.labels, self.languages)
        self.articles = ArticlesTab(desk, self.labels)

    def build(self) -> gr.Blocks:
        blocks: gr.Blocks = gr.Blocks(
            title="Recoupe", analytics_enabled=False, delete_cache=UPLOAD_SECONDS
        )
        with blocks:
            self._frame()
            with gr.Tabs(elem_id="tabs"):
                with self.labels.on(gr.Tab(id="ask"), label="page.tab_ask") as self.ask_tab:
                    self.asking.build()
                with self.labels.on(
                    gr.Tab(id="articles"), label="page.tab_articles"
                ) as self.list_tab:
                    self.articles.build()
            # below all else: what comes and goes there moves nothing that is being read
            self.ahead = gr.HTML(elem_id="ahead")
            self._wire(blocks)
            Interface(self.desk).offer()
        return blocks

    def _frame(self) -> None:
        self.remembered = gr.BrowserState(None, storage_key="recoupe-language", secret="recoupe")
        with gr.Row(elem_id="masthead"):
            self.masthead = gr.HTML(masthead("en"), elem_id="name")
            self.language = self.labels.on(
                gr.Radio(
                    [("Français", "fr"), ("English", "en")],
                    value="en",
                    elem_id="page-language",
                    container=False,
                    scale=0,
                    min_width=190,
                ),
                label="page.interface",
            )
        self.banner = gr.HTML(elem_id="banner")
        # of the dossier that is open, for this tab to notice that another one was opened
        self.open_dossier = gr.Textbox(visible="hidden", elem_id="open-dossier")
        self.filters = gr.State(Filters())  # chosen on the Articles tab; questions keep to them
        self.timer = gr.Timer(1.0, active=self.desk.opening)
        self.ahead_shown = gr.State("")
        self.ahead_timer = gr.Timer(AHEAD_SECONDS)

    def _wire(self, blocks: gr.Blocks) -> None:
        words = [self.masthead, self.asking.answer_language, *self.labels.components]
        blocks.unload(self.on_unload)
        loaded = blocks.load(self.on_load, self.remembered, [self.language, *words], **QUICK)
        chosen = self.language.input(self.on_language, self.language, words, **QUICK)
        self.language.input(lambda one: one, self.language, self.remembered, **QUICK)
        for relabelled in (loaded, chosen):
            relabelled.then(None, self.language, js=starting(), **HIDDEN)
            self._refresh(relabelled)
        asking = self.asking
        asking.wire(self.language, self.filters)
        answered = [asking.status, asking.answer, asking.sources, asking.earlier]
        chosen.then(asking.on_view, [asking.view, self.language], answered, **QUICK)
        self._refresh(asking.restore(loaded, self.language))
        for event in (self.timer.tick, self.ask_tab.select, self.list_tab.select):
            self._offer(event(self.on_dossier, *self._dossier_shown(), **QUICK))
        ahead = [self.ahead, self.ahead_shown, self.open_dossier]
        self.ahead_timer.tick(self.on_tick, [self.ahead_shown, self.language], ahead, **QUICK)
        self.articles.wire(self.language, self.filters, self.ahead_timer, self._refresh)
        left = asking.follow(self.open_dossier.change, self.language, self.filters)
        self._refresh(self.articles.follow(left))

    def _dossier_shown(self) -> tuple[list[Any], list[Any]]:
        """What `on_dossier` takes, and what it fills."""
        asking, articles = self.asking, self.articles
        return [articles.look, self.filters, self.language], [
            self.banner,
            self.timer,
            asking.start,
            *articles.components,
        ]

    def _refresh(self, event: Any) -> Any:
        """Show the dossier as it is after `event`."""
        shown = event.then(self.on_dossier, *self._dossier_shown(), **QUICK)
        self._offer(shown)
        shown.then(self.on_open_dossier, None, self.open_dossier, **QUICK)
        return shown

    def _offer(self, event: Any) -> None:
        """Offer questions after `event`: later than all else, as articles are looked at for it."""
        event.then(self.asking.on_examples, self.language, self.asking.offered, **QUICK)

    def on_load(self, remembered: str | None, request: gr.Request) -> list[Any]:
        known = (one for one in LANGUAGES if one == remembered)
        language = next(known, preferred_language(request))
        self.asking.talks.expect(str(request.session_hash))
        return [language, *self.on_language(language, request)]

    def on_language(self, language: Language, request: gr.Request) -> list[Any]:
        """Everything that is written on the page, in `language`."""
        self.languages[str(request.session_hash)] = language
        choices = gr.update(choices=answer_languages(language))
        return [masthead(language), choices, *self.labels.updates(language)]

    def on_dossier(
        self, look: Look, filters: Filters, language: Language, request: gr.Request
    ) -> list[Any]:
        """Show the dossier as it is now, whether the models are loaded, and where to start (which
        an answer hides), unless a conversation is on its way to the tab."""
        try:
            articles = self.desk.listing()
            problem = self.desk.error
        except RecoupeError as error:
            articles, problem = [], error
        banner = render.error(problem, language) if problem else ""
        if self.desk.opening:
            text = message("page.opening", language)
            banner = f'<p class="status busy" role="status">{escape(text)}</p>'
        start = render.start_notice(len(articles), language) if self.desk.is_open else ""
        is_arriving = self.asking.talks.is_arriving(str(request.session_hash))
        return [
            banner,
            gr.update(active=self.desk.opening),
            gr.skip() if is_arriving else start,
            *self.articles.on_dossier(look, filters, language),
        ]

    def on_open_dossier(self) -> str:
        """The name of the dossier that is open, empty while none is."""
        return self.desk.folder.name if self.desk.folder else ""

    def on_tick(self, shown: str, language: Language) -> list[Any]:
        return [*self.on_ahead(shown, language), self.on_open_dossier()]

    def on_ahead(self, shown: str, language: Language) -> list[Any]:
        """How much has been read ahead, where that is not what is `shown`."""
        html = render.ahead(self.desk.ahead, language)
        return [gr.skip(), gr.skip()] if html == shown else [html, html]

    def on_unload(self, request: gr.Request) -> None:
        self.languages.pop(str(request.session_hash), None)
        self.asking.talks.forget(str(request.session_hash))


def masthead(language: Language) -> str:
    """The name of the page, what it does, and what is shown once the server is gone."""
    tagline, lost = message("page.tagline", language), message("page.lost", language)
    return (
        f"<h1>Recoupe</h1><p>{escape(tagline)}</p>"
        f'<p class="problem lost" role="alert" hidden>{escape(lost)}</p>'
    )


def preferred_language(request: gr.Request) -> Language:
    """French if the browser asks for it before English, else English."""
    accepted = str(request.headers.get("accept-language", "")).lower()
    wanted = (part.strip()[:2] for part in accepted.split(","))
    known = (language for part in wanted for language in LANGUAGES if language == part)
    return next(known, "en")
