"""A part of the questions is a fair part."""

from collections import Counter

from eval.sample import in_order
from eval.types import Question

ASKED = [
    Question(f"{kind}{language}{n}", "?", language, kind)
    for kind, count in (("fact", 50), ("dated", 5))
    for language in ("fr", "en")
    for n in range(count)
]


def test_every_beginning_holds_kinds_and_languages_alike() -> None:
    first = Counter((one.kind, one.language) for one in in_order(ASKED, seed=0)[:12])
    assert first == {(kind, lang): 3 for kind in ("fact", "dated") for lang in ("fr", "en")}


def test_all_questions_are_asked_once() -> None:
    assert sorted(one.id for one in in_order(ASKED, 1)) == sorted(one.id for one in ASKED)


def test_the_order_is_the_seeds_and_not_the_files() -> None:
    assert in_order(ASKED, 3) == in_order(ASKED[::-1], 3)
    assert in_order(ASKED, 3) != in_order(ASKED, 4)
