"""What is lost if the measure is wrong: knowing whether copies are found."""

import json

from eval.copies import moved, pairs_of, read_rows, score
from rag.copies.articles import Rule


def test_rows_that_name_one_article_are_expected_as_pairs(tmp_path):
    rows = [
        {"id": "a-en", "lang": "en", "context": "One.", "title": "T", "doc": "a"},
        {"id": "a-ca", "lang": "fr-CA", "context": "Un.", "title": None, "doc": "a"},
        {"id": "b", "lang": "fr", "context": "Deux.", "title": "D"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    documents, article = read_rows(file)
    assert [(one.id, one.language, one.title) for one in documents] == [
        ("a-en", "en", "T"),
        ("a-ca", "fr", ""),
        ("b", "fr", "D"),
    ]
    assert pairs_of(article) == {frozenset({"a-en", "a-ca"})}


def test_a_family_of_three_is_three_pairs():
    found = pairs_of({"a": "a", "b": "a", "c": "a", "d": "d"})
    assert found == {frozenset("ab"), frozenset("ac"), frozenset("bc")}


def test_pairs_too_many_and_too_few_both_show():
    line = score({frozenset("ab"), frozenset("cd")}, {frozenset("ab"), frozenset("ef")})
    assert line == "expected    2  found    2  right    1  precision 0.500  recall 0.500"


def test_each_threshold_is_moved_both_ways():
    assert moved(Rule(across=0.1, within=0.2, anchors=6)) == {
        "across 0.09": Rule(0.09, 0.2, 6),
        "across 0.11": Rule(0.11, 0.2, 6),
        "within 0.18": Rule(0.1, 0.18, 6),
        "within 0.22": Rule(0.1, 0.22, 6),
        "all lower": Rule(0.9 * 0.1, 0.9 * 0.2, 6),
        "all higher": Rule(1.1 * 0.1, 1.1 * 0.2, 6),
    }
