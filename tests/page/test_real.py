"""One whole way with the real models: asked, read, cited, opened at the words, stopped, kept."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from eval.page_speed import SECONDS, served
from rag.assistant import Assistant
from rag.config import Settings
from tests.page.browsing import tabs

pytestmark = [pytest.mark.browser, pytest.mark.model]

ARTICLES = {
    "passerelle.md": "---\ntitle: La passerelle de Vélizac rouvre\noutlet: Le Courrier du Gué\n"
    "date: 2025-03-04\n---\nLa passerelle de Vélizac a rouvert lundi, après deux ans de travaux. "
    "Le chantier a coûté 4,2 millions d'euros, selon la mairie. Il a occupé 35 ouvriers.\n",
    "harbour.md": "---\ntitle: Harbour of Kelmouth to be dredged\noutlet: The Kelmouth Mail\n"
    "date: 2025-05-06\n---\nThe harbour of Kelmouth will be dredged in October, the port said on "
    "Tuesday. Norwick Marine won the contract, which is worth 9 million pounds.\n",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("real")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = Settings(dossier=folder / "dossier", warm=False)
    with closing(Assistant.open(settings=settings)) as assistant:
        list(assistant.dossier.add([folder / name for name in ARTICLES]))
    with served(settings) as address:
        yield address


@pytest.fixture
def tab(address: str, browser: Browser) -> Iterator[Any]:
    with tabs(browser, address) as open_tab:
        tab = open_tab()
        tab.page.set_default_timeout(SECONDS * 1000)
        expect.set_options(timeout=SECONDS * 1000)
        yield tab


@pytest.mark.parametrize(
    ("question", "value", "words"),
    [
        ("Combien a coûté la passerelle de Vélizac ?", "4,2 millions d", "4,2 millions"),
        ("Who won the contract to dredge Kelmouth harbour?", "Norwick Marine", "Norwick Marine"),
    ],
)
def test_a_question_is_answered_with_the_words_it_rests_on(
    address: str, tab: Any, question: str, value: str, words: str
) -> None:
    page = tab.page
    tab.ask(question)
    expect(page.locator("#sources .hit").first).to_be_visible()
    assert page.locator("#answer .answer-text").count() == 0  # evidence first
    expect(page.locator("#answer .actions")).to_be_visible()
    expect(page.locator("#answer .answer-text")).to_contain_text(value)
    marker = page.locator("#answer a.marker").first
    marker.hover()
    quote = page.locator("#popover .quoted").text_content()
    assert words in quote
    marker.click()
    expect(page.locator("#panel mark")).to_be_focused()
    assert page.locator("#panel mark").text_content() == quote
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("#answer h2.asked")).to_have_text(question)
    expect(page.locator("#answer .answer-text")).to_contain_text(value)
    assert {url for url in tab.requested if not url.startswith((address, "data:"))} == set()
    assert tab.complaints == []


def test_what_no_article_says_is_refused_with_the_closest_passages(tab: Any) -> None:
    tab.ask("Quel est le prix du pain à Lisbonne ?")
    expect(tab.page.locator("#answer .verdict")).to_be_visible()
    expect(tab.page.locator("#sources article").first).to_be_visible()


def test_stop_stops_the_model_and_the_next_question_is_answered(tab: Any) -> None:
    page = tab.page
    tab.ask("What does the port of Kelmouth say about Norwick Marine?")
    expect(page.locator("#stop")).to_be_enabled()
    page.click("#stop")
    stopped = time.monotonic()
    expect(page.locator("#stop")).to_be_disabled()
    assert time.monotonic() - stopped < SECONDS / 10
    tab.ask("Combien d'ouvriers le chantier de la passerelle a-t-il occupés ?")
    expect(page.locator("#answer .answer-text")).to_contain_text("35")
