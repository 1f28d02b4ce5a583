from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import date

import pytest

from rag.confidence import Confidence
from rag.engine import Piece, Prompt
from rag.read import describe, first_sentence, passage_prompt, read
from rag.types import Hit, Reading, ReadingDelta
from tests.fakes import SURE, HashEmbedder, ScriptedEngine, hit_on

BRIDGE = (
    "Le pont de Rivenac a rouvert mardi. Les travaux ont coûté 14,3 millions d’euros, selon la "
    "mairie. Nina Vasseur, l’architecte, parle d’un « chantier sans accident »."
)
RAIN = "Il pleut sur Rivenac depuis lundi. Les champs sont sous l’eau."
QUESTION = "Combien ont coûté les travaux ?"


def read_all(
    hits: Sequence[Hit], engine: ScriptedEngine, question: str = QUESTION
) -> list[Reading]:
    """The readings without the words that come before them."""
    events = read(hits, question, "fr", engine, HashEmbedder(), SURE, 0.5)
    return [event for event in events if isinstance(event, Reading)]


def test_only_passages_that_may_answer_are_asked_to() -> None:
    engine = ScriptedEngine(
        {"pont": (0.9, "Ils ont coûté 14,3 millions d’euros."), "pleut": (0.2, "Rien.")}
    )
    readings = read_all([hit_on(RAIN, "fr", rank=1), hit_on(BRIDGE, "fr", rank=2)], engine)
    assert [(r.hit.rank, round(r.answerable, 3), r.text) for r in readings] == [
        (1, 0.2, ""),
        (2, 0.9, "Ils ont coûté 14,3 millions d’euros."),
    ]
    assert readings[1].quote == "Les travaux ont coûté 14,3 millions d’euros, selon la mairie."
    assert len(engine.asked) == 4  # and whether it says exactly that


def test_the_words_of_an_answer_come_before_it_is_checked() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Ils ont coûté 19 euros.")})
    (hit,) = hits = [hit_on(BRIDGE, "fr")]
    *deltas, last = read(hits, QUESTION, "fr", engine, HashEmbedder(), SURE, 0.5)
    words = ("Ils ", "ont ", "coûté ", "19 ", "euros.")
    assert deltas == [ReadingDelta(hit, word) for word in words]
    assert isinstance(last, Reading)
    assert last.text == ""  # the passage has no 19 euros


def test_a_passage_far_less_promising_than_the_best_is_not_asked_for_its_answer() -> None:
    cost = "Les travaux ont coûté 14,3 millions d’euros."
    engine = ScriptedEngine({"pont": (0.95, cost), "pleut": (0.2, "Il pleut sur Rivenac.")})
    open_to_all = replace(SURE, worth_asking=0.1)
    hits = [hit_on(BRIDGE, "fr", rank=1), hit_on(RAIN, "fr", rank=2)]
    list(read(hits, QUESTION, "fr", engine, HashEmbedder(), open_to_all, 0.1))
    assert len(engine.asked) == 4  # and whether it says exactly that
    list(read(hits, "Que disent les articles ?", "fr", engine, HashEmbedder(), open_to_all, 0.1))
    assert len(engine.asked) == 4 + 6  # a list has room for what is less sure


def test_a_count_is_no_answer_to_what_things_are_worth() -> None:
    engine = ScriptedEngine({"montres": (0.9, "Neuf montres ont été volées.")})
    stolen = hit_on("Neuf montres ont été volées. Elles valent 200 dirhams.", "fr")
    (silent,) = read_all([stolen], engine, "Combien valent les montres ?")
    (told,) = read_all([stolen], engine, "Combien de montres ont été volées ?")
    assert (silent.text, told.text) == ("", "Neuf montres ont été volées.")
    worth = ScriptedEngine({"montres": (0.9, "Elles valent 200 dirhams.")})
    (told,) = read_all([stolen], worth, "Combien valent les montres ?")
    assert told.text == "Elles valent 200 dirhams."


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Depuis quand les travaux du pont durent-ils ?", False),
        ("Quand les travaux du pont commencent-ils ?", True),
    ],
)
def test_nothing_goes_on_since_a_day_to_come(question: str, told: bool) -> None:
    text = "Les travaux du pont commencent le 2 avril 2026."
    bridge = hit_on(text, "fr", published=date(2026, 3, 19))
    (reading,) = read_all([bridge], ScriptedEngine({"pont": (0.9, text)}), question)
    assert bool(reading.text) is told


def test_who_did_something_is_not_told_by_whom_the_question_names() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Nina Vasseur quittera le pont en été.")})
    left = hit_on("Nina Vasseur quittera le pont en été.", "fr")
    (silent,) = read_all([left], engine, "Qui remplacera Nina Vasseur ?")
    (told,) = read_all([left], engine, "Qui est Nina Vasseur ?")
    assert (silent.text, told.text) == ("", "Nina Vasseur quittera le pont en été.")


SHED = "The mill at Harrow shed 80 jobs in spring. The river rose."
STAFF = "La filature de Harrow se sépare de 80 salariés."


def test_what_the_rules_do_not_find_in_its_passage_is_doubted() -> None:
    engine = ScriptedEngine({"mill": (0.9, STAFF)})
    (reading,) = read_all([hit_on(SHED, "en")], engine, "De combien de salariés se sépare-t-elle ?")
    assert (reading.text, reading.doubted) == (STAFF, True)


def test_what_the_words_say_is_not_doubted() -> None:
    engine = ScriptedEngine({"pont": (0.6, "Ils ont coûté 14,3 millions d’euros.")})
    (reading,) = read_all([hit_on(BRIDGE, "fr")], engine)
    assert reading.text and not reading.doubted


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("Nina Vasseur", "Nina Vasseur."),
        ("14,3 millions d’euros", "14,3 millions d’euros."),
        ("Nina Vasseur,", ""),  # more was to come
        ("L’architecte du pont est Nina Vasseur, " * 12, ""),  # cut
    ],
)
def test_a_short_reply_without_a_full_stop_is_an_answer_and_a_cut_one_is_not(
    reply: str, told: str
) -> None:
    engine = ScriptedEngine({"pont": (0.9, reply)})
    (reading,) = read_all([hit_on(BRIDGE, "fr")], engine, "Qui est l’architecte, et le prix ?")
    assert reading.text == told


def test_an_answer_less_likely_than_the_threshold_is_not_told() -> None:
    engine = ScriptedEngine({"pont": (0.7, "Ils ont coûté 14,3 millions d’euros.")})
    *_, last = read([hit_on(BRIDGE, "fr")], QUESTION, "fr", engine, HashEmbedder(), SURE, 0.8)
    assert isinstance(last, Reading)
    assert (round(last.answerable, 3), last.text, last.quote) == (0.7, "", "")


def test_passages_known_already_do_not_wait_for_those_that_are_not() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Il a rouvert mardi."), "pleut": (0.2, "")}, ["pont"])
    hits = [hit_on(RAIN, "fr", rank=1), hit_on(BRIDGE, "fr", rank=2)]
    assert [reading.hit.rank for reading in read_all(hits, engine)] == [2, 1]


class Counting(ScriptedEngine):
    """Notes how many passages are asked side by side, and how many for their answers."""

    def __init__(self, script: dict[str, tuple[float, str]], ready: Sequence[str]) -> None:
        super().__init__(script, ready)
        self.calls: list[str] = []

    def probabilities(
        self, prompts: Sequence[Prompt], yes: Sequence[str], no: Sequence[str]
    ) -> list[float]:
        if "contain" in prompts[0].asked:
            self.calls.append(f"{len(prompts)} asked")
        return super().probabilities(prompts, yes, no)

    def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[Piece]:
        self.calls.append(f"{len(prompts)} answered")
        yield from super().generate(prompts, max_tokens)


def five(*texts: str) -> list[Hit]:
    return [hit_on(f"{text} {rank}", "fr", rank=rank) for rank, text in enumerate(texts, 1)]


def test_known_passages_are_asked_the_first_alone_two_more_and_then_the_rest() -> None:
    engine = Counting({"pleut": (0.1, "")}, ["pleut"])
    read_all(five(*[RAIN] * 5), engine)
    assert engine.calls == ["1 asked", "2 asked", "2 asked"]


def test_a_likely_first_passage_answers_before_the_others_are_asked() -> None:
    script = {"pont": (0.9, "Il a rouvert mardi."), "pleut": (0.1, "")}
    engine = Counting(script, ["pleut", "pont"])
    read_all(five(BRIDGE, RAIN, RAIN), engine)
    assert engine.calls == ["1 asked", "1 answered", "2 asked"]


def test_an_unlikely_first_passage_waits_to_answer_beside_the_next() -> None:
    script = {"pont": (0.9, "Il a rouvert mardi."), "pleut": (0.4, "Il pleut.")}
    engine = Counting(script, ["pleut", "pont"])
    open_to_all = replace(SURE, worth_asking=0.1)
    list(read(five(RAIN, BRIDGE), QUESTION, "fr", engine, HashEmbedder(), open_to_all, 0.1))
    assert engine.calls == ["1 asked", "1 asked", "2 answered"]


HOPELESS = replace(SURE, found={"intercept": -9.0, "words": 18.0}, worth_reading=0.02)
ELSEWHERE = "Une foire aux bestiaux se tient en mai."


def ranks_read(*texts: str, ready: Sequence[str] = (), question: str = QUESTION) -> list[int]:
    script = {"pont": (0.9, "Ils ont coûté 14,3 millions d’euros."), "foire": (0.2, "")}
    engine = Counting(script, ready)
    events = list(read(five(*texts), question, "fr", engine, HashEmbedder(), HOPELESS, 0.5))
    return [event.hit.rank for event in events if isinstance(event, Reading)]


def test_once_a_passage_answers_one_that_next_to_nothing_found_is_not_read_for_it() -> None:
    assert ranks_read(BRIDGE, ELSEWHERE, BRIDGE) == [1, 3]


def test_another_article_that_names_what_is_asked_about_is_read_for_its_version() -> None:
    here, there = (
        "Le pont d’Arvelle a coûté 14,3 millions d’euros.",
        "Arvelle : les dégâts du pont sont connus.",
    )
    question = "Combien a coûté le pont d’Arvelle ?"
    assert ranks_read(here, ELSEWHERE, there, question=question) == [1, 3]


def test_before_any_answers_all_are_read() -> None:
    assert ranks_read(ELSEWHERE, ELSEWHERE, BRIDGE, ELSEWHERE) == [1, 2, 3]


def test_one_that_is_known_already_is_spared_its_question_too() -> None:
    assert ranks_read(BRIDGE, ELSEWHERE, BRIDGE, ready=["pont", "foire"]) == [1, 3]


def test_one_that_waits_for_the_next_answers_though_the_next_are_not_read() -> None:
    works = "Les travaux du quai ont coûté 3 millions d’euros."
    script = {"pont": (0.9, "Il a rouvert mardi."), "quai": (0.4, works)}
    engine = Counting(script, ["pont", "quai", "foire"])
    ready = replace(HOPELESS, worth_asking=0.1)
    hits = five(BRIDGE, works, works, ELSEWHERE)
    events = read(hits, QUESTION, "fr", engine, HashEmbedder(), ready, 0.1)
    told = {one.hit.rank: one.text for one in events if isinstance(one, Reading)}
    assert told == {1: "Il a rouvert mardi.", 2: works, 3: works}


def test_a_list_takes_all() -> None:
    assert ranks_read(BRIDGE, ELSEWHERE, question="Que disent les articles ?") == [1, 2]


def test_closing_the_readings_stops_the_model() -> None:
    engine = ScriptedEngine({"pleut": (0.1, ""), "pont": (0.9, "Un mot après l’autre.")})
    hits = [hit_on(RAIN, "fr", rank=1), hit_on(BRIDGE, "fr", rank=2)]
    readings = read(hits, QUESTION, "fr", engine, HashEmbedder(), SURE, 0.5)
    next(readings)
    readings.close()
    assert len(engine.asked) == 1


def test_all_questions_in_both_languages_share_what_comes_before_them() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Ils ont coûté 14,3 millions d’euros.")})
    hit = hit_on(BRIDGE, "fr", "Le pont rouvre", "Le Relais", date(2024, 3, 5))
    list(read([hit], QUESTION, "fr", engine, HashEmbedder(), SURE, 0.5))
    list(read([hit], "How much?", "en", engine, HashEmbedder(), SURE, 0.5))
    known = passage_prompt(hit.document, hit.passage)
    assert known.passage == f"« Le pont rouvre », Le Relais, 5 mars 2024\n{BRIDGE}"
    assert {(prompt.turns, prompt.passage) for prompt in engine.asked} == {
        (known.turns, known.passage)
    }


def test_whether_and_what_a_passage_answers_share_the_words_of_the_question() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Ils ont coûté 14,3 millions d’euros.")})
    read_all([hit_on(BRIDGE, "fr")], engine)
    asked = [prompt.asked for prompt in engine.asked]
    assert [one.startswith(f"\n\nQuestion : {QUESTION}\n") for one in asked] == [True] * 3
    assert len(set(asked)) == 3


def test_a_passage_too_long_for_the_model_is_read_as_far_as_it_fits_and_this_is_said() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Il a rouvert mardi.")}, room=len(BRIDGE) + 80)
    (reading,) = read_all([hit_on(BRIDGE, "fr")], engine)
    assert reading.partly
    assert all(prompt.passage.endswith("la mairie.") for prompt in engine.asked)
    (whole,) = read_all([hit_on(BRIDGE, "fr")], ScriptedEngine({"pont": (0.9, "Il a rouvert.")}))
    assert not whole.partly


def test_an_article_without_title_is_named_by_its_path() -> None:
    assert describe(hit_on("Un texte.").document, "fr") == "/articles/1.txt"


def test_a_reply_is_cut_to_its_first_whole_sentence() -> None:
    assert first_sentence("Il a 14,3 ans. Il vit à Lyon.", "fr") == "Il a 14,3 ans."
    assert first_sentence("  Oui. ", "fr") == "Oui."
    assert first_sentence("Une phrase qui n’a pas de", "fr") == ""
    assert first_sentence("", "en") == ""


def test_a_magnitude_is_told_in_the_language_of_the_answer() -> None:
    passage = hit_on("The city paid 14.3 billion dollars. It rained.")
    engine = ScriptedEngine({"city": (0.9, "La ville a payé 14,3 billion dollars.")})
    (reading,) = read_all([passage], engine, "Combien ?")
    assert reading.text == "La ville a payé 14,3 milliards de dollars."
    assert reading.quote == "The city paid 14.3 billion dollars."


def test_an_answer_that_its_passage_does_not_bear_out_is_asked_for_once_more() -> None:
    class Twice(ScriptedEngine):
        def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[Piece]:
            again = "avec seulement ce que dit ce passage" in prompts[0].asked
            right, wrong = "Ils ont coûté 14,3 millions d’euros.", "Ils ont coûté 19 euros."
            self.script = {"pont": (0.9, right if again else wrong)}
            yield from super().generate(prompts, max_tokens)

    engine = Twice({"pont": (0.9, "")})
    (reading,) = read_all([hit_on(BRIDGE, "fr")], engine)
    assert reading.text == "Ils ont coûté 14,3 millions d’euros."
    rewriting = engine.asked[2].asked
    assert rewriting.endswith("Les travaux ont coûté 14,3 millions d’euros, selon la mairie.")


def test_what_stays_unsupported_is_dropped_and_known() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Ils ont coûté 19 euros.")})
    (reading,) = read_all([hit_on(BRIDGE, "fr")], engine)
    assert (reading.text, reading.dropped) == ("", "Ils ont coûté 19 euros.")


def test_a_model_that_is_looked_into_is_asked_for_its_answer_at_once() -> None:
    class Probed(ScriptedEngine):
        probed = True

    engine = Probed({"pont": (0.9, "Ils ont coûté 14,3 millions d’euros."), "pleut": (0.01, "")})
    hits = [hit_on(BRIDGE, "fr", rank=1), hit_on(RAIN, "fr", rank=2)]
    sure = Confidence({"intercept": 0.0, "inner": 1.0}, {"intercept": 0.0, "inner": 1.0}, 0.5, {})
    told = [
        one
        for one in read(hits, QUESTION, "fr", engine, HashEmbedder(), sure, 0.5)
        if isinstance(one, Reading)
    ]
    assert [(one.text, round(one.answerable, 2)) for one in told] == [
        ("Ils ont coûté 14,3 millions d’euros.", 0.9),
        ("", 0.01),
    ]
    bridge, rain, answered = (prompt.asked for prompt in engine.asked)
    assert bridge == rain == answered  # what was decoded to look into it is what it answers from


def test_a_passage_that_does_not_speak_of_what_is_taken_for_granted_is_not_read() -> None:
    engine = ScriptedEngine({"pont": (0.9, "Il a démissionné pour le pont.")})
    hits = [hit_on(BRIDGE, "fr"), hit_on(f"{BRIDGE} Le maire a quitté la mairie.", "fr", rank=2)]
    readings = read_all(hits, engine, "Pourquoi le maire a-t-il démissionné ?")
    assert [(one.hit.rank, one.answerable > 0) for one in readings] == [(1, False), (2, True)]
    assert all("a quitté" in prompt.passage for prompt in engine.asked)


def test_an_answer_about_another_year_is_none_and_is_not_asked_for_again() -> None:
    said = "En 2022, 400 visiteurs sont venus au pont."
    engine = ScriptedEngine({"pont": (0.9, said)})
    question = "Combien de visiteurs sont venus au pont en 2019 ?"
    (reading,) = read_all([hit_on(said, "fr")], engine, question)
    assert (reading.text, reading.dropped) == ("", "")
    assert read_all([hit_on(said, "fr")], engine, question.replace("19", "22"))[0].text == said


@pytest.mark.parametrize(
    ("question", "said", "told"),
    [
        ("Quel est l’autre nom du pont de Rivenac ?", "Le nom du pont est Rivenac.", False),
        ("De quel pont est-ce le nom ?", "C’est le nom du pont.", False),
        ("Quel est l’autre nom du pont ?", "Le nom du pont est Rivenac.", True),
        ("Quel est l’autre nom du pont ?", "Le nom du pont est RIV.", True),
        ("Le pont de Rivenac sert à quoi ?", "Le pont de Rivenac sert à la boxe.", True),
        ("Quel pont a rouvert, Rivenac ou Harlow ?", "Le pont de Rivenac a rouvert.", True),
        ("Combien de ponts a Rivenac ?", "Rivenac a 2 ponts.", True),
        ("Combien de millions ?", "14,3 millions.", True),
    ],
)
def test_an_answer_that_only_repeats_its_question_is_none(
    question: str, said: str, told: bool
) -> None:
    text = (
        "Le pont a rouvert. Le nom du pont est Rivenac. Rivenac a 2 ponts. C’est RIV. "
        "14,3 millions. Le pont de Rivenac sert à la boxe."
    )
    (reading,) = read_all([hit_on(text, "fr")], ScriptedEngine({"pont": (0.9, said)}), question)
    assert bool(reading.text) is told
    assert reading.dropped == ""


CLAIM = (
    "Les élus ont dit non au port. L’ancien adjoint Bruno Tessier affirme que la consigne venait "
    "de la capitale. Le cabinet de la ministre dément."
)


def test_who_only_says_who_did_it_did_not_do_it() -> None:
    asked = "Qui était derrière le refus du quai ?"
    engine = ScriptedEngine({"élus": (0.9, "Bruno Tessier était derrière le refus du quai.")})
    (reading,) = read_all([hit_on(CLAIM, "fr")], engine, asked)
    assert (reading.text, reading.dropped) == ("", "Bruno Tessier était derrière le refus du quai.")


COURT = "Le tribunal de Rivenac a annulé le refus. Le collectif Eaux Vives a fait appel lundi."


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("Le Tribunal a fait appel au collectif Eaux Vives lundi.", False),
        ("Le collectif Eaux Vives a fait appel lundi.", True),
    ],
)
def test_whom_a_question_names_did_not_do_what_it_asks_the_doer_of(reply: str, told: bool) -> None:
    asked = "Qui a fait appel de la décision du Tribunal ?"
    (reading,) = read_all([hit_on(COURT, "fr")], ScriptedEngine({"refus": (0.9, reply)}), asked)
    assert bool(reading.text) is told


CREW = (
    "Le patron, Marc Tessier, 58 ans, et son fils Yann, 22 ans, sont morts. Le mousse Luc Garrec "
    "a été sauvé dans la nuit de lundi à mardi."
)


@pytest.mark.parametrize(
    ("question", "reply", "told"),
    [
        ("Quel âge avait Luc Garrec ?", "Luc Garrec avait 22 ans.", False),
        ("Quel âge avait Marc Tessier ?", "Marc Tessier avait 58 ans.", True),
        ("Quel âge avait le patron ?", "Le patron avait 58 ans.", True),
        ("Pourquoi le mousse Luc Garrec a-t-il été sauvé ?",
         "Le mousse Luc Garrec a été sauvé dans la nuit de lundi à mardi.", False),
        ("Quand le mousse Luc Garrec a-t-il été sauvé ?",
         "Le mousse Luc Garrec a été sauvé dans la nuit de lundi à mardi.", True),
        ("Le mousse a-t-il été sauvé ?", "Oui, le mousse a-t-il été sauvé ?", False),
    ],
)  # fmt: skip
def test_an_age_of_another_a_when_for_a_why_and_a_question_are_no_answers(
    question: str, reply: str, told: bool
) -> None:
    (reading,) = read_all([hit_on(CREW, "fr")], ScriptedEngine({"patron": (0.9, reply)}), question)
    assert bool(reading.text) is told


def test_who_says_that_it_was_she_may_have_done_it() -> None:
    text = "La tribune est close. Odile Garrec affirme qu’elle en a donné l’ordre au club."
    reply = "Odile Garrec a décidé de fermer la tribune."
    asked = "Qui a décidé de fermer la tribune ?"
    (reading,) = read_all([hit_on(text, "fr")], ScriptedEngine({"tribune": (0.9, reply)}), asked)
    assert reading.text == reply


def test_a_yes_whose_words_are_not_there_has_to_be_sure() -> None:
    text = "Investigators weigh a clash with some crate that was adrift."
    asked, reply = (
        "Le chalutier a-t-il heurté une caisse ?",
        "Oui, le chalutier a heurté une caisse.",
    )
    for answerable, told in ((0.9, True), (0.4, False)):
        engine = ScriptedEngine({"clash": (answerable, reply)})
        events = read([hit_on(text, "en")], asked, "fr", engine, HashEmbedder(), LAX, 0.1)
        (reading,) = [event for event in events if isinstance(event, Reading)]
        assert bool(reading.text) is told


LAX = replace(SURE, worth_asking=0.1)
