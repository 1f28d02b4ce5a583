"""What a journalist loses if the search for words is wrong: the passage with the rare name."""

import numpy as np
import pytest

from rag.bm25 import WordSearch
from rag.store import Item, Store
from rag.types import Document, Passage

WORDS = "port quai digue phare jetee cale mole bassin".split()


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "dossier")
    random = np.random.default_rng(7)
    texts = [" ".join(random.choice(WORDS, random.integers(1, 200))) for _ in range(60)]
    texts = [text if i % 3 else text + " treuil" * (i // 9) for i, text in enumerate(texts)]
    store.put_many([item(f"d{i}", text) for i, text in enumerate([*texts, "treuil gabare"])])
    store.remove("d4")
    yield store
    store.close()


def item(name, text, language="fr"):
    passage = Passage(f"{name}-0000", name, 0, len(text), text, 1)
    return Item(Document(name, f"/{name}", text, language), [passage], np.zeros((1, 4)))


def by_fts5(store, query, k):
    """What SQLite's own bm25() says."""
    return store._db.all(
        "SELECT rowid, -rank FROM words_fr WHERE stems MATCH ? ORDER BY rank, rowid LIMIT ?",
        query,
        k,
    )


@pytest.mark.parametrize("k", [1, 5, 100])
@pytest.mark.parametrize("words", [["treuil"], ["gabar"], ["treuil", "gabar", "absent"]])
def test_scores_are_those_of_sqlite(store, words, k):
    expected = by_fts5(store, " OR ".join(words), k)
    found = WordSearch(store).search(words, "fr", k)
    assert [number for number, _ in found] == [number for number, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected])


def test_a_word_in_most_passages_weighs_next_to_nothing_in_a_small_dossier(tmp_path):
    store = Store.open(tmp_path)
    store.put_many([item("one", "port quai"), item("two", "port")])
    expected = by_fts5(store, "port", 5)
    assert dict(WordSearch(store).search(["port"], "fr", 5)) == pytest.approx(dict(expected))
    assert expected[0][1] < 1e-5
    store.close()


def test_what_came_since_the_last_question_is_found_and_what_went_is_not(store):
    search = WordSearch(store)
    assert [number for number, _ in search.search(["gabar"], "fr", 5)] == [61]
    store.put_many([item("new", "gabare gabare"), item("mute", "!")])
    store.remove("d60")
    found = dict(search.search(["gabar"], "fr", 5))
    assert list(found) == [62]
    assert found == pytest.approx(dict(by_fts5(store, "gabar", 5)))


def test_the_two_languages_are_counted_apart(store):
    before = WordSearch(store).search(["treuil"], "fr", 5)
    store.put_many([item(f"e{i}", "treuil winch", "en") for i in range(9)])
    assert WordSearch(store).search(["treuil"], "fr", 5) == before
    assert len(WordSearch(store).search(["winch"], "en", 50)) == 9


def test_only_what_is_allowed_is_found(store):
    allowed = np.zeros(40, dtype=np.bool_)
    allowed[[28, 37]] = True
    found = WordSearch(store).search(["treuil", "gabar"], "fr", 50, allowed)
    everything = dict(WordSearch(store).search(["treuil", "gabar"], "fr", 50))
    assert dict(found) == {28: everything[28], 37: everything[37]}


def test_words_kept_in_memory_do_not_grow_without_end(store, monkeypatch):
    monkeypatch.setattr("rag.bm25.PASSAGES_KEPT", 10)
    search = WordSearch(store)
    both = [search.search([word], "fr", 5) for word in ("treuil", "gabar")]
    assert sum(len(numbers) for numbers, _ in search._kept.values()) == 1
    assert [search.search([word], "fr", 5) for word in ("treuil", "gabar")] == both
