"""How sure a measured value is: 95 % intervals that know that questions come in clusters.

Questions on one article are right or wrong together, so articles are drawn, not questions:
clusters with replacement, each with all its questions (Cameron, Gelbach & Miller,
Bootstrap-Based Improvements for Inference with Clustered Errors, 2008; percentile intervals:
Efron & Tibshirani, An Introduction to the Bootstrap, 1993).
"""

from collections.abc import Callable, Sequence

import numpy as np

from eval.types import Figure

PERCENTILES = (2.5, 97.5)
Z = 1.96

Statistic = Callable[[np.ndarray], float]


def mean(values: np.ndarray) -> float:
    return float(np.mean(values))


def interval(
    values: Sequence[float | None],
    clusters: Sequence[str],
    statistic: Statistic = mean,
    resamples: int = 1000,
    seed: int = 0,
) -> Figure | None:
    """`statistic` of `values` with its interval, in the unit of the values.

    `clusters` names the document of each value. None among the values is left out, and does not
    count in `n`; the figure is None where nothing remains. Where all that remains is of one
    cluster, its questions are drawn one by one: too narrow an interval, but not a mere point.
    Where every value is 1, or every one 0, draws cannot vary: the open end is Wilson's bound for
    as many trials as there are clusters (Wilson, Probable inference, 1927).
    A `statistic` may be nan where it is undefined: such a draw is left out, and a figure whose
    value would be nan is None. Raises ValueError if the lengths differ.
    """
    numbers, names = _complete([values], clusters)
    if not len(names):
        return None
    if statistic is mean and (value := numbers[0][0]) in (0, 1) and np.all(numbers[0] == value):
        clusters_seen = len(np.unique(names))
        margin = Z**2 / (clusters_seen + Z**2)
        low, high = (0.0, margin) if value == 0 else (1 - margin, 1.0)
        return Figure(float(value), low, high, len(names))
    weights = _draws(names, resamples, seed)
    drawn = _resampled(numbers[0], weights, statistic)
    return _figure(statistic(numbers[0]), drawn, len(names))


def paired(
    a: Sequence[float | None],
    b: Sequence[float | None],
    clusters: Sequence[str],
    statistic: Statistic = mean,
    resamples: int = 1000,
    seed: int = 0,
) -> Figure | None:
    """`statistic` of `a` less that of `b`, two systems on the same questions, with its interval.

    Each draw serves both, so that what makes a question hard for both cancels out. Above 0, `a`
    is the higher. Questions that only one has a value for are left out; else as `interval`.
    """
    numbers, names = _complete([a, b], clusters)
    if not len(names):
        return None
    weights = _draws(names, resamples, seed)
    drawn = [_resampled(one, weights, statistic) for one in numbers]
    value = statistic(numbers[0]) - statistic(numbers[1])
    return _figure(value, drawn[0] - drawn[1], len(names))


def _complete(
    rows: Sequence[Sequence[float | None]], clusters: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """`rows` as numbers and the clusters, at the places where no row has None."""
    if any(len(row) != len(clusters) for row in rows):
        raise ValueError(f"{[len(row) for row in rows]} values, {len(clusters)} clusters")
    columns = zip(*rows, strict=True)
    there = [n for n, column in enumerate(columns) if all(value is not None for value in column)]
    numbers = np.array([[row[n] for n in there] for row in rows], dtype=float)
    return numbers, np.array([clusters[n] for n in there])


def _draws(names: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """How often each value is in each resample: a row a resample, a column a value."""
    unique, cluster = np.unique(names, return_inverse=True)
    if len(unique) == 1:
        cluster = np.arange(len(names))
    count = int(cluster.max()) + 1
    chances = np.full(count, 1 / count)
    drawn = np.random.default_rng(seed).multinomial(count, chances, size=resamples)
    return drawn[:, cluster]


def _resampled(values: np.ndarray, weights: np.ndarray, statistic: Statistic) -> np.ndarray:
    """`statistic` of each resample; means by one product of matrices."""
    if statistic is mean:
        return np.asarray(weights @ values / weights.sum(axis=1))
    return np.array([statistic(np.repeat(values, row)) for row in weights])


def _figure(value: float, drawn: np.ndarray, n: int) -> Figure | None:
    if np.isnan(value):
        return None
    # A draw can be undefined where the whole is not, as a precision with nothing refused.
    low, high = np.nanpercentile(drawn, PERCENTILES)
    return Figure(value=float(value), low=float(low), high=float(high), n=n)
