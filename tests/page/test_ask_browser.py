"""Asking in a real browser: evidence first, the cited words, stopping, and what is kept."""

import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from rag.page.articles_tab import ArticlesTab
from tests.page.browsing import SECONDS, Served

pytestmark = pytest.mark.browser

BRIDGE = "Le pont de Nantes a rouvert lundi. Il avait fermé en mars.\n\n" + "Rien de plus.\n\n" * 60
TRAM = "Le tramway <b>roule</b> mardi. Le dépôt est loin.\n\n" + "Rien de neuf.\n\n" * 60
ARTICLES = {"pont.txt": BRIDGE, "tram.txt": TRAM}
QUESTION = "Qui a rouvert le pont ?"
QUOTE = "Le pont de Nantes a rouvert lundi."


def held_after(served: Served, events: int) -> threading.Event:
    """The assistant waits for this before each event but the first `events`."""
    go_on, free = threading.Event(), threading.Semaphore(events)
    served.assistant.before_each = lambda: free.acquire(blocking=False) or go_on.wait(SECONDS)
    return go_on


def answered(tab: Any, question: str = QUESTION) -> Any:
    """The page, once it shows the whole answer to `question`."""
    tab.ask(question)
    expect(tab.page.locator("#answer h2.asked")).to_have_text(question)
    expect(tab.page.locator("#status")).to_contain_text("Terminé")
    return tab.page


def test_the_passages_are_on_screen_then_read_before_a_word_of_the_answer(
    served: Served, open_tab: Any
) -> None:
    go_on = held_after(served, 2)
    tab = open_tab()
    tab.ask(QUESTION)
    expect(tab.page.locator(".hit blockquote", has_text=QUOTE)).to_be_visible()
    read, unread = tab.page.locator("#hit-1 .said"), tab.page.locator("#hit-2 .said")
    expect(read).not_to_have_text("lecture en cours…")
    expect(unread).to_have_text("lecture en cours…")
    expect(tab.page.locator("#answer .answer-text")).to_have_count(0)
    go_on.set()
    expect(tab.page.locator("#answer .answer-text")).to_contain_text("a rouvert lundi")


def test_a_marker_shows_the_exact_words_and_opens_the_article_at_them(open_tab: Any) -> None:
    tab = open_tab()
    page = answered(tab)
    marker = page.locator("#answer a.marker").first
    marker.hover()
    expect(page.locator("#popover .quoted")).to_have_text(QUOTE)
    marker.click()
    words = page.locator("#panel mark")
    expect(words).to_be_focused()
    expect(words).to_be_in_viewport()
    assert words.evaluate("one => one.textContent") == QUOTE
    expect(page.locator("#panel")).to_contain_text("Il avait fermé en mars.")
    page.get_by_role("button", name="Fermer (Échap)").click()
    expect(page.locator("#panel")).to_be_hidden()
    assert tab.complaints == []


def test_the_keyboard_alone_reaches_the_cited_words_and_comes_back(open_tab: Any) -> None:
    page = answered(open_tab())
    marker = page.locator("#answer a.marker").first
    marker.focus()
    expect(page.locator("#popover .quoted")).to_have_text(QUOTE)
    page.keyboard.press("Enter")
    expect(page.locator("#panel mark")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(marker).to_be_focused()


def test_a_reload_keeps_the_conversation_and_a_new_one_leaves_it_in_the_list(
    open_tab: Any,
) -> None:
    page = answered(open_tab(), "Où est le pont ?")
    page.reload()
    expect(page.locator("#answer h2.asked")).to_have_text("Où est le pont ?")
    expect(page.locator("#source-1 mark")).to_have_text(QUOTE)
    page.get_by_role("button", name="Nouvelle conversation").click()
    expect(page.locator("#sources")).to_be_hidden()
    page.get_by_role("button", name="Conversations passées").click()
    page.get_by_role("button", name="Où est le pont ?", exact=True).click()
    expect(page.locator("#answer h2.asked")).to_have_text("Où est le pont ?")


def test_where_to_start_is_not_shown_over_an_answer_however_late_it_comes(
    open_tab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, go_on, came = ArticlesTab.on_dossier, threading.Event(), threading.Event()

    def late(*told: Any) -> list[Any]:
        came.set()
        go_on.wait(SECONDS)
        return listed(*told)

    monkeypatch.setattr(ArticlesTab, "on_dossier", late)
    tab = open_tab(shows="#question textarea")
    assert came.wait(SECONDS)
    page = answered(tab)
    go_on.set()
    expect(page.locator("#start h2")).to_have_count(1)
    expect(page.locator("#start")).to_be_hidden()
    expect(page.locator("#answer .answer-text")).to_contain_text("a rouvert lundi")
    page.get_by_role("button", name="Nouvelle conversation").click()
    expect(page.locator("#start h2")).to_be_visible()


def test_an_answer_is_downloaded_with_the_words_it_rests_on(open_tab: Any, tmp_path: Path) -> None:
    page = answered(open_tab())
    page.locator("#answer .exports summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Markdown").click()
    download.value.save_as(tmp_path / "answer.md")
    assert download.value.suggested_filename.endswith(".md")
    assert QUOTE in (tmp_path / "answer.md").read_text(encoding="utf-8")


def test_two_tabs_ask_at_once_and_each_keeps_its_own_turns(open_tab: Any) -> None:
    one, other = open_tab(), open_tab()
    one.ask(QUESTION)
    other.ask("Où roule le tramway ?")
    for tab, question in ((one, QUESTION), (other, "Où roule le tramway ?")):
        expect(tab.page.locator("#answer h2.asked")).to_have_text(question)
        expect(tab.page.locator("#status")).to_contain_text("Terminé")
    page = answered(one, "Qui a fermé le pont ?")
    expect(page.locator("#earlier .turn")).to_have_count(1)
    expect(page.locator("#earlier .turn > summary")).to_have_text(QUESTION)
    expect(other.page.locator("#earlier .turn")).to_have_count(0)


def test_an_earlier_turn_stays_unfolded_and_the_page_where_it_is_while_another_is_rated(
    open_tab: Any,
) -> None:
    tab = open_tab()
    answered(tab)
    page = answered(tab, "Qui a fermé le pont ?")
    page.locator("#earlier summary").first.click()
    button = page.locator("#earlier .turn").get_by_role("button", name="Bonne réponse")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_in_viewport()


def test_a_comment_is_written_beside_a_reason_kept_and_said_and_the_focus_stays(
    open_tab: Any,
) -> None:
    tab = open_tab()
    page = answered(tab)
    bad = page.get_by_role("button", name="Mauvaise réponse")
    bad.click()
    expect(bad).to_be_focused()
    field = page.get_by_label("Commentaire (facultatif)")
    expect(field).to_have_attribute("maxlength", "500")
    field.fill("Le <b>lundi</b>")
    page.get_by_role("button", name="incomplète").click()
    expect(page.get_by_role("button", name="incomplète")).to_be_focused()
    expect(field).to_have_value("Le <b>lundi</b>")
    field.fill("Quel lundi ?")
    field.press("Enter")
    expect(page.locator("#said")).to_have_text("Commentaire gardé")
    expect(field).to_have_value("Quel lundi ?")
    expect(field).to_be_focused()
    expect(page.get_by_role("button", name="incomplète")).to_have_attribute("aria-pressed", "true")
    assert tab.complaints == []


SLOW = """() => {
  const fast = window.fetch; // for the test alone: a busy machine
  window.fetch = async (...asked) => {
    await new Promise((done) => setTimeout(done, 400));
    return fast(...asked);
  };
}"""


def test_a_comment_that_is_sent_while_a_reason_is_being_kept_is_kept_too(open_tab: Any) -> None:
    page = answered(open_tab())
    page.get_by_role("button", name="Mauvaise réponse").click()
    field = page.get_by_label("Commentaire (facultatif)")
    expect(field).to_be_visible()
    page.evaluate(SLOW)
    page.get_by_role("button", name="incomplète").click()
    field.fill("Quel lundi ?")
    field.press("Enter")
    expect(page.locator("#said")).to_have_text("Commentaire gardé")
    expect(field).to_have_value("Quel lundi ?")
    expect(page.get_by_role("button", name="incomplète")).to_have_attribute("aria-pressed", "true")


NO_CLIPBOARD = """() => {
  window.board = navigator.clipboard; // for the test alone: to see what was copied
  Object.defineProperty(navigator, "clipboard", { value: undefined });
}"""


def test_an_answer_is_copied_where_the_browser_has_no_clipboard_for_scripts(open_tab: Any) -> None:
    page = answered(open_tab(permissions=["clipboard-read", "clipboard-write"]))
    page.evaluate(NO_CLIPBOARD)
    copy = page.get_by_role("button", name="Copier la réponse")
    copy.click()
    expect(page.locator("#answer .copied")).to_have_text("Copié")
    expect(copy).to_be_focused()
    expect(page.locator("textarea.unseen")).to_have_count(0)
    assert page.evaluate("board.readText()").startswith(f"{QUOTE[:-1]} [1].\n\nSources :\n[1] ")


def test_an_answer_that_cannot_be_copied_is_selected_and_the_page_says_so(open_tab: Any) -> None:
    page = answered(open_tab())
    page.evaluate(NO_CLIPBOARD)
    page.evaluate("() => { document.execCommand = () => false; }")
    page.locator("#page-language").get_by_label("English").check()
    page.get_by_role("button", name="Copy the answer").click()
    note = page.locator("#answer .copied")
    expect(note).to_have_text("Copying failed. The text is selected: copy it with Ctrl+C.")
    expect(note).to_have_attribute("role", "status")
    selected = page.evaluate("getSelection().toString()")
    assert selected.startswith(f"{QUOTE[:-1]} [1].\n\nSources:\n[1] ")
