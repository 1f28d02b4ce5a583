import pytest

from rag.claims import CERTAIN, NEAR_IN_MEANING, claims_of
from rag.crosscheck import group
from rag.read import read_claim
from rag.rivals import Rival, rivals, speaks_of_it
from rag.types import Hit, Language, Position
from tests.fakes import AllAlike, HashEmbedder, ScriptedEngine, hit_on, reading_of

HOW_MUCH = "How much did Aubrac raise?"


def position_of(text: str, language: Language = "en") -> Position:
    return Position(text, (reading_of(hit_on(text, language), text),))


def test_a_passage_on_the_same_thing_with_another_value_is_a_rival() -> None:
    position = position_of("Aubrac raised $15 billion.")
    other = hit_on("Documents say that Aubrac raised $14.3 billion.", rank=2)
    same = hit_on("Aubrac raised 15 billion dollars, a record.", rank=3)
    away = hit_on("The town of Harlow raised $2 billion for its port.", rank=4)
    small = hit_on("Aubrac, which raised a great deal, pays $90,000 for its office.", rank=5)
    found = rivals(position, [other, same, away, small], HOW_MUCH, "en", HashEmbedder())
    assert found == [Rival(other)]


LINE = "La ligne de Porzlannec coûtera 412 millions d’euros, dit Aubrac."
COSTS = "Combien coûtera la ligne ?"


def claims(*texts: str, language: Language = "en") -> list[Hit]:
    return [hit_on(text, language, rank=rank) for rank, text in enumerate(texts, 2)]


def told(line: str, asked: str, hits: list[Hit]) -> list[tuple[int, str]]:
    found = rivals(position_of(line, "fr"), hits, asked, "fr", AllAlike())
    return [(one.hit.rank, one.claim.value) for one in found if one.claim is not None]


def test_a_sentence_of_the_same_story_near_in_meaning_contradicts_without_being_read() -> None:
    lenders = "In Porzlannec, lenders of Aubrac put the cost at €436m. It has 19 stations."
    assert told(LINE, COSTS, claims(lenders)) == [(2, "€436m")]


@pytest.mark.parametrize(
    ("question", "spoken_of"),
    [
        ("Combien coûtera la ligne ?", True),
        ("Combien de pilotes chez Aubrac ?", False),
        ("Combien de personnes y travaillent ?", False),  # people are everywhere
    ],
)
def test_a_sentence_speaks_of_a_question_where_it_has_one_of_its_words(
    question: str, spoken_of: bool
) -> None:
    (hit,) = claims("In Porzlannec, lenders of Aubrac put the cost for 12 people at €436m.")
    (claim, *_) = claims_of(hit.document)
    assert speaks_of_it(claim, question, "fr") is spoken_of


@pytest.mark.parametrize(
    "text",
    [
        "À Porzlannec, Aubrac se corrige : non pas 412 millions d’euros, mais 2 milliards d’euros.",
        "À Porzlannec, Aubrac devra non pas 412 millions d’euros, mais 436 millions d’euros.",
    ],
)
def test_what_takes_back_the_very_figure_contradicts_it_however_it_is_worded(text: str) -> None:
    found = rivals(
        position_of(LINE, "fr"), claims(text, language="fr"), COSTS, "fr", HashEmbedder()
    )
    assert [one.claim is not None for one in found] == [True]
    assert CERTAIN > NEAR_IN_MEANING


@pytest.mark.parametrize(
    "text",
    [
        "In Harlow, lenders put the cost at €436m.",  # another story
        "In Porzlannec, lenders of Aubrac put the cost at €4bn.",  # another order
        "In Porzlannec, lenders of Aubrac put the cost at $436m.",  # another unit
        "In Porzlannec, Aubrac puts the cost at €436m, and the line’s at €412m.",  # both
        "In Porzlannec, Aubrac will spend €436m. Its line costs €412m.",  # two things
        "In Porzlannec, Aubrac puts €436m of the money into trains.",  # a part
    ],
)
def test_what_is_of_another_thing_does_not(text: str) -> None:
    assert told(LINE, COSTS, claims(text)) == []


def test_of_numbers_without_unit_both_must_say_what_they_count() -> None:
    line, asked = "À Rivenac, 2 600 personnes ont défilé avec Vasseur.", "Combien ont défilé ?"
    there = "In Rivenac, 1,700 people marched, Vasseur says."
    room = "In Rivenac, Vasseur met them in room 1,900."
    own = "À Rivenac, 1 800 arbres bordent la place Vasseur."
    assert told(line, asked, claims(there, room)) == [(2, "1,700")]
    assert told(line, asked, claims(own, language="fr")) == []


def test_what_is_asked_to_have_changed_is_contradicted_by_changes_only() -> None:
    line, asked = (
        "À Porzlannec, les ventes d’Aubrac gagnent 27 %.",
        "De combien croissent les ventes ?",
    )
    share = "In Porzlannec, Vasseur holds 49% of Aubrac."
    growth = "In Porzlannec, sales of Aubrac grew by 31%."
    assert told(line, asked, claims(share, growth)) == [(3, "31%")]
    held = "Quelle part des ventes est à Vasseur ?"
    assert told(line, held, claims(share)) == [(2, "49%")]


def test_more_of_the_same_articles_is_only_taken_at_its_word() -> None:
    beside = claims("In Porzlannec, lenders of Aubrac put the cost at €436m.")
    (found,) = rivals(position_of(LINE, "fr"), [], COSTS, "fr", AllAlike(), beside)
    assert found.claim is not None
    position = position_of("Aubrac raised $15 billion.")
    more = [hit_on("Documents say that Aubrac raised $14.3 billion.", rank=2)]
    assert rivals(position, more, HOW_MUCH, "en", HashEmbedder()) == [Rival(more[0])]
    assert rivals(position, [], HOW_MUCH, "en", HashEmbedder(), more) == []


def test_what_is_far_in_meaning_does_not() -> None:
    hits = claims("In Porzlannec, lenders of Aubrac put the cost at €436m.")
    assert rivals(position_of(LINE, "fr"), hits, COSTS, "fr", HashEmbedder()) == []


def test_a_claim_is_told_in_words_of_its_own_sentence_and_takes_its_place() -> None:
    (hit,) = claims("In Porzlannec, lenders of Aubrac put the cost at €436m. It has 19 stations.")
    (rival,) = rivals(position_of(LINE, "fr"), [hit], COSTS, "fr", AllAlike())
    assert rival.claim is not None
    engine = ScriptedEngine(
        {"lenders": (0.1, "Des prêteurs estiment le coût à 436 millions d’euros.")}
    )
    reading = read_claim(hit, rival.claim, 0.1, COSTS, "fr", engine, HashEmbedder())
    assert rival.claim.quote in engine.asked[0].asked
    ours = reading_of(hit_on(LINE, "fr"), LINE, 0.9)
    positions = group([ours, reading], COSTS, "fr")
    assert [one.text for one in positions] == [LINE, reading.text]


def test_a_claim_whose_figure_is_not_in_the_answer_is_not_told() -> None:
    (hit,) = claims("In Porzlannec, lenders of Aubrac put the cost at €436m. It has 19 stations.")
    (rival,) = rivals(position_of(LINE, "fr"), [hit], COSTS, "fr", AllAlike())
    assert rival.claim is not None
    engine = ScriptedEngine({"lenders": (0.1, "La ligne a 19 stations.")})
    assert read_claim(hit, rival.claim, 0.1, COSTS, "fr", engine, HashEmbedder()).text == ""
