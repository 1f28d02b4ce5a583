import pytest

from eval.support import Quote, agreement, supported

DENBY = Quote("Harrow Mills cut 75 jobs on 9 April 2025.", "en", "Mills, Denby Echo, 2025-04-10")
RADIO = Quote("The mill shed 80 jobs.", "en", "Job losses, Northgate Radio, 2025-04-11")


@pytest.fixture(scope="module")
def judged() -> list[tuple[dict[str, str], bool]]:
    return agreement()


@pytest.mark.parametrize(
    ("key", "group", "pairs", "right"),
    [
        ("split", "dev", 72, 65),
        ("split", "test", 72, 65),
        ("split", "blind", 24, 20),
        ("split", "real-dev", 38, 35),
        ("split", "real-test", 29, 25),
        ("split", "real-blind", 17, 16),
        ("claim_language", "fr", 125, 113),
        ("claim_language", "en", 127, 115),
    ],
)
def test_citation_figures_would_mislead_if_the_rules_left_the_labels(
    judged: list[tuple[dict[str, str], bool]], key: str, group: str, pairs: int, right: int
) -> None:
    found = [agrees for pair, agrees in judged if pair[key] == group]
    assert len(found) == pairs
    assert sum(found) >= right


def test_nine_in_ten_pairs_are_judged_as_by_hand_supported_or_not(
    judged: list[tuple[dict[str, str], bool]],
) -> None:
    for label in (True, False):
        found = [agrees for pair, agrees in judged if bool(pair["supported"]) is label]
        assert len(found) > 100
        assert sum(found) >= 0.9 * len(found)


def test_an_answer_of_a_few_words_is_judged_as_an_answer_to_its_question() -> None:
    assert supported("75", "en", [DENBY], "How many jobs did Harrow Mills cut in April 2025?")
    assert not supported("75", "en", [DENBY], "How many jobs did Harrow Mills cut in May 2023?")


def test_a_name_of_several_words_need_not_be_translated_word_for_word() -> None:
    bank = Quote("Zoé Lanthier, de RBC Marchés des Capitaux, loue l’usine.", "fr")
    assert supported("Zoé Lanthier of RBC Capital Markets praises the factory.", "en", [bank])
    assert not supported("Zoé Brandt of RBC Capital Markets praises the factory.", "en", [bank])


def test_a_sentence_that_cites_nothing_is_not_supported() -> None:
    assert not supported("Harrow Mills cut 75 jobs.", "en", [])


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Les articles divergent : 75 selon Denby Echo (10 avril 2025), 80 selon Northgate Radio.",
         True),
        ("Les articles divergent : 80 selon Denby Echo (10 avril 2025), 75 selon Northgate Radio.",
         False),
        ("Les articles divergent.", True),
        ("Selon Denby Echo, Harrow Mills a supprimé 75 postes le 9 avril 2025.", True),
        ("Selon Northgate Radio, Harrow Mills a supprimé 75 postes.", False),
        ("Selon le Times, Harrow Mills a supprimé 75 postes.", False),
    ],
)  # fmt: skip
def test_a_figure_is_credited_to_the_source_that_gives_it(claim: str, expected: bool) -> None:
    assert supported(claim, "fr", [DENBY, RADIO]) is expected


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Harrow Mills a supprimé 75 postes.", True),
        ("Harrow Mills a supprimé 75 % des postes.", False),
        ("Harrow Mills a supprimé 75 postes le 9 mai 2025.", False),
        ("Harrow Mills n’a pas supprimé 75 postes.", False),
        ("Harrow Mills a créé 75 postes.", False),
        ("Harrow Mills a racheté une scierie.", False),
        ("Norbert Lascaux a supprimé 75 postes.", False),
    ],
)
def test_a_translated_claim_needs_figure_unit_date_name_verb_and_direction(
    claim: str, expected: bool
) -> None:
    assert supported(claim, "fr", [DENBY]) is expected


def test_what_a_quote_says_word_for_word_is_supported() -> None:
    quote = Quote("So the court cannot uphold measures that are incompatible with rights.", "en")
    assert supported(
        "The court cannot uphold measures that are incompatible with rights.", "en", [quote]
    )
    assert not supported("The court can uphold measures that are incompatible.", "en", [quote])


@pytest.mark.parametrize("latest", ["", ", the most recent of those cited"])
def test_which_article_is_the_latest_is_no_part_of_what_it_says(latest: str) -> None:
    claim = (
        "The articles disagree: 75 jobs according to Denby Echo (April 10, 2025), "
        f"80 jobs according to Northgate Radio (April 11, 2025{latest})."
    )
    assert supported(claim, "en", [DENBY, RADIO], "How many jobs did the mill cut?")
