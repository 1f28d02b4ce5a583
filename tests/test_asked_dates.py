from datetime import date

from rag.asked_dates import written_out

TODAY = date(2025, 6, 18)  # a Wednesday


def test_relative_words_are_dated_from_today_in_both_languages() -> None:
    told = written_out("Combien la ville a-t-elle payé l'an dernier ?", "fr", TODAY)
    assert told == "Combien la ville a-t-elle payé l'an dernier (2024) ?"
    told = written_out("Who resigned yesterday?", "en", TODAY)
    assert told == "Who resigned yesterday (June 17, 2025)?"
    told = written_out("What did the mayor announce last week?", "en", TODAY)
    assert told == ("What did the mayor announce last week (from June 9, 2025 to June 15, 2025)?")


def test_dates_that_may_be_of_any_year_stay_as_they_are() -> None:
    for question, language in [
        ("Qui a démissionné le 13 juin ?", "fr"),
        ("What happened on Tuesday?", "en"),
        ("Who won in 2019?", "en"),
    ]:
        assert written_out(question, language, TODAY) == question  # type: ignore[arg-type]
