"""The page served over articles of a test's own, and a real browser to look at it."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

import app
from eval.browser import CHROMIUM, MISSING
from eval.browser import chromium as a_browser
from eval.footprint import free_port
from rag.config import Settings
from rag.dossier import Dossier
from rag.page.access import Access
from rag.page.api import Interface
from rag.page.desk import Desk
from rag.page.mcp import McpServer
from tests.fakes import FakeAssistant, HashEmbedder

SECONDS = float(os.environ.get("RECOUPE_TEST_SECONDS", "30"))  # only a broken test waits as long


class Served:
    """The page over a dossier of `articles`, texts by file name, and the assistant behind it."""

    def __init__(
        self,
        folder: Path,
        articles: Mapping[str, str],
        access: Access | None = None,
        with_mcp: bool = False,
    ) -> None:
        dossier = Dossier.open(Settings(dossier=folder / "dossier"), HashEmbedder())
        for name, text in articles.items():
            (folder / name).write_text(text, encoding="utf-8")
        dossier.add([folder / name for name in articles])
        self.assistant = FakeAssistant(dossier)
        self.desk = Desk(lambda: self.assistant)  # type: ignore[arg-type, return-value]
        self.desk.open()
        port = free_port()
        self.blocks = app.build_app(self.desk)
        mcp = McpServer(Interface(self.desk)) if with_mcp else None
        options = app.launch_options("127.0.0.1", port, access, mcp)
        self.blocks.launch(**options, prevent_thread_lock=True)
        self.address = f"http://127.0.0.1:{port}/"


class Tab:
    """A page that is open, what it asked for and what it complained about."""

    def __init__(self, context: BrowserContext, address: str, shows: str) -> None:
        self.requested: set[str] = set()
        self.complaints: list[str] = []
        self.page = context.new_page()
        self.page.set_default_timeout(SECONDS * 1000)
        expect.set_options(timeout=SECONDS * 1000)
        self.page.on("request", lambda request: self.requested.add(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._console)
        self.page.goto(address)
        expect(self.page.locator(shows)).to_be_visible()

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def ask(self, question: str) -> None:
        self.page.fill("#question textarea", question)
        self.page.press("#question textarea", "Enter")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window; skips the test where there is none."""
    if not CHROMIUM:
        pytest.skip(MISSING)
    with a_browser() as browser:
        yield browser


@contextmanager
def tabs(browser: Browser, address: str) -> Iterator[Callable[..., Tab]]:
    """`open_tab(**options)`: a page in a context of its own, closed at the end.

    `to`: another page than the one at `address`, which is there once it `shows` something.
    """
    contexts: list[BrowserContext] = []

    def open_tab(to: str = address, shows: str = "#start h2", **options: Any) -> Tab:
        options = {"locale": "fr-FR", "viewport": {"width": 1440, "height": 900}, **options}
        contexts.append(browser.new_context(**options))
        return Tab(contexts[-1], to, shows)

    yield open_tab
    for context in contexts:
        context.close()
