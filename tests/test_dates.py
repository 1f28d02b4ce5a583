"""Dates as days: `eval.written` has a table of written forms, read on one day."""

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.written import DATES, TODAY, expected_dates, language_of, read_dates
from rag.dates import When, asked_period, asks_for_latest, dates, same
from rag.types import LANGUAGES, Language


def one(text: str, language: Language) -> When:
    (when,) = dates(text, language, TODAY)
    return when


@pytest.mark.parametrize("form", DATES, ids=lambda form: f"{form['language']}: {form['text']}")
def test_a_date_is_the_same_days_however_it_is_written(form: dict[str, str]) -> None:
    assert read_dates(form) == expected_dates(form)


@pytest.mark.parametrize(
    "form", [form for form in DATES if form["first"]], ids=lambda form: f"{form['text']}"
)
def test_without_a_day_to_count_from_no_day_is_made_up(form: dict[str, str]) -> None:
    found = dates(f"… {form['text']}, …", language_of(form))
    assert len(found) == (0 if form["relative"] else 1)


def test_the_table_of_written_forms_is_whole() -> None:
    assert len(DATES) >= 60
    assert {form["language"] for form in DATES} == set(LANGUAGES)
    assert len({(form["language"], form["text"]) for form in DATES}) == len(DATES)


def test_the_offsets_delimit_each_date_of_a_sentence() -> None:
    text = "Élue mardi 3 juin, elle remplace depuis hier M. Ferrand, maire de 2014 à 2020."
    found = [text[when.start : when.end] for when in dates(text, "fr", TODAY)]
    assert found == ["mardi 3 juin", "hier", "de 2014 à 2020"]


@pytest.mark.parametrize(
    ("a", "b", "are_same"),
    [
        ("13 juin 2025", "June 13, 2025", True),
        ("13 juin 2025", "in June 2025", True),
        ("en 2025", "Q2 2025", True),
        ("13 juin 2025", "June 14, 2025", False),
        ("mai 2025", "in June 2025", False),
        ("l'été 2024", "Q3 2024", False),
        ("vendredi", "June 13", True),
    ],
)
def test_a_day_and_the_period_that_contains_it_do_not_contradict(
    a: str, b: str, are_same: bool
) -> None:
    assert same(one(a, "fr"), one(b, "en")) is are_same
    assert same(one(b, "en"), one(a, "fr")) is are_same


@pytest.mark.parametrize(
    ("question", "language", "first", "last"),
    [
        ("Que s’est-il passé la semaine dernière ?", "fr", "2025-06-09", "2025-06-15"),
        ("What happened last week?", "en", "2025-06-09", "2025-06-15"),
        ("Qui a gagné l'an dernier ?", "fr", "2024-01-01", "2024-12-31"),
        ("Who won in 2024?", "en", "2024-01-01", "2024-12-31"),
        ("Combien depuis 2020 ?", "fr", "2020-01-01", "2025-06-18"),
        ("Who ruled before 2019?", "en", "0001-01-01", "2018-12-31"),
        ("Qui était maire jusqu'en 2019 ?", "fr", "0001-01-01", "2019-12-31"),
        ("What was built after May 2024?", "en", "2024-06-01", "2025-06-18"),
        ("Entre 2019 et 2021, combien ?", "fr", "2019-01-01", "2021-12-31"),
        ("Was it more in 2021 than in 2023?", "en", "2021-01-01", "2023-12-31"),
    ],
)
def test_a_question_about_a_period_is_asked_of_that_period(
    question: str, language: Language, first: str, last: str
) -> None:
    period = asked_period(question, language, TODAY)
    assert period == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "question", ["Qui a été élu ?", "Combien aujourd’hui ?", "Qui est maire ?"]
)
def test_a_question_without_a_period_is_asked_of_all_articles(question: str) -> None:
    assert asked_period(question, "fr", TODAY) is None


@pytest.mark.parametrize(
    ("question", "latest"),
    [
        ("Quel est le dernier bilan ?", True),
        ("Quel est le dernier chiffre connu ?", True),
        ("Combien y a-t-il d’habitants aujourd’hui ?", True),
        ("Où en est le chantier ?", True),
        ("Quelle est l’estimation la plus récente ?", True),
        ("What is the latest figure?", True),
        ("What is the most recent estimate?", True),
        ("Who is the current mayor?", True),
        ("How many have died so far?", True),
        ("Qui fut le dernier roi ?", False),
        ("Que s’est-il passé l’an dernier ?", False),
        ("Who was the last king?", False),
        ("What happened last week?", False),
    ],
)
def test_a_question_for_the_latest_is_known_in_both_languages(question: str, latest: bool) -> None:
    assert asks_for_latest(question) is latest


@given(st.text(alphabet="0123456789 /-.,du aujntomhierlsQT'’()", max_size=40))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for language in LANGUAGES:
        for when in dates(text, language, TODAY):
            assert when.first <= when.last
            assert 0 <= when.start < when.end <= len(text)


def test_dates_at_the_ends_of_the_calendar_do_not_break_a_question() -> None:
    assert dates("il y a 999 ans", "fr", TODAY) != []
    assert dates("hier, l'an dernier", "fr", date.min) == []


def test_the_libraries_of_words_are_loaded_when_a_text_needs_them() -> None:
    program = "import sys, rag.values, rag.dates; print('text_to_num' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
