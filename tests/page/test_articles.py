"""The Articles tab without a browser: what each action shows and changes."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from rag.config import Settings
from rag.dossier import Dossier
from rag.errors import SettingsError
from rag.page.articles_tab import ArticlesTab
from rag.page.catalogue import State
from rag.page.desk import Desk
from rag.page.filters import chips, chosen, lets_through, without
from rag.page.labels import Labels
from rag.page.look import Look, matching, page_of, sorted_by
from rag.page.reading import article
from rag.page.render_articles import count, table
from rag.page.timeline import Bar, bars, next_range, plot
from rag.store import Listed
from rag.types import Document, Filters, Passage
from tests.fakes import FakeAssistant, HashEmbedder

TAB: Any = SimpleNamespace(session_hash="one")
SKIP = gr.skip()
QUAY = Document("quai", "/a/quai.txt", "Le quai ferme. Il rouvrira.", "fr", "Le quai", "", "Relais",
                date(2024, 3, 9))  # fmt: skip
HARBOUR = Document("port", "/a/port.txt", "The harbour closed.", "en", "Harbour", "", "Post",
                   date(2024, 5, 2))  # fmt: skip
NOTE = Document("note", "/a/note.txt", "Une note. Rien de plus.", "fr")


def said(act: str, value: str = "") -> Any:
    """What a component of ours tells: what was pressed in it."""
    return SimpleNamespace(_data={"act": act, "value": value})


def opened(document_id: str) -> Any:
    return SimpleNamespace(_data={"document": document_id})


@pytest.fixture
def tab(assistant: FakeAssistant) -> Iterator[ArticlesTab]:
    desk = Desk(lambda: assistant)  # type: ignore[arg-type, return-value]
    desk.open()
    yield ArticlesTab(desk, Labels())
    if desk.assistant is not assistant:  # type: ignore[comparison-overlap]
        desk.assistant.dossier.close()


@pytest.fixture
def full(tab: ArticlesTab, assistant: FakeAssistant) -> ArticlesTab:
    assistant.dossier.put([QUAY, HARBOUR, NOTE])
    return tab


def add(tab: ArticlesTab, **given: Any) -> list[Any]:
    """The last thing that an addition shows."""
    fields = {"files": None, "addresses": "", "text": "", "title": "", "outlet": "", "day": ""}
    *_, last = tab.on_add(**{**fields, **given}, language="fr", request=TAB)
    return last


# -- adding -----------------------------------------------------------------------------------


def test_a_pasted_article_is_kept_with_what_was_said_of_it(tab: ArticlesTab) -> None:
    text = "Le maire a signé lundi. Le quai rouvrira en juin."
    html, *fields = add(tab, text=text, title="Le quai", outlet="Relais", day="9 mars 2024")
    assert "Terminé : 1 sur 1" in html
    assert fields[:6] == [None, "", "", "", "", ""]
    (document,) = tab.desk.documents()
    assert (document.title, document.outlet, document.published, document.text) == (
        "Le quai", "Relais", date(2024, 3, 9), text
    )  # fmt: skip


def test_the_same_text_pasted_again_is_one_article_and_its_date_can_be_corrected(
    tab: ArticlesTab,
) -> None:
    text = "Le maire a signé lundi. Le quai rouvrira en juin."
    add(tab, text=text, title="Le quai", day="2024-03-09")
    assert "inchangé" in add(tab, text=text, title="Le quai", day="2024-03-09")[0]
    assert "remplacé" in add(tab, text=text, title="Le quai", day="2024-03-10")[0]
    assert [one.published for one in tab.desk.documents()] == [date(2024, 3, 10)]


def test_a_date_that_is_none_is_said_and_nothing_that_was_pasted_is_lost(tab: ArticlesTab) -> None:
    html, *others = add(tab, text="Un texte entier.", day="hier")
    assert "« hier » n’est pas une date" in html
    assert others == [SKIP] * 8
    assert tab.desk.documents() == []


def test_pasted_text_and_files_are_added_together_each_with_its_line(
    tab: ArticlesTab, tmp_path: Path
) -> None:
    file = tmp_path / "gare.txt"
    file.write_text("La gare ferme mardi. Encore.", encoding="utf-8")
    html, *_ = add(tab, text="Le quai rouvrira en juin. Oui.", title="Quai", addresses=str(file))
    assert "Terminé : 2 sur 2" in html and html.count("<b>ajouté</b>") == 2


def test_two_files_of_one_name_from_two_folders_are_two_articles(
    tab: ArticlesTab, tmp_path: Path
) -> None:
    files = []
    for folder, words in (("a", "La gare ferme mardi."), ("b", "Le quai rouvre jeudi.")):
        (tmp_path / folder).mkdir()
        files.append(tmp_path / folder / "texte.txt")
        files[-1].write_text(words, encoding="utf-8")
    add(tab, files=[str(file) for file in files])
    assert sorted(one.path for one in tab.desk.documents()) == ["texte (2).txt", "texte.txt"]


def test_a_broken_file_among_good_ones_harms_nothing(tab: ArticlesTab, tmp_path: Path) -> None:
    good, other = b"La gare ferme mardi. Encore.", b"Le quai rouvre jeudi. Oui."
    for name, data in (("bon.txt", good), ("vide.txt", b""), ("photo.pdf", b"%PDF-1.7"),
                       ("autre.txt", other)):  # fmt: skip
        (tmp_path / name).write_bytes(data)
    html, *_ = add(tab, files=[str(path) for path in sorted(tmp_path.glob("*.*"))])
    assert "Terminé : 2 sur 4" in html
    assert sorted(one.path for one in tab.desk.documents()) == ["autre.txt", "bon.txt"]


# -- the list ---------------------------------------------------------------------------------


def test_the_list_is_searched_without_accents_in_title_outlet_and_path(full: ArticlesTab) -> None:
    for wanted, found in (("QUÂI relais", ["quai"]), ("post", ["port"]), ("/a/note", ["note"])):
        look, _, html, _ = full.on_filter(wanted, Look(page=3), Filters(), "fr")
        assert look == Look(search=wanted)
        assert [one for one in ("quai", "port", "note") if f'"{one}"' in html] == found
    _, told, html, _ = full.on_filter("introuvable", Look(), Filters(), "fr")
    assert ("Aucun article ne correspond" in told, html) == (True, "")


def test_sorting_goes_both_ways_and_what_is_unknown_comes_last(full: ArticlesTab) -> None:
    articles = full.desk.listing()

    def ids(look: Look) -> list[str]:
        return [one.id for one in matching(articles, look, Filters())]

    assert ids(Look()) == ["port", "quai", "note"]
    assert ids(sorted_by(Look(), "date")) == ["quai", "port", "note"]
    assert ids(sorted_by(Look(), "outlet")) == ["port", "quai", "note"]
    by_title = sorted_by(Look(page=2), "title")
    assert (by_title.descending, by_title.page) == (False, 0)
    assert ids(by_title) == ["note", "port", "quai"]
    assert sorted_by(Look(), "text; DROP") == Look()


def test_the_head_of_the_sorted_column_says_so(full: ArticlesTab) -> None:
    _, _, html, _ = full.on_table(Look(), Filters(), "fr", said("sort", "title"))
    assert html.count('aria-sort="ascending"') == 1
    assert 'aria-sort="ascending"><button type="button" class="sort" data-act="sort" ' in html


def test_ten_thousand_articles_are_shown_fifty_at_a_time() -> None:
    found = [Listed(f"d{n}", f"/{n}", "fr", f"T{n}", "", "", None, "", 1) for n in range(10_000)]
    first = table(found, Look(), lambda _: State(), "en")
    assert first.count('class="open"') == 50
    assert "1 to 50 of 10\u202f000" in first and len(first) < 30_000
    last = table(found, Look(page=10**6), lambda _: State(), "en")
    assert "9951 to 10000" in last and 'data-value="200" disabled' in last
    assert page_of(0, Look()) == range(0, 0)


def test_the_table_says_what_is_known_of_an_article_and_nothing_else(full: ArticlesTab) -> None:
    full.on_filters(Look(), Filters(), "fr")
    full.desk.catalogue.settle(10.0)
    assert full.desk.catalogue.state("quai") == State(read_ahead=True, copies=())
    known, html = full.on_tick(0, Look(), Filters(), "fr")
    assert known == full.desk.catalogue.changes
    assert (html.count(">lu d’avance<"), html.count(">pas encore lu d’avance<")) == (2, 1)
    assert full.on_tick(known, Look(), Filters(), "fr") == [SKIP, SKIP]


def test_a_copy_of_another_article_is_said_to_be_one(full: ArticlesTab) -> None:
    long = (
        "Le conseil municipal de Brest a voté mardi 3 mars le rachat du quai Malbert pour "
        "12 millions d’euros. La maire, Jeanne Kerdoncuff, attend 340 emplois d’ici 2027. "
        "L’opposition, menée par Yann Le Goff, parle de 9 millions de trop. La Région verse "
        "4,5 millions, l’Europe 2 millions et le port Atlantique le reste, avant décembre."
    )
    one = Document("un", "/u", long, "fr", "Le quai racheté", "", "Relais")
    two = Document("deux", "/d", long, "fr", "Brest rachète", "", "Gazette")
    full.desk.assistant.dossier.put([one, two])
    full.on_filters(Look(), Filters(), "fr")
    full.desk.catalogue.settle(30.0)
    assert full.desk.catalogue.state("un").copies == ("deux",)
    _, html, *_ = full.on_open("fr", opened("un"))
    assert 'data-document="deux">Brest rachète (Gazette)</button>' in html


def test_the_count_tells_how_many_of_how_many(full: ArticlesTab) -> None:
    assert "3 articles<" in count(3, 3, "fr")
    assert "1 of 3 articles" in count(1, 3, "en")


# -- filters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(published_from=date(2024, 5, 1)),
        Filters(published_to=date(2024, 5, 1)),
        Filters(outlets=("Relais", "")),
        Filters(languages=("en",)),
        Filters(document_ids=("note",)),
        Filters(published_from=date(2024, 1, 1), languages=("fr",), outlets=("Relais",)),
    ],
)
def test_the_list_shows_exactly_the_articles_that_questions_look_at(
    full: ArticlesTab, filters: Filters
) -> None:
    shown = {one.listed.id for one in full.desk.listing() if lets_through(filters, one.listed)}
    ids = full.desk.assistant.dossier.store.passage_ids(filters)
    assert shown == {one.rsplit("-", 1)[0] for one in ids}


def test_each_filter_has_a_chip_that_takes_it_back() -> None:
    filters = Filters(date(2024, 3, 1), date(2024, 3, 31), ("Le <Relais>", ""), ("fr",), ("a", "b"))
    shown = chips(filters, "fr")
    for text in ("Du 1er mars 2024 au 31 mars 2024", "Le &lt;Relais&gt;", "média inconnu",
                 "Articles en français", "2 articles choisis"):  # fmt: skip
        assert f"{text} <span" in shown
    for part in ("dates", "outlet:Le <Relais>", "outlet:", "language:fr", "documents"):
        filters = without(filters, part)
    assert filters == Filters()
    assert chips(filters, "fr") == ""


def test_a_choice_on_the_tab_changes_its_filter_only() -> None:
    filters = chosen(Filters(), "outlet", "Relais")
    filters = chosen(filters, "language", "en")
    filters = chosen(filters, "from", "2024-03-01")
    assert filters == Filters(date(2024, 3, 1), None, ("Relais",), ("en",))
    assert chosen(filters, "outlet", "Relais").outlets == ()
    assert chosen(filters, "from", "").published_from is None
    assert chosen(filters, "language", "de").languages == ()
    assert chosen(filters, "nonsense", "x") == filters
    assert chosen(filters, "clear", "") == Filters()


def test_a_period_that_ends_before_it_begins_is_refused(full: ArticlesTab) -> None:
    filters = Filters(published_from=date(2024, 3, 1))
    with pytest.raises(SettingsError):
        chosen(filters, "to", "2024-02-01")
    kept, html = full.on_facet(Look(), filters, "en", said("to", "2024-02-01"))
    assert kept == SKIP and "ends (2024-02-01) before it begins (2024-03-01)" in html


# -- over time --------------------------------------------------------------------------------


def test_every_month_between_the_first_and_the_last_has_its_bar() -> None:
    found = bars([date(2024, 5, 2), date(2024, 3, 9), date(2024, 5, 30)])
    assert found == [
        Bar(date(2024, 3, 1), date(2024, 3, 31), 1),
        Bar(date(2024, 4, 1), date(2024, 4, 30), 0),
        Bar(date(2024, 5, 1), date(2024, 5, 31), 2),
    ]


def test_a_longer_time_is_told_by_years_then_by_tens_of_years() -> None:
    years = bars([date(2019, 5, 2), date(2024, 3, 9)])
    assert (len(years), years[0][:2]) == (6, (date(2019, 1, 1), date(2019, 12, 31)))
    tens = bars([date(1904, 5, 2), date(2024, 3, 9)])
    assert (len(tens), tens[-1][:2]) == (13, (date(2020, 1, 1), date(2029, 12, 31)))
    assert sum(bar.articles for bar in tens) == 2


def test_a_dossier_of_some_days_has_a_bar_a_day() -> None:
    thirteenth, fourteenth, fifteenth = bars([date(2025, 6, 15), date(2025, 6, 13)])
    assert fourteenth == Bar(date(2025, 6, 14), date(2025, 6, 14), 0)
    one = Filters(published_from=thirteenth.first, published_to=thirteenth.last)
    assert next_range(fifteenth, one) == "2025-06-13/2025-06-15"
    assert next_range(thirteenth, one) == "/"
    shown = plot([thirteenth.first, fifteenth.first], [thirteenth.first], 0, one, "fr")
    assert "13 juin 2025 : 1 article" in shown
    assert ">15 juin<" in shown


def test_a_second_bar_makes_a_range_a_third_begins_anew_and_the_same_one_clears() -> None:
    march, april, may = bars([date(2024, 3, 9), date(2024, 5, 2)])
    filters = Filters()
    for bar, told in ((may, "2024-05-01/2024-05-31"), (march, "2024-03-01/2024-05-31"),
                      (april, "2024-04-01/2024-04-30"), (april, "/")):  # fmt: skip
        assert next_range(bar, filters) == told
        filters = chosen(filters, "range", told)
    assert filters == Filters()


def test_the_bars_say_their_month_their_count_and_whether_they_are_chosen() -> None:
    days = [date(2024, 3, 9), date(2024, 5, 2), date(2024, 5, 30)]
    html = plot(days, days, 4, Filters(date(2024, 5, 1), date(2024, 5, 31)), "fr")
    assert 'aria-label="mars 2024 : 1 article"' in html
    assert 'aria-pressed="true" aria-label="mai 2024 : 2 articles"' in html
    assert html.count('aria-pressed="true"') == 1
    assert "exclus dès qu’une période est choisie : 4." in html
    assert plot(days[:1], [], 0, Filters(), "fr") == ""


def test_the_bars_stay_where_they_are_when_fewer_articles_count() -> None:
    days = [date(2024, 3, 9), date(2024, 5, 2), date(2024, 5, 30)]
    assert [bar.articles for bar in bars(days, days[1:2])] == [0, 0, 1]
    assert [bar.articles for bar in bars(days, [])] == [0, 0, 0]


# -- one article ------------------------------------------------------------------------------


def test_an_article_is_read_with_its_paragraphs_numbered_and_its_passages_marked() -> None:
    text = "Un <b>. Deux.\n\nTrois. Quatre."
    document = Document("d", "/d", text, "fr", "Titre")
    first, second = text.index("Quatre"), len(text)
    passages = [
        Passage("d-0", "d", 0, first - 1, text[: first - 1], 1),
        Passage("d-1", "d", first, second, text[first:], 2),
    ]
    html = article(document, passages, State(), [], "fr")
    assert html.count("<li>") == 2 and '<ol class="article-text paragraphs">' in html
    assert (
        '<li><span class="passage"><span class="tag" lang="fr">passage 1</span> '
        "Un &lt;b&gt;. Deux.</span></li>"
    ) in html
    assert (
        '<li><span class="passage">Trois.</span> <span class="passage">'
        '<span class="tag" lang="fr">passage 2</span> Quatre.</span></li>'
    ) in html


def test_only_the_open_article_can_be_asked_and_its_removal_ends_that(full: ArticlesTab) -> None:
    filters, told = full.on_only("quai", Filters(), "fr")
    assert filters == Filters(document_ids=("quai",)) and "que sur cet article" in told
    filters, *_, told = full.on_remove_sure("quai", filters, "fr")
    assert filters == Filters() and "a été retiré du dossier" in told
    assert sorted(one.listed.id for one in full.desk.listing()) == ["note", "port"]


# -- several dossiers -------------------------------------------------------------------------


def test_a_new_dossier_is_empty_and_open_and_the_old_one_can_be_gone_back_to(
    full: ArticlesTab,
) -> None:
    bar = full.shelf
    act, shown, text, name, _ = bar.on_form("create", "fr")
    assert (act, shown["visible"], name) == ("create", True, "") and "« dossier »" in text
    filters, *_, told = bar.on_sure("create", "Ports", Filters(languages=("fr",)), "fr")
    assert filters == Filters() and "Le dossier « Ports » est ouvert." in told
    assert full.desk.listing() == []
    assert "Aucun article pour l’instant" in full.on_filters(Look(), Filters(), "fr")[3]
    assert 'value="Ports" selected>Ports · 0 article<' in bar.shown("fr")
    *_, told = bar.on_choose(Filters(), "en", said("dossier", "dossier"))
    assert "The dossier “dossier” is open." in told
    assert len(full.desk.listing()) == 3


def test_the_dossier_is_not_changed_under_a_question_or_an_addition(
    full: ArticlesTab, assistant: FakeAssistant
) -> None:
    running = full.desk.ask("other", "Qui ferme le quai ?", None)
    next(running)
    *_, told = full.shelf.on_sure("create", "Ports", Filters(), "fr")
    assert "en cours dans cette page ou un autre onglet" in told
    assert full.desk.folder == assistant.dossier.store.folder
    list(running)
    *_, told = full.shelf.on_choose(Filters(), "fr", said("dossier", "Ports"))
    assert "« Ports » est ouvert" in told


def test_the_open_dossier_is_renamed_and_deleted_only_by_its_name(full: ArticlesTab) -> None:
    bar, desk = full.shelf, full.desk
    bar.on_sure("create", "Ports", Filters(), "fr")
    *_, told = bar.on_sure("rename", "Quais", Filters(), "fr")
    assert "« Quais » est ouvert" in told and desk.folder is not None
    assert [one.name for one in desk.shelf.dossiers()] == ["dossier", "Quais"]
    _, *kept, told = bar.on_sure("delete", "Ports", Filters(), "fr")
    assert "rien n’a été supprimé" in told and kept == [SKIP] * 4
    assert desk.folder.name == "Quais"
    *_, told = bar.on_sure("delete", "Quais", Filters(), "fr")
    assert "« Quais » a été supprimé" in told and "« dossier » est ouvert" in told
    assert [one.name for one in desk.shelf.dossiers()] == ["dossier"]


def test_the_dossier_of_the_start_is_neither_renamed_nor_deleted(full: ArticlesTab) -> None:
    for act in ("rename", "delete"):
        *_, told = full.shelf.on_sure(act, "dossier", Filters(), "en")
        assert "Recoupe was started with the dossier “dossier”" in told
    assert len(full.desk.listing()) == 3


def test_a_dossier_that_cannot_be_opened_leaves_the_open_one_open(full: ArticlesTab) -> None:
    path = full.desk.shelf.create("Ports")
    (path / "recoupe.toml").write_text("sujet = 1\n", encoding="utf-8")

    def fail(dossier: Path) -> Any:
        return FakeAssistant(Dossier.open(Settings.load(dossier), HashEmbedder()))

    full.desk.assistant.over = fail  # type: ignore[method-assign]
    *_, told = full.shelf.on_choose(Filters(), "fr", said("dossier", "Ports"))
    assert "Réglage inconnu ou invalide" in told
    assert len(full.desk.listing()) == 3
    assert list(full.desk.ask("one", "Qui ferme le quai ?", None))[-1].phase == "done"


def test_while_nothing_is_open_yet_the_tab_is_empty_and_says_why() -> None:
    tab = ArticlesTab(Desk(lambda: None), Labels())  # type: ignore[arg-type, return-value]
    bar, *_ = tab.on_dossier(Look(), Filters(), "fr")
    assert bar == ""
    *_, told = tab.shelf.on_form("create", "fr")
    assert "Les modèles se chargent encore" in told
    html, *_ = add(tab, text="Un texte.")
    assert "Les modèles se chargent encore" in html
