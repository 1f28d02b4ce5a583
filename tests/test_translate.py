from rag.translate import translate
from tests.fakes import ScriptedEngine

ORIGINAL = "Nina Vasseur paid 14.3 billion dollars for the port."


class Translating(ScriptedEngine):
    """Says the one reply that it is made with."""

    def __init__(self, reply: str) -> None:
        super().__init__({"": (0.0, reply)})


def test_a_translation_that_keeps_figures_and_names_has_no_problem() -> None:
    told = translate(
        ORIGINAL, "en", "fr", Translating("Nina Vasseur a payé le port 14,3 milliards de dollars.")
    )
    assert told.problems == ()


def test_a_magnitude_is_translated_with_its_figure() -> None:
    told = translate(ORIGINAL, "en", "fr", Translating("Nina Vasseur a payé 14,3 billion dollars."))
    assert told.text == "Nina Vasseur a payé 14,3 milliards de dollars."


def test_a_figure_that_was_changed_and_a_name_that_was_made_up_are_told() -> None:
    told = translate(
        ORIGINAL, "en", "fr", Translating("Tom Ashdown a payé le port 13 milliards de dollars.")
    )
    assert told.problems == (
        "figure: 13 milliards de dollars",
        "figure: 14.3 billion dollars",
        "name: Tom Ashdown",
    )


def test_a_translation_without_its_end_is_told() -> None:
    told = translate(ORIGINAL, "en", "fr", Translating("Nina Vasseur a payé 14,3 milliards de"))
    assert told.problems[-1] == "length: the end was not translated"
