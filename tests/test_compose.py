from dataclasses import replace
from datetime import date

from rag.compose import Part, compose, refusal, with_markers
from rag.crosscheck import group, told_value
from rag.types import Language, Reading, Sentence
from tests.fakes import hit_on, reading_of

FIFTEEN = hit_on(
    "Aubrac a levé 15 milliards de dollars.", "fr", "Levée", "Le Relais", date(2024, 3, 5), 1
)
FOURTEEN = hit_on("Aubrac raised $14.3 billion.", "en", "Funding", "The Harlow Post", None, 2)
COPY = hit_on("Aubrac a levé 15 milliards de dollars, selon elle.", "fr", "Argent", rank=3)


def composed(question: str, language: Language, *readings: Reading) -> tuple[str, list[str], bool]:
    """Text, quotes by number, refused."""
    hits = [reading.hit for reading in readings] or [FIFTEEN, FOURTEEN]
    made = compose([Part(question, group(readings, question, language))], hits, language)
    for citation in made.citations:
        hit = next(h for h in hits if h.passage.id == citation.passage_id)
        assert hit.document.text[citation.start : citation.end] == citation.quote
    text = " ".join(map(with_markers, made.sentences))
    return text, [c.quote for c in made.citations], made.refused


def test_sources_that_agree_are_cited_behind_one_sentence() -> None:
    text, quotes, refused = composed(
        "Combien Aubrac a-t-elle levé ?",
        "fr",
        reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars."),
        reading_of(COPY, "Aubrac a levé 15 milliards de dollars."),
    )
    assert text == "Aubrac a levé 15 milliards de dollars [1][2]."
    assert quotes == [FIFTEEN.passage.text, COPY.passage.text]
    assert not refused


def test_sources_that_disagree_are_told_first_each_with_its_figure_and_name() -> None:
    text, _, _ = composed(
        "Combien Aubrac a-t-elle levé ?",
        "fr",
        reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars."),
        reading_of(FOURTEEN, "Aubrac a levé 14,3 milliards de dollars.", 0.8),
    )
    assert text == (
        "Les articles divergent : 15 milliards de dollars selon Le Relais (5 mars 2024) [1], "
        "14,3 milliards de dollars selon The Harlow Post [2]."
    )


def test_a_disagreement_is_no_surer_than_its_versions() -> None:
    question = "Combien Aubrac a-t-elle levé ?"
    doubted = replace(
        reading_of(FOURTEEN, "Aubrac a levé 14,3 milliards de dollars.", 0.8), doubted=True
    )
    sure = reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars.")
    made = compose([Part(question, group([sure, doubted], question, "fr"))], [FIFTEEN], "fr")
    assert (made.sentences[0].status, made.sentences[0].problems) == (
        "partly",
        ("words: not those of the article",),
    )


def test_of_one_article_one_value_disagrees_and_it_is_that_which_is_told() -> None:
    question = "Combien Aubrac a-t-elle levé ?"
    two = hit_on(
        "Norvel proposait cinq usines, pour 3,5 milliards. Puis 6 milliards.", "fr", rank=2
    )
    sure = reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars.")
    offered = reading_of(two, "Aubrac a levé cinq usines, puis 3,5 milliards de dollars.", 0.88)
    more = reading_of(two, "Aubrac a levé 6 milliards de dollars.", 0.87)
    text, _, _ = composed(question, "fr", sure, offered, more)
    assert text.count("selon") == 2 and "6 milliards" not in text
    assert told_value(offered, question, "fr", [sure]) == "3,5 milliards de dollars"


def test_one_answer_to_both_parts_is_told_once() -> None:
    founded = hit_on("Nina Vasseur founded the laboratory in 1998.")
    who, when = "Who founded the laboratory?", "Who founded the laboratory: in which year?"
    told = reading_of(founded, "Nina Vasseur founded the laboratory in 1998.")
    positions = [group([told], question, "en") for question in (who, when)]
    for parts in (
        [Part(who, positions[0]), Part(when, positions[1])],
        [Part(who, positions[0]), Part(when, [])],
    ):
        made = compose(parts, [founded], "en")
        assert [one.text for one in made.sentences] == [told.text]
    again = group(
        [reading_of(founded, "In 1998 the laboratory was founded by Nina Vasseur.")], when, "en"
    )
    made = compose([Part(who, positions[0]), Part(when, again)], [founded], "en")
    assert [one.text for one in made.sentences] == [told.text]
    other = compose(
        [Part(who, positions[0]), Part("In which year did it close?", [])], [founded], "en"
    )
    assert len(other.sentences) == 2


def test_of_many_versions_those_of_most_sources_are_named_and_the_others_counted() -> None:
    said = ["15", "16", "17", "17", "18", "18", "19"]
    readings = [
        reading_of(hit_on(f"Levée : {n} millions, note {k}.", "fr", f"Article {k}", rank=k),
                   f"Aubrac a levé {n} millions d’euros.", 0.9 - k / 1000)
        for k, n in enumerate(said, start=1)
    ]  # fmt: skip
    text, quotes, _ = composed("Combien Aubrac a-t-elle levé ?", "fr", *readings)
    assert text == (
        "Les articles divergent : 15 millions d’euros selon « Article 1 » [1], "
        "17 millions d’euros selon « Article 3 » [2][3], "
        "18 millions d’euros selon « Article 5 » [4][5] ; 2 autres versions [6][7]."
    )
    assert len(quotes) == len(said)


def test_the_most_recent_of_many_versions_is_named() -> None:
    days = [date(2024, 3, n) for n in (1, 2, 3, 4)]
    readings = [
        reading_of(hit_on(f"Levée de {n} millions.", "fr", "", "Le Relais", day, n),
                   f"Aubrac a levé {n} millions d’euros.", 0.9 - n / 1000)
        for n, day in enumerate(days, start=15)
    ]  # fmt: skip
    text, _, _ = composed("Combien Aubrac a-t-elle levé ?", "fr", *readings)
    assert (
        "18 millions d’euros selon Le Relais (4 mars 2024, le plus récent des articles cités)"
        in text
    )
    assert text.endswith(" ; une autre version [4].")


def test_of_dated_articles_that_disagree_the_most_recent_is_named_and_told() -> None:
    later = hit_on("Aubrac raised $14.3 billion.", "en", "", "The Post", date(2024, 5, 2), 2)
    readings = [
        reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars."),
        reading_of(later, "Aubrac a levé 14,3 milliards de dollars en deux tours de table.", 0.8),
    ]
    question = "Combien Aubrac a-t-elle levé ?"
    made = compose([Part(question, group(readings, question, "fr"))], [FIFTEEN, later], "fr")
    assert [with_markers(sentence) for sentence in made.sentences] == [
        "Les articles divergent : 15 milliards de dollars selon Le Relais (5 mars 2024) [1], "
        "14,3 milliards de dollars selon The Post (2 mai 2024, le plus récent des articles cités) "
        "[2].",
        "Aubrac a levé 14,3 milliards de dollars en deux tours de table [2].",
    ]
    assert [position.latest for position in made.positions] == [False, True]


def test_a_figure_that_a_later_article_takes_back_is_told_as_what_was_said_before() -> None:
    later = hit_on(
        "Aubrac raised $14.3 billion, not 15 billion dollars as first reported.",
        "en", "", "The Post", date(2024, 5, 2), 2,
    )  # fmt: skip
    text, _, _ = composed(
        "Combien Aubrac a-t-elle levé ?",
        "fr",
        reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars."),
        reading_of(later, "Aubrac a levé 14,3 milliards de dollars.", 0.8),
    )
    assert text == (
        "Un article plus récent revient sur ce qui avait été dit : 15 milliards de dollars "
        "auparavant, selon Le Relais (5 mars 2024) [1], 14,3 milliards de dollars selon "
        "The Post (2 mai 2024, le plus récent des articles cités) [2]."
    )


def test_who_asks_for_the_latest_gets_the_newest_article_first() -> None:
    early = hit_on("84 people are ill.", "en", "", "The Post", date(2024, 1, 5), 1)
    late = hit_on("211 people are ill.", "en", "", "The Post", date(2024, 2, 7), 2)
    told = [reading_of(early, "84 people are ill.", 0.9), reading_of(late, "211 people are ill.")]
    question = "What is the latest count: how many people are ill?"
    made = compose([Part(question, group(told, question, "en"))], [early, late], "en")
    assert [position.text for position in made.positions] == [
        "211 people are ill.",
        "84 people are ill.",
    ]


def test_a_copy_is_named_with_its_source() -> None:
    readings = [
        reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars."),
        reading_of(COPY, "Aubrac a levé 15 milliards de dollars."),
    ]
    question = "Combien Aubrac a-t-elle levé ?"
    positions = group(readings, question, "fr", {"doc3": "doc1"})
    (citation,) = compose([Part(question, positions)], [FIFTEEN, COPY], "fr").citations
    assert citation.copies == ("« Argent »",)


def test_no_reading_gives_the_refusal_with_the_closest_passages() -> None:
    text, quotes, refused = composed("Who won?", "en")
    assert refused
    assert text == f"{refusal('en')} Closest passages [1][2]."
    assert quotes == [FIFTEEN.passage.text, FOURTEEN.passage.text]


def test_an_empty_dossier_gives_the_bare_refusal() -> None:
    made = compose([Part("Qui a gagné ?", [])], [], "fr")
    assert [s.text for s in made.sentences] == [refusal("fr")]
    assert made.refused


def test_a_further_statement_is_told_after_the_surest() -> None:
    sure = reading_of(hit_on("Nina Vasseur leads it."), "Nina Vasseur leads the laboratory.", 0.9)
    other = reading_of(hit_on("Tom Ashdown was there.", rank=2), "Tom Ashdown was there.", 0.8)
    text, _, _ = composed("Who leads the laboratory?", "en", other, sure)
    assert text == "Nina Vasseur leads the laboratory [1]. Tom Ashdown was there [2]."


def test_what_the_rules_for_words_do_not_find_is_told_as_partly_verified() -> None:
    told = "Aubrac a levé 15 milliards de dollars."
    doubted = replace(reading_of(FIFTEEN, told), doubted=True)
    made = compose([Part("Combien ?", group([doubted], "Combien ?", "fr"))], [FIFTEEN], "fr")
    assert [(one.status, one.problems) for one in made.sentences] == [
        ("partly", ("words: not those of the article",))
    ]


def test_a_marker_goes_before_the_stop_but_not_into_a_quotation() -> None:
    assert with_markers(Sentence("Elle part.", (1, 2), "supported")) == "Elle part [1][2]."
    quoting = Sentence("Elle dit : « Je pars. »", (1,), "supported")
    assert with_markers(quoting) == "Elle dit : « Je pars. » [1]"


def test_a_sentence_also_cites_the_words_that_name_whom_its_quote_points_to() -> None:
    passage = "Marta Kelvin came in 2021. Her solicitor, Owen Tarrant, insured the canvas."
    hit = hit_on(passage, "en")
    told = "Owen Tarrant is the solicitor of Marta Kelvin."
    at = passage.index("Her")
    reading = Reading(hit, 0.9, told, at, len(passage), introduced=(0, at - 1))
    question = "Who is the solicitor of Marta Kelvin?"
    made = compose([Part(question, group([reading], question, "en"))], [hit], "en")
    assert [with_markers(one) for one in made.sentences] == [f"{told[:-1]} [1][2]."]
    assert [one.quote for one in made.citations] == [passage[at:], passage[: at - 1]]
    assert [one.citations for one in made.positions] == [(1,)]


def test_what_is_not_told_in_a_sentence_of_its_own_introduces_nothing() -> None:
    later = hit_on("A note. It puts the sum at $14.3 billion.", "en", "", "The Post", None, 2)
    named = Reading(
        later, 0.8, "Aubrac a levé 14,3 milliards de dollars.", 8, 41, introduced=(0, 7)
    )
    first = reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars.")
    text, quotes, _ = composed("Combien Aubrac a-t-elle levé ?", "fr", first, named)
    assert text.endswith("14,3 milliards de dollars selon The Post [2].")
    assert quotes == [FIFTEEN.passage.text, "It puts the sum at $14.3 billion."]


def test_what_was_read_for_a_contradiction_and_is_none_is_not_told() -> None:
    first = reading_of(FIFTEEN, "Aubrac a levé 15 milliards de dollars.", 0.9)
    aside = hit_on("Aubrac emploie 40 personnes.", "fr", "Emploi", rank=3)
    told = replace(reading_of(aside, "Aubrac emploie 40 personnes.", 0.8), rival=True)
    question = "Que fait Aubrac ?"
    text, quotes, _ = composed(question, "fr", first, told)
    assert (text, quotes) == ("Aubrac a levé 15 milliards de dollars [1].", [FIFTEEN.passage.text])
    asked_for = replace(told, rival=False)
    assert "40 personnes [2]" in composed(question, "fr", first, asked_for)[0]


def test_behind_versions_no_sentence_takes_sides_for_the_sake_of_a_name() -> None:
    old = hit_on("Le pont de Saint-Orry a été construit en 1931.", "fr", "Le pont", rank=1)
    new = hit_on("Le pont de Saint-Orry a été ouvert en 1932.", "fr", "La Vaize", rank=2)
    text, _, _ = composed(
        "Quand le pont a-t-il été construit ?",
        "fr",
        reading_of(old, "Le pont de Saint-Orry a été construit en 1931."),
        reading_of(new, "Le pont de Saint-Orry a été construit en 1932."),
    )
    assert (
        text == "Les articles divergent : 1931 selon « Le pont » [1], 1932 selon « La Vaize » [2]."
    )
