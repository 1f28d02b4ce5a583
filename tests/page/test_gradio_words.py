"""What Gradio says on its own is in the language of the page, whatever the browser speaks."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

import app
from rag.page.guard import UPLOAD_BYTES
from rag.page.words import WORDS, words
from rag.types import Language
from tests.page.browsing import SECONDS, Served
from tests.page.test_axe import findings

ARTICLES = {"pont.txt": "Le pont a rouvert. Enfin."}
FILES: list[Any] = [
    {"name": name, "mimeType": "text/plain", "buffer": b"Le quai a ferme lundi. Enfin."}
    for name in ("quai.txt", "$&.txt")
]
NAMES = "all => all.map((one) => [one.ariaLabel, one.title])"
each_way = pytest.mark.parametrize(
    ("browser_speaks", "switch", "language"),
    [("en-GB", "Français", "fr"), ("fr-FR", "English", "en"), ("de-DE", "Français", "fr")],
)


def switched(open_tab: Any, browser_speaks: str, switch: str, language: str) -> Page:
    """The page on its Articles tab, in another language than that of the browser."""
    page: Page = open_tab(locale=browser_speaks).page
    page.locator("#page-language").get_by_label(switch).check()
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#table table")).to_be_visible()
    return page


@pytest.mark.browser
@each_way
def test_the_place_for_files_speaks_the_language_of_the_page_before_and_after_they_are_chosen(
    open_tab: Any, browser_speaks: str, switch: str, language: Language
) -> None:
    page, said = switched(open_tab, browser_speaks, switch, language), words(language)
    label = {"fr": "Fichiers .txt, .md ou .html : déposez-les ici ou cliquez",
             "en": "Files .txt, .md or .html: drop them here or click"}[language]  # fmt: skip
    assert page.locator("#files").inner_text().strip() == label
    names = page.locator("#files button[aria-label], #files input")
    assert names.evaluate_all(NAMES) == [[said["chooseFiles"], ""]] * 2
    page.set_input_files("#files input[type=file]", FILES)
    expect(names).to_have_count(6)
    assert names.evaluate_all(NAMES) == [
        [said["moreFiles"], said["moreFiles"]],
        [said["moreFiles"], ""],
        [said["moreFiles"], ""],
        [said["clearFiles"], said["clearFiles"]],
        [said["removeFile"].replace("{name}", "quai.txt"), ""],
        [said["removeFile"].replace("{name}", "$&.txt"), ""],
    ]
    assert findings(page) == []


@pytest.mark.browser
@each_way
def test_files_on_their_way_and_files_refused_are_told_in_the_language_of_the_page(
    open_tab: Any, browser_speaks: str, switch: str, language: Language
) -> None:
    page, said = switched(open_tab, browser_speaks, switch, language), words(language)
    held: list[Route] = []
    page.route("**/gradio_api/upload?*", lambda route: held.append(route))
    page.set_input_files("#files input[type=file]", FILES)
    sending = page.locator("#files .uploading")
    expect(sending).to_be_visible()
    shown = sending.evaluate("one => [getComputedStyle(one, '::after').content, "
                             "getComputedStyle(one).fontSize]")  # fmt: skip
    assert shown == [f'"{said["uploading"]}"', "0px"]
    while not held:
        page.wait_for_timeout(50)
    held[0].fulfill(status=413, json={"detail": "Too large"})
    notice = page.get_by_test_id("toast-body")
    expect(notice.get_by_test_id("toast-text")).to_have_text(said["uploadFailed"])
    expect(notice.locator(".toast-title")).to_have_text(said["error"])
    expect(notice.get_by_role("button", name=said["close"], exact=True)).to_be_visible()


@pytest.mark.browser
def test_a_server_that_is_gone_is_told_once_in_the_language_of_the_page(open_tab: Any) -> None:
    page = switched(open_tab, "en-GB", "Français", "fr")
    page.context.set_offline(True)
    notice = page.get_by_test_id("toast-body")
    expect(notice.locator(".toast-title")).to_have_text("Connexion perdue")
    expect(notice.get_by_test_id("toast-text")).to_have_text(words("fr")["lost"])
    expect(page.locator(".lost")).to_be_hidden()
    expect(notice.locator("[role=button] button")).to_have_count(0)
    notice.get_by_test_id("toast-close").click()
    expect(page.locator(".lost")).to_be_visible()


SEEN = """(() => {
  window.seen = new Set();
  const soon = window.setTimeout; // the page shows itself after a while: not while a test looks
  window.setTimeout = (act, ms, ...more) => soon(act, ms === 3000 ? 2 ** 30 : ms, ...more);
  const look = () => {
    const [page, ask] = ["gradio-app .gradio-container", "#ask"].map((one) =>
      document.querySelector(one));
    if (page && ask && getComputedStyle(page).opacity === "1") seen.add(ask.innerText);
    requestAnimationFrame(look);
  };
  look();
})()"""


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "words_seen"), [("fr-FR", ["Demander"]), ("en-GB", ["Ask"])])
def test_no_english_is_seen_before_a_reader_of_french_sees_the_page(
    served: Served, browser: Browser, locale: str, words_seen: list[str]
) -> None:
    context = browser.new_context(locale=locale)
    context.add_init_script(SEEN)
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    page.goto(served.address)
    page.wait_for_function("window.seen.size && document.querySelector('#start h2')")
    assert page.evaluate("[...seen]") == words_seen
    context.close()


def test_the_sizes_that_are_told_are_those_that_the_server_takes() -> None:
    assert (app.launch_options("127.0.0.1", 1)["max_file_size"], UPLOAD_BYTES) == (
        "50mb",
        500_000_000,
    )
    assert "50 Mo, tous ensemble 500 Mo" in words("fr")["uploadFailed"]
    assert "50 MB, all together 500 MB" in words("en")["uploadFailed"]


def test_every_word_of_the_scripts_exists_in_both_languages() -> None:
    assert set(words("fr")) == set(words("en")) == set(WORDS)
    assert [name for name in WORDS if words("fr")[name] == words("en")[name]] == []


def test_nothing_is_hidden_by_half_a_selector() -> None:
    """Gradio cuts the selectors of an application's styles at every comma, in brackets too."""
    styles = [re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
              for path in sorted(app.ASSETS.glob("*.css"))]  # fmt: skip
    selectors = [one.strip() for text in styles for one in re.findall(r"([^{}]+){", text)]
    assert "#table:not(:has(table)):not(:has(h2))" in " ".join(selectors)
    assert [one for one in selectors if re.search(r"\([^()]*(\([^()]*\)[^()]*)*,", one)] == []
