from dataclasses import replace
from datetime import date

import pytest

from rag.asked import asks_for_date, asks_for_figure
from rag.crosscheck import disagree, group, revises, told_value, values
from rag.types import Language, Reading
from tests.fakes import hit_on, reading_of

HOW_MUCH = "How much did Aubrac raise?"


def readings(*texts: str) -> list[Reading]:
    return [
        reading_of(hit_on(text, published=date(2024, 1, n), rank=n), text, 1 - n / 100)
        for n, text in enumerate(texts, 1)
    ]


def test_the_same_figure_in_other_words_is_one_position() -> None:
    told = readings("Aubrac raised $14.3 billion.", "Investors gave 14.3bn USD to Aubrac.")
    (position,) = group(told, HOW_MUCH, "en")
    assert [r.hit.rank for r in position.readings] == [1, 2]


def test_two_figures_for_one_thing_are_two_positions_that_disagree() -> None:
    told = readings("Aubrac raised $15 billion.", "Aubrac raised $14.3 billion for a 49% share.")
    first, second = group(told, HOW_MUCH, "en")
    assert disagree(first, second, HOW_MUCH, "en")


def test_the_year_of_both_counts_does_not_make_them_one() -> None:
    question = "How many people live in Aubrac?"
    told = readings("12,450 people lived in Aubrac in 2010.", "In 2010, 5,390 people lived there.")
    first, second = group(told, question, "en")
    assert disagree(first, second, question, "en")


def test_the_year_of_a_census_does_not_make_two_counts_one() -> None:
    told = readings(
        "Lunac had a population of 1,473 at the 2000 census.",
        "Lunac had a population of 5,000 at the 2000 census.",
    )
    assert len(group(told, "What is the population of Lunac?", "en")) == 2


def test_a_figure_that_is_said_not_to_be_so_is_no_answer() -> None:
    question = "How long is the tear?"
    told = readings("The tear is 19 centimetres long, not 11.", "The tear is 11 centimetres long.")
    first, second = group(told, question, "en")
    assert disagree(first, second, question, "en")


def test_of_several_figures_that_which_counts_what_is_asked_is_the_value() -> None:
    question = "How many cheeses were recalled?"
    told = readings(
        "8,400 cheeses were recalled.",
        "A fourth batch joins the three, which makes 12,600 the number of cheeses to return.",
    )
    first, second = group(told, question, "en")
    assert disagree(first, second, question, "en")
    assert told_value(second.readings[0], question, "en", first.readings) == "12,600"


def test_two_words_for_one_thing_asked_are_two_positions() -> None:
    question = "What sport is the Aubrac club associated with?"
    told = readings(
        "The Aubrac club is associated with football.",
        "The Aubrac club is associated with basketball.",
        "The Aubrac club is associated with football in the valley.",
    )
    assert [len(p.readings) for p in group(told, question, "en")] == [2, 1]


def test_a_sum_is_no_answer_beside_a_share() -> None:
    question = "What share did they buy?"
    told = readings("They bought 49% of it.", "They bought $15 billion worth of it.")
    assert [p.text for p in group(told, question, "en")] == ["They bought 49% of it."]


def test_a_sum_in_another_currency_is_told_too_and_contradicts_nothing() -> None:
    told = readings("Aubrac raised £17 million.", "Aubrac raised 18 million euros.")
    first, second = group(told, HOW_MUCH, "en")
    assert not disagree(first, second, HOW_MUCH, "en")


def test_a_figure_of_the_question_is_no_answer() -> None:
    question = "When did Aubrac raise $15 billion?"
    told = readings("Aubrac raised $15 billion in 2021.", "Aubrac raised $15 billion in 2022.")
    first, second = group(told, question, "en")
    assert disagree(first, second, question, "en")


def test_a_reading_without_figure_does_not_stand_beside_one_that_has_it() -> None:
    told = readings("Aubrac raised a great deal of money.", "Aubrac raised $15 billion.")
    (position,) = group(told, HOW_MUCH, "en")
    assert position.text == "Aubrac raised $15 billion."


def test_a_surer_reading_without_figure_hides_none_that_has_it() -> None:
    figure, none = readings("Aubrac raised $15 billion.", "Its director talks of the factory.")
    told = [replace(figure, answerable=0.5), replace(none, answerable=0.7)]
    assert [p.text for p in group(told, HOW_MUCH, "en")] == ["Aubrac raised $15 billion."]
    unsure = [replace(figure, answerable=0.3), replace(none, answerable=0.7)]
    assert [p.text for p in group(unsure, HOW_MUCH, "en")] == [none.text]


def test_the_same_statement_is_one_position_and_another_name_is_another() -> None:
    question = "Who leads the laboratory?"
    told = readings(
        "The laboratory is led by Nina Vasseur.",
        "Nina Vasseur leads the laboratory.",
        "The laboratory is led by Tom Ashdown.",
    )
    assert [len(p.readings) for p in group(told, question, "en")] == [2, 1]


def test_of_a_short_answer_every_word_counts() -> None:
    question = "What is the profession of Jeanne Orvel?"
    told = readings(
        "Jeanne Orvel is a Canadian chef.",
        "Jeanne Orvel is a Canadian actor.",
        "Jeanne Orvel is an actor.",
    )
    assert [len(p.readings) for p in group(told, question, "en")] == [1, 2]


def test_two_places_in_one_country_are_two_positions() -> None:
    question = "Où se trouve la maison de Jeanne Orvel ?"
    told = readings(
        "La maison de Jeanne Orvel se trouve rue du Port, à Lunac, au Canada.",
        "La maison de Jeanne Orvel se trouve rue du Port, à Sérignol, au Canada.",
    )
    assert len(group(told, question, "fr")) == 2


def test_readings_that_say_nothing_take_no_position() -> None:
    assert group(readings(""), HOW_MUCH, "en") == []


def test_questions_for_a_date_are_known_in_both_languages() -> None:
    for_dates = [
        "Quand a-t-elle été fondée ?",
        "Quelle est la date de création du parti ?",
        "En quelle année est-il né ?",
        "When was it founded?",
        "What is the founding date of the club?",
        "Which year did it close?",
    ]
    for_others = ["Quel est le coût des travaux ?", "What is the price of a date palm?"]
    assert all(map(asks_for_date, for_dates))
    assert not any(map(asks_for_date, for_others))


def test_a_figure_is_named_as_the_article_writes_it() -> None:
    article = "As of the last count, there were about 8,695 people in Lunac."
    question = "What is the population of Lunac?"
    reading = reading_of(hit_on(article, "en"), "The population of Lunac is 8,695.")
    assert told_value(reading, question, "en") == "about 8,695 people"
    across = reading_of(hit_on("Lunac compte 8 695 habitants.", "fr"), reading.text)
    assert told_value(across, question, "en") == "8,695"


def test_questions_for_a_figure_are_known_in_both_languages() -> None:
    for_figures = [
        "Combien la ville a-t-elle payé ?",
        "Quelle part du capital a été vendue ?",
        "Quand a-t-elle été fondée ?",
        "À quelle valeur est-elle estimée ?",
        "Quelle quantité d’eau s’est échappée ?",
        "Quel est le coût des travaux ?",
        "How many people came?",
        "How deep was the trench?",
        "What is the estimated cost?",
        "What did the club pay for her?",
        "What share did they buy?",
        "When was it founded?",
    ]
    for_others = ["Qui dirige la ville ?", "Pourquoi ?", "Who leads the city?", "What did he say?"]
    assert all(map(asks_for_figure, for_figures))
    assert not any(map(asks_for_figure, for_others))


def test_what_the_reader_was_much_less_sure_of_is_not_told() -> None:
    sure = reading_of(hit_on("A port."), "The port grew.", 0.96)
    unsure = reading_of(hit_on("A field.", rank=2), "The fields shrank.", 0.7)
    assert [p.text for p in group([unsure, sure], "What happened?", "en")] == ["The port grew."]


def test_a_copy_of_an_article_is_no_second_source() -> None:
    told = readings("Aubrac raised $15 billion.", "Aubrac raised $15 billion.")
    (position,) = group(told, HOW_MUCH, "en", {"doc1": "doc1", "doc2": "doc1"})
    (reading,) = position.readings
    assert (reading.hit.document.id, [copy.id for copy in reading.copies]) == ("doc1", ["doc2"])


@pytest.mark.parametrize(
    ("as_sure", "doubted", "told"), [(0.7, False, 2), (0.7, True, 1), (0.78, True, 2)]
)
def test_what_is_doubted_contradicts_only_where_it_is_nearly_as_sure(
    as_sure: float, doubted: bool, told: int
) -> None:
    surest, other = readings("Aubrac raised $15 billion.", "Aubrac raised $14.3 billion.")
    other = replace(other, answerable=as_sure * surest.answerable, doubted=doubted)
    assert len(group([surest, other], HOW_MUCH, "en")) == told


def test_a_share_that_two_sources_agree_on_hides_no_disagreement_about_the_sum() -> None:
    told = readings("They paid $15 billion for 49% of it.", "They paid $14.3 billion for 49%.")
    first, second = group(told, "How much did they pay?", "en")
    assert disagree(first, second, "How much did they pay?", "en")
    (shares,) = group(told, "What share did they buy?", "en")
    assert len(shares.readings) == 2


def test_two_days_for_one_event_disagree_and_a_day_agrees_with_its_month() -> None:
    question = "When did the bridge open?"
    told = readings(
        "The bridge opened on 13 June 2025.",
        "The bridge opened in June 2025.",
        "The bridge opened on 2 July 2025.",
    )
    first, second = group(told, question, "en")
    assert [len(first.readings), len(second.readings)] == [2, 1]
    assert disagree(first, second, question, "en")


def test_two_people_for_one_deed_disagree_and_a_surname_agrees_with_the_full_name() -> None:
    question = "Who closed the stand?"
    told = readings(
        "The mayor Tom Ashdown closed the stand.", "Ashdown closed it.", "Nina Vasseur closed it."
    )
    first, second = group(told, question, "en")
    assert [len(first.readings), len(second.readings)] == [2, 1]
    assert disagree(first, second, question, "en")


def test_about_half_and_49_percent_are_one_position() -> None:
    told = readings("They bought nearly half of it.", "They bought 49% of it.")
    (position,) = group(told, "What share did they buy?", "en")
    assert len(position.readings) == 2


def test_a_later_article_that_takes_a_figure_back_revises_it() -> None:
    question = "How much will the works cost?"
    older, newer = readings(
        "The works will cost 1.6 million euros.",
        "The works will cost 2.1 million euros, not the 1.6 million announced in July.",
    )
    newer = replace(newer, text="The works will cost 2.1 million euros.")
    assert revises(newer, older, question, "en")
    assert not revises(older, newer, question, "en")


@pytest.mark.parametrize(
    ("other", "language", "question", "differs"),
    [
        ("Jean Aubriot made the clock.", "en", "Who made the clock?", True),
        ("Peter Aubriot made the clock.", "en", "Who made the clock?", False),  # perhaps Pierre
        ("Mr Aubriot made the clock.", "en", "Who made the clock?", False),
    ],
)
def test_two_of_one_surname_are_two_people(
    other: str, language: Language, question: str, differs: bool
) -> None:
    told = readings("Pierre Aubriot made the clock.", other)
    found = group(list(told), question, language)
    assert (len(found) == 2 and disagree(*found, question, language)) is differs


def test_what_means_the_same_as_the_question_repeats_it() -> None:
    question = "Quand le musée rouvre-t-il ?"
    sure, other = readings("Le musée rouvrira le 24 mars.", "Le musée sera réouvert le 17 mars.")
    other = replace(other, answerable=0.78 * sure.answerable)
    assert len(group([sure, other], question, "fr")) == 2


def test_two_values_in_one_article_are_no_disagreement() -> None:
    told = readings("Aubrac raised $15 billion.", "Aubrac raised $14.3 billion.")
    same = replace(told[1], hit=replace(told[1].hit, document=told[0].hit.document))
    first, second = group([told[0], same], HOW_MUCH, "en")
    assert not disagree(first, second, HOW_MUCH, "en")


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("Four suspects were arrested.", "en", "four suspects"),
        ("La déchirure mesure 19 centimètres de long.", "fr", "19 centimètres"),
        ("In all, 360 people came.", "en", "360 people"),
        ("Il y en avait 12 dans le hangar.", "fr", "12"),
        ("The canvas cost €3.1 million.", "en", "€3.1 million"),
        ("On compte 14,3 millions d’euros de dégâts.", "fr", "14,3 millions d’euros"),
        ("About 50,000 people live there.", "en", "about 50,000 people"),
        ("La digue a coûté près d’un million d’euros.", "fr", "près d’un million d’euros"),
        ("Le chantier dépasse 3 millions d’euros.", "fr", "3 millions d’euros"),
    ],
)
def test_a_figure_is_told_with_what_it_counts_and_what_rounds_it(
    text: str, language: Language, told: str
) -> None:
    question = "How many?" if language == "en" else "Combien ?"
    reading = reading_of(hit_on(text, language), text)
    assert [value.words for value in values(reading, question, language)] == [told]
