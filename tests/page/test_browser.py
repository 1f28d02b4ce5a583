"""The page in a real browser: what a reader sees and does, and that nothing leaves the machine."""

import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.page.browsing import SECONDS, Served

pytestmark = pytest.mark.browser

TRAP = (
    "<img src=x onerror=alert(1)> Le piège\n\n"
    "Le piège <b>gras</b> ${alert(3)} {{value}} `code` <script>alert(2)</script> attend. Encore."
)
BRIDGE = "Le pont de Nantes a rouvert lundi. Il avait fermé en mars. La mairie a payé."
ARTICLES = {"pont.txt": BRIDGE, "piege.txt": TRAP}
QUESTION = "Qui a rouvert le pont ?"
CONTRASTS = """
() => {
  const parse = (text) => {
    const numbers = text.match(/[\\d.]+/g).map(Number);
    return numbers.length === 3 ? [...numbers, 1] : numbers;
  };
  const light = (colour) => {
    const part = (value) =>
      (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(colour[0]) + 0.7152 * part(colour[1]) + 0.0722 * part(colour[2]);
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const low = [];
  for (const element of document.querySelectorAll("h1, h2, h3, p, a, li, td, th, mark, label span,"
      + " summary, footer, button:not([disabled]), .number, blockquote, textarea, .why")) {
    if (!element.offsetParent || !element.textContent.trim()) continue;
    const [text, back] = [parse(getComputedStyle(element).color), behind(element)].map(light);
    const ratio = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName} ${element.textContent.slice(0, 30)} ${ratio}`);
  }
  return low;
}
"""


def test_nothing_is_asked_of_any_other_machine(served: Served, open_tab: Any) -> None:
    tab = open_tab()
    tab.ask(QUESTION)
    expect(tab.page.locator("#source-1")).to_be_visible()
    tab.page.get_by_role("tab", name="Articles").click()
    expect(tab.page.locator("#table table")).to_be_visible()
    outside = {url for url in tab.requested if not url.startswith((served.address, "data:"))}
    assert outside == set()
    assert tab.complaints == []


def test_a_marker_opens_its_article_at_the_words_that_are_cited(open_tab: Any) -> None:
    page = open_tab().page
    page.fill("#question textarea", QUESTION)
    page.get_by_role("button", name="Demander", exact=True).click()
    page.locator("#answer a.marker").first.click()
    words = page.locator("#panel mark")
    expect(words).to_be_focused()
    expect(words).to_have_text("Le pont de Nantes a rouvert lundi.")
    assert page.url.count("#") == 0


def test_stop_stops_and_another_question_can_follow(served: Served, open_tab: Any) -> None:
    go_on = threading.Event()
    served.assistant.before_each = lambda: go_on.wait(SECONDS)
    tab = open_tab()
    tab.ask(QUESTION)
    tab.page.get_by_role("button", name="Arrêter").first.click()
    go_on.set()
    expect(tab.page.locator("#status")).to_contain_text("Arrêté")
    tab.ask(QUESTION)
    expect(tab.page.locator("#status")).to_contain_text("Terminé")


def test_a_second_tab_waits_its_turn_and_sees_only_its_own_answer(
    served: Served, open_tab: Any
) -> None:
    go_on = threading.Event()
    served.assistant.before_each = lambda: go_on.wait(SECONDS)
    first, second = open_tab(), open_tab(locale="en-GB")
    first.ask(QUESTION)
    expect(first.page.locator("#status")).to_contain_text("Recherche")
    second.ask("Who opened the pont ?")
    expect(second.page.locator("#status")).to_contain_text("Another question is being answered")
    go_on.set()
    expect(second.page.locator("#answer h2")).to_have_text("Who opened the pont ?")
    expect(second.page.locator("#status")).to_contain_text("Done")
    expect(first.page.locator("#answer h2")).to_have_text(QUESTION)


def test_the_language_switch_changes_everything_and_is_remembered(open_tab: Any) -> None:
    tab = open_tab()
    tab.ask(QUESTION)
    expect(tab.page.locator("#sources h2")).to_have_text("Sources citées")
    tab.page.locator("#page-language").get_by_label("English").check()
    expect(tab.page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    expect(tab.page.locator("#sources h2")).to_have_text("Cited sources")
    expect(tab.page.locator("html")).to_have_attribute("lang", "en")
    tab.page.reload()
    expect(tab.page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_an_article_that_holds_html_shows_as_text_everywhere(open_tab: Any) -> None:
    tab = open_tab()
    tab.ask("Où est le piège ?")
    expect(tab.page.locator("#sources")).to_contain_text("<b>gras</b>")
    expect(tab.page.locator("#sources")).to_contain_text("${alert(3)} {{value}}")
    tab.page.get_by_role("tab", name="Articles").click()
    tab.page.get_by_role("button", name="Lire : <img src=x").click()
    expect(tab.page.locator("#reader")).to_contain_text("<b>gras</b> ${alert(3)} {{value}}")
    assert tab.complaints == []


def test_a_file_is_added_read_and_removed(open_tab: Any, tmp_path: Path) -> None:
    article = tmp_path / "marché.txt"
    article.write_text("Le marché couvert a fermé samedi. Il a cent ans.", encoding="utf-8")
    (tmp_path / "photo.pdf").write_bytes(b"%PDF-1.7")
    page = open_tab().page
    page.get_by_role("tab", name="Articles").click()
    page.set_input_files("#files input[type=file]", [article, tmp_path / "photo.pdf"])
    expect(page.locator("#files")).to_contain_text("photo")
    page.get_by_role("button", name="Ajouter au dossier").click()
    expect(page.locator("#added")).to_contain_text("Terminé : 1 sur 2")
    expect(page.locator("#added .failed")).to_contain_text("photo.pdf")
    page.locator("button.open", has_text="march").click()
    expect(page.locator("#reader")).to_contain_text("Il a cent ans.")
    page.get_by_role("button", name="Retirer du dossier").click()
    page.get_by_role("button", name="Oui, retirer").click()
    expect(page.locator("#added")).to_contain_text("a été retiré du dossier")
    expect(page.locator("button.open", has_text="march")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_everything_can_be_read_and_nothing_is_cut(open_tab: Any, width: int, scheme: str) -> None:
    tab = open_tab(viewport={"width": width, "height": 844}, color_scheme=scheme)
    tab.ask(QUESTION)
    expect(tab.page.locator("#source-1")).to_be_visible()
    for name in ("Question", "Articles"):
        tab.page.get_by_role("tab", name=name).click()
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.page.evaluate(CONTRASTS) == []
    # where seven columns have no room, articles are told one below the other
    expect(tab.page.locator("#table thead")).to_be_visible(visible=width > 900)


def test_the_page_can_be_used_with_the_keyboard_alone(open_tab: Any) -> None:
    page = open_tab().page
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#answer a.marker")).to_be_visible()
    page.locator("#answer a.marker").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel mark")).to_be_focused()


def test_every_field_has_a_name(open_tab: Any) -> None:
    page = open_tab().page
    unnamed = page.locator("textarea:visible, input:visible").evaluate_all(
        "all => all.filter(one => !one.labels?.length && !one.ariaLabel).map(one => one.outerHTML)"
    )
    assert unnamed == []


def test_the_copy_button_copies_the_answer_with_its_sources(open_tab: Any) -> None:
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.ask(QUESTION)
    tab.page.get_by_role("button", name="Copier la réponse").click()
    expect(tab.page.locator(".copied")).to_have_text("Copié")
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Le pont de Nantes a rouvert lundi [1].\n\nSources :\n[1] ")


def test_the_page_says_so_when_recoupe_was_closed(served: Served, open_tab: Any) -> None:
    page = open_tab().page
    expect(page.locator(".lost")).to_be_hidden()
    page.route("**/app_id", lambda route: route.abort())
    expect(page.locator(".lost")).to_contain_text("Relancez « recoupe serve »")
    page.unroute("**/app_id")
    expect(page.locator(".lost")).to_be_hidden()
