from datetime import date

from rag.llm import Prompt
from rag.read import describe, first_sentence, locate, read
from rag.types import Language
from tests.fakes import HashEmbedder, ScriptedEngine, hit_on

BRIDGE = (
    "Le pont de Rivenac a rouvert mardi. Les travaux ont coûté 14,3 millions d’euros, selon la "
    "mairie. Nina Vasseur, l’architecte, parle d’un « chantier sans accident »."
)
RAIN = "Il pleut sur Rivenac depuis lundi. Les champs sont sous l’eau."
QUESTION = "Combien ont coûté les travaux ?"


def quote(text: str, language: Language, passage: str, written_in: Language) -> str:
    hit = hit_on(passage, written_in)
    start, end = locate(text, hit, language, HashEmbedder())
    return hit.document.text[start:end]


def test_only_passages_that_may_answer_are_asked_to() -> None:
    engine = ScriptedEngine(
        {"pont": (0.9, "Ils ont coûté 14,3 millions d’euros."), "pleut": (0.2, "Rien.")}
    )
    hits = [hit_on(RAIN, "fr", rank=1), hit_on(BRIDGE, "fr", rank=2)]
    readings = list(read(hits, QUESTION, "fr", engine, HashEmbedder(), threshold=0.5))
    assert [(r.hit.rank, r.answerable, r.text) for r in readings] == [
        (1, 0.2, ""),
        (2, 0.9, "Ils ont coûté 14,3 millions d’euros."),
    ]
    assert readings[1].quote == "Les travaux ont coûté 14,3 millions d’euros, selon la mairie."
    assert len(engine.asked) == 3


def test_closing_the_readings_stops_the_model() -> None:
    engine = ScriptedEngine({"pleut": (0.1, ""), "pont": (0.9, "Un mot après l’autre.")})
    hits = [hit_on(RAIN, "fr", rank=1), hit_on(BRIDGE, "fr", rank=2)]
    readings = read(hits, QUESTION, "fr", engine, HashEmbedder(), threshold=0.5)
    next(readings)
    readings.close()
    assert len(engine.asked) == 1


def test_the_prompts_of_a_passage_differ_only_at_their_end() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Ils ont coûté 14,3 millions d’euros.")})
    hit = hit_on(BRIDGE, "fr", "Le pont rouvre", "Le Relais", date(2024, 3, 5))
    list(read([hit], QUESTION, "fr", engine, HashEmbedder(), threshold=0.5))
    asks, answers = (prompt[-1].content for prompt in engine.asked)
    source = "« Le pont rouvre », Le Relais, 5 mars 2024"
    shared = f"Extrait de {source} :\n{BRIDGE}\n\nQuestion : {QUESTION}\n"
    assert asks.startswith(shared)
    assert answers.startswith(shared)
    assert asks != answers


def test_an_answer_with_an_invented_figure_is_written_once_more() -> None:
    class Inventive(ScriptedEngine):
        def _line(self, prompt: Prompt) -> tuple[float, str]:
            exact = "exacts" in prompt[-1].content
            return 0.9, "Le pont a rouvert pour 19 euros." if exact else "Le pont a rouvert mardi."

    reading = list(read([hit_on(BRIDGE, "fr")], "Quoi ?", "fr", Inventive({}), HashEmbedder(), 0.5))
    assert [r.text for r in reading] == ["Le pont a rouvert mardi."]


def test_an_article_without_title_is_named_by_its_path() -> None:
    assert describe(hit_on("Un texte.").document, "fr") == "/articles/1.txt"


def test_a_reply_is_cut_to_its_first_whole_sentence() -> None:
    assert first_sentence("Il a 14,3 ans. Il vit à Lyon.", "fr") == "Il a 14,3 ans."
    assert first_sentence("  Oui. ", "fr") == "Oui."
    assert first_sentence("Une phrase qui n’a pas de", "fr") == ""
    assert first_sentence("", "en") == ""


def test_the_quote_is_the_sentence_that_holds_the_figure() -> None:
    found = quote("The works cost €14.3 million.", "en", BRIDGE, "fr")
    assert found == "Les travaux ont coûté 14,3 millions d’euros, selon la mairie."


def test_the_quote_is_widened_to_hold_all_that_the_sentence_says() -> None:
    text = "Le pont de Rivenac, rouvert mardi, a coûté 14,3 millions d’euros."
    assert quote(text, "fr", BRIDGE, "fr") == BRIDGE[: BRIDGE.index(" Nina")]


def test_the_quote_of_a_speaker_is_what_they_say() -> None:
    text = "Nina Vasseur dit que le chantier fut sans accident."
    assert quote(text, "fr", BRIDGE, "fr").startswith("Nina Vasseur, l’architecte")


def test_a_passage_with_only_the_names_of_the_question_must_be_surer() -> None:
    sold = ScriptedEngine({"pont": (0.7, "Il a été vendu mardi.")})
    hits = [hit_on(BRIDGE, "fr")]
    (stranger,) = read(hits, "Quand a-t-on vendu Rivenac ?", "fr", sold, HashEmbedder(), 0.5)
    (topical,) = read(hits, "Quand rouvre le pont de Rivenac ?", "fr", sold, HashEmbedder(), 0.5)
    assert (stranger.text, topical.text) == ("", "Il a été vendu mardi.")


def test_a_magnitude_is_told_in_the_language_of_the_answer() -> None:
    passage = hit_on("The city paid 14.3 billion dollars. It rained.")
    engine = ScriptedEngine({"city": (0.9, "La ville a payé 14,3 billion dollars.")})
    (reading,) = read([passage], "Combien ?", "fr", engine, HashEmbedder(), 0.5)
    assert reading.text == "La ville a payé 14,3 milliards de dollars."
    assert reading.quote == "The city paid 14.3 billion dollars."
