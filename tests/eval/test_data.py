"""Other people's sets, read as they are; a broken one is named, with its line."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.data import fingerprint, load, with_answers_taken_out
from eval.types import Collection, ExpectedPosition, Gold, Question
from rag.errors import SettingsError
from rag.types import Document


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def the_only(path: Path) -> Collection:
    (collection,) = load(path)
    return collection


SQUAD = {
    "data": [
        {
            "title": "The_port",
            "paragraphs": [
                {
                    "context": "The harbour opened in 1903 and the lighthouse was built later.",
                    "qas": [
                        {
                            "id": "a",
                            "question": "When did the harbour open?",
                            "answers": [{"text": "1903", "answer_start": 22}],
                            "is_impossible": False,
                        },
                        {
                            "id": "b",
                            "question": "Who built the harbour?",
                            "answers": [],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        }
    ]
}


def test_squad_files_keep_answers_places_and_what_is_unanswerable(tmp_path: Path) -> None:
    path = tmp_path / "harbour.json"
    path.write_text(json.dumps(SQUAD), encoding="utf-8")
    collection = the_only(path)
    (document,) = collection.documents.values()
    opened, built = collection.questions
    assert (collection.dataset, document.title, document.language) == ("harbour", "The port", "en")
    assert opened.gold == (Gold(document.id, 22, 26, "1903"),)
    assert (opened.answerable, opened.relevant) == (True, {document.id: 1})
    assert (built.answerable, built.kind, built.relevant) == (False, "unanswerable", {})
    assert built.cluster == opened.cluster == document.id


def test_squad_1_has_no_impossible_questions(tmp_path: Path) -> None:
    asked = {"id": "a", "question": "When?", "answers": [{"text": "1903", "answer_start": 0}]}
    paragraph = {"context": "1903 was the year.", "qas": [asked]}
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}), encoding="utf-8")
    assert the_only(path).questions[0].answerable is True


def test_a_beir_folder_needs_nothing_but_its_three_files(tmp_path: Path) -> None:
    lines(tmp_path / "corpus.jsonl", {"_id": "d1", "title": "", "text": "The boats came back."})
    lines(
        tmp_path / "queries.jsonl",
        {"_id": "q1", "text": "Did the boats come back?"},
        {"_id": "q2", "text": "Is this one judged?"},
    )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td0\t0\n", encoding="utf-8"
    )
    (question,) = the_only(tmp_path).questions
    assert (question.id, question.relevant, question.language) == ("q1", {"d1": 2}, "en")


def test_questions_on_one_context_share_its_document(tmp_path: Path) -> None:
    row = {"lang": "fr", "context": "La digue a tenu.", "answers": ["digue"], "answerable": True}
    path = lines(
        tmp_path / "dyke.jsonl",
        {"id": "1", "question": "Qu'est-ce qui a tenu ?", **row},
        {"id": "2", "question": "La digue a-t-elle tenu ?", **row, "answer_starts": [3]},
    )
    collection = the_only(path)
    (key,) = collection.documents
    assert [question.gold for question in collection.questions] == [
        (Gold(key, 3, 8, "digue"),),
        (Gold(key, 3, 8, "digue"),),
    ]


def test_labelled_passages_become_positions_asked_over_themselves(tmp_path: Path) -> None:
    contexts = [
        {"text": "It is 98 km long.", "label": "correct", "answer": "98 km"},
        {"text": "It is 41 km long.", "label": "correct", "answer": "41 km"},
        {"text": "It is 9 km long.", "label": "misinfo", "answer": "9 km"},
    ]
    row = {"id": "r", "lang": "en", "question": "How long is the river?", "answerable": True}
    path = lines(tmp_path / "r.jsonl", {**row, "answers": ["98 km", "41 km"], "contexts": contexts})
    collection = the_only(path)
    (question,) = collection.questions
    first, second, third = collection.documents
    assert question.kind == "disagreement"
    assert question.positions == (
        ExpectedPosition(("98 km",), (first,)),
        ExpectedPosition(("41 km",), (second,)),
    )
    assert question.scope == (first, second, third)


def test_an_answer_in_both_languages_is_looked_for_in_each_without_the_other(
    tmp_path: Path,
) -> None:
    row = {"id": "c", "lang": "en", "question": "Who pays?", "answers": [], "answerable": True}
    texts = {"context_fr": "La ville paie.", "context_en": "The town pays."}
    collection = the_only(lines(tmp_path / "c.jsonl", {**row, **texts}))
    keys = {document.language: key for key, document in collection.documents.items()}
    in_french, in_english = collection.questions
    assert (in_french.relevant, in_french.excluded) == ({keys["fr"]: 1}, (keys["en"],))
    assert (in_english.relevant, in_english.excluded) == ({keys["en"]: 1}, (keys["fr"],))


def test_ids_that_come_twice_stay_apart(tmp_path: Path) -> None:
    row = {"id": "1", "lang": "en", "question": "Who?", "context": "Ann did.", "answers": ["Ann"]}
    collection = the_only(lines(tmp_path / "x.jsonl", row, row, row))
    assert [question.id for question in collection.questions] == ["1", "1#2", "1#3"]


def test_an_answer_in_every_document_cannot_be_taken_out() -> None:
    documents = {"a": Document("a", "a", "It cost 5 million.", "en")}
    asked = Question("q", "How much?", "en", answerable=True, answers=("5",), relevant={"a": 1})
    collection = Collection("x", documents, (asked,))
    assert with_answers_taken_out(collection).questions == (asked,)


def test_an_answer_is_taken_out_where_it_stands_alone_and_what_was_out_stays_out() -> None:
    texts = {"a": "It cost 5 million.", "b": "It is 15 km long.", "c": "Five of them."}
    documents = {key: Document(key, key, text, "en") for key, text in texts.items()}
    asked = Question(
        "q", "?", "en", answerable=True, answers=("5",), relevant={"a": 1}, excluded=("c",)
    )
    _, twin = with_answers_taken_out(Collection("x", documents, (asked,))).questions
    assert twin.excluded == ("a", "c")


def test_a_folder_gives_its_sets_with_questions(tmp_path: Path) -> None:
    row = {"id": "1", "lang": "en", "question": "Who?", "context": "Ann did.", "answers": ["Ann"]}
    lines(tmp_path / "asked.jsonl", row)
    lines(tmp_path / "texts.jsonl", {"id": "2", "lang": "en", "question": None, "context": "x"})
    assert [collection.dataset for collection in load(tmp_path)] == ["asked"]


def test_taking_answers_out_leaves_no_document_that_holds_them() -> None:
    documents = {
        "a": Document("a", "a", "The bridge cost 5 million.", "en"),
        "b": Document("b", "b", "The tunnel cost 5 MILLION too.", "en"),
        "c": Document("c", "c", "The road was free.", "en"),
    }
    asked = Question(
        "q", "How much?", "en", answerable=True, answers=("5 million",), relevant={"a": 1}
    )
    original, twin = with_answers_taken_out(Collection("x", documents, (asked,))).questions
    assert original == asked
    assert (twin.id, twin.answerable, twin.answers) == ("q-without", False, ())
    assert set(twin.excluded) == {"a", "b"}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.jsonl", '{"id": 1}\n{oops\n', "line 2"),
        ("x.json", "[]", "TypeError"),
        ("x.jsonl", '{"question": "Who?", "lang": "en", "context": "x"}\n', "'id'"),
        ("x.jsonl", '{"id": "1", "question": null}\n', "holds no questions"),
        ("x.jsonl", "[1]\n", "line 1: not an object"),
    ],
)
def test_a_broken_file_is_named_in_one_line(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load(path)
    assert str(path) in str(raised.value) and says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_path_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load(tmp_path / "nothing")


def test_a_fingerprint_changes_with_what_a_document_says_only() -> None:
    def of(text: str) -> str:
        return fingerprint(Collection("x", {"a": Document("a", "p", text, "en")}, ()))

    assert of("one") == of("one") != of("two")


def test_all_public_sets_with_questions_can_be_read(shared: Path) -> None:
    counts = {one.dataset: len(one.questions) for one in load(shared / "evaldata")}
    assert counts == {
        "covidfaq_bilingual": 978,
        "nomiracl_en": 266,
        "nomiracl_fr": 245,
        "ntrex_headline_xling": 224,
        "piaf_fr": 1500,
        "ramdocs_en": 250,
        "squad2_en": 1500,
    }
