"""What a journalist loses if the index is wrong: passages that are there and are not found."""

import os
from hashlib import sha256

import numpy as np
import pytest

from rag.chunk import chunk
from rag.index import FILE, Index
from rag.store import IndexStamp, Store
from rag.types import Document
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder()
TEXTS = {
    "port": "Le port de Valmont sera agrandi.",
    "musee": "Le musée ouvre ses portes en mai.",
    "ecole": "Une école ferme faute d'élèves.",
}


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "dossier", busy_seconds=0.05)
    for name, text in TEXTS.items():
        put(store, name, text)
    yield store
    store.close()


def put(store, name, text):
    document = Document(name, f"/{name}", text, "fr")
    passages = chunk(document, EMBEDDER.count_tokens)
    store.put(document, name, passages, EMBEDDER.encode_passages([p.text for p in passages]))


def best(index, question, k=1, allowed=None):
    selection = None if allowed is None else index.select(allowed)
    return [one for one, _ in index.search(EMBEDDER.encode_query(question), k, selection)]


def test_the_nearest_passage_is_found_with_its_cosine(store):
    index = Index.open(store)
    ((found, score),) = index.search(EMBEDDER.encode_query(TEXTS["musee"]), 1)
    assert found == "musee-0000"
    assert score == pytest.approx(1.0, abs=1e-3)


def test_the_file_is_read_back_and_finds_the_same(store, monkeypatch):
    first = Index.open(store).search(EMBEDDER.encode_query("école du port"), 3)
    monkeypatch.setattr(Store, "vectors", lambda self: pytest.fail("rebuilt, though current"))
    assert Index.open(store).search(EMBEDDER.encode_query("école du port"), 3) == first


@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign", "empty", "replaced"])
def test_a_file_that_is_not_whole_is_rebuilt_and_never_read(store, damage):
    Index.open(store)
    path = store.folder / FILE
    whole = path.read_bytes()
    damaged = {
        "missing": None,
        "truncated": whole[:-1],
        "foreign": b"something else" * 100,
        "empty": b"",
        "replaced": whole[:-1] + bytes([whole[-1] ^ 1]),
    }[damage]
    if damaged is None:
        path.unlink()
    else:
        path.write_bytes(damaged)
    assert best(Index.open(store), TEXTS["port"]) == ["port-0000"]
    assert path.read_bytes() == whole


def test_a_file_of_another_faiss_is_rebuilt(store):
    foreign = b"a later format" * 100
    (store.folder / FILE).write_bytes(foreign)
    store.stamp_index(IndexStamp(sha256(foreign).hexdigest(), store.revision))
    assert best(Index.open(store), TEXTS["port"]) == ["port-0000"]


def test_an_article_added_since_is_found(store):
    Index.open(store)
    put(store, "stade", "Le stade sera couvert.")
    index = Index.open(store)
    assert index.revision == store.revision
    assert best(index, "stade couvert") == ["stade-0000"]


def test_an_article_removed_since_is_not_found(store):
    Index.open(store)
    store.remove("port")
    assert "port-0000" not in best(Index.open(store), TEXTS["port"], k=10)


def test_only_allowed_passages_are_found(store):
    index = Index.open(store)
    assert best(index, TEXTS["port"], 3, ["ecole-0000"]) == ["ecole-0000"]
    assert best(index, TEXTS["port"], 3, []) == []
    assert best(index, TEXTS["port"], 3, ["gone-0000"]) == []


def test_cosines_are_those_of_the_search(store):
    index = Index.open(store)
    query = EMBEDDER.encode_query("école du port")
    expected = dict(index.search(query, 3))
    assert index.cosines(query, [*expected, "gone-0000"]) == pytest.approx(expected, abs=1e-6)
    assert index.cosines(query, []) == {}


def test_an_empty_dossier_has_an_empty_index(tmp_path):
    store = Store.open(tmp_path)
    index = Index.open(store)
    assert index.is_empty
    assert index.search(np.zeros(64, dtype=np.float32), 5) == []
    store.close()


def test_what_a_kill_left_behind_is_cleared_away(store):
    (store.folder / f".{FILE}.abc").write_bytes(b"half")
    Index.open(store)
    assert list(store.folder.glob(f".{FILE}.*")) == []


def test_a_full_disk_does_not_stop_a_question(store, monkeypatch):
    def no_space(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    assert best(Index.open(store), TEXTS["port"]) == ["port-0000"]
    assert not (store.folder / FILE).exists()
    assert [one.name for one in store.folder.glob(f".{FILE}*")] == []


def test_a_busy_dossier_does_not_stop_a_question(store):
    other = Store.open(store.folder)
    with other._changing():
        assert best(Index.open(store), TEXTS["port"]) == ["port-0000"]
    other.close()
