"""Pictures of every state of the page, for docs/screenshots: `python -m tests.screenshots`.

With the real models over the starter dossier; `--fake` has the assistant of the tests answer
instead, over two articles of their own. What comes first in the file names: idle, answered,
refused, articles, open; and, with the assistant of the tests either way, since no model speaks,
empty, loading, missing, error and adding (see `tests.troubled`).
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

import app
from rag.config import PROJECT, Settings
from rag.page.desk import Desk
from tests.page.browsing import Served, chromium, free_port
from tests.troubled import ARTICLES, troubled

FOLDER = PROJECT / "docs" / "screenshots"
WIDTHS = {"wide": (1360, 900), "tablet": (820, 1180), "phone": (390, 844)}
SCHEMES = ("light", "dark")
STATES = ("idle", "answered", "refused", "articles", "open")
LONGEST = 2400  # pixels of a picture's height: what is below adds nothing
PROGRESS_SECONDS = 3.0  # until what is being added is told
SECONDS = 600.0  # for one state: the models may have to be loaded
FAKE = {
    "pont.md": "---\ntitle: Le pont rouvre\noutlet: Le Fleuve\ndate: 2025-06-13\n---\n"
    "Le pont de Nantes a rouvert lundi. Il avait fermé en mars.\n",
    "bridge.txt": "The Nantes bridge is open, says the pont company. It had closed in March.",
}
QUESTIONS = {  # one that the dossier answers, one that it does not
    False: {
        "fr": ("Combien Meta a-t-elle investi dans Scale AI ?", "Quel est le prix du pain ?"),
        "en": ("How much did Meta invest in Scale AI?", "What does a croissant cost?"),
    },
    True: {
        "fr": ("Qui a rouvert le pont ?", "Quel est le prix du pain ?"),
        "en": ("Who opened the pont?", "What does a croissant cost?"),
    },
}

Look = tuple[str, str, str]  # width, colours, language


@contextmanager
def served(fake: bool, dossier: Path) -> Iterator[str]:
    """The address of the page, over the assistant of the tests or over the real one.

    Of the dossier a copy is asked: its own conversations stay as they are.
    """
    with tempfile.TemporaryDirectory() as folder:
        if fake:
            page = Served(Path(folder), FAKE)
            yield page.address
            page.blocks.close()
            return
        from rag.assistant import Assistant

        copy = Path(folder) / "dossier"
        shutil.copytree(dossier, copy, ignore=shutil.ignore_patterns("kv", "conversations.db*"))
        with closing(Assistant.open(settings=Settings(dossier=copy, warm=False))) as assistant:
            desk = Desk(lambda: assistant)
            desk.open()
            port = free_port()
            blocks = app.build_app(desk)
            blocks.launch(**app.launch_options("127.0.0.1", port), prevent_thread_lock=True)
            yield f"http://127.0.0.1:{port}/"
            blocks.close()


def bring_about(state: str, page: Page, questions: tuple[str, str]) -> None:
    """Have `page`, which shows the state before, show `state`."""
    if state in ("answered", "refused"):
        question = questions[state == "refused"]
        page.fill("#question textarea", question)
        page.press("#question textarea", "Enter")
        expect(page.locator("#answer h2.asked")).to_have_text(question)
        expect(page.locator("#stop")).to_be_disabled()
        expect(page.locator("#ask")).to_be_enabled()
    elif state == "articles":
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator("#table table")).to_be_visible()
    elif state == "open":
        page.locator("#table button.open").first.click()
        expect(page.locator("#reader article")).to_be_visible()


def take(browser: Browser, address: str, folder: Path, look: Look, fake: bool) -> None:
    """A picture of each state in one `look`."""
    with opened(browser, address, look) as page:
        expect(page.locator("#start h2")).to_be_visible()
        for state in STATES:
            bring_about(state, page, QUESTIONS[fake][look[2]])
            picture(page, folder, state, look)


def take_trouble(
    browser: Browser, addresses: Mapping[str, str], articles: Path, out: Path, look: Look
) -> None:
    """A picture of each page that cannot answer, in one `look`; `articles` are those to add."""
    for state, address in addresses.items():
        with opened(browser, address, look) as page:
            if state in ("missing", "error"):
                expect(page.locator("#banner .problem")).to_be_visible()
            else:
                expect(page.locator("#start h2")).to_be_visible()
            if state == "adding":
                page.get_by_role("tab", name="Articles").click()
                if not page.locator("#table tbody tr").count():  # else another look began it
                    page.fill(
                        "#addresses textarea", "\n".join(str(articles / name) for name in ARTICLES)
                    )
                    page.locator("#add").click()
                page.wait_for_timeout(PROGRESS_SECONDS * 1000)
            picture(page, out, state, look)


@contextmanager
def opened(browser: Browser, address: str, look: Look) -> Iterator[Page]:
    width, scheme, language = look
    size: Any = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    options: dict[str, Any] = {"viewport": size, "color_scheme": scheme, "reduced_motion": "reduce"}
    with closing(browser.new_context(locale=language, **options)) as context:
        context.set_default_timeout(SECONDS * 1000)
        page = context.new_page()
        page.goto(address)
        yield page


def picture(page: Page, folder: Path, state: str, look: Look) -> None:
    """The page from its top."""
    height = min(LONGEST, page.evaluate("document.documentElement.scrollHeight"))
    page.evaluate("scrollTo(0, 0)")
    clip: Any = {"x": 0, "y": 0, "width": WIDTHS[look[0]][0], "height": height}
    page.screenshot(path=folder / f"{'-'.join((state, *look))}.png", full_page=True, clip=clip)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fake", action="store_true", help="without the models")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--dossier", type=Path, default=PROJECT / "dossier", metavar="DIR")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=SECONDS * 1000)
    looks = list(product(WIDTHS, SCHEMES, ("fr", "en")))
    with served(chosen.fake, chosen.dossier) as address, chromium() as browser:
        for look in looks:
            take(browser, address, chosen.out, look, chosen.fake)
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder)
        with troubled(articles) as addresses, chromium() as browser:
            for look in looks:
                take_trouble(browser, addresses, articles, chosen.out, look)


if __name__ == "__main__":
    main()
