import numpy as np
import pytest

from eval.bootstrap import interval, paired
from eval.types import Figure


def test_a_figure_comes_with_the_number_of_questions_it_rests_on() -> None:
    figure = interval([1.0, None, 0.0, 1.0, 1.0], ["a", "b", "c", "d", "e"])
    assert figure is not None
    assert (figure.value, figure.n) == (0.75, 4)
    assert figure.low < 0.75 <= figure.high


def test_what_was_never_measured_has_no_figure() -> None:
    assert interval([], []) is None
    assert interval([None], ["a"]) is None
    assert paired([1.0, None], [None, 1.0], ["a", "b"]) is None


def test_values_and_documents_must_belong_together() -> None:
    with pytest.raises(ValueError):
        interval([1.0], [])
    with pytest.raises(ValueError):
        paired([1.0, 0.0], [1.0], ["a", "b"])


def test_questions_on_one_article_are_drawn_together() -> None:
    # Two articles, all right and all wrong: a draw has two, one or none of the right one.
    values = [1.0] * 20 + [0.0] * 20
    assert interval(values, ["a"] * 20 + ["b"] * 20) == Figure(0.5, 0.0, 1.0, 40)
    alone = interval(values, [str(n) for n in range(40)])
    assert alone is not None
    assert alone.low == pytest.approx(0.35, abs=0.03)
    assert alone.high == pytest.approx(0.65, abs=0.03)


def test_an_article_with_more_questions_weighs_more() -> None:
    # Drawn: aa 1.0, bb 0.0, ab and ba 0.75; never anything between.
    figure = interval([1.0, 1.0, 1.0, 0.0], ["a", "a", "a", "b"], lambda values: values.mean())
    assert figure == Figure(0.75, 0.0, 1.0, 4)
    assert interval([1.0, 1.0, 1.0, 0.0], ["a", "a", "a", "b"]) == figure


def test_a_single_article_still_gives_an_interval_and_a_single_question_a_point() -> None:
    figure = interval([1.0, 0.0, 1.0, 0.0], ["a"] * 4)
    assert figure is not None
    assert figure.low < figure.value < figure.high
    assert interval([0.3], ["a"]) == Figure(0.3, 0.3, 0.3, 1)


@pytest.mark.parametrize(("value", "low", "high"), [(1.0, 0.510, 1.0), (0.0, 0.0, 0.490)])
def test_a_few_that_are_all_alike_prove_little(value: float, low: float, high: float) -> None:
    # Wilson: 4 / (4 + 1.96²) = 0.510
    figure = interval([value] * 8, ["a", "b", "c", "d"] * 2)
    assert figure is not None
    assert (figure.value, figure.n) == (value, 8)
    assert (figure.low, figure.high) == (
        pytest.approx(low, abs=5e-4),
        pytest.approx(high, abs=5e-4),
    )


def test_the_same_seed_gives_the_same_interval() -> None:
    values, articles = list(np.linspace(0, 1, 30)), [str(n % 7) for n in range(30)]
    assert interval(values, articles) == interval(values, articles)
    assert interval(values, articles) != interval(values, articles, seed=1)


def test_a_median_is_drawn_like_a_mean() -> None:
    figure = interval([1.0, 2.0, 9.0], ["a", "b", "c"], lambda values: float(np.median(values)))
    assert figure == Figure(2.0, 1.0, 9.0, 3)


def test_what_is_undefined_in_some_draws_is_measured_in_the_others() -> None:
    def share_of_twos(values: np.ndarray) -> float:
        return float((values == 2).sum() / len(values)) if (values > 0).any() else float("nan")

    assert interval([0.0, 2.0], ["a", "b"], share_of_twos) == Figure(0.5, 0.5, 1.0, 2)
    assert interval([0.0], ["a"], share_of_twos) is None


def test_two_systems_are_compared_on_the_same_questions() -> None:
    a, b = [1.0, 0.5, None, 0.75, 0.25], [0.75, 0.25, 1.0, 0.5, 0.0]
    articles = ["a", "b", "c", "d", "e"]
    assert paired(a, b, articles) == Figure(0.25, 0.25, 0.25, 4)
    other_way = paired(b, a, articles)
    assert other_way is not None
    assert other_way.value == -0.25
