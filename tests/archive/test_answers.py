"""Answers come back from the archive as they were, whichever version kept them."""

import json
from dataclasses import asdict, replace

import pytest

from rag.archive.answers import answer_from, from_json, to_json
from rag.terminal import answer_object
from rag.types import Citation
from tests.archive.conversations import DISAGREEMENT, ONE, REFUSAL


@pytest.mark.parametrize("answer", [DISAGREEMENT, REFUSAL], ids=["disagreement", "refusal"])
def test_an_answer_comes_back_exactly_as_it_was(answer) -> None:
    assert from_json(to_json(answer)) == answer
    assert from_json(to_json(answer)).hits == answer.hits


def test_what_ask_json_prints_can_be_read_back() -> None:
    printed = json.dumps(answer_object(DISAGREEMENT, {}), ensure_ascii=False, default=str)
    assert answer_from(json.loads(printed)) == DISAGREEMENT


def test_any_text_can_be_kept() -> None:
    odd = replace(REFUSAL, text="\ud83d \x00 \u202e é\u2028", timings={"total": 1e-300})
    assert from_json(to_json(odd)) == odd


def test_a_record_of_a_newer_version_is_read_without_what_is_unknown() -> None:
    record = asdict(DISAGREEMENT)
    record["mood"] = "calm"
    record["citations"][0]["colour"] = {"of": "marks"}
    assert answer_from(json.loads(json.dumps(record))) == DISAGREEMENT


def test_a_record_of_an_older_version_is_read_with_what_is_missing_left_empty() -> None:
    record = asdict(DISAGREEMENT)
    for name in ("positions", "dropped", "timings", "language"):
        del record[name]
    for name in ("copies", "paragraph", "author"):
        del record["citations"][0][name]
    del record["hits"][1]["answerable"]
    read = answer_from(json.loads(json.dumps(record)))
    assert (read.positions, read.dropped, read.timings, read.language) == ((), (), {}, "en")
    assert read.citations[0] == replace(ONE, copies=(), paragraph=0, author="")
    assert read.hits == DISAGREEMENT.hits


def test_a_status_that_is_not_known_yet_is_read_as_not_verified() -> None:
    record = asdict(DISAGREEMENT)
    record["sentences"][0]["status"] = "contested"
    read = answer_from(json.loads(json.dumps(record)))
    assert [one.status for one in read.sentences] == ["unsupported", "partly"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"question": 3}', '{"question": "Why?", "citations": 5}'],
)
def test_what_is_no_answer_is_told_as_such(text: str) -> None:
    with pytest.raises(ValueError):
        from_json(text)


def test_every_field_of_a_citation_is_kept() -> None:
    assert set(json.loads(to_json(DISAGREEMENT))["citations"][0]) == set(
        Citation.__dataclass_fields__
    )
