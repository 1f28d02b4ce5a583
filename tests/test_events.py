import pytest

from rag.events import asserted, speaks_of
from rag.types import Language
from tests.fakes import hit_on


@pytest.mark.parametrize(
    ("question", "language", "events"),
    [
        ("Pourquoi la directrice a-t-elle démissionné ?", "fr", {"resign"}),
        ("Who stole the canvas, and who was arrested?", "en", {"steal", "arrest"}),
        ("Combien de morts et de blessés ?", "fr", {"die", "injure"}),
        ("Why did the director not resign?", "en", set()),
        ("Did the director resign?", "en", set()),
        ("Qui a porté plainte ?", "fr", {"complain"}),
        ("What does the bridge cost?", "en", set()),
        ("C’est-tu dangereux pour les enfants ?", "fr", set()),
        ("Mon père va mourir, puis-je le voir ?", "fr", set()),
    ],
)
def test_what_a_question_takes_for_granted(
    question: str, language: Language, events: set[str]
) -> None:
    assert asserted(question, language) == events


@pytest.mark.parametrize(
    ("text", "language", "speaks"),
    [
        ("La directrice a annoncé son départ.", "fr", True),
        ("The director stepped down on Monday.", "en", True),
        ("The director apologised on Monday; the figure left out the others.", "en", False),
        ("La directrice a présenté ses excuses.", "fr", False),
    ],
)
def test_a_passage_speaks_of_an_event_in_any_of_its_words(
    text: str, language: Language, speaks: bool
) -> None:
    assert speaks_of(hit_on(text, language), frozenset({"resign"})) is speaks


def test_the_title_counts_and_no_event_is_spoken_of_by_all() -> None:
    hit = hit_on("On Monday.", "en", "Director resigns")
    assert speaks_of(hit, frozenset({"resign"}))
    assert speaks_of(hit, frozenset())


@pytest.mark.parametrize(
    ("text", "language", "speaks"),
    [
        ("The director has not resigned.", "en", False),
        ("The director did not resign on Monday, but she stepped down on Friday.", "en", True),
        ("La directrice n’a pas démissionné, et le directeur adjoint reste.", "fr", False),
        ("La directrice n’a pas souri, mais elle a démissionné.", "fr", True),
    ],
)
def test_an_event_that_is_only_denied_is_not_spoken_of(
    text: str, language: Language, speaks: bool
) -> None:
    hit = hit_on(text, language)
    assert speaks_of(hit, frozenset({"resign"})) is speaks
    assert speaks_of(hit, frozenset({"resign"}), or_denies=True)
