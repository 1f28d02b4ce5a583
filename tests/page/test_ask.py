"""Asking on the page, without a browser: turns, sources, history, ratings and files."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from rag.archive.records import Rating
from rag.archive.store import Archive
from rag.config import Settings
from rag.dossier import Dossier
from rag.export import feedback
from rag.page.ask_tab import AskTab
from rag.page.desk import Desk
from rag.page.labels import Labels
from rag.page.talks import Talks
from rag.page.view import View
from rag.translate import Translation
from rag.types import Answer, Filters
from tests.fakes import FakeAssistant, HashEmbedder

SOON = 10.0  # seconds: only a broken test waits as long
SKIP = gr.skip()
TAB, OTHER, THIRD = (SimpleNamespace(session_hash=name) for name in ("one", "two", "three"))
BRIDGE = "Le pont de Nantes a rouvert lundi. Il avait fermé en mars.\n\nLe chantier est fini."
QUOTE = "Le pont de Nantes a rouvert lundi."
QUESTION = "Qui a rouvert le pont ?"


class Translating(FakeAssistant):
    """Translates what is not in the language of the answer, and remembers what it was asked."""

    def __init__(self, dossier: Dossier) -> None:
        super().__init__(dossier)
        self.told: list[dict[str, Any]] = []

    def translations(self, answer: Answer) -> dict[int, Translation]:
        return {
            one.n: Translation("The bridge <b>opened</b> in 12 days.", ("figure: 12",))
            for one in answer.citations
        }

    def stream(self, question: str, **options: Any) -> Any:
        self.told.append(options)
        return super().stream(question, **options)


@pytest.fixture
def assistant(settings: Settings, tmp_path: Path) -> Iterator[Translating]:
    dossier = Dossier.open(settings, HashEmbedder())
    (tmp_path / "pont.txt").write_text(BRIDGE, encoding="utf-8")
    dossier.add([tmp_path / "pont.txt"])
    yield Translating(dossier)
    dossier.close()


@pytest.fixture
def desk(assistant: Translating) -> Desk:
    desk = Desk(lambda: assistant)  # type: ignore[arg-type, return-value]
    desk.open()
    return desk


@pytest.fixture
def tab(desk: Desk) -> AskTab:
    return AskTab(desk, Labels(), {})


class Shown:
    """What the page shows after a handler."""

    def __init__(self, values: list[Any]) -> None:
        self.view: View = values[0]
        _, self.status, self.answer, self.sources, _, _, self.earlier, self.remembered = values[:8]


def asked(
    tab: AskTab, question: str = QUESTION, request: Any = TAB, spoken: str = "", **options: Any
) -> Shown:
    """Everything that is on the page once `question` was answered."""
    steps = list(tab.on_ask(question, spoken, "fr", request, **options))
    now = list(steps[0])
    for step in steps[1:]:
        now = [old if new == SKIP else new for old, new in zip(now, step, strict=True)]
    return Shown(now)


def event(**data: Any) -> Any:
    return SimpleNamespace(_data={name: str(value) for name, value in data.items()})


def panel(tab: AskTab, shown: Shown, request: Any = TAB, **data: Any) -> str:
    return str(tab.turns.on_source(shown.view, "fr", request, event(**data)))


def archive(settings: Settings) -> Archive:
    return Archive.open(settings.dossier)


# -- evidence -------------------------------------------------------------------------------


def test_a_marker_opens_the_article_with_exactly_the_cited_words_marked(tab: AskTab) -> None:
    shown = asked(tab)
    assert shown.view.answer is not None and shown.view.turn is not None
    (citation,) = shown.view.answer.citations
    html = panel(tab, shown, turn=shown.view.turn, n=1)
    assert f'<mark id="quoted" tabindex="-1">{citation.quote}</mark> Il avait fermé' in html
    assert citation.quote == QUOTE and "Le chantier est fini." in html


def test_a_passage_can_be_opened_before_the_answer_is_there(
    tab: AskTab, assistant: FakeAssistant
) -> None:
    go_on, first = threading.Event(), threading.Semaphore(1)
    assistant.before_each = lambda: first.acquire(blocking=False) or go_on.wait(SOON)
    running = tab.on_ask(QUESTION, "", "fr", TAB)  # type: ignore[arg-type]
    step = next(step for step in running if step[0].hits)
    hit = step[0].hits[0].passage.id
    html = str(tab.turns.on_source(step[0], "fr", TAB, event(turn="", hit=hit)))  # type: ignore[arg-type]
    assert f'<mark id="quoted" tabindex="-1">{QUOTE}</mark>' in html
    go_on.set()
    list(running)


def test_a_source_that_is_not_in_this_conversation_opens_nothing(tab: AskTab) -> None:
    shown = asked(tab)
    assert panel(tab, shown, turn="x", n=1) == ""
    assert panel(tab, shown, OTHER, turn=shown.view.turn, n=1) == ""


def test_a_translation_stands_below_the_original_with_what_was_not_borne_out(
    tab: AskTab,
) -> None:
    shown = asked(tab, spoken="en")
    assert 'data-do="apply"' in shown.sources
    event_of = event(turn=shown.view.turn)
    *_, last = tab.turns.on_translate(shown.view, "fr", TAB, event_of)  # type: ignore[arg-type]
    assert f"<mark>{QUOTE}</mark>" in last[1]
    assert "Traduction automatique :</span> The bridge &lt;b&gt;opened&lt;/b&gt;" in last[1]
    assert "(chiffre absent de la source : 12)" in last[1]
    assert 'data-do="apply"' not in last[1]


def test_an_answer_in_the_language_of_its_sources_offers_no_translation(tab: AskTab) -> None:
    assert 'data-do="apply"' not in asked(tab).sources


# -- turns ----------------------------------------------------------------------------------


def test_the_turn_before_is_folded_with_its_sources_below_the_newest(tab: AskTab) -> None:
    first = asked(tab)
    assert first.earlier == ""
    second = asked(tab, "Qui a payé le marché ?")
    assert '<span class="asked">Qui a rouvert le pont ?</span>' in second.earlier
    assert f"<mark>{QUOTE}</mark>" in second.earlier
    assert f'id="source-{first.view.turn}-1"' in second.earlier
    assert "Qui a payé le marché ?" not in second.earlier


def test_a_follow_up_is_asked_with_the_two_turns_before_it_and_shown_as_understood(
    tab: AskTab, assistant: Translating
) -> None:
    asked(tab, "Qui dirige Nantes ?")
    asked(tab)
    shown = asked(tab, "Et le marché ?")
    told = assistant.told[-1]["previous"]
    assert [one.question for one in told] == ["Qui dirige Nantes ?", QUESTION]
    assert told[1].answer == "Le pont de Nantes a rouvert lundi [1]."
    assert shown.view.standalone != "" and 'class="understood"' in shown.answer
    assert tab.talks.of("one").turns[-1].standalone == shown.view.standalone


def test_asking_again_and_editing_follow_the_same_turns_as_the_first_time(
    tab: AskTab, assistant: Translating
) -> None:
    first, second = asked(tab), asked(tab, "Qui a payé le marché ?")
    again = list(tab.on_again("", "fr", TAB, event(turn=first.view.turn)))  # type: ignore[arg-type]
    assert again[0][0].question == QUESTION
    assert assistant.told[-1]["previous"] == ()
    question = tab.on_edit(TAB, event(turn=second.view.turn))  # type: ignore[arg-type]
    assert question == "Qui a payé le marché ?"
    asked(tab, "Qui a payé le pont ?")
    assert [one.question for one in assistant.told[-1]["previous"]] == [QUESTION]
    asked(tab, "Et ensuite ?")
    last = assistant.told[-1]["previous"][-1]
    assert last.question == "Nantes : Qui a payé le pont ?"  # as it was understood


def test_a_new_conversation_leaves_nothing_of_the_one_before(
    tab: AskTab, assistant: Translating
) -> None:
    asked(tab)
    *shown, question = tab.on_fresh("fr", TAB)  # type: ignore[arg-type]
    fresh = Shown(shown)
    assert (fresh.view, fresh.sources, fresh.earlier, fresh.remembered) == (View(), "", "", None)
    assert (question, fresh.answer) == ("", "")
    asked(tab, "Et le marché ?")
    assert assistant.told[-1]["previous"] == ()


def elsewhere(
    tab: AskTab, shown: Shown, seen: Path | None, written: str = QUESTION
) -> tuple[Shown, list[Any]]:
    """What the page shows once it noticed which dossier is open, and what else it empties."""
    now = tab.on_elsewhere(seen, written, shown.view, "fr", TAB)  # type: ignore[arg-type]
    return Shown(now), now[8:]


def test_nothing_of_a_dossier_stays_on_screen_after_another_one_was_opened(
    tab: AskTab, desk: Desk, settings: Settings
) -> None:
    shown = asked(tab)
    _, kept = elsewhere(tab, shown, None)
    assert kept == [SKIP, SKIP, SKIP, settings.dossier]
    other = desk.shelf.create("Autre")
    desk.switch(other)
    empty, emptied = elsewhere(tab, shown, settings.dossier)
    assert (empty.view, empty.status, empty.sources, empty.earlier) == (View(), "", "", "")
    assert (empty.answer, empty.remembered) == ("", None)
    assert emptied == ["", "", Filters(), other]
    assert tab.talks.of("one").turns == ()
    assert tab.past.on_past("", "", "fr", TAB).count("<li>") == 0  # type: ignore[arg-type]
    desk.assistant.dossier.close()


def test_what_is_being_written_stays_when_another_dossier_is_opened(
    tab: AskTab, desk: Desk, settings: Settings
) -> None:
    shown = asked(tab)
    desk.switch(desk.shelf.create("Autre"))
    assert elsewhere(tab, shown, settings.dossier, "Qui a payé ?")[1][0] == SKIP
    desk.assistant.dossier.close()


def test_an_answer_stays_when_its_dossier_gets_another_name(
    tab: AskTab, desk: Desk, tmp_path: Path
) -> None:
    one = desk.shelf.create("Un")
    desk.switch(one)
    desk.assistant.dossier.add([tmp_path / "pont.txt"])
    shown = asked(tab)
    desk.rename_dossier("Deux")
    assert desk.folder == one.with_name("Deux") and desk.whereabouts(one) == desk.folder
    assert elsewhere(tab, shown, one)[1] == [SKIP, SKIP, SKIP, desk.folder]
    desk.rename_dossier("Trois")
    assert elsewhere(tab, shown, one)[1] == [SKIP, SKIP, SKIP, one.with_name("Trois")]
    desk.switch(desk.shelf.create("Un"))  # the name is another dossier's now
    assert elsewhere(tab, shown, one.with_name("Trois"))[1][2] == Filters()
    desk.assistant.dossier.close()


def test_an_answer_that_comes_after_a_new_conversation_was_begun_is_not_shown(
    tab: AskTab, assistant: FakeAssistant
) -> None:
    go_on = threading.Event()
    assistant.before_each = lambda: go_on.wait(SOON)
    running = tab.on_ask(QUESTION, "", "fr", TAB)  # type: ignore[arg-type]
    next(running)
    tab.on_fresh("fr", TAB)  # type: ignore[arg-type]
    go_on.set()
    assert list(running) == []
    assert tab.talks.of("one").turns == ()


def test_the_filters_of_the_page_hold_for_the_question(tab: AskTab, assistant: Translating) -> None:
    filters = Filters(published_from=date(2025, 1, 1), outlets=("Gazette",))
    asked(tab, filters=filters)
    assert assistant.told[-1]["filters"] == filters
    left = tab.on_chip(filters, event(filter="outlet:Gazette"))
    assert left == Filters(published_from=date(2025, 1, 1))


def test_the_third_question_is_told_how_many_come_first_until_one_of_them_stops(
    tab: AskTab, assistant: FakeAssistant
) -> None:
    go_on = threading.Event()
    assistant.before_each = lambda: go_on.wait(SOON)
    running = [tab.on_ask(QUESTION, "", "fr", one) for one in (TAB, OTHER, THIRD)]  # type: ignore[arg-type]
    statuses = [next(one)[1] for one in running]
    assert "2 questions passent avant la vôtre" in statuses[2]
    tab.on_stop(OTHER)  # type: ignore[arg-type]
    assert "Une autre question est en cours" in next(running[2])[1]
    go_on.set()
    assert [one[-1][0].phase for one in map(list, running)] == ["done", "stopped", "done"]


# -- history --------------------------------------------------------------------------------


def test_a_conversation_is_kept_and_comes_back_after_a_reload(
    tab: AskTab, desk: Desk, settings: Settings
) -> None:
    asked(tab)
    shown = asked(tab, "Qui a payé le marché ?")
    after = AskTab(desk, Labels(), {})  # Recoupe was started anew
    back = Shown(after.past.on_restore(shown.remembered, "fr", OTHER))  # type: ignore[arg-type]
    assert back.view.question == "Qui a payé le marché ?" and back.view.phase == "done"
    assert back.answer == shown.answer and QUESTION in back.earlier
    asked(after, request=OTHER)
    (kept,) = archive(settings).conversations()
    assert (kept.title, kept.turns) == (QUESTION, 3)


@pytest.mark.parametrize("remembered", [None, "nobody", 7])
def test_a_conversation_that_is_gone_leaves_the_page_as_it_is(tab: AskTab, remembered: Any) -> None:
    assert tab.past.on_restore(remembered, "fr", TAB) == [SKIP] * 8  # type: ignore[arg-type]


def test_two_tabs_keep_two_conversations(tab: AskTab, settings: Settings) -> None:
    one, other = asked(tab), asked(tab, "Qui a fermé le pont ?", OTHER)
    assert one.remembered != other.remembered
    assert {kept.title for kept in archive(settings).conversations()} == {
        QUESTION,
        "Qui a fermé le pont ?",
    }


def test_a_past_conversation_is_found_by_its_words_and_opened(tab: AskTab) -> None:
    first = asked(tab)
    tab.on_fresh("fr", TAB)  # type: ignore[arg-type]
    asked(tab, "Où est le chat ?")
    found = tab.past.on_past("ROUVERT", "", "fr", TAB)  # type: ignore[arg-type]
    assert QUESTION in found and "Où est le chat ?" not in found
    assert "Aucune conversation ne contient" in tab.past.on_past("zèbre", "", "fr", TAB)  # type: ignore[arg-type]
    opened = Shown(tab.past.on_open("fr", TAB, event(id=first.remembered)))  # type: ignore[arg-type]
    assert opened.view.question == QUESTION and f"<mark>{QUOTE}</mark>" in opened.sources


def test_a_conversation_is_deleted_only_after_a_yes(tab: AskTab, settings: Settings) -> None:
    shown = asked(tab)
    sure = tab.past.on_sure(event(id=shown.remembered))
    assert "Supprimer « Qui a rouvert le pont ? » pour de bon ?" in tab.past.on_past(
        "",
        sure,
        "fr",
        TAB,  # type: ignore[arg-type]
    )
    assert len(archive(settings).conversations()) == 1
    after = tab.past.on_delete("fr", TAB, event(id=shown.remembered))  # type: ignore[arg-type]
    assert archive(settings).conversations() == []
    assert (after[0], after[7], after[8]) == (View(), None, "")


def test_an_answer_whose_source_was_corrected_says_so_when_it_is_opened_again(
    tab: AskTab, assistant: FakeAssistant, tmp_path: Path
) -> None:
    shown = asked(tab)
    article = tmp_path / "pont.txt"
    article.write_text("Le pont de Nantes a rouvert mardi. Il avait fermé.", encoding="utf-8")
    assistant.dossier.add([article])
    opened = Shown(tab.past.on_open("fr", TAB, event(id=shown.remembered)))  # type: ignore[arg-type]
    assert "Corrigées : 1. Retirées du dossier : 0." in opened.sources
    assert "Corrigé depuis : cet article ne contient plus ces mots." in opened.sources
    html = panel(tab, opened, turn=opened.view.turn, n=1)
    assert f'<mark id="quoted" tabindex="-1">{QUOTE}</mark></blockquote>' in html
    assert "a rouvert mardi." in html


def test_an_answer_whose_source_was_removed_says_so_when_it_is_opened_again(
    tab: AskTab, assistant: FakeAssistant
) -> None:
    shown = asked(tab)
    (document,) = assistant.dossier.documents()
    assistant.dossier.remove(document.id)
    opened = Shown(tab.past.on_open("en", TAB, event(id=shown.remembered)))  # type: ignore[arg-type]
    assert "Corrected: 0. Removed from the dossier: 1." in opened.sources
    assert f"<mark>{QUOTE}</mark>" in opened.sources
    html = panel(tab, opened, turn=opened.view.turn, n=1)
    assert "Cet article n’est plus dans le dossier." in html and QUOTE in html


def test_an_answer_that_cannot_be_kept_is_shown_with_why(tab: AskTab, settings: Settings) -> None:
    (settings.dossier / "conversations.db").mkdir()
    shown = asked(tab)
    assert "Le pont de Nantes a rouvert lundi" in shown.answer
    assert 'role="alert"' in shown.status and "conversations.db" in shown.status


# -- ratings and files ----------------------------------------------------------------------


def test_a_bad_answer_is_kept_with_its_reason_and_can_be_taken_back(
    tab: AskTab, settings: Settings
) -> None:
    shown = asked(tab)
    number = shown.view.turn

    def rate(**data: str) -> str:
        return str(tab.turns.on_rate(shown.view, "fr", TAB, event(turn=number, **data))[2])  # type: ignore[arg-type]

    assert "Ce qui ne va pas" in rate(verdict="down")
    html = rate(verdict="down", reason="not_in_source")
    assert 'data-reason="not_in_source" aria-pressed="true"' in html
    (rated,) = archive(settings).rated()
    assert rated.rating is not None
    assert (rated.rating.verdict, rated.rating.reason) == ("down", "not_in_source")
    assert "Ce qui ne va pas" not in rate(verdict="down")
    assert archive(settings).rated() == []


def test_a_comment_on_a_bad_answer_is_kept_as_one_line_and_comes_with_the_feedback(
    tab: AskTab, settings: Settings
) -> None:
    shown = asked(tab)
    number = shown.view.turn

    def rate(**data: str) -> str:
        return str(tab.turns.on_rate(shown.view, "fr", TAB, event(turn=number, **data))[2])  # type: ignore[arg-type]

    assert "Commentaire gardé</span>" not in rate(verdict="down")
    html = rate(verdict="down", comment=' Pas "lundi"\n mais <mardi>. ')
    assert 'value="Pas &quot;lundi&quot; mais &lt;mardi&gt;."' in html
    assert "Commentaire gardé</span>" in html
    rate(verdict="down", reason="wrong")
    with closing(archive(settings)) as kept:
        (told,) = map(json.loads, feedback(kept.rated()).splitlines())
    said = ("down", "wrong", 'Pas "lundi" mais <mardi>.')
    assert (told["rating"], told["reason"], told["comment"]) == said
    rate(verdict="down", comment="a" * 501)
    rate(verdict="down", reason="incomplete", comment="é" * 501)
    with closing(archive(settings)) as kept:
        assert kept.rated()[0].rating == Rating("down", "incomplete", "é" * 500)
    rate(verdict="up")
    with closing(archive(settings)) as kept:
        assert kept.rated()[0].rating == Rating("up")


def test_a_verdict_that_does_not_exist_is_refused_in_one_line(tab: AskTab) -> None:
    shown = asked(tab)
    told = tab.turns.on_rate(shown.view, "fr", TAB, event(turn=shown.view.turn, verdict="great"))  # type: ignore[arg-type]
    assert 'role="alert"' in told[1] and told[2] == SKIP


@pytest.mark.parametrize(
    ("form", "ending", "start"),
    [("markdown", "md", b"#"), ("html", "html", b"<!"), ("docx", "docx", b"PK")],
)
def test_a_turn_is_kept_as_a_file(tab: AskTab, form: str, ending: str, start: bytes) -> None:
    shown = asked(tab)
    file = json.loads(tab.turns.on_export("fr", TAB, event(turn=shown.view.turn, form=form)))  # type: ignore[arg-type]
    assert file["name"].startswith("recoupe-") and file["name"].endswith(f".{ending}")
    content = base64.b64decode(file["base64"])
    assert content.lstrip()[: len(start)] == start
    assert form == "docx" or QUOTE in content.decode()


def test_a_question_asked_while_the_dossier_is_opened_begins_the_conversation(
    tab: AskTab, assistant: FakeAssistant
) -> None:
    asked(tab)
    (turn,) = tab.talks.of("one").turns
    desk = Desk(lambda: assistant)  # type: ignore[arg-type, return-value]
    talks = Talks(desk)
    talks.put("one", talks.of("one").with_turn(turn))
    desk.open()
    assert talks.here("one").turns == (turn,)
    assert talks.here("one").folder == assistant.dossier.store.folder


def test_a_file_tells_which_articles_are_no_longer_there(
    tab: AskTab, assistant: FakeAssistant
) -> None:
    shown = asked(tab)
    for document in assistant.dossier.documents():
        assistant.dossier.remove(document.id)
    kept = event(turn=shown.view.turn, form="markdown")
    file = json.loads(tab.turns.on_export("fr", TAB, kept))  # type: ignore[arg-type]
    assert "n’est plus dans le dossier" in base64.b64decode(file["base64"]).decode()


def test_a_whole_conversation_is_kept_in_one_file(tab: AskTab) -> None:
    asked(tab)
    shown = asked(tab, "Qui a payé le marché ?")
    assert 'data-turn="all" data-form="json"' in shown.earlier
    file = json.loads(tab.turns.on_export("fr", TAB, event(turn="all", form="json")))  # type: ignore[arg-type]
    content = base64.b64decode(file["base64"]).decode()
    assert file["type"] == "application/json"
    assert QUESTION in content and "Qui a payé le marché ?" in content
