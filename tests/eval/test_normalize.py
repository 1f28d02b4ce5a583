import pytest

from eval.normalize import answer_tokens, contains, months, normalize
from eval.numerals import in_digits
from rag.types import Language

# What all forms become, the French forms first, separated by bars.
SAME = [
    (
        "13th june 2025",
        "13 juin 2025|le 13 Juin 2025|2025-06-13|June 13, 2025",
        "June 13, 2025|13 June 2025|the 13th of June, 2025|June 13th 2025|2025-06-13|13 juin 2025",
    ),
    ("13th june", "13 juin|le 13 juin", "June 13|13 June|the 13th of June"),
    ("1th august", "1er août|1ᵉʳ AOÛT|le 1 août", "August 1|1 August|August 1st|Aug. 1"),
    ("february 2024", "février 2024|FÉVRIER 2024", "February 2024"),
    ("12th february 2024", "12 févr. 2024|douze février 2024", "Feb. 12, 2024|12 Feb 2024"),
    ("friday 13th june", "vendredi 13 juin", "Friday, June 13|Friday 13 June"),
    ("14.3", "14,3|14.3|14,30", "14.3|14,3"),
    ("1000", "1 000|1\u202f000|1\xa0000|1.000|1,000|mille", "1,000|1000|one thousand"),
    (
        "14300000000 dollars",
        "14,3 milliards de dollars|14,3 milliards $|14,3 Md$|14,3 milliards de $",
        "$14.3 billion|US$14.3bn|14.3 billion dollars|14.3 billion US dollars",
    ),
    ("14300000000", "14,3 milliards|14,3\xa0milliards", "14.3 billion|14,3 milliards"),
    ("2000000000000", "2 billions|deux billions", "2 trillion|two trillion"),
    ("60000000 euros", "60 M€|60 millions d’euros|soixante millions d'euros", "€60m|€60 million"),
    ("13800000000 dollars canadian", "13,8 milliards de dollars canadiens", "C$13.8 billion"),
    ("49 %", "49 %|49\u202f%|49 pour cent|quarante-neuf pour cent", "49%|49 per cent|49 percent"),
    ("61 mm", "61 mm|61mm", "61 mm|61mm"),
    ("18 h 30", "18h30|18 h 30|18\xa0h\xa030", "18:30"),
    ("97", "97|quatre-vingt-dix-sept|nonante-sept", "97|ninety-seven"),
    ("205", "205|deux cent cinq", "205|two hundred and five|two hundred five"),
    ("2025", "2025|deux mille vingt-cinq", "2025|two thousand and twenty-five"),
    ("21", "21|vingt et un|vingt-et-une", "21|twenty-one"),
    ("71", "71|soixante et onze|septante et un", "71|seventy-one"),
    ("80", "80|quatre-vingts", "80|eighty"),
    ("1000000000", "un milliard", "one billion"),
]


def forms() -> list[tuple[str, Language, str]]:
    languages: tuple[Language, Language] = ("fr", "en")
    return [
        (form, language, same)
        for same, *written in SAME
        for language, forms_of_it in zip(languages, written, strict=True)
        for form in forms_of_it.split("|")
    ]


@pytest.mark.parametrize(("form", "language", "same"), forms())
def test_a_right_date_or_figure_counts_however_it_is_written(
    form: str, language: Language, same: str
) -> None:
    assert normalize(form, language) == same


@pytest.mark.parametrize(
    ("text", "language", "same"),
    [
        ("L’Hôtel de la Ville, « d’Évreux » !", "fr", "hotel ville evreux"),
        ("Qu'une des sœurs du Maire", "fr", "soeurs maire"),
        ("The mayor of an “old” town-hall", "en", "mayor of old town hall"),
        ("Moody’s U.S. rating", "en", "moody us rating"),
        ("Elle a 5 ans, un an de plus", "fr", "elle a 5 ans an plus"),
        ("A320, GPT-4, 5G and 4x4", "en", "a320 gpt 4 5g and 4x4"),
        ("the 3rd floor", "en", "3th floor"),
        ("le 3e étage", "fr", "3th etage"),
        ("two five, a thousand, one of us", "en", "two five thousand one of us"),
        ("in March 300 people, May 12%", "en", "in march 300 people may 12 %"),
        ("the 12 may leave on 12 May", "en", "12 may leave on 12th may"),
        ("", "fr", ""),
        ("… l' !", "fr", "l"),
    ],
)
def test_articles_accents_and_punctuation_do_not_make_an_answer_wrong(
    text: str, language: Language, same: str
) -> None:
    assert normalize(text, language) == same


@pytest.mark.parametrize(
    ("text", "answer", "language"),
    [
        ("Le rachat a coûté 14,3 milliards de dollars.", "14.3 billion", "fr"),
        ("Le rachat a coûté 14,3 milliards de dollars.", "14,3 milliards", "fr"),
        ("It paid $14.3 billion in cash.", "14,3 milliards de dollars", "en"),
        ("It would take two trillion.", "2 billions", "en"),
        ("La réunion du 13 juin 2025 a été annulée.", "June 13", "fr"),
        ("The meeting of 13 June 2025 was called off.", "juin 2025", "en"),
        ("It opened in March 2027.", "mars 2027", "en"),
        ("Il a augmenté de 12 pour cent.", "12%", "fr"),
        ("Cinq ouvriers ont été blessés.", "five", "fr"),
        ("Five workers were hurt.", "cinq", "en"),
        ("Selon Le Monde, rien.", "Le Monde", "fr"),
        ("He works for L'Oréal.", "l’Oréal", "en"),
        ("La somme est de 45.000 €.", "45 000 euros", "fr"),
    ],
)
def test_an_answer_is_found_in_either_language(text: str, answer: str, language: Language) -> None:
    assert contains(text, answer, language)


@pytest.mark.parametrize(
    ("text", "answer", "language"),
    [
        ("Il vaut 14,3 milliards.", "4,3", "fr"),
        ("Il vaut 14,3 milliards.", "14,3 millions", "fr"),
        ("Il vaut 14,3 milliards.", "14", "fr"),
        ("Il vaut 14,3 billions de dollars.", "14.3 billion", "fr"),
        ("It is worth $14.3 billion.", "14,3 billions", "en"),
        ("There were 1,300 people.", "300", "en"),
        ("In comparison, nothing.", "Paris", "en"),
        ("On 13 June, nothing.", "13", "en"),
        ("On 13 June, nothing.", "3 June", "en"),
        ("Vingt-deux blessés", "deux blessés", "fr"),
        ("mayor of the old town", "mayor of town", "en"),
        ("Whatever", "the", "en"),
        ("", "Paris", "fr"),
    ],
)
def test_part_of_a_number_or_of_a_word_is_no_answer(
    text: str, answer: str, language: Language
) -> None:
    assert not contains(text, answer, language)


def test_an_answer_is_read_in_the_languages_in_which_it_makes_sense() -> None:
    assert answer_tokens("the mayor", "fr") == [["the", "mayor"], ["mayor"]]
    assert answer_tokens("14,3", "fr") == [["14.3"]]
    assert answer_tokens("14.3 billion", "fr") == [["14300000000"]]
    assert answer_tokens("2 billions", "en") == [["2000000000000"]]


def test_words_that_are_no_number_stay_words() -> None:
    text = "Une femme et un homme, trois quatre, dix deux, vingt cent, 3 mille, 2-cent"
    assert in_digits(text, "fr") == text
    assert in_digits("Per hundred, two thousand thousand", "en") == (
        "Per hundred, two thousand thousand"
    )


def test_a_month_is_known_in_either_language_and_nothing_else_is_taken_for_one() -> None:
    assert months(["13th", "june", "2025", "juin", "aout", "mayor"]) == {"june", "juin", "aout"}
