"""The page, without a browser: what each action shows, and how it is served."""

import json
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest

import app
from eval.footprint import free_port
from rag.config import Settings
from rag.dossier import Dossier
from rag.errors import ModelError, SettingsError
from rag.page import examples, shell
from rag.page.desk import Desk
from rag.page.look import Look
from rag.page.view import View
from rag.types import Filters, Language
from tests.fakes import FakeAssistant, HashEmbedder

SOON = 10.0  # seconds: only a broken test waits as long
BRIDGE = "Le pont de Nantes a rouvert lundi. Il avait fermé en mars."
TAB, OTHER_TAB = SimpleNamespace(session_hash="one"), SimpleNamespace(session_hash="two")
SKIP = gr.skip()


@pytest.fixture
def article(tmp_path: Path) -> Path:
    file = tmp_path / "pont.txt"
    file.write_text(BRIDGE, encoding="utf-8")
    return file


@pytest.fixture
def page(assistant: FakeAssistant) -> app.Page:
    desk = Desk(lambda: assistant)  # type: ignore[arg-type, return-value]
    desk.open()
    return app.Page(desk)


@pytest.fixture
def full(page: app.Page, assistant: FakeAssistant, article: Path) -> app.Page:
    """The page over a dossier of one article."""
    assistant.dossier.add([article])
    return page


def steps(page: app.Page, question: str, tab: Any = TAB, language: str = "fr") -> list[list[Any]]:
    return list(page.asking.on_ask(question, "", language, tab))  # type: ignore[arg-type]


def last_view(shown: list[list[Any]]) -> View:
    return shown[-1][0]


# -- asking ---------------------------------------------------------------------------------


def test_the_passages_are_shown_before_any_of_them_was_read(
    full: app.Page, assistant: FakeAssistant
) -> None:
    free, go_on = threading.Semaphore(1), threading.Event()
    assistant.before_each = lambda: free.acquire(blocking=False) or go_on.wait(SOON)
    running = full.asking.on_ask("Qui a rouvert le pont ?", "", "fr", TAB)  # type: ignore[arg-type]
    seen = next(step for step in running if "Le pont de Nantes" in str(step[3]))
    assert (seen[0].phase, seen[0].readings) == ("reading", ())
    go_on.set()
    last = list(running)[-1]
    assert last[0].text == "Le pont de Nantes a rouvert lundi [1]."


def test_the_answer_comes_with_the_exact_words_of_its_source(full: app.Page) -> None:
    sources = [step[3] for step in steps(full, "Qui a rouvert le pont ?")]
    assert "<mark>Le pont de Nantes a rouvert lundi.</mark> Il avait fermé en mars." in sources[-1]


def test_the_answer_language_can_be_chosen(full: app.Page) -> None:
    *_, last = full.asking.on_ask("Où est le chat ?", "en", "fr", TAB)  # type: ignore[arg-type]
    assert last[0].answer.language == "en"


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Écrivez d’abord une question"), ("en", "Write a question first")]
)
def test_an_empty_question_says_what_to_do_and_leaves_the_answer(
    full: app.Page, language: str, said: str
) -> None:
    ((view, status, *others),) = steps(full, "  ", language=language)
    assert said in status
    assert [view, *others] == [SKIP] * 7


def test_an_empty_dossier_says_to_add_articles(page: app.Page) -> None:
    ((_, status, *_),) = steps(page, "Qui ?")
    assert "Ouvrez l’onglet Articles" in status


def test_a_question_asked_while_the_models_load_is_answered_after(
    assistant: FakeAssistant, article: Path
) -> None:
    assistant.dossier.add([article])
    desk = Desk(lambda: assistant)  # type: ignore[arg-type, return-value]
    running = app.Page(desk).asking.on_ask("Qui a rouvert le pont ?", "", "fr", TAB)  # type: ignore[arg-type]
    seen = next(step for step in running if step[0].phase == "opening")
    assert "Chargement des modèles, puis votre question" in seen[1]
    desk.open()
    assert list(running)[-1][0].phase == "done"


def test_a_question_asked_without_a_model_says_why_there_is_no_answer() -> None:
    def fail() -> Any:
        raise ModelError("settings.language", value="x")

    desk = Desk(fail)
    desk.open()
    shown = steps(app.Page(desk), "Qui ?")
    assert last_view(shown).phase == "failed"
    assert "Langue inconnue" in shown[-1][2]


def test_stop_closes_the_stream(full: app.Page, assistant: FakeAssistant) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        reached.set()
        go_on.wait(SOON)

    assistant.before_each = pause
    running = full.asking.on_ask("Qui a rouvert le pont ?", "", "fr", TAB)  # type: ignore[arg-type]
    next(running)
    assert reached.wait(SOON)
    full.asking.on_stop(TAB)  # type: ignore[arg-type]
    assert list(running)[-1][0].phase == "stopped"
    go_on.set()
    assistant.before_each = lambda: None
    assert last_view(steps(full, "Qui a rouvert le pont ?")).phase == "done"
    assert assistant.closed_streams == 2


def test_a_newer_question_of_the_same_tab_takes_the_place_of_the_first(
    full: app.Page, assistant: FakeAssistant
) -> None:
    go_on = threading.Event()
    assistant.before_each = lambda: go_on.wait(SOON)
    first = full.asking.on_ask("Qui a rouvert le pont ?", "", "fr", TAB)  # type: ignore[arg-type]
    next(first)
    second = full.asking.on_ask("Qui a fermé le pont ?", "", "fr", TAB)  # type: ignore[arg-type]
    next(second)
    assert list(first) == []
    go_on.set()
    assert list(second)[-1][0].phase == "done"


def test_a_tab_that_is_closed_stops_its_question(full: app.Page, assistant: FakeAssistant) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        reached.set()
        go_on.wait(SOON)

    assistant.before_each = pause
    running = full.asking.on_ask("Qui a rouvert le pont ?", "", "fr", TAB)  # type: ignore[arg-type]
    next(running)
    assert reached.wait(SOON)
    running.close()  # type: ignore[attr-defined]
    go_on.set()
    assistant.before_each = lambda: None
    assert last_view(steps(full, "Qui a fermé le pont ?", OTHER_TAB)).phase == "done"
    assert assistant.closed_streams == 2


def test_the_second_tab_is_told_that_it_waits_and_is_then_answered(
    full: app.Page, assistant: FakeAssistant
) -> None:
    go_on = threading.Event()
    assistant.before_each = lambda: go_on.wait(SOON)
    first = full.asking.on_ask("Qui a rouvert le pont ?", "", "fr", TAB)  # type: ignore[arg-type]
    next(first)
    second = full.asking.on_ask("Qui a fermé le pont ?", "", "en", OTHER_TAB)  # type: ignore[arg-type]
    assert "Another question is being answered" in next(second)[1]
    go_on.set()
    assert list(first)[-1][0].question == "Qui a rouvert le pont ?"
    assert list(second)[-1][0].question == "Qui a fermé le pont ?"


def test_an_unforeseen_error_is_one_line_and_the_page_goes_on(
    full: app.Page, assistant: FakeAssistant
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    assistant.before_each = fail
    shown = steps(full, "Qui a rouvert le pont ?")
    assert last_view(shown).phase == "failed"
    assert "Une erreur imprévue a arrêté le travail (ZeroDivisionError)." in shown[-1][2]
    assistant.before_each = lambda: None
    assert last_view(steps(full, "Qui a rouvert le pont ?")).phase == "done"


# -- opening --------------------------------------------------------------------------------


def test_the_page_says_that_the_models_are_loading_then_shows_the_dossier(
    assistant: FakeAssistant, article: Path
) -> None:
    assistant.dossier.add([article])
    desk = Desk(lambda: assistant)  # type: ignore[arg-type, return-value]
    page = app.Page(desk)
    banner, timer, *_ = page.on_dossier(Look(), Filters(), "fr", TAB)
    assert "Chargement des modèles" in banner and timer["active"]
    desk.open()
    banner, timer, start, *_, table, _ = page.on_dossier(Look(), Filters(), "fr", TAB)
    assert banner == "" and not timer["active"]
    assert "Articles dans le dossier : 1" in start and "pont.txt" in table


def test_a_missing_model_is_said_on_the_page_in_its_language() -> None:
    def fail() -> Any:
        raise ModelError("settings.language", value="x")

    desk = Desk(fail)
    desk.open()
    banner, timer, *_ = app.Page(desk).on_dossier(Look(), Filters(), "fr", TAB)
    assert "Langue inconnue" in banner and not timer["active"]


def test_an_empty_dossier_says_what_to_do_first(page: app.Page) -> None:
    _, _, start, *_, table, _ = page.on_dossier(Look(), Filters(), "en", TAB)
    assert "The dossier is empty" in start and "No article yet" in table


def test_a_tab_that_is_loaded_anew_is_not_told_where_to_start_before_its_conversation_is_there(
    full: app.Page,
) -> None:
    full.build()
    dossier: list[Any] = [Look(), Filters(), "fr", TAB]
    assert "Posez une question" in full.on_dossier(*dossier)[2]
    request: Any = SimpleNamespace(headers={}, session_hash=TAB.session_hash)
    full.on_load("fr", request)
    assert full.on_dossier(*dossier)[2] == SKIP
    full.asking.past.on_restore(None, "fr", TAB)  # type: ignore[arg-type]
    assert "Posez une question" in full.on_dossier(*dossier)[2]


def offered(page: app.Page, language: Language = "fr") -> list[str]:
    """The questions that can be clicked."""
    row, *buttons = page.asking.on_examples(language)
    shown = [button["value"] for button in buttons if button["visible"]]
    assert row["visible"] == bool(shown)
    return shown


def test_the_starter_dossier_comes_with_four_questions_to_click(
    full: app.Page, assistant: FakeAssistant
) -> None:
    assistant.dossier.add([app.PROJECT / "seeds" / examples.STARTER])
    french, english = offered(full, "fr"), offered(full, "en")
    assert french[0] == "Combien Meta a-t-elle investi dans Scale AI ?"
    assert (len(set(french)), len(set(english)), set(french) & set(english)) == (4, 4, set())


def test_other_dossiers_offer_questions_on_what_they_hold(
    page: app.Page, assistant: FakeAssistant, tmp_path: Path
) -> None:
    assert offered(page) == []
    said = "La gare ferme. « Nous rouvrirons en mai », a déclaré Nadège Orvillon lundi."
    (tmp_path / "gare.txt").write_text(said, encoding="utf-8")
    assistant.dossier.add([tmp_path / "gare.txt"])
    assert offered(page)[0] == "Qu’a déclaré Nadège Orvillon ?"


# -- reading ahead --------------------------------------------------------------------------


class WarmingAssistant(FakeAssistant):
    """Reads three passages ahead of any question, one each time that `go_on` is released."""

    def __init__(self, dossier: Dossier, warm: bool = True) -> None:
        super().__init__(dossier)
        self.settings = dossier.settings.model_copy(update={"warm": warm})
        self.go_on = threading.Semaphore(0)
        self.told: list[str] = []

    def warm(self, wanted: Callable[[], bool]) -> Generator[tuple[int, int]]:
        self.told.append("begun")
        for done in range(4):
            yield done, 3
            while done < 3 and not self.go_on.acquire(timeout=0.01):
                if not wanted():
                    self.told.append("interrupted")
                    return
        self.told.append("ended")

    def stop(self) -> None:
        self.told.append("stopped")


@pytest.fixture
def warming(assistant: FakeAssistant, article: Path) -> WarmingAssistant:
    assistant.dossier.add([article])
    return WarmingAssistant(assistant.dossier)


@pytest.fixture
def reader(warming: WarmingAssistant) -> Iterator[app.Page]:
    """A page whose desk rests for hardly any time before it reads ahead."""
    desk = Desk(lambda: warming, rest_seconds=0.01)  # type: ignore[arg-type, return-value]
    desk.open_in_background()
    yield app.Page(desk)
    desk.close()


def eventually(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + SOON
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


def test_the_page_says_how_much_has_been_read_ahead_until_all_has_been(
    reader: app.Page, warming: WarmingAssistant
) -> None:
    assert eventually(lambda: reader.desk.ahead == (0, 3))
    html, shown = reader.on_ahead("", "fr")
    assert html == shown
    assert "Passages lus d’avance : 0 sur 3." in html and 'max="3" value="0"' in html
    assert "Passages read ahead: 0 of 3." in reader.on_ahead(shown, "en")[0]
    warming.go_on.release()
    assert eventually(lambda: reader.desk.ahead == (1, 3))
    html, shown = reader.on_ahead(shown, "fr")
    assert 'value="1"' in html
    warming.go_on.release(2)
    assert eventually(lambda: warming.told == ["begun", "ended"])
    assert eventually(lambda: reader.on_ahead(shown, "fr") == ["", ""])


def test_a_tick_that_brings_nothing_new_changes_nothing(
    reader: app.Page, warming: WarmingAssistant
) -> None:
    assert eventually(lambda: reader.desk.ahead == (0, 3))
    _, shown = reader.on_ahead("", "fr")
    assert reader.on_ahead(shown, "fr") == [SKIP, SKIP]
    reader.desk.close()
    assert reader.on_ahead("", "fr") == [SKIP, SKIP]


def test_a_question_interrupts_the_reading_ahead_which_goes_on_after_it(
    reader: app.Page, warming: WarmingAssistant
) -> None:
    assert eventually(lambda: reader.desk.ahead == (0, 3))
    warming.before_each = lambda: eventually(lambda: "interrupted" in warming.told)
    assert last_view(steps(reader, "Qui a rouvert le pont ?")).phase == "done"
    assert eventually(lambda: warming.told.count("begun") == 2)
    assert sorted(warming.told) == ["begun", "begun", "interrupted", "stopped"]
    warming.go_on.release(3)
    assert eventually(lambda: warming.told[-1] == "ended")


def test_nothing_is_read_ahead_while_articles_are_added(
    reader: app.Page, warming: WarmingAssistant, tmp_path: Path
) -> None:
    (tmp_path / "gare.txt").write_text("La gare ferme mardi. Encore.", encoding="utf-8")
    assert eventually(lambda: reader.desk.ahead == (0, 3))
    adding = reader.articles.on_add(None, str(tmp_path / "gare.txt"), "", "", "", "", "fr", TAB)  # type: ignore[arg-type]
    next(adding)
    assert eventually(lambda: warming.told == ["begun", "interrupted"])
    assert not reader.desk._is_idle()
    list(adding)
    assert eventually(lambda: warming.told == ["begun", "interrupted", "begun"])


def test_articles_that_another_program_adds_are_read_ahead_too(
    reader: app.Page, warming: WarmingAssistant, settings: Settings, tmp_path: Path
) -> None:
    warming.go_on.release(3)
    assert eventually(lambda: warming.told == ["begun", "ended"])
    (tmp_path / "gare.txt").write_text("La gare ferme mardi. Encore.", encoding="utf-8")
    other = Dossier.open(settings, HashEmbedder())
    other.add([tmp_path / "gare.txt"])
    other.close()
    assert eventually(lambda: warming.told == ["begun", "ended", "begun"])


def test_closing_ends_the_reading_ahead(reader: app.Page, warming: WarmingAssistant) -> None:
    assert eventually(lambda: reader.desk.ahead == (0, 3))
    reader.desk.close()
    assert reader.desk._thread is not None and not reader.desk._thread.is_alive()
    assert sorted(warming.told) == ["begun", "interrupted", "stopped"]
    assert reader.desk.ahead is None


def test_reading_ahead_can_be_turned_off(assistant: FakeAssistant) -> None:
    warming = WarmingAssistant(assistant.dossier, warm=False)
    desk = Desk(lambda: warming, rest_seconds=0)  # type: ignore[arg-type, return-value]
    desk.open()
    desk.read_ahead()
    assert (warming.told, desk.ahead) == ([], None)


def test_without_models_nothing_is_read_ahead() -> None:
    def fail() -> Any:
        raise ModelError("settings.language", value="x")

    desk = Desk(fail, rest_seconds=0)
    desk.open()
    desk.read_ahead()
    assert desk.ahead is None


def test_questions_are_answered_after_the_reading_ahead_has_failed(
    assistant: FakeAssistant, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(wanted: Callable[[], bool]) -> Iterator[tuple[int, int]]:
        yield 0, 3
        raise ZeroDivisionError

    assistant.dossier.add([article])
    warming = WarmingAssistant(assistant.dossier)
    monkeypatch.setattr(warming, "warm", fail)
    desk = Desk(lambda: warming, rest_seconds=0)  # type: ignore[arg-type, return-value]
    desk.open()
    desk.read_ahead()
    assert desk.ahead is None
    assert last_view(steps(app.Page(desk), "Qui a rouvert le pont ?")).phase == "done"


# -- articles -------------------------------------------------------------------------------


def test_each_file_that_was_added_has_its_line(
    page: app.Page, article: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "photo.pdf"
    broken.write_bytes(b"%PDF-1.7")
    *_, last = page.articles.on_add([str(article), str(broken)], "", "", "", "", "", "fr", TAB)  # type: ignore[arg-type]
    html, files, addresses, *_ = last
    assert "Terminé : 1 sur 2 dans le dossier" in html
    assert "<b>ajouté</b>" in html and "<b>échec</b>" in html and "photo.pdf" in html
    assert (files, addresses) == (None, "")
    assert [document.path for document in page.desk.documents()] == ["pont.txt"]


def test_uploaded_copies_do_not_stay_behind(page: app.Page, article: Path) -> None:
    list(page.articles.on_add([str(article)], "", "", "", "", "", "fr", TAB))  # type: ignore[arg-type]
    assert not article.exists()


def test_a_path_is_added_and_its_file_stays(page: app.Page, article: Path) -> None:
    *_, last = page.articles.on_add(None, f'  "{article}"\n\n', "", "", "", "", "en", TAB)  # type: ignore[arg-type]
    assert "Done: 1 of 1" in last[0]
    assert article.exists()


def test_a_path_that_is_not_there_fails_alone(page: app.Page, article: Path) -> None:
    *_, last = page.articles.on_add(None, f"/nulle/part\n{article}", "", "", "", "", "fr", TAB)  # type: ignore[arg-type]
    assert "Terminé : 1 sur 2" in last[0] and "/nulle/part" in last[0]


def test_an_addition_that_is_stopped_keeps_what_was_written_in_the_box(
    page: app.Page, article: Path
) -> None:
    adding = page.articles.on_add([str(article)], "/ailleurs", "", "", "", "", "fr", TAB)  # type: ignore[arg-type]
    next(adding)
    page.articles.on_stop_adding(TAB)  # type: ignore[arg-type]
    html, files, addresses, *_ = list(adding)[-1]
    assert "Arrêté" in html and [files, addresses] == [SKIP] * 2
    assert article.exists()


def test_adding_nothing_says_what_to_do(page: app.Page) -> None:
    ((html, *others),) = page.articles.on_add(None, " \n", "", "", "", "", "en", TAB)  # type: ignore[arg-type]
    assert "Choose files" in html and others == [SKIP] * 8


def test_a_folder_without_articles_says_so(page: app.Page, tmp_path: Path) -> None:
    folder = tmp_path / "vide"
    folder.mkdir()
    *_, last = page.articles.on_add(None, str(folder), "", "", "", "", "fr", TAB)  # type: ignore[arg-type]
    assert "échec" in last[0] or "Aucun article trouvé" in last[0]


def test_an_article_can_be_read_then_removed_after_a_question(
    full: app.Page, article: Path
) -> None:
    (document,) = full.desk.documents()
    event = SimpleNamespace(_data={"document": document.id})
    opened, html, *_ = full.articles.on_open("fr", event)  # type: ignore[arg-type]
    assert opened == document.id and BRIDGE in html
    visible, text = full.articles.on_remove(opened, "fr")
    assert visible["visible"] and "Retirer «" in text
    assert full.desk.documents() == [document]
    *_, said = full.articles.on_remove_sure(opened, Filters(), "fr")
    assert "a été retiré du dossier" in said
    assert full.desk.documents() == [] and article.exists()


def test_an_article_that_another_tab_removed_is_said_to_be_gone(full: app.Page) -> None:
    (document,) = full.desk.documents()
    full.articles.on_remove_sure(document.id, Filters(), "en")
    *_, said = full.articles.on_remove_sure(document.id, Filters(), "en")
    assert "no longer in the dossier" in said
    *_, said = full.articles.on_open("en", SimpleNamespace(_data={"document": document.id}))  # type: ignore[arg-type]
    assert "no longer in the dossier" in said


def test_the_filter_ignores_accents_and_capitals(full: app.Page) -> None:
    assert "pont.txt" in full.articles.on_filter("PÔNT", Look(), Filters(), "fr")[2]
    told = full.articles.on_filter("introuvable", Look(), Filters(), "fr")[1]
    assert "Aucun article ne correspond" in told


def test_html_in_a_file_name_or_an_article_shows_as_text(page: app.Page, tmp_path: Path) -> None:
    file = tmp_path / "<img src=x onerror=alert(1)>.txt"
    file.write_text("<script>alert(2)</script> Le texte. Encore.", encoding="utf-8")
    *_, added = page.articles.on_add([str(file)], "", "", "", "", "", "fr", TAB)  # type: ignore[arg-type]
    (document,) = page.desk.documents()
    event = SimpleNamespace(_data={"document": document.id})
    shown = [added[0], page.articles.on_open("fr", event)[1]]  # type: ignore[arg-type]
    shown += page.articles.on_filters(Look(), Filters(), "fr")[2:4]
    shown.append(page.articles.on_remove(document.id, "fr")[1])
    assert not any("<img" in html or "<script" in html for html in shown)


# -- language -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de-DE,de;q=0.9,fr;q=0.5", "fr"),
        ("ja", "en"),
        ("", "en"),
    ],
)
def test_the_page_opens_in_the_language_of_the_browser(accepted: str, language: str) -> None:
    request = SimpleNamespace(headers={"accept-language": accepted})
    assert shell.preferred_language(request) == language  # type: ignore[arg-type]


def test_the_language_that_was_chosen_last_time_comes_first(page: app.Page) -> None:
    page.build()
    request = SimpleNamespace(headers={"accept-language": "fr"}, session_hash="one")
    assert page.on_load("en", request)[0] == "en"  # type: ignore[arg-type]


def test_an_answer_goes_on_in_the_language_chosen_meanwhile(
    full: app.Page, assistant: FakeAssistant
) -> None:
    go_on = threading.Event()
    assistant.before_each = lambda: go_on.wait(SOON)
    running = full.asking.on_ask("Qui a rouvert le pont ?", "", "fr", TAB)  # type: ignore[arg-type]
    assert "Recherche dans le dossier" in next(running)[1]
    full.on_language("en", TAB)  # type: ignore[arg-type]
    go_on.set()
    assert "Done in" in list(running)[-1][1]


def test_every_label_changes_with_the_language(page: app.Page) -> None:
    page.build()
    french, english = page.on_language("fr", TAB), page.on_language("en", TAB)  # type: ignore[arg-type]
    same = {str(one) for one, other in zip(french, english, strict=True) if one == other}
    assert {text for text in same if "'Articles'" not in text} == set()


# -- how it is served -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(dossier=tmp_path_factory.mktemp("served") / "dossier")
    desk = Desk(lambda: FakeAssistant(Dossier.open(settings, HashEmbedder())))  # type: ignore[arg-type, return-value]
    desk.open()
    blocks = app.build_app(desk)
    _, address, _ = blocks.launch(
        **app.launch_options("127.0.0.1", free_port()), prevent_thread_lock=True
    )
    yield address.rstrip("/")
    blocks.close()


def test_the_page_lets_the_browser_load_nothing_from_elsewhere(served: str) -> None:
    answer = httpx.get(served)
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_theme_names_no_font_from_elsewhere(served: str) -> None:
    css = httpx.get(f"{served}/theme.css").text
    assert "https:" not in css and "system-ui" in css


@pytest.mark.parametrize(
    "path", ["/gradio_api/file=/etc/passwd", "/gradio_api/runs", "/docs", "/openapi.json"]
)
def test_the_server_gives_no_file_of_the_machine(served: str, path: str) -> None:
    assert httpx.get(f"{served}{path}").status_code == 403


def test_a_foreign_name_or_site_gets_nothing(served: str) -> None:
    assert httpx.get(served, headers={"host": "evil.example"}).status_code == 403
    upload = httpx.post(
        f"{served}/gradio_api/upload",
        files={"files": ("a.txt", b"x")},
        headers={"origin": "https://evil.example"},
    )
    assert upload.status_code == 403


def test_no_part_of_the_page_is_offered_but_what_programs_may_call(served: str) -> None:
    config = httpx.get(f"{served}/config").json()
    offered = [one for one in config["dependencies"] if one["api_visibility"] != "private"]
    assert sorted(one["api_name"] for one in offered) == ["add", "ask", "list", "search"]
    assert "fonts.googleapis" not in json.dumps(config)


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="is taken"):
            app.main(port=taken.getsockname()[1], open_browser=False, dossier=tmp_path)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org"])
def test_the_page_is_not_opened_to_other_machines_without_a_password(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECOUPE_USER", raising=False)
    monkeypatch.delenv("RECOUPE_PASSWORD", raising=False)
    with pytest.raises(SettingsError, match="First set RECOUPE_USER"):
        app.main(host=host, open_browser=False, dossier=tmp_path)
