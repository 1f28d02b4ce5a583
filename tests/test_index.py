"""What a journalist loses if the index is wrong: passages that are there and are not found."""

import os
from hashlib import sha256

import numpy as np
import pytest

from rag.chunk import chunk
from rag.index import FILE, Index, Selection
from rag.store import IndexStamp, Item, Recipe, Store
from rag.types import LANGUAGES, Document
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


def put(store, name, text, language="fr"):
    document = Document(name, f"/{name}", text, language)
    passages = chunk(document, EMBEDDER.count_tokens)
    store.put(document, name, passages, EMBEDDER.encode_passages([p.text for p in passages]))


def search(store, index, question, k=1, allowed=None, language="fr"):
    selection = None
    if allowed is not None:
        numbers = [number for number, one in numbered(store).items() if one in allowed]
        selection = Selection.of(np.array(numbers, dtype=np.int64))
    return index.search(EMBEDDER.encode_query(question), language, k, selection)


def numbered(store):
    return store.ids(list(range(1, 200)))


def best(store, index, question, k=1, allowed=None):
    found = search(store, index, question, k, allowed)
    return [numbered(store)[number] for number, _ in found]


def test_the_nearest_passage_is_found_with_its_cosine(store):
    ((found, score),) = search(store, Index.open(store), TEXTS["musee"])
    assert numbered(store)[found] == "musee-0000"
    assert score == pytest.approx(1.0, abs=1e-3)


def test_the_cosines_are_those_of_the_vectors_that_are_stored(store):
    query = EMBEDDER.encode_query("école du port")
    assert Index.open(store).is_exact
    ((numbers, vectors),) = store.vectors("fr")
    expected = dict(zip(numbers.tolist(), vectors.astype(np.float32) @ query, strict=True))
    found = dict(search(store, Index.open(store), "école du port", k=3))
    assert found == pytest.approx(expected, abs=1e-6)


def test_each_language_is_searched_apart(store):
    put(store, "pier", "The port of Valmont.", "en")
    index = Index.open(store)
    for language, expected in (("fr", [1, 2, 3]), ("en", [4])):
        found = search(store, index, "port", 10, language=language)
        assert sorted(number for number, _ in found) == expected


def test_the_file_is_read_back_and_finds_the_same(store, monkeypatch):
    first = search(store, Index.open(store), "école du port", 3)
    monkeypatch.setattr(Store, "vectors", lambda *_: pytest.fail("rebuilt, though current"))
    assert search(store, Index.open(store), "école du port", 3) == first


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
    assert best(store, Index.open(store), TEXTS["port"]) == ["port-0000"]
    assert path.read_bytes() == whole


def test_a_file_of_another_faiss_is_rebuilt(store):
    foreign = b"a later format" * 100
    (store.folder / FILE).write_bytes(foreign)
    store.stamp_index(IndexStamp(sha256(foreign).hexdigest(), store.revision))
    assert best(store, Index.open(store), TEXTS["port"]) == ["port-0000"]


def test_an_article_added_since_is_found(store):
    Index.open(store)
    put(store, "stade", "Le stade sera couvert.")
    index = Index.open(store)
    assert index.revision == store.revision
    assert best(store, index, "stade couvert") == ["stade-0000"]


def test_an_article_removed_since_is_not_found(store):
    Index.open(store)
    store.remove("port")
    assert "port-0000" not in best(store, Index.open(store), TEXTS["port"], k=10)


def test_only_allowed_passages_are_found(store):
    index = Index.open(store)
    assert best(store, index, TEXTS["port"], 3, ["ecole-0000"]) == ["ecole-0000"]
    assert best(store, index, TEXTS["port"], 3, []) == []
    assert best(store, index, TEXTS["port"], 3, ["gone-0000"]) == []


def following(store, index):
    """What an index that follows the store finds, and what a new one does."""
    index.refresh(store)
    assert index.revision == store.revision
    (store.folder / FILE).unlink()
    anew = Index.open(store)
    return [
        [search(store, one, "école du port stade", 99, language=language) for language in LANGUAGES]
        for one in (index, anew)
    ]


def test_an_index_that_follows_finds_what_a_new_one_does(store, monkeypatch):
    index = Index.open(store)
    for change in (
        lambda: put(store, "stade", "Le stade sera couvert."),
        lambda: put(store, "port", "Le port ferme."),
        lambda: store.remove("ecole"),
        lambda: [put(store, "pier", "The pier reopens.", "en"), store.remove("musee")],
        lambda: [store.remove(name) for name in ("stade", "port")],
        lambda: put(store, "quai", "Le quai de Valmont."),
    ):
        change()
        followed, anew = following(store, index)
        assert followed == anew
        assert len(followed[0]) + len(followed[1]) == len(store.passage_ids())


def test_only_what_is_new_is_read_after_an_addition(store, monkeypatch):
    index = Index.open(store)
    put(store, "stade", "Le stade sera couvert.")
    read, vectors = [], Store.vectors

    def counted(self, *asked):
        for numbers, found in vectors(self, *asked):
            read.extend(numbers.tolist())
            yield numbers, found

    monkeypatch.setattr(Store, "vectors", counted)
    index.refresh(store)
    assert read == [4]
    assert best(store, index, "stade couvert") == ["stade-0000"]


def test_a_file_of_earlier_is_brought_up_to_date(store, monkeypatch):
    Index.open(store)
    monkeypatch.setattr("rag.index.SAVED_EVERY", 10)
    whole = (store.folder / FILE).read_bytes()
    put(store, "stade", "Le stade sera couvert.")
    store.remove("port")
    index = Index.open(store)
    assert best(store, index, "le stade couvert", 9)[0] == "stade-0000"
    assert sorted(best(store, index, "port", 9)) == ["ecole-0000", "musee-0000", "stade-0000"]
    assert (store.folder / FILE).read_bytes() == whole


def test_vectors_of_another_embedder_replace_those_of_the_first(store):
    index = Index.open(store)
    documents = store.documents()
    items = [
        Item(one, chunk(one, EMBEDDER.count_tokens), np.eye(3, 8, i, dtype=np.float32)[:1])
        for i, one in enumerate(documents)
    ]
    store.replace_passages(items, Recipe("eight", 200))
    index.refresh(store)
    ((found, score),) = index.search(np.eye(8, dtype=np.float32)[2], "fr", 1)
    assert (numbered(store)[found], score) == (f"{documents[2].id}-0000", 1.0)


def many(store, count):
    """`count` passages in French around eight centres, and a question near one of them."""
    random = np.random.default_rng(3)
    vectors = np.repeat(np.eye(8, 64), count // 8, axis=0) + random.normal(0, 0.02, (count, 64))
    documents = [Document(f"d{i}", f"/d{i}", f"Texte {i}.", "fr") for i in range(count)]
    store.put_many(
        [
            Item(one, chunk(one, EMBEDDER.count_tokens), vector[None])
            for one, vector in zip(documents, vectors, strict=True)
        ]
    )
    return np.eye(64, dtype=np.float32)[5]


def test_a_large_dossier_is_searched_by_lists_and_finds_the_same(tmp_path):
    store = Store.open(tmp_path)
    question = many(store, 640)
    exact = Index.open(store).search(question, "fr", 20)
    large = Index.open(store, exact_up_to=500)
    assert not large.is_exact
    assert large.search(question, "fr", 20) == exact
    everything = Selection.of(store.numbers_in("fr"))
    assert len(large.search(question, "fr", 640)) < 640
    assert len(large.search(question, "fr", 640, everything)) == 640
    put(store, "d640", "Le stade sera couvert.")
    store.remove("d407")
    large.refresh(store)
    everything = Selection.of(store.numbers_in("fr"))
    found = [number for number, _ in large.search(question, "fr", 640, everything)]
    assert sorted(found) == store.numbers_in("fr").tolist()
    store.close()


def test_only_what_a_filter_lets_through_is_found_in_a_large_dossier(tmp_path):
    store = Store.open(tmp_path)
    question = many(store, 640)
    index = Index.open(store, exact_up_to=500)
    far = Selection.of(np.array([1, 640]))
    assert sorted(number for number, _ in index.search(question, "fr", 5, far)) == [1, 640]
    store.close()


def test_an_empty_dossier_has_an_empty_index(tmp_path):
    store = Store.open(tmp_path)
    index = Index.open(store)
    assert index.is_empty
    assert index.search(np.zeros(64, dtype=np.float32), "fr", 5) == []
    store.close()


def test_what_a_kill_left_behind_is_cleared_away(store):
    (store.folder / f".{FILE}.abc").write_bytes(b"half")
    Index.open(store)
    assert list(store.folder.glob(f".{FILE}.*")) == []


def test_a_full_disk_does_not_stop_a_question(store, monkeypatch):
    def no_space(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    assert best(store, Index.open(store), TEXTS["port"]) == ["port-0000"]
    assert not (store.folder / FILE).exists()
    assert [one.name for one in store.folder.glob(f".{FILE}*")] == []


def test_a_busy_dossier_does_not_stop_a_question(store):
    other = Store.open(store.folder)
    with other._changing():
        assert best(store, Index.open(store), TEXTS["port"]) == ["port-0000"]
    other.close()
