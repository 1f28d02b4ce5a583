import pytest

from eval.support import Quote, agreement, supported

DENBY = Quote("Harrow Mills cut 75 jobs on 9 April 2025.", "en", "Mills, Denby Echo, 2025-04-10")
RADIO = Quote("The mill shed 80 jobs.", "en", "Job losses, Northgate Radio, 2025-04-11")


@pytest.mark.parametrize("group", ["dev", "test", "fr", "en"])
def test_citation_figures_would_mislead_if_the_rules_left_the_labels(group: str) -> None:
    judged = [
        agrees
        for pair, agrees in agreement()
        if pair["split"] != "blind" and group in (pair["split"], pair["claim_language"])
    ]
    assert len(judged) == 72
    assert sum(judged) / len(judged) >= 0.9


def test_pairs_that_no_rule_was_tuned_on_say_how_far_to_trust_the_figures() -> None:
    judged = [agrees for pair, agrees in agreement() if pair["split"] == "blind"]
    assert len(judged) == 24
    assert sum(judged) >= 18


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
