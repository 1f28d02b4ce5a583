"""What a journalist loses: the list of who copied whom, once articles come and go."""

import pytest

from rag.chunk import chunk, contextual_text
from rag.copies.families import Families
from rag.store import Store
from tests.fakes import HashEmbedder
from tests.test_copies import ENGLISH, FRENCH, QUOTING, SAME_EVENT, changed, english, french

EMBEDDER = HashEmbedder()


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "dossier")
    yield store
    store.close()


def put(store, *documents):
    for document in documents:
        passages = chunk(document, EMBEDDER.count_tokens, 60)
        vectors = EMBEDDER.encode_passages([contextual_text(document, p) for p in passages])
        store.put(document, document.id, passages, vectors)


def test_the_copies_of_an_article_are_found_in_both_languages(store):
    put(store, english(), english(SAME_EVENT, "colour"), english(QUOTING, "quoting"))
    put(store, french(), english(key="wire", title="Budget row"))
    families = Families(store)
    assert families.all() == {
        "en": "en",
        "colour": "colour",
        "quoting": "quoting",
        "fr": "en",
        "wire": "en",
    }
    assert families.copies_of("wire") == ["en", "fr"]
    assert families.copies_of("colour") == []


def test_an_empty_dossier_has_no_families(store):
    assert Families(store).all() == {}
    assert Families(store).copies_of("en") == []


def test_a_copy_that_comes_later_is_seen(store):
    put(store, english(), english(QUOTING, "quoting"))
    families = Families(store)
    assert families.copies_of("en") == []
    put(store, french())
    assert families.copies_of("en") == ["fr"]


def test_an_article_that_is_corrected_or_removed_is_no_copy_any_more(store):
    put(store, english(), english(key="wire"), french())
    families = Families(store)
    assert families.copies_of("en") == ["wire", "fr"]
    put(store, english(changed(ENGLISH, "14.3", "15"), "wire"))
    assert families.copies_of("en") == ["fr"]
    store.remove("en")
    assert families.all() == {"fr": "fr", "wire": "wire"}


def test_an_article_that_becomes_a_copy_is_one(store):
    put(store, english(), french(changed(FRENCH, "14,3", "15")))
    families = Families(store)
    assert families.copies_of("en") == []
    put(store, french())
    assert families.copies_of("en") == ["fr"]
