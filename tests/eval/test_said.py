from collections import Counter

from eval.said import invitations, is_there, tally
from rag.types import Document
from rag.verify import bear_out
from tests.fakes import hit_on, reading_of

TEXT = "« Le pont tiendra encore cent ans », a déclaré Nina Vasseur."


def test_who_is_quoted_is_asked_about() -> None:
    article = Document("a", "a", TEXT, "fr")
    (one,) = invitations([article], lambda text: len(text.split()))
    assert (one.question, one.hit.passage.text) == ("Qu’a déclaré Nina Vasseur ?", TEXT)


def test_words_are_there_whatever_stands_between_them_and_not_otherwise() -> None:
    assert is_there("le pont, tiendra", TEXT)
    assert not is_there("le pont tombera", TEXT)


def test_a_quotation_that_is_shown_is_counted_as_found_and_one_made_up_as_taken_off() -> None:
    found = Counter[str]()
    for said in ("Le pont tiendra encore cent ans", "tiendra encore cent ans, le pont"):
        answer = f"Nina Vasseur a déclaré : « {said} »."
        tally(bear_out(reading_of(hit_on(TEXT, "fr"), answer), "", "fr"), found)
    assert found == Counter(
        {"answers": 2, "shown": 1, "found": 1, "marks taken off": 1, "translated": 0}
    )
