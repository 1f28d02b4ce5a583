import pytest

from rag.types import Language
from rag.values import figures, in_own_words, missing_figures

# Every form of a value, the French ones first, separated by bars.
SAME = [
    (
        (14.3e9, "USD"),
        "14,3 milliards de dollars|14,3 milliards $",
        "$14.3 billion|US$14.3bn|14.3bn USD|14.3-billion-dollar",
    ),
    ((49.0, "%"), "49 %|49\u202f%|49 pour cent|49%", "49%|49 percent|49 per cent"),
    ((1200.0, "EUR"), "1 200 euros|1\u202f200 €|1.200 euros", "€1,200|1,200 euros|EUR 1200"),
    ((3.5e6, "EUR"), "3,5 millions d’euros|3,5 millions d'euros", "€3.5m|€3.5 million"),
    (
        (13.8e9, "CAD"),
        "13,8 milliards de dollars canadiens",
        "C$13.8 billion|13.8 billion Canadian dollars",
    ),
    ((2016.0, ""), "2016", "2016"),
    ((12345.67, ""), "12 345,67", "12,345.67"),
    ((0.5, "%"), "0,5 %", "0.5%"),
    ((2e12, ""), "2 billions", "2 trillion"),
    ((8000.0, ""), "8 mille|8 000", "8 thousand|8,000"),
]


def forms() -> list[tuple[str, Language, float, str]]:
    languages: tuple[Language, Language] = ("fr", "en")
    return [
        (form, language, value, unit)
        for (value, unit), *written in SAME
        for language, forms_of_it in zip(languages, written, strict=True)
        for form in forms_of_it.split("|")
    ]


@pytest.mark.parametrize(("form", "language", "value", "unit"), forms())
def test_a_figure_is_one_value_however_it_is_written(
    form: str, language: Language, value: float, unit: str
) -> None:
    (figure,) = figures(f"… {form}, …", language)
    assert (figure.value, figure.unit) == (pytest.approx(value), unit)


def test_a_metre_is_not_a_million() -> None:
    assert [f.value for f in figures("une tour de 120 m", "fr")] == [120]


def test_the_offsets_delimit_figure_and_unit() -> None:
    text = "Il vaut 13,8 milliards de dollars, soit 27 % de plus."
    assert [text[f.start : f.end] for f in figures(text, "fr")] == [
        "13,8 milliards de dollars",
        "27 %",
    ]


def test_another_value_or_another_unit_is_missing() -> None:
    claim = figures("15% for $15 billion in 2025", "en")
    evidence = figures("15 milliards de dollars en 2025", "fr")
    assert [f.unit for f in missing_figures(claim, evidence)] == ["%"]


def test_a_figure_without_unit_agrees_with_the_same_figure_with_one() -> None:
    assert not missing_figures(figures("14.3 billion", "en"), figures("14,3 milliards $", "fr"))


@pytest.mark.parametrize(
    ("text", "language", "evidence", "expected"),
    [
        (
            "Il vaut 14,3 billion dollars.",
            "fr",
            "$14.3 billion",
            "Il vaut 14,3 milliards de dollars.",
        ),
        ("Il vaut $14.3 billion.", "fr", "$14.3 billion", "Il vaut 14,3 milliards $."),
        ("It is worth 13,8 milliards.", "en", "13,8 milliards", "It is worth 13.8 billion."),
        ("Il vaut 2 billions.", "fr", "2 trillion", "Il vaut 2 billions."),
        ("Il vaut 3 millions.", "fr", "3 million", "Il vaut 3 millions."),
        ("Il vaut 9 billion.", "fr", "$14.3 billion", "Il vaut 9 billion."),
    ],
)
def test_a_magnitude_left_in_the_other_language_is_translated_where_the_source_has_it(
    text: str, language: Language, evidence: str, expected: str
) -> None:
    source: Language = "en" if language == "fr" else "fr"
    assert in_own_words(text, language, figures(evidence, source)) == expected
