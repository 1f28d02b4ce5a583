"""What is asked or tried, and in which order: every beginning is balanced."""

import random
from collections.abc import Callable, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

from eval.types import Question

T = TypeVar("T")


def in_order(questions: Sequence[Question], seed: int) -> list[Question]:
    """All questions, shuffled, with the kinds and languages in turn.

    However many of the first are asked, each kind in each language has as many questions as any
    other, give or take one, as long as it has any left: half of SQuAD 2.0's first are
    unanswerable. The same seed gives the same order.
    """
    return in_turn(questions, lambda one: (one.kind, one.language), lambda one: one.id, seed)


def in_turn(
    things: Sequence[T],
    stratum: Callable[[T], tuple[str, ...]],
    name: Callable[[T], str],
    seed: int,
) -> list[T]:
    """All `things`, shuffled, one of each stratum in turn; names tell them apart.

    The same seed gives the same order, whatever order they come in.
    """
    strata: dict[tuple[str, ...], list[T]] = {}
    for thing in sorted(things, key=name):
        strata.setdefault(stratum(thing), []).append(thing)
    chance = random.Random(seed)
    for members in strata.values():
        chance.shuffle(members)
    names = sorted(strata)
    chance.shuffle(names)
    rounds = zip_longest(*(strata[one] for one in names))
    return [thing for thing in chain.from_iterable(rounds) if thing is not None]
