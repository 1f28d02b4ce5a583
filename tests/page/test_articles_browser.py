"""The Articles tab in a real browser: with the mouse, with the keyboard alone, with folders."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.page.browsing import Served, Tab

pytestmark = pytest.mark.browser

HEAD = "---\ntitle: {title}\ndate: {day}\nsite: {outlet}\n---\n\n"
ARTICLES = {
    "quai.md": HEAD.format(title="Le quai ferme", day="2024-03-09", outlet="Le Relais")
    + "Le quai de Brest a fermé lundi. La mairie se tait.\n\nIl rouvrira en juin. Peut-être.",
    "halle.md": HEAD.format(title="La halle rouvre", day="2024-04-02", outlet="Le Courrier")
    + "La halle de Brest a rouvert mardi. Elle a cent ans.",
    "port.md": HEAD.format(title="The harbour closed", day="2024-06-20", outlet="Post")
    + "The harbour closed on Thursday. The town said nothing at all about it.",
}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path, ARTICLES)
    yield served
    served.blocks.close()
    served.desk.assistant.dossier.close()


def articles(tab: Tab) -> Page:
    tab.page.get_by_role("tab", name="Articles").click()
    expect(tab.page.locator("#table table")).to_be_visible()
    return tab.page


def test_months_are_chosen_with_the_keyboard_and_hold_for_questions_until_taken_back(
    open_tab: Callable[..., Tab],
) -> None:
    tab = open_tab()
    page = articles(tab)
    bars = page.locator("button.bar")
    expect(bars).to_have_count(4)
    bars.nth(3).focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("#table button.open")).to_have_text(["Le quai ferme"])
    expect(bars.nth(0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#table button.open")).to_have_text(["La halle rouvre", "Le quai ferme"])
    expect(page.locator("#count")).to_have_text("2 articles sur 3")
    page.get_by_role("tab", name="Question").click()
    page.get_by_role("button", name="Retirer le filtre : Du 1er mars 2024 au 30 avril 2024").click()
    expect(page.locator("button.chip")).to_have_count(0)
    articles(tab)
    expect(page.locator("#table button.open")).to_have_count(3)
    assert tab.complaints == []


def test_outlets_stay_open_to_choose_several_and_clearing_unticks_them(
    open_tab: Callable[..., Tab],
) -> None:
    page = articles(open_tab())
    page.get_by_text("Tous les médias (3)").click()
    page.get_by_label("Le Relais 1").check()
    expect(page.locator("#table button.open")).to_have_count(1)
    page.get_by_label("Post 1").check()
    expect(page.locator("#table button.open")).to_have_count(2)
    page.get_by_role("button", name="Effacer les filtres").click()
    expect(page.locator("#table button.open")).to_have_count(3)
    expect(page.get_by_label("Le Relais 1")).not_to_be_checked()


def test_a_whole_folder_is_taken_without_what_is_no_article(
    open_tab: Callable[..., Tab], tmp_path: Path
) -> None:
    for place, words in (("lot/un.txt", "Le pont a rouvert lundi. Enfin."),
                         ("lot/sous/un.txt", "La gare ferme samedi. Encore."),
                         ("lot/photo.png", "x"), ("lot/.caché/non.txt", "Rien.")):  # fmt: skip
        (tmp_path / place).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / place).write_text(words, encoding="utf-8")
    page = articles(open_tab())
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choisir tout un dossier").click()
    chooser.value.set_files(tmp_path / "lot")
    expect(page.locator("#files")).to_contain_text("sous")
    page.get_by_role("button", name="Ajouter au dossier").click()
    expect(page.locator("#added")).to_contain_text("Terminé : 2 sur 2")
    expect(page.locator("#table")).to_contain_text("lot - sous - un.txt")


def test_an_article_is_opened_and_closed_with_the_keyboard_and_the_place_is_kept(
    open_tab: Callable[..., Tab],
) -> None:
    page = articles(open_tab())
    opener = page.locator("#table button.open", has_text="Le quai ferme")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reader .reading")).to_be_focused()
    expect(page.locator("#reader .paragraphs li")).to_have_count(2)
    expect(page.locator("#reader .tag").first).to_have_text("passage 1")
    page.get_by_role("button", name="Fermer l’article").focus()
    page.keyboard.press("Enter")
    expect(opener).to_be_focused()


def test_another_dossier_is_made_filled_left_and_deleted(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab()
    page = articles(tab)
    page.get_by_role("button", name="Nouveau…").click()
    page.fill("#dossier-name input, #dossier-name textarea", "Ports bretons")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.locator("#dossier-said")).to_contain_text("« Ports bretons » est ouvert")
    expect(page.get_by_text("Aucun article pour l’instant")).to_be_visible()
    page.get_by_role("button", name="Coller le texte d’un article").click()
    page.get_by_label("Texte de l’article").fill(
        "Le môle de Roscoff a cédé. Personne n’est blessé."
    )
    page.get_by_label("Titre (facultatif)").fill("Le môle cède")
    page.get_by_role("button", name="Ajouter au dossier").click()
    expect(page.locator("#table button.open")).to_have_text(["Le môle cède"])
    page.get_by_label("Dossier ouvert").select_option("dossier")
    expect(page.locator("#table button.open")).to_have_count(3)
    page.get_by_label("Dossier ouvert").select_option("Ports bretons")
    expect(page.locator("#table button.open")).to_have_text(["Le môle cède"])
    page.get_by_role("button", name="Supprimer…").click()
    page.fill("#dossier-name input, #dossier-name textarea", "Ports bretons")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.locator("#dossier-said")).to_contain_text("a été supprimé")
    expect(page.locator("#table button.open")).to_have_count(3)
    assert tab.complaints == []


BROKEN = {  # what is wrong with a file, and the line that says so
    "vide.txt": (b"", "vide.txt est vide. Vérifiez que c’est le bon fichier."),
    "image.txt": (b"\x89PNG\x00\x01\x02", "image.txt n’est pas un fichier de texte."),
}
DROPPED = """(files) => {
  const given = new DataTransfer();
  files.forEach(([name, text]) => given.items.add(new File([text], name, { type: "text/plain" })));
  const place = document.querySelector("#files .upload-container");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const told = { dataTransfer: given, bubbles: true, cancelable: true };
    place.dispatchEvent(new DragEvent(kind, told));
  }
}"""


@pytest.mark.parametrize("broken", BROKEN)
def test_a_folder_with_a_broken_file_adds_all_the_others_and_says_what_is_wrong_with_it(
    open_tab: Callable[..., Tab], tmp_path: Path, broken: str
) -> None:
    content, told = BROKEN[broken]
    (tmp_path / "lot").mkdir()
    for name in ("avant.txt", "milieu.md", "zut.html"):
        (tmp_path / "lot" / name).write_text(f"Le môle de {name} a cédé lundi. Enfin.", "utf-8")
    (tmp_path / "lot" / broken).write_bytes(content)
    page = articles(open_tab())
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choisir tout un dossier").click()
    chooser.value.set_files(tmp_path / "lot")
    expect(page.locator("#files tr.file")).to_have_count(4)
    page.get_by_role("button", name="Ajouter au dossier").click()
    expect(page.locator("#added .status")).to_have_text("Terminé : 3 sur 4 dans le dossier")
    expect(page.locator("#added li.added")).to_have_count(3)
    expect(page.locator("#added li.failed")).to_have_count(1)
    expect(page.locator("#added li.failed")).to_contain_text(told)
    expect(page.locator("#table tbody tr")).to_have_count(6)
    expect(page.locator("#files tr.file")).to_have_count(0)


def test_files_that_are_dropped_are_added_but_for_the_broken_one(
    open_tab: Callable[..., Tab],
) -> None:
    page = articles(open_tab())
    good = [["un.txt", "Le phare est rallumé. Enfin."], ["deux.txt", "La criée rouvre. Enfin."]]
    page.evaluate(DROPPED, [*good, ["vide.txt", ""]])
    expect(page.locator("#files tr.file")).to_have_count(3)
    page.get_by_role("button", name="Ajouter au dossier").click()
    expect(page.locator("#added .status")).to_have_text("Terminé : 2 sur 3 dans le dossier")
    expect(page.locator("#added li.failed")).to_contain_text("vide.txt est vide.")
    expect(page.locator("#table tbody tr")).to_have_count(5)


def test_nothing_of_the_dossier_before_stays_on_screen_in_any_tab_once_another_is_open(
    served: Served, open_tab: Callable[..., Tab]
) -> None:
    one, other = open_tab(), open_tab()
    suggested = one.page.locator("#examples button")
    expect(suggested.first).to_be_visible()
    offered = suggested.all_inner_texts()
    for tab in (one, other):
        tab.ask("Qui a fermé le quai ?")
        expect(tab.page.locator("#answer h2.asked")).to_have_text("Qui a fermé le quai ?")
        expect(tab.page.locator("#sources .cards")).to_be_visible()
        expect(tab.page.locator("#ask")).to_be_enabled()
    other.page.locator("#answer a.marker").first.click()
    expect(other.page.locator("#panel")).to_be_visible()
    other.page.fill("#question textarea", "Et la halle ?")
    page = articles(one)
    page.get_by_role("button", name="Nouveau…").click()
    page.fill("#dossier-name input, #dossier-name textarea", "Phares")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("Aucun article pour l’instant")).to_be_visible()
    page.get_by_role("tab", name="Question").click()
    for tab in (one, other):
        expect(tab.page.locator("#start h2")).to_have_text("Le dossier est vide")
        for place in ("#sources", "#earlier", "#status", "#examples", "#panel"):
            expect(tab.page.locator(place)).to_be_hidden()
    expect(page.locator("#question textarea")).to_have_value("")
    expect(other.page.locator("#question textarea")).to_have_value("Et la halle ?")
    page.get_by_role("button", name="Conversations passées").click()
    expect(page.locator("#past")).to_contain_text("Aucune conversation pour l’instant")
    page.get_by_role("tab", name="Articles").click()
    page.get_by_label("Dossier ouvert").select_option("dossier")
    expect(page.locator("#table button.open")).to_have_count(3)
    page.get_by_role("tab", name="Question").click()
    expect(page.locator("#past .conversations li")).to_have_count(2)
    expect(page.locator("#start h2")).to_have_text("Posez une question sur le dossier")
    expect(suggested).to_have_text(offered)
    assert [*one.complaints, *other.complaints] == []
