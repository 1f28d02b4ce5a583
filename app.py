"""The page: ask the dossier, read the sources, add and remove articles.

Everything stays on this machine: the server listens on 127.0.0.1 only, and the page loads
nothing from anywhere else.
"""

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.config import PROJECT, Settings, go_offline

go_offline()  # before gradio, which otherwise reports its use and looks for newer versions

import gradio as gr  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402

from rag import render, render_articles  # noqa: E402
from rag.desk import Desk  # noqa: E402
from rag.errors import RecoupeError, SettingsError  # noqa: E402
from rag.guard import LOCAL_HOSTS, LocalPageOnly  # noqa: E402
from rag.language import parse_language  # noqa: E402
from rag.messages import message  # noqa: E402
from rag.types import LANGUAGES, Language  # noqa: E402
from rag.view import BUSY, View  # noqa: E402

if TYPE_CHECKING:
    from rag.assistant import Assistant

ASSETS = PROJECT / "rag" / "assets"
STARTER = "fr-01-meta-scale-15-milliards.md"  # the example questions are about these articles
EXAMPLES = ("page.example_1", "page.example_2", "page.example_3")
QUESTION_CHARACTERS = 1000  # what the assistant takes
UPLOAD_SECONDS = (3600, 86400)  # between two looks, and how long what was not added is kept
AHEAD_SECONDS = 2.0  # between two looks at how much has been read ahead
SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Consolas", "DejaVu Sans Mono", "monospace")


class Page:
    """The components of one page and what happens to them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.labels: list[tuple[Any, dict[str, str]]] = []  # component, {property: message}
        self.languages: dict[str, Language] = {}  # of each tab, should it change meanwhile

    def build(self) -> gr.Blocks:
        blocks: gr.Blocks = gr.Blocks(
            title="Recoupe", analytics_enabled=False, delete_cache=UPLOAD_SECONDS
        )
        with blocks:
            self._frame()
            with gr.Tabs(elem_id="tabs"):
                with self._labelled(gr.Tab(id="ask"), label="page.tab_ask") as self.ask_tab:
                    self._ask_tab()
                with self._labelled(
                    gr.Tab(id="articles"), label="page.tab_articles"
                ) as self.list_tab:
                    self._articles_tab()
            # below all else: what comes and goes there moves nothing that is being read
            self.ahead = gr.HTML(elem_id="ahead")
            self._wire(blocks)
        return blocks

    # -- what is on the page ---------------------------------------------------------------

    def _labelled(self, component: Any, **properties: str) -> Any:
        self.labels.append((component, properties))
        for name, key in properties.items():
            setattr(component, name, message(key, "en"))
        return component

    def _frame(self) -> None:
        self.remembered = gr.BrowserState(None, storage_key="recoupe-language", secret="recoupe")
        self.view = gr.State(View())
        with gr.Row(elem_id="masthead"):
            self.masthead = gr.HTML(masthead("en"), elem_id="name")
            self.language = self._labelled(
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
        self.timer = gr.Timer(1.0, active=self.desk.opening)
        self.ahead_shown = gr.State("")
        self.ahead_timer = gr.Timer(AHEAD_SECONDS)

    def _ask_tab(self) -> None:
        with gr.Row(elem_id="question-row"):
            self.question = self._labelled(
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
            self.ask = self._labelled(
                gr.Button(variant="primary", elem_id="ask", scale=0, min_width=130),
                value="page.ask",
            )
            self.stop = self._labelled(
                gr.Button(
                    variant="stop", elem_id="stop", scale=0, min_width=130, interactive=False
                ),
                value="page.stop",
            )
        self.answer_language = self._labelled(
            gr.Radio(answer_languages("en"), value="", elem_id="answer-language"),
            label="page.answer_language",
        )
        with gr.Row(elem_id="examples", visible=False) as self.examples:
            self.example_buttons = [
                self._labelled(gr.Button(size="sm", scale=0, min_width=10), value=key)
                for key in EXAMPLES
            ]
        self.status = gr.HTML(elem_id="status")
        with gr.Row(elem_id="result"):
            with gr.Column(scale=5, min_width=320):
                self.answer = gr.HTML(elem_id="answer")
                self.copy = self._labelled(
                    gr.Button(size="sm", visible=False, elem_id="copy", scale=0),
                    value="page.copy",
                )
            with gr.Column(scale=4, min_width=320):
                self.sources = gr.HTML(elem_id="sources")

    def _articles_tab(self) -> None:
        with gr.Row(elem_id="adding"):
            self.files = self._labelled(
                gr.File(file_count="multiple", elem_id="files", height=150), label="page.upload"
            )
            self.addresses = self._labelled(
                gr.Textbox("", lines=4, max_lines=8, elem_id="addresses"),
                label="page.addresses",
                placeholder="page.addresses_hint",
            )
        with gr.Row(elem_id="add-buttons"):
            self.add = self._labelled(
                gr.Button(variant="primary", elem_id="add", scale=0, min_width=180),
                value="page.add",
            )
            self.stop_adding = self._labelled(
                gr.Button(variant="stop", elem_id="stop-adding", visible=False, scale=0),
                value="page.stop",
            )
        self.added = gr.HTML(elem_id="added")
        with gr.Column(visible=False, elem_id="reader") as self.reader:
            self.article = gr.HTML()
            self.article_id = gr.State("")
            with gr.Row(elem_id="reader-buttons"):
                self.close = self._labelled(gr.Button(scale=0, elem_id="close"), value="page.close")
                self.remove = self._labelled(
                    gr.Button(variant="stop", scale=0, elem_id="remove"), value="page.remove"
                )
            with gr.Row(visible=False, elem_id="sure") as self.sure:
                self.sure_text = gr.HTML()
                self.remove_yes = self._labelled(
                    gr.Button(variant="stop", scale=0, elem_id="remove-yes"),
                    value="page.remove_yes",
                )
                self.remove_no = self._labelled(
                    gr.Button(scale=0, elem_id="remove-no"), value="page.remove_no"
                )
        self.filter = self._labelled(
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

    # -- what happens ----------------------------------------------------------------------

    def _wire(self, blocks: gr.Blocks) -> None:
        dossier = [self.banner, self.timer, self.examples, self.answer, self.filter, self.table]
        shown = [self.view, self.status, self.answer, self.sources, self.ask, self.stop, self.copy]
        words = [self.masthead, self.answer_language, *(one for one, _ in self.labels)]
        hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        quick = {**hidden, "queue": False}
        state = [self.view, self.filter, self.language]

        blocks.unload(self.on_unload)
        loaded = blocks.load(self.on_load, self.remembered, [self.language, *words], **quick)
        chosen = self.language.input(self.on_language, self.language, words, **quick)
        self.language.input(lambda one: one, self.language, self.remembered, **quick)
        for relabelled in (loaded, chosen):
            relabelled.then(None, self.language, js="(one) => recoupe.start(one)", **hidden)
            relabelled.then(self.on_dossier, state, dossier, **quick)
        chosen.then(self.on_view, [self.view, self.language], shown[1:4], **quick)
        for event in (self.timer.tick, self.ask_tab.select, self.list_tab.select):
            event(self.on_dossier, state, dossier, **quick)
        ahead = [self.ahead, self.ahead_shown]
        self.ahead_timer.tick(self.on_ahead, [self.ahead_shown, self.language], ahead, **quick)

        question = [self.question, self.answer_language, self.language]
        asking = {**hidden, "concurrency_limit": None, "trigger_mode": "once"}
        gr.on([self.ask.click, self.question.submit], self.on_ask, question, shown, **asking)
        for button in self.example_buttons:
            filled = button.click(lambda text: text, button, self.question, **quick)
            filled.then(self.on_ask, question, shown, **asking)
        self.stop.click(self.on_stop, **quick)
        self.copy.click(None, js="() => recoupe.copyAnswer()", **quick)

        adding = [self.files, self.addresses, self.language]
        added = [self.added, self.files, self.addresses, self.add, self.stop_adding]
        begun = self.add.click(self.on_add, adding, added, **asking)
        begun.then(self.on_dossier, state, dossier, **quick)
        self.stop_adding.click(self.on_stop_adding, **quick)
        self.filter.change(self.on_filter, [self.filter, self.language], self.table, **quick)

        reader = [self.article_id, self.article, self.reader, self.sure, self.added]
        opened = self.table.click(self.on_open, self.language, reader, **quick)
        opened.then(None, js="() => recoupe.show('reader')", **quick)
        self.close.click(self.on_close, None, reader, **quick)
        question_first = [self.sure, self.sure_text]
        self.remove.click(self.on_remove, [self.article_id, self.language], question_first, **quick)
        self.remove_no.click(lambda: gr.update(visible=False), None, self.sure, **quick)
        removed = self.remove_yes.click(
            self.on_remove_sure, [self.article_id, self.language], reader, **hidden
        )
        removed.then(self.on_dossier, state, dossier, **quick)

    def on_load(self, remembered: str | None, request: gr.Request) -> list[Any]:
        known = (one for one in LANGUAGES if one == remembered)
        language = next(known, preferred_language(request))
        return [language, *self.on_language(language, request)]

    def on_language(self, language: Language, request: gr.Request) -> list[Any]:
        """Everything that is written on the page, in `language`."""
        self.languages[str(request.session_hash)] = language
        updates = [masthead(language), gr.update(choices=answer_languages(language))]
        for _, properties in self.labels:
            texts: dict[str, Any] = {
                name: message(key, language) for name, key in properties.items()
            }
            updates.append(gr.update(**texts))
        return updates

    def on_dossier(self, view: View, wanted: str, language: Language) -> list[Any]:
        """Show the dossier as it is now, and whether the models are loaded."""
        try:
            documents = self.desk.documents()
            problem = self.desk.error
        except RecoupeError as error:
            documents, problem = [], error
        banner = render.error(problem, language) if problem else ""
        if self.desk.opening:
            text = message("page.opening", language)
            banner = f'<p class="status busy" role="status">{escape(text)}</p>'
        starter = any(Path(document.path).name == STARTER for document in documents)
        ready = self.desk.is_open
        table = render_articles.articles(documents, wanted, language) if ready else ""
        idle = start_notice(len(documents), language) if ready else ""
        return [
            banner,
            gr.update(active=self.desk.opening),
            gr.update(visible=starter),
            idle if view.phase == "idle" else gr.skip(),
            gr.update(visible=bool(documents)),
            table,
        ]

    def on_ahead(self, shown: str, language: Language) -> list[Any]:
        """How much has been read ahead, where that is not what is `shown`."""
        html = render.ahead(self.desk.ahead, language)
        return [gr.skip(), gr.skip()] if html == shown else [html, html]

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
            now = self._shown(view, self.languages.get(tab, language))
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

    def on_unload(self, request: gr.Request) -> None:
        self.languages.pop(str(request.session_hash), None)

    def on_stop(self, request: gr.Request) -> None:
        self.desk.stop("ask", str(request.session_hash))

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


def build_app(desk: Desk) -> gr.Blocks:
    """The page over `desk`, not launched yet."""
    return Page(desk).build()


def main(
    port: int = 7860,
    host: str = "127.0.0.1",
    open_browser: bool = True,
    dossier: Path | None = None,
) -> None:
    """Serve the page until it is interrupted; the models load once the page is up.

    Raises SettingsError for a port that is taken, and for a host other than this machine's.
    """
    if host not in LOCAL_HOSTS:
        raise SettingsError("page.host", host=host)
    _check_port(host, port)
    Settings.load(dossier)  # a wrong setting is told here, not by a page that does not work

    def open_assistant() -> "Assistant":
        from rag.assistant import Assistant  # loads the models: after the page

        return Assistant.open(dossier)

    # the page is checked over the loopback by Gradio itself: never through a proxy
    os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), *LOCAL_HOSTS)))
    # uploads wait here to be added: readable by this user alone, and gone when the page is closed
    with tempfile.TemporaryDirectory(prefix="recoupe-") as uploads:
        os.environ["GRADIO_TEMP_DIR"] = uploads
        desk = Desk(open_assistant)
        blocks = build_app(desk)
        options = launch_options(host, port)
        blocks.launch(**options, inbrowser=open_browser, prevent_thread_lock=True)
        desk.open_in_background()
        try:
            blocks.block_thread()
        finally:
            desk.close()


def launch_options(host: str, port: int) -> dict[str, Any]:
    """How the page is served: to this machine alone, with nothing from outside."""
    script = (ASSETS / "recoupe.js").read_text(encoding="utf-8")
    return {
        "server_name": host,
        "server_port": port,
        "share": False,
        "quiet": True,
        "theme": theme(),
        "css_paths": [ASSETS / "recoupe.css"],
        "head": f"<script>{script}</script>",
        "favicon_path": ASSETS / "recoupe.png",
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "pwa": False,
        "mcp_server": False,
        "ssr_mode": False,  # would start a second server
        "num_workers": 0,  # would start more
        "max_file_size": "50mb",
        "state_session_capacity": 100,
        "strict_cors": True,
        "app_kwargs": {
            "middleware": [Middleware(LocalPageOnly)],
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
        },
    }


def theme() -> gr.themes.Base:
    """Only fonts that are on the machine; the colours are in recoupe.css."""
    return gr.themes.Base(font=SANS, font_mono=MONO, radius_size=gr.themes.sizes.radius_sm)


def answer_languages(language: Language) -> list[tuple[str, str]]:
    """The choices of the answer's language, the first being that of the question."""
    return [(message("page.auto", language), ""), ("Français", "fr"), ("English", "en")]


def masthead(language: Language) -> str:
    """The name of the page, what it does, and what is shown once the server is gone."""
    tagline, lost = message("page.tagline", language), message("page.lost", language)
    return (
        f"<h1>Recoupe</h1><p>{escape(tagline)}</p>"
        f'<p class="problem lost" role="alert" hidden>{escape(lost)}</p>'
    )


def start_notice(count: int, language: Language) -> str:
    """What the answer's place shows before the first question."""
    if not count:
        return render.notice(
            message("page.empty_title", language), message("page.empty_text", language)
        )
    text = message("page.start_text", language)
    total = message("page.start_count", language, count=count)
    return render.notice(message("page.start_title", language), f"{text} {total}.")


def preferred_language(request: gr.Request) -> Language:
    """French if the browser asks for it before English, else English."""
    accepted = str(request.headers.get("accept-language", "")).lower()
    wanted = (part.strip()[:2] for part in accepted.split(","))
    known = (language for part in wanted for language in LANGUAGES if language == part)
    return next(known, "en")


def _if_changed(now: Any, before: Any) -> Any:
    return gr.skip() if now == before else now


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise SettingsError("page.port", port=port) from None


if __name__ == "__main__":
    try:
        main()
    except RecoupeError as error:
        sys.exit(str(error))
