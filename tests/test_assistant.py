from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag.assistant import QUESTION_CHARACTERS, Assistant
from rag.compose import refusal
from rag.config import Settings
from rag.dossier import Dossier
from rag.engine import Prompt
from rag.errors import SettingsError
from rag.types import Done, Filters, HitsFound, PassageRead, ReadingDelta, TextDelta
from tests.fakes import SURE, HashEmbedder, ScriptedEngine

ARTICLES = {
    "pont.md": "---\ntitle: Le pont rouvre\noutlet: Le Relais\ndate: 2024-03-05\n---\n"
    "Le pont de Rivenac a rouvert mardi après deux ans. Les travaux ont coûté 14,3 millions "
    "d’euros, selon la mairie de Rivenac.\n",
    "rain.md": "---\ntitle: Rain on Harlow\noutlet: The Harlow Post\n---\n"
    "It has rained on Harlow since Monday, and the fields are under water, the council said.\n",
}
SCRIPT = {
    "pont de Rivenac": (0.9, "Les travaux du pont ont coûté 14,3 millions d’euros."),
    "rained on Harlow": (0.1, ""),
}


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(SCRIPT)


@pytest.fixture
def assistant(tmp_path: Path, engine: ScriptedEngine) -> Iterator[Assistant]:
    for name, text in ARTICLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    settings = Settings(dossier=tmp_path / "dossier")
    dossier = Dossier.open(settings, HashEmbedder())
    dossier.add([tmp_path / name for name in ARTICLES])
    assistant = Assistant(settings, dossier, HashEmbedder(), engine, SURE)
    yield assistant
    assistant.close()


def test_an_answer_cites_the_exact_words_of_the_article(assistant: Assistant) -> None:
    answer = assistant.ask("Combien ont coûté les travaux du pont de Rivenac ?")
    assert answer.text == "Les travaux du pont ont coûté 14,3 millions d’euros [1]."
    assert (answer.language, answer.refused) == ("fr", False)
    (citation,) = answer.citations
    document = assistant.dossier.store.document(citation.document_id)
    assert document.text[citation.start : citation.end] == citation.quote
    assert citation.quote.startswith("Les travaux ont coûté 14,3 millions")
    assert (citation.title, citation.outlet, citation.published) == (
        "Le pont rouvre",
        "Le Relais",
        "2024-03-05",
    )


def test_a_reading_that_its_passage_does_not_bear_out_is_refused(
    assistant: Assistant, engine: ScriptedEngine
) -> None:
    engine.script = {"pont de Rivenac": (0.9, "Les travaux du pont ont coûté 15 millions d’euros.")}
    answer = assistant.ask("Combien ont coûté les travaux du pont ?")
    assert answer.refused
    assert answer.text.startswith(refusal("fr"))
    assert [hit.answerable for hit in answer.hits] == pytest.approx([0.9, 0.0], abs=1e-3)


def test_the_passages_come_before_the_model_is_asked(
    assistant: Assistant, engine: ScriptedEngine
) -> None:
    events = assistant.stream("Combien ont coûté les travaux du pont de Rivenac ?")
    first = next(events)
    assert isinstance(first, HitsFound)
    assert engine.asked == []
    rest = list(events)
    written = "".join(event.text for event in rest if isinstance(event, ReadingDelta))
    assert written == "Les travaux du pont ont coûté 14,3 millions d’euros."
    told = [type(event) for event in rest if not isinstance(event, ReadingDelta)]
    assert told == [PassageRead, PassageRead, TextDelta, Done]
    text = "".join(event.text for event in rest if isinstance(event, TextDelta))
    assert isinstance(rest[-1], Done)
    assert rest[-1].answer.text == text


def test_closing_the_stream_stops_the_model(assistant: Assistant, engine: ScriptedEngine) -> None:
    events = assistant.stream("Combien ont coûté les travaux du pont de Rivenac ?")
    next(events)
    next(events)
    asked = len(engine.asked)
    events.close()
    assert len(engine.asked) == asked


def test_the_language_can_be_forced(assistant: Assistant, engine: ScriptedEngine) -> None:
    assert assistant.ask("Rivenac ?", language="en").language == "en"
    assert any("Answer in English" in prompt.asked for prompt in engine.asked)


def test_an_empty_dossier_is_answered_without_a_model(tmp_path: Path) -> None:
    settings = Settings(dossier=tmp_path / "empty")
    dossier = Dossier.open(settings, HashEmbedder())
    answer = Assistant(settings, dossier, HashEmbedder()).ask("Who won?")
    assert (answer.text, answer.refused, answer.citations) == (refusal("en"), True, ())
    dossier.close()


@pytest.mark.parametrize(("question", "key"), [(" \n", "ask.empty"), ("a" * 1001, "ask.long")])
def test_a_question_that_cannot_be_asked_says_why(
    assistant: Assistant, question: str, key: str
) -> None:
    assert QUESTION_CHARACTERS == 1000
    with pytest.raises(SettingsError) as error:
        assistant.ask(question)
    assert error.value.key == key


def test_the_threshold_of_the_settings_replaces_the_fitted_one(
    assistant: Assistant, engine: ScriptedEngine
) -> None:
    assistant.settings = assistant.settings.model_copy(update={"answerable_threshold": 0.95})
    assert assistant.ask("Combien ont coûté les travaux du pont de Rivenac ?").refused


def test_every_step_is_timed(assistant: Assistant) -> None:
    timings = assistant.ask("Combien ont coûté les travaux du pont de Rivenac ?").timings
    assert {"retrieve", "read", "compose", "total"} <= timings.keys()
    assert timings["total"] >= timings["read"]


def test_two_questions_in_one_are_answered_one_after_the_other(
    assistant: Assistant, engine: ScriptedEngine
) -> None:
    class Halves(ScriptedEngine):
        def _line(self, prompt: Prompt) -> tuple[float, str]:
            if "Rivenac" not in prompt.passage:
                return 0.1, ""
            if "Quand" in prompt.asked:
                return 0.9, "Le pont de Rivenac a rouvert mardi."
            return 0.9, "Les travaux ont coûté 14,3 millions d’euros."

    assistant._engine = Halves({})
    answer = assistant.ask("Quand le pont a-t-il rouvert, et combien ont coûté les travaux ?")
    assert answer.text == (
        "Le pont de Rivenac a rouvert mardi [1]. Les travaux ont coûté 14,3 millions d’euros [2]."
    )


def test_the_half_of_a_question_that_has_no_answer_is_named(assistant: Assistant) -> None:
    class Half(ScriptedEngine):
        def _line(self, prompt: Prompt) -> tuple[float, str]:
            knows = "Rivenac" in prompt.passage and "Quand" in prompt.asked
            return (0.9, "Le pont de Rivenac a rouvert mardi.") if knows else (0.1, "")

    assistant._engine = Half({})
    answer = assistant.ask("Quand le pont a-t-il rouvert, et qui l’a bâti ?")
    assert not answer.refused
    assert answer.text == (
        "Le pont de Rivenac a rouvert mardi [1]. "
        "Les articles ne répondent pas à « qui l’a bâti ? »."
    )


RIVAL = (
    "---\ntitle: Le chantier\noutlet: Le Courrier\ndate: 2024-04-02\n---\n"
    "Selon le département, les travaux sur le fleuve à Rivenac ont coûté 17 millions d’euros.\n"
)


def test_a_passage_that_said_nothing_but_seems_to_contradict_the_answer_is_asked_again(
    assistant: Assistant, engine: ScriptedEngine, tmp_path: Path
) -> None:
    (tmp_path / "rival.md").write_text(RIVAL, encoding="utf-8")
    assistant.dossier.add([tmp_path / "rival.md"])
    engine.script = {
        "pont de Rivenac": (0.75, "Les travaux du pont ont coûté 14,3 millions d’euros."),
        "sur le fleuve": (0.48, "Les travaux ont coûté 17 millions d’euros."),
    }
    answer = assistant.ask("Combien ont coûté les travaux à Rivenac ?")
    assert answer.text.startswith(
        "Les articles divergent : 14,3 millions d’euros selon Le Relais (5 mars 2024) [1], "
        "17 millions d’euros selon Le Courrier (2 avril 2024, le plus récent des articles cités) "
        "[2]."
    )


def test_a_passage_that_was_not_read_but_seems_to_contradict_the_answer_is_read_after_all(
    assistant: Assistant, engine: ScriptedEngine, tmp_path: Path
) -> None:
    (tmp_path / "rival.md").write_text(RIVAL, encoding="utf-8")
    assistant.dossier.add([tmp_path / "rival.md"])
    engine.script = SCRIPT | {"sur le fleuve": (0.8, "Les travaux ont coûté 17 millions d’euros.")}
    assistant._confidence = replace(SURE, found={"intercept": -9.0}, worth_reading=0.1)
    answer = assistant.ask("Quel maire de Rivenac a inauguré la statue du pont ?")
    assert [hit.answerable is None for hit in answer.hits].count(True) == len(answer.hits) - 1
    answer = assistant.ask("Combien ont coûté les travaux ?")
    assert [position.text for position in answer.positions] == [
        "Les travaux du pont ont coûté 14,3 millions d’euros.",
        "Les travaux ont coûté 17 millions d’euros.",
    ]


def test_an_article_that_answers_is_not_asked_to_contradict_itself(
    assistant: Assistant, engine: ScriptedEngine, tmp_path: Path
) -> None:
    between = "Le marché aux fleurs se tient chaque samedi sur la place. " * 30
    article = (
        "Les travaux du pont de Lunac ont coûté 14,3 millions d’euros.\n\n"
        f"{between}\n\nÀ Lunac, les travaux du quai ont coûté 17 millions d’euros.\n"
    )
    (tmp_path / "lunac.md").write_text(article, encoding="utf-8")
    assistant.dossier.add([tmp_path / "lunac.md"])
    engine.script = {
        "pont de Lunac": (0.75, "Les travaux ont coûté 14,3 millions d’euros."),
        "travaux du quai": (0.48, "Les travaux ont coûté 17 millions d’euros."),
    }
    answer = assistant.ask("Combien ont coûté les travaux à Lunac ?")
    assert answer.text == "Les travaux ont coûté 14,3 millions d’euros [1]."
    assert "rivals" not in answer.timings


def test_an_answer_as_of_a_day_knows_no_newer_article(assistant: Assistant) -> None:
    question = "Combien ont coûté les travaux du pont de Rivenac ?"
    assert assistant.ask(question, as_of=date(2024, 3, 4)).refused
    assert not assistant.ask(question, as_of=date(2024, 3, 5)).refused


def test_relative_words_of_a_question_are_dated_for_the_reader(
    assistant: Assistant, engine: ScriptedEngine
) -> None:
    assistant.ask("Combien ont coûté les travaux l’an dernier ?", as_of=date(2025, 3, 5))
    assert "l’an dernier (2024) ?" in engine.asked[0].asked


def test_what_was_read_but_not_borne_out_is_said_to_be_left_out(
    assistant: Assistant, engine: ScriptedEngine
) -> None:
    engine.script = {"pont de Rivenac": (0.9, "Les travaux du pont ont coûté 15 millions d’euros.")}
    answer = assistant.ask("Combien ont coûté les travaux du pont ?")
    assert answer.dropped == ("Les travaux du pont ont coûté 15 millions d’euros.",)


def test_an_answer_in_the_other_language_is_asked_for_again_or_left_out(
    assistant: Assistant, engine: ScriptedEngine
) -> None:
    said = "Les travaux du pont ont coûté 14,3 millions d’euros."
    engine.script = {"pont de Rivenac": (0.9, said)}
    answer = assistant.ask("How much did the works on the pont de Rivenac cost?", "en")
    assert (answer.refused, answer.dropped) == (True, (said,))


def test_quotes_of_the_other_language_can_be_translated(
    assistant: Assistant, engine: ScriptedEngine
) -> None:
    engine.script = {"pont de Rivenac": (0.9, "The works cost 14.3 million euros.")}
    answer = assistant.ask("How much did the works on the pont de Rivenac cost?", "en")
    engine.script = {"": (0.0, "The works cost 14.3 million euros, says the town hall of Rivenac.")}
    told = assistant.translations(answer)
    assert [(n, one.problems) for n, one in told.items()] == [(1, ())]


def test_what_the_articles_disagree_on_is_told_in_the_words_of_both(tmp_path: Path) -> None:
    texts = {
        "echo": "Le chantier naval de Rivenac sur la Sarvigne promet 310 emplois au port.",
        "post": "Le chantier naval de Rivenac sur la Sarvigne crée 240 emplois, et non 310.",
    }
    for day, (name, text) in enumerate(texts.items(), 1):
        head = f"---\ntitle: Le chantier\noutlet: {name}\ndate: 2024-03-0{day}\n---\n"
        (tmp_path / f"{name}.md").write_text(f"{head}{text}\n", encoding="utf-8")
    settings = Settings(dossier=tmp_path / "dossier")
    dossier = Dossier.open(settings, HashEmbedder())
    dossier.add([tmp_path / f"{name}.md" for name in texts])
    assistant = Assistant(settings, dossier, HashEmbedder(), ScriptedEngine({}), SURE)
    answer = assistant.ask("Sur quoi les articles divergent-ils à propos du chantier naval ?")
    assert answer.text == (
        f"Les articles divergent : « {texts['echo'][:-1]} » selon echo (1er mars 2024) [1], "
        "« Le chantier naval de Rivenac sur la Sarvigne crée 240 emplois » selon post "
        "(2 mars 2024) [2]. Seuls les chiffres sont comparés."
    )
    assert [one.quote for one in answer.citations] == list(texts.values())
    assert [sentence.status for sentence in answer.sentences] == ["supported", "supported"]
    refused = assistant.ask("Sur quoi les articles divergent-ils à propos de la grève ?")
    assert refused.refused
    later = Filters(published_from=date(2024, 3, 2))
    same = assistant.ask("Sur quoi les articles divergent-ils ?", filters=later)
    assert same.text == (
        "Aucune contradiction n’a été trouvée entre les chiffres de ces articles ; il peut y en "
        "avoir. Seuls les chiffres sont comparés."
    )
    assistant.close()


def test_an_overview_is_told_by_the_articles_in_the_order_of_their_days(
    assistant: Assistant,
) -> None:
    answer = assistant.ask("Que sait-on du pont de Rivenac ?")
    assert answer.text == (
        "Le pont de Rivenac a rouvert mardi après deux ans [1]. Les travaux ont coûté 14,3 "
        "millions d’euros, selon la mairie de Rivenac [2]."
    )
    assert not answer.refused
    assert assistant.ask("Que sait-on de la grève des éboueurs ?").refused


PIT = {
    "quai.md": "Le quai nord de Rivenac et sa grue, la grue du quai de Rivenac, la grue du port.",
    "cout.md": "La grue de Rivenac a été payée 3 millions d’euros par la région, en avril.",
}


@pytest.mark.parametrize(
    ("ready", "says", "told"),
    [
        (["payée"], 0.9, "La grue a été payée 3 millions d’euros [1]."),
        (["payée"], 0.44, ""),  # not sure enough, so far down
        ([], 0.9, ""),  # it would have to be read first
    ],
)
def test_where_the_first_say_nothing_the_next_that_are_known_are_asked_and_must_be_surer(
    tmp_path: Path, ready: list[str], says: float, told: str
) -> None:
    for name, text in PIT.items():
        (tmp_path / name).write_text(f"{text}\n", encoding="utf-8")
    settings = Settings(dossier=tmp_path / "dossier", top_k=1)
    dossier = Dossier.open(settings, HashEmbedder())
    dossier.add([tmp_path / name for name in PIT])
    script = {"payée": (says, "La grue a été payée 3 millions d’euros.")}
    sure = replace(SURE, worth_asking=0.1, thresholds={"fr": 0.1, "en": 0.1})
    engine = ScriptedEngine(script, ready=ready)
    assistant = Assistant(settings, dossier, HashEmbedder(), engine, sure)
    question = "Combien a été payée la grue du quai du port de Rivenac ?"
    (first,) = dossier.retriever.retrieve(question, "fr", 1)
    assert first.document.text.startswith("Le quai")
    answer = assistant.ask(question)
    assert (answer.text if not answer.refused else "") == told
    assistant.close()
