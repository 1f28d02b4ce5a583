"""Search is timed over what a dossier is like, and the approximate index against the exact."""

import numpy as np
import pytest

from eval import search_speed
from eval.search_speed import SearchRate, search_rates, table
from rag.bm25 import COMMON_PASSAGES
from rag.language import stems
from rag.store import Store

RATE = SearchRate(1000, 1.26, 2.5, 1.0, 3.0, 0.5, 0.25, 12.4, 4_096_000, None)


def test_each_size_is_measured(tmp_path):
    small, large = search_rates([30, 395], questions=5, folder=tmp_path, exact_up_to=150)
    assert (small.passages, large.passages) == (30, 400)  # whole articles
    assert (small.recall, large.recall is None) == (None, False)
    assert 0 < small.median_ms <= small.p95_ms
    # of the centroids of 200 passages in a language, a quarter is looked at
    assert 0.2 < (large.recall or 0) <= 1
    with_files = sum(one.stat().st_size for one in (tmp_path / "30").iterdir())
    assert small.bytes_per_1000 <= with_files * 1000 / 30


def test_a_dossier_that_is_there_is_used_again(tmp_path, monkeypatch):
    search_rates([20], questions=2, folder=tmp_path)
    store = Store.open(tmp_path / "20")
    made = store.documents()[:2]
    store.close()
    (again,) = search_rates([20], questions=2, folder=tmp_path)
    store = Store.open(tmp_path / "20")
    assert store.documents() == made
    assert again.passages == 20
    store.close()


def test_the_made_up_words_are_as_frequent_as_real_ones(tmp_path):
    texts = [search_speed._article(f"a{n}", n).document for n in range(0, 80, 2)]
    assert {one.language for one in texts} == {"fr"}
    counts: dict[str, int] = {}
    for word in stems(" ".join(one.text for one in texts), "fr"):
        counts[word] = counts.get(word, 0) + 1
    total = sum(counts.values())
    assert total == 40 * 10 * 100
    assert 0.05 < max(counts.values()) / total < 0.12  # as "de" and "the" are
    assert sum(count == 1 for count in counts.values()) > COMMON_PASSAGES * 100


def test_passages_are_nearer_to_their_language_than_to_the_other():
    french, english = (search_speed._article(f"a{n}", n) for n in (0, 1))
    same = french.vectors @ french.vectors.T
    assert np.linalg.norm(french.vectors, axis=1) == pytest.approx(np.ones(10), abs=1e-6)
    assert same.min() > (french.vectors @ english.vectors.T).max()


def test_the_table_has_a_line_a_size():
    header, line = table([RATE]).splitlines()
    assert header.split()[:2] == ["passages", "ms"]
    assert line.split() == "1,000 1.3 2.5 1.0 3.0 0.50 0.25 12 4000 exact".split()
    assert table([RATE, RATE]).splitlines()[2] == line
