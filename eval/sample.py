"""Which questions are asked, and in which order: every beginning is balanced."""

import random
from collections.abc import Sequence
from itertools import chain, zip_longest

from eval.types import Question


def in_order(questions: Sequence[Question], seed: int) -> list[Question]:
    """All questions, shuffled, with the kinds and languages in turn.

    However many of the first are asked, each kind in each language has as many questions as any
    other, give or take one, as long as it has any left: half of SQuAD 2.0's first are
    unanswerable. The same seed gives the same order.
    """
    strata: dict[tuple[str, str], list[Question]] = {}
    for question in sorted(questions, key=lambda one: one.id):
        strata.setdefault((question.kind, question.language), []).append(question)
    chance = random.Random(seed)
    for members in strata.values():
        chance.shuffle(members)
    names = sorted(strata)
    chance.shuffle(names)
    rounds = zip_longest(*(strata[name] for name in names))
    return [question for question in chain.from_iterable(rounds) if question is not None]
