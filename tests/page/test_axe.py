"""Nobody is kept out: every state of the page, looked over by axe-core."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.browsing import Tab

pytestmark = pytest.mark.browser

ARTICLES = {
    "pont.md": (
        "---\ntitle: Le pont de Nantes rouvre\nauthor: Anne Morel\noutlet: Le Fleuve\n"
        "date: 2025-06-13\nurl: https://fleuve.example/pont\n---\n"
        "Le pont de Nantes a rouvert lundi. Il avait fermé en mars. La mairie a payé.\n"
    ),
    "bridge.txt": "The Nantes bridge is open, says the pont company. It had closed in March.",
}
WORDS = {
    "fr": {
        "locale": "fr-FR",
        "question": "Qui a rouvert le pont ?",
        "unknown": "Quel est le prix de la baguette ?",
        "open": "Lire : Le pont",
    },
    "en": {
        "locale": "en-GB",
        "question": "Who opened the pont?",
        "unknown": "What does a croissant cost?",
        "open": "Read: Le pont",
    },
}
each_state = pytest.mark.parametrize("state", ["idle", "answered", "refused", "articles", "open"])
each_look = pytest.mark.parametrize(
    ("width", "scheme", "language"), [(1360, "light", "fr"), (390, "dark", "en")]
)


def bring_about(state: str, tab: Tab, language: str) -> None:
    """Have the page of `tab` in `state`."""
    words, page = WORDS[language], tab.page
    if state in ("answered", "refused"):
        tab.ask(words["question" if state == "answered" else "unknown"])
        shown = "#answer a.marker" if state == "answered" else "#answer .verdict, #answer .notice"
        expect(page.locator(shown).first).to_be_visible()
        expect(page.locator("#ask")).to_be_enabled()
    elif state in ("articles", "open"):
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator("#table table")).to_be_visible()
    if state == "open":
        page.get_by_role("button", name=words["open"]).click()
        expect(page.locator("#reader article")).to_be_visible()


def findings(page: Page) -> list[str]:
    """What keeps somebody out, gravely: each rule that is broken, with the first place."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:2]
    ]


@each_look
@each_state
def test_nobody_is_kept_out(
    open_tab: Any, state: str, width: int, scheme: str, language: str
) -> None:
    tab = open_tab(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        locale=WORDS[language]["locale"],
        reduced_motion="reduce",
    )
    bring_about(state, tab, language)
    assert findings(tab.page) == []


FOLLOWED = """() => {
  const spoken = document.getElementById("spoken");
  window.said = [];
  new MutationObserver(() => spoken.textContent && said.push(spoken.textContent)).observe(
    spoken, { childList: true });
}"""


def test_a_screen_reader_says_the_answer_once_when_it_is_whole(open_tab: Any) -> None:
    page = (tab := open_tab()).page
    spoken = page.locator("#spoken")
    expect(spoken).to_have_attribute("role", "status")
    page.evaluate(FOLLOWED)
    tab.ask("Qui a payé ?")
    expect(spoken).to_contain_text("Le pont de Nantes a rouvert lundi")
    expect(spoken).to_have_attribute("lang", "fr")
    assert len(page.evaluate("said")) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_screen_reader_speaks_the_language_of_the_page(open_tab: Any, language: str) -> None:
    page = open_tab(locale=WORDS[language]["locale"]).page
    expect(page.locator("html")).to_have_attribute("lang", language)


UNSEEN = """() => {
  const one = document.activeElement;
  // the button of a date field is inside it: the browser marks it itself
  if (!one || one === document.body || !one.matches(":focus")) return [];
  const drawn = [one, one.parentElement, one.closest("label, .tab-container, .block")];
  const marked = drawn.filter(Boolean).some((each) => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow !== "none";
  });
  return marked ? [] : [one.outerHTML.slice(0, 160)];
}"""


def test_what_has_the_focus_can_be_seen(open_tab: Any) -> None:
    tab = open_tab()
    bring_about("articles", tab, "fr")
    bare = []
    for _ in range(25):
        tab.page.keyboard.press("Tab")
        bare += tab.page.evaluate(UNSEEN)
    assert bare == []
