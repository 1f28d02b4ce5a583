"""Seconds from a question to what its reader sees, in the browser: the page's own clock.

Each question is asked in a tab of its own, over passages that were never read, and then in
another one over the same passages, read by then. What is on screen is looked at whenever the page
changes, so that a moment is the one at which it could be painted.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import app
from eval.answer_speed import MOMENTS
from eval.browser import chromium
from eval.footprint import free_port
from eval.timing import columns, median, quantile, shown
from rag.assistant import Assistant
from rag.config import Settings
from rag.page.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SECONDS = 300.0  # for one answer
TYPING_SECONDS = 3.0  # nobody asks sooner after the page has opened
WAYS = ("cold", "warm")
# What stands on the page from each moment on.
SHOWN = {
    "hits": "#sources article",
    "first_reading": "#sources .said.answers, #sources .said.draft, #answer .answer-text",
    "first_text": "#answer .answer-text, #answer .draft",
    "done": "#answer .actions",
}
CLOCK = """shown => {
    window.seconds = {};
    const look = () => {
        for (const [moment, selector] of Object.entries(shown))
            if (!(moment in seconds) && document.querySelector(selector))
                seconds[moment] = (performance.now() - asked) / 1000;
    };
    let asked;
    document.addEventListener("keydown", event => {
        if (event.key === "Enter" && asked === undefined) {
            asked = performance.now();
            new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
        }
    }, true);
}"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One question asked on the page; `times`: seconds from the question to each moment."""

    question: str
    way: str
    times: Mapping[str, float]


def page_speed(settings: Settings, questions: Sequence[str]) -> list[Seen]:
    """Ask each of the `questions` twice. Raises RuntimeError without a browser, RecoupeError."""
    with served(settings) as address, chromium() as browser:
        return [
            Seen(question, way, asked(browser, address, question))
            for question in questions
            for way in WAYS
        ]


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The address of the page over the dossier of `settings`, its models loaded."""
    with closing(Assistant.open(settings=settings)) as assistant:
        desk = Desk(lambda: assistant)
        desk.open()
        port = free_port()
        blocks = app.build_app(desk)
        blocks.launch(**app.launch_options("127.0.0.1", port), prevent_thread_lock=True)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            blocks.close()


def asked(browser: "Browser", address: str, question: str) -> dict[str, float]:
    """Seconds from Enter to each moment of SHOWN."""
    with closing(browser.new_context(viewport={"width": 1360, "height": 900})) as context:
        context.set_default_timeout(SECONDS * 1000)
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("#start h2")
        page.fill("#question textarea", question)
        page.wait_for_timeout(TYPING_SECONDS * 1000)
        page.evaluate(CLOCK, SHOWN)
        page.press("#question textarea", "Enter")
        page.wait_for_function("'done' in window.seconds")
        times: dict[str, float] = page.evaluate("window.seconds")
    return times


def table(seen: Sequence[Seen]) -> str:
    """Medians and the slowest, by way."""
    rows: list[tuple[str, ...]] = [("in the browser, s", *MOMENTS)]
    for way in WAYS:
        values = [[one.times[moment] for one in seen if one.way == way] for moment in MOMENTS]
        rows.append((f"{way}, median", *(shown(median(one)) for one in values)))
        rows.append((f"{way}, slowest", *(shown(quantile(one, 1.0)) for one in values)))
    return columns(rows)
