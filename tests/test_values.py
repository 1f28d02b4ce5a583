"""Figures as values: `eval.written` has a table of written forms, in either language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.written import FIGURES, expected_figures, read_figures
from rag.types import LANGUAGES, Language
from rag.values import (
    Figure,
    as_exact,
    figures,
    in_digits,
    in_own_words,
    in_pounds,
    missing_figures,
    near,
)


def one(text: str, language: Language) -> Figure:
    (figure,) = figures(text, language)
    return figure


@pytest.mark.parametrize("form", FIGURES, ids=lambda form: f"{form['language']}: {form['text']}")
def test_a_figure_is_one_value_however_it_is_written(form: dict[str, str]) -> None:
    assert read_figures(form) == expected_figures(form)


def test_the_table_of_written_forms_is_whole() -> None:
    assert len(FIGURES) >= 200
    assert {form["language"] for form in FIGURES} == set(LANGUAGES)
    assert len({(form["language"], form["text"]) for form in FIGURES}) == len(FIGURES)


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("14,3 milliards de dollars", "14.3bn USD"),
        ("vingt-trois morts", "23 dead"),
        ("23 morts", "twenty-three dead"),
        ("la moitié des voix", "50 percent"),
        ("le 1er", "the first"),
        ("1.500 euros", "€1,500"),
        ("au XXIe siècle", "the twenty-first century"),
        ("18h30", "6:30 p.m."),
    ],
)
def test_a_translated_figure_is_borne_out_whichever_of_the_two_was_read(
    french: str, english: str
) -> None:
    ours, theirs = figures(french, "fr"), figures(english, "en")
    assert missing_figures(ours, theirs) == missing_figures(theirs, ours) == []
    assert ours[0].same_value(theirs[0])


def test_a_metre_is_not_a_million() -> None:
    assert [f.value for f in figures("une tour de 120 m", "fr")] == [120]


def test_the_same_word_is_a_thousand_times_less_in_english() -> None:
    assert (one("2 billions", "fr").value, one("2 billion", "en").value) == (2e12, 2e9)


@pytest.mark.parametrize(
    ("text", "language", "spans"),
    [
        ("Il vaut 13,8 milliards de dollars, soit 27 % de plus.", "fr",
         ["13,8 milliards de dollars", "27 %"]),
        ("Près de la moitié des 34 ans et plus.", "fr", ["la moitié", "34"]),
        ("The 2nd of the three firms paid US$5m.", "en", ["2", "three", "US$5m"]),
    ],
)  # fmt: skip
def test_the_offsets_delimit_a_figure_with_its_currency_and_not_what_it_counts(
    text: str, language: Language, spans: list[str]
) -> None:
    assert [text[f.start : f.end] for f in figures(text, language)] == spans


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("15% for $15 billion in 2025", "15 milliards de dollars en 2025", ["%"]),
        ("Three people died.", "Deux personnes sont mortes.", [""]),
        ("It lasted 3 years.", "Cela a duré 3 mois.", ["year"]),
        ("14.3 billion", "14,3 milliards $", []),
    ],
)
def test_another_value_or_another_unit_is_missing(
    claim: str, evidence: str, missing: list[str]
) -> None:
    found = missing_figures(figures(claim, "en"), figures(evidence, "fr"))
    assert [figure.unit for figure in found] == missing


@pytest.mark.parametrize(
    ("claim", "evidence", "borne_out"),
    [
        ("près de la moitié", "49 %", True),
        ("près de la moitié", "51 %", False),
        ("plus de 40 morts", "43 morts", True),
        ("plus de 40 morts", "38 morts", False),
        ("environ 2 millions d’euros", "1,9 million d’euros", True),
        ("un tiers des voix", "33 %", True),
        ("34 % des voix", "un tiers des voix", True),
        ("49 %", "près de la moitié", False),
        ("vers 2030", "en 2012", False),
    ],
)
def test_a_rounded_figure_is_borne_out_by_what_it_rounds_and_not_the_reverse(
    claim: str, evidence: str, borne_out: bool
) -> None:
    assert (missing_figures(figures(claim, "fr"), figures(evidence, "fr")) == []) is borne_out


@pytest.mark.parametrize(
    ("ours", "theirs", "are_near"),
    [
        ("près de la moitié", "49%", True),
        ("49 %", "nearly half", True),
        ("49 %", "half of them", False),
        ("près de 50", "more than 45", True),
        ("plus de 50", "fewer than 45", False),
        ("environ 15 milliards de dollars", "$14.3 billion", True),
        ("environ 15 milliards d’euros", "$14.3 billion", False),
        ("1,5 tonne", "1,500 kg", True),
        ("130 kilomètres", "130 miles", False),
        ("environ 130 kilomètres", "80 miles", True),
        ("35 °C", "35°F", False),
        ("200 couronnes suédoises", "200 Norwegian kroner", False),
    ],
)
def test_rounded_sources_do_not_contradict_exact_ones(
    ours: str, theirs: str, are_near: bool
) -> None:
    assert near(one(ours, "fr"), one(theirs, "en")) is are_near
    assert near(one(theirs, "en"), one(ours, "fr")) is are_near


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Les deux maires ont signé.", "fr"),
        ("Tous deux ont signé.", "fr"),
        ("Both mayors signed.", "en"),
        ("She was the first to sign.", "en"),
        ("Elle fut la première à signer.", "fr"),
        ("The Second Battle of Harlow", "en"),
    ],
)
def test_words_that_only_point_at_what_was_counted_are_never_missing(
    text: str, language: Language
) -> None:
    assert one(text, language).loose
    assert missing_figures(figures(text, language), []) == []


def test_what_both_and_the_two_point_at_bears_out_a_count() -> None:
    assert missing_figures(figures("Deux maires", "fr"), figures("both mayors", "en")) == []


@given(st.text(alphabet="0123456789.,  %€$kM-/:hdeuxtroisvingtmilleetunàlfhaty'’½", max_size=40))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for language in LANGUAGES:
        found = figures(text, language)
        assert [f.start for f in found] == sorted(f.start for f in found)
        assert all(0 <= f.start < f.end <= len(text) and f.value >= 0 for f in found)


@pytest.mark.parametrize(
    ("text", "language", "evidence", "expected"),
    [
        (
            "Il vaut 14,3 billion dollars.",
            "fr",
            "$14.3 billion",
            "Il vaut 14,3 milliards de dollars.",
        ),
        ("Il vaut $14.3 billion.", "fr", "$14.3 billion", "Il vaut 14,3 milliards de dollars."),
        ("Il vaut A$14.3 billion.", "fr", "A$14.3 billion", "Il vaut 14,3 milliards A$."),
        ("Il vaut €3,1 million.", "fr", "€3.1 million", "Il vaut 3,1 millions d'euros."),
        ("It is worth 13,8 milliards.", "en", "13,8 milliards", "It is worth 13.8 billion."),
        ("Il vaut 2 billions.", "fr", "2 trillion", "Il vaut 2 billions."),
        ("Il vaut 3 millions.", "fr", "3 million", "Il vaut 3 millions."),
        ("Il vaut 9 billion.", "fr", "$14.3 billion", "Il vaut 9 billion."),
        ("It cost 1, 35 million euros.", "en", "1,35 million", "It cost 1.35 million euros."),
        ("It grew by 2,4%.", "en", "2,4 %", "It grew by 2.4%."),
        ("Il mesure 4.2 mètres.", "fr", "4.2 metres", "Il mesure 4,2 mètres."),
        (
            "Elle est de 7,4 million euros.",
            "fr",
            "€7.4 million",
            "Elle est de 7,4 millions d'euros.",
        ),
        ("Il vaut 9 billion euros.", "fr", "€9 billion", "Il vaut 9 milliards d'euros."),
        ("Il vaut 1,5 millions de dollars.", "fr", "$1.5m", "Il vaut 1,5 million de dollars."),
        ("See pages 1, 35 and 40.", "en", "35 pages", "See pages 1, 35 and 40."),
        ("1,700 manifestants.", "fr", "1,700 people", "1\u202f700 manifestants."),
        ("Some 2\u202f600 people.", "en", "2\u202f600 personnes", "Some 2,600 people."),
        ("Il vaut 1,700 euro.", "fr", "€1.70", "Il vaut 1,700 euro."),
    ],
)
def test_a_figure_left_in_the_other_language_is_translated_where_the_source_has_it(
    text: str, language: Language, evidence: str, expected: str
) -> None:
    source: Language = "en" if language == "fr" else "fr"
    assert in_own_words(text, language, figures(evidence, source)) == expected


@pytest.mark.parametrize(
    ("text", "language", "evidence", "expected"),
    [
        ("Twenty-two opérations reportées.", "fr", "vingt-deux", "22 opérations reportées."),
        ("Quatorze boats were late.", "en", "quatorze bateaux", "14 boats were late."),
        ("Twenty-two opérations.", "fr", "vingt-trois", "Twenty-two opérations."),
        ("Quatorze opérations, six villes.", "fr", "14, 6", "Quatorze opérations, six villes."),
    ],
)
def test_a_number_spelt_in_the_other_language_is_in_digits_where_the_source_has_it(
    text: str, language: Language, evidence: str, expected: str
) -> None:
    known = [*figures(evidence, "fr"), *figures(evidence, "en")]
    assert in_digits(text, language, known) == expected


@pytest.mark.parametrize(
    ("text", "language", "source", "expected"),
    [
        ("Il coûte environ 436 millions d’euros.", "fr", "436 millions d’euros",
         "Il coûte 436 millions d’euros."),
        ("It took about 11 hours.", "en", "eleven hours", "It took 11 hours."),
        ("It took about 11 hours.", "en", "about eleven hours", "It took about 11 hours."),
        ("Il coûte environ 436 millions d’euros.", "fr", "412 millions d’euros",
         "Il coûte environ 436 millions d’euros."),
    ],
)  # fmt: skip
def test_a_figure_that_its_source_gives_exactly_is_not_rounded(
    text: str, language: Language, source: str, expected: str
) -> None:
    assert as_exact(text, language, figures(source, language)) == expected


@pytest.mark.parametrize(
    ("text", "source", "told"),
    [
        ("It raised 131,000 books.", "Elle a atteint 131 000 livres.", "131,000 pounds"),
        ("It raised 2.5 million books.", "Soit 2,5 millions de livres.", "2.5 million pounds"),
        ("It raised 131,000 books.", "Elle a atteint 131 000 volumes.", "131,000 books"),
        ("It raised 9,000 books.", "Elle a atteint 131 000 livres.", "9,000 books"),
    ],
)
def test_pounds_are_not_taken_for_books(text: str, source: str, told: str) -> None:
    assert in_pounds(text, "en", source) == f"It raised {told}."
    assert in_pounds(text, "fr", source) == text
