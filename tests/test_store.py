"""What a journalist loses if the store fails: articles that were reported as added."""

import sqlite3
import threading
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.bm25 import WordSearch
from rag.chunk import chunk
from rag.errors import ArticleError, StoreError
from rag.index import Selection
from rag.language import stems
from rag.store import FILE, SCHEMA_VERSION, Item, Recipe, Store
from rag.types import Document, Filters, Passage
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder()
RECIPE = Recipe(EMBEDDER.fingerprint, 200)
HARBOUR = Document(
    "harbour", "/harbour.txt", "Le port de Valmont coûtera 14,3 millions d'euros.", "fr",
    "Le port", "Anne Roux", "Le Quai", date(2024, 3, 1), "https://quai.example/port",
)  # fmt: skip
MUSEUM = Document(
    "museum", "/museum.txt", "The museum of Valmont will open in May.", "en",
    "The museum", outlet="The Pier", published=date(2024, 5, 2),
)  # fmt: skip


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "dossier", busy_seconds=0.05)
    yield store
    store.close()


def item(document):
    passages = chunk(document, EMBEDDER.count_tokens)
    return Item(document, passages, EMBEDDER.encode_passages([p.text for p in passages]))


def put(store, *documents):
    for document in documents:
        _, passages, vectors = item(document)
        store.put(document, f"sha-{document.id}", passages, vectors)


def search(store, words, language, k=10, filters=None):
    allowed = Selection.of(store.numbers(filters)).allowed if filters else None
    found = WordSearch(store).search(words, language, k, allowed)
    ids = store.ids([number for number, _ in found])
    return [(ids[number], score) for number, score in found]


def found(store, question, language, filters=None):
    return [one for one, _ in search(store, stems(question, language), language, 10, filters)]


def error_key(call, *arguments):
    with pytest.raises(StoreError) as caught:
        call(*arguments)
    return caught.value.key


def test_an_article_comes_back_as_it_was_put(store):
    put(store, HARBOUR, MUSEUM)
    assert store.documents() == [HARBOUR, MUSEUM]
    assert store.document("harbour") == HARBOUR
    assert store.source_hashes() == {"/harbour.txt": "sha-harbour", "/museum.txt": "sha-museum"}
    assert store.passages(["museum-0000", "gone", "harbour-0000"]) == [
        item(MUSEUM).passages[0],
        item(HARBOUR).passages[0],
    ]


def test_vectors_come_back_in_the_order_of_their_passages(store):
    put(store, HARBOUR, MUSEUM)
    assert store.passage_ids() == ["harbour-0000", "museum-0000"]
    for number, document in ((1, HARBOUR), (2, MUSEUM)):
        ((numbers, vectors),) = store.vectors(document.language)
        assert (numbers.tolist(), vectors.dtype) == ([number], np.float16)
        assert store.ids([number]) == {number: f"{document.id}-0000"}
        assert vectors.tolist() == item(document).vectors.astype(np.float16).tolist()
        assert store.vectors_of([number, 99])[1].tolist() == vectors.tolist()


def test_only_the_vectors_asked_for_are_read(store):
    put(store, *(Document(f"d{i}", f"/{i}", f"Texte {i}.", "fr") for i in range(6)), MUSEUM)
    numbers = [numbers.tolist() for numbers, _ in store.vectors("fr", after=2)]
    assert numbers == [[3, 4, 5, 6]]
    assert [numbers.tolist() for numbers, _ in store.vectors("fr", every=3)] == [[3, 6]]
    assert list(store.vectors("en", after=7)) == []


def test_a_newer_version_gets_a_number_never_used_before(store):
    put(store, HARBOUR, MUSEUM)
    store.remove("museum")
    put(store, HARBOUR)
    assert store.numbers_in("fr").tolist() == [3]
    assert store.numbers_in("en").tolist() == []


def test_documents_put_together_are_all_there_or_none(store):
    store.put_many([item(HARBOUR), item(MUSEUM)])
    assert store.documents() == [HARBOUR, MUSEUM]
    broken = item(Document("third", "/third", "Rien.", "fr"))._replace(vectors=np.zeros((0, 64)))
    with pytest.raises(ValueError, match="zip"):
        store.put_many([item(Document("second", "/second", "Tout.", "fr")), broken])
    assert store.documents() == [HARBOUR, MUSEUM]


def test_words_are_counted_as_full_text_search_counts_them(store):
    assert store.word_totals("fr") == (0, 0)
    long = Document("long", "/long", "mot " * 300 + "fin.", "fr")
    put(store, HARBOUR, MUSEUM)
    store.put(long, "sha", [Passage("long-0000", "long", 0, 1204, long.text, 1)], np.zeros((1, 64)))
    assert store.word_totals("fr") == (2, 9 + 301)
    assert [one.tolist() for one in store.lengths("fr")] == [[1, 3], [9, 301]]
    assert [one.tolist() for one in store.lengths("fr", after=1)] == [[3], [301]]
    assert store.occurrences("mot", "fr").tolist() == [3] * 300
    assert store.passages_with(["mot", "valmont", "absent"], "fr") == {"mot": 1, "valmont": 1}
    store.remove("long")
    assert store.word_totals("fr") == (1, 9)
    assert store.occurrences("mot", "fr").tolist() == []


def test_a_newer_version_leaves_nothing_of_the_older(store):
    put(store, HARBOUR)
    newer = Document("harbour", "/harbour.txt", "Le chantier est annulé.", "fr")
    put(store, newer)
    assert store.documents() == [newer]
    assert found(store, "port Valmont", "fr") == []
    assert found(store, "chantier", "fr") == ["harbour-0000"]
    assert len(store.passage_ids()) == 1


def test_a_removed_article_is_found_no_more(store):
    put(store, HARBOUR, MUSEUM)
    store.remove("harbour")
    assert store.documents() == [MUSEUM]
    assert store.passage_ids() == ["museum-0000"]
    assert found(store, "port Valmont", "fr") == []


def test_every_change_grows_the_revision(store):
    revisions = [store.revision]
    for document in (HARBOUR, HARBOUR, MUSEUM):
        put(store, document)
        revisions.append(store.revision)
    store.remove("harbour")
    revisions.append(store.revision)
    assert revisions == sorted(set(revisions))


def test_another_process_sees_a_change_at_once(store):
    other = Store.open(store.folder)
    before = other.revision
    put(store, HARBOUR)
    assert other.revision > before
    assert other.documents() == [HARBOUR]
    other.close()


def test_what_is_read_together_is_of_one_moment(store):
    other = Store.open(store.folder)
    put(store, HARBOUR)
    with other.reading():
        revision = other.revision
        put(store, MUSEUM)
        assert other.revision == revision
        assert other.passage_ids() == ["harbour-0000"]
    assert other.passage_ids() == ["harbour-0000", "museum-0000"]
    other.close()


def test_a_decimal_number_is_found_with_a_comma_or_a_point(store):
    put(store, HARBOUR, MUSEUM)
    assert found(store, "14.3", "fr") == found(store, "14,3", "fr") == ["harbour-0000"]
    assert found(store, "14", "fr") == found(store, "3", "fr") == []


@pytest.mark.parametrize("number", ["12 500", "12\u202f500", "12,500", "12.500", "12500"])
def test_thousands_are_found_however_they_are_set_apart(store, number):
    put(store, Document("n", "/n", f"La tour a coûté {number} euros.", "fr"), MUSEUM)
    assert found(store, "12 500", "fr") == ["n-0000"]


def test_words_are_found_in_another_form_and_without_accents(store):
    put(store, Document("n", "/n", "Les élections municipales ont été annulées.", "fr"), MUSEUM)
    assert found(store, "annuler une ELECTION municipale", "fr") == ["n-0000"]


def test_the_better_match_comes_first(store):
    put(
        store,
        Document("one", "/1", "Le maire inaugure la piscine.", "fr"),
        Document("two", "/2", "Le maire ferme la piscine et le stade.", "fr"),
        Document("three", "/3", "Le vote est reporté.", "fr"),
    )
    scores = search(store, stems("stade piscine", "fr"), "fr")
    assert [one for one, _ in scores] == ["two-0000", "one-0000"]
    assert scores[0][1] > scores[1][1]


def test_words_that_most_passages_hold_are_not_searched(store):
    put(store, *(Document(f"d{i}", f"/{i}", f"Le conseil {i}", "fr") for i in range(30)))
    assert found(store, "le conseil", "fr") == []
    assert found(store, "le conseil 7", "fr") == ["d7-0000"]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    store = Store.open(tmp_path_factory.mktemp("searched"))
    put(store, HARBOUR, MUSEUM)
    yield store
    store.close()


@settings(deadline=None)
@given(question=st.text(max_size=60))
def test_no_question_breaks_the_search(searched, question):
    for words in (question.split(" "), stems(question, "en")):
        assert {one for one, _ in search(searched, words, "en", 5)} <= {"museum-0000"}


@pytest.mark.parametrize(
    "words", [[], [""], ['"'], ["NEAR("], ["*"], ["AND"], ["😀"], ["stems:"], ["é" * 10_000]]
)
def test_words_are_never_taken_for_search_syntax(store, words):
    put(store, HARBOUR)
    assert search(store, words, "fr", 5) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["harbour", "museum"]),
        (Filters(languages=("en",)), ["museum"]),
        (Filters(outlets=("Le Quai", "Autre")), ["harbour"]),
        (Filters(document_ids=("museum",)), ["museum"]),
        (Filters(published_from=date(2024, 5, 2)), ["museum"]),
        (Filters(published_to=date(2024, 3, 1)), ["harbour"]),
        (Filters(published_from=date(2024, 3, 2), published_to=date(2024, 5, 1)), []),
        (Filters(outlets=("Le Quai",), languages=("en",)), []),
    ],
)
def test_filters_let_through_what_they_say(store, filters, expected):
    put(store, HARBOUR, MUSEUM)
    assert store.passage_ids(filters) == [f"{one}-0000" for one in expected]
    searched = found(store, "Valmont", "fr", filters) + found(store, "Valmont", "en", filters)
    assert searched == store.passage_ids(filters)


def test_an_article_without_a_date_is_in_no_period(store):
    put(store, Document("n", "/n", "Rien.", "fr"))
    assert store.passage_ids(Filters(published_from=date(1900, 1, 1))) == []


def test_vectors_of_another_embedder_are_refused(store):
    store.claim(RECIPE)
    put(store, HARBOUR)
    assert error_key(store.claim, Recipe("another", 200)) == "store.other_embedder"
    assert error_key(store.claim, Recipe(EMBEDDER.fingerprint, 150)) == "store.other_size"
    store.claim(RECIPE)


def test_an_empty_dossier_takes_any_embedder(store):
    store.claim(RECIPE)
    store.claim(Recipe("another", 100))
    assert store.recipe == Recipe("another", 100)


def test_an_article_embedded_before_another_process_changed_the_embedder_is_refused(store):
    other = Store.open(store.folder)
    store.claim(RECIPE)
    put(store, HARBOUR)
    other.replace_passages([item(HARBOUR)], Recipe("another", 200))
    with pytest.raises(StoreError):
        put(store, MUSEUM)
    assert store.documents() == [HARBOUR]
    other.close()


def test_embedding_again_exchanges_every_passage(store):
    store.claim(RECIPE)
    put(store, HARBOUR, MUSEUM)
    store.replace_passages([item(HARBOUR), item(MUSEUM)], Recipe("another", 150))
    assert store.recipe == Recipe("another", 150)
    assert store.passage_ids() == ["harbour-0000", "museum-0000"]
    assert found(store, "port", "fr") == ["harbour-0000"]


def test_embedding_again_while_an_article_comes_changes_nothing(store):
    store.claim(RECIPE)
    put(store, HARBOUR, MUSEUM)
    key = error_key(store.replace_passages, [item(HARBOUR)], Recipe("another", 150))
    assert key == "store.changed_meanwhile"
    assert store.recipe == RECIPE
    assert found(store, "museum", "en") == ["museum-0000"]


def test_a_change_that_fails_half_way_changes_nothing(store):
    put(store, HARBOUR)
    revision = store.revision
    newer = Document("harbour", "/harbour.txt", "Autre texte.", "fr")
    with pytest.raises(ValueError, match="zip"):
        store.put(newer, "sha", item(newer).passages, np.zeros((0, 64)))
    assert store.documents() == [HARBOUR]
    assert store.revision == revision
    assert found(store, "port", "fr") == ["harbour-0000"]


def test_a_full_disk_is_told_and_changes_nothing(store):
    put(store, HARBOUR)
    pages = store._db.all("PRAGMA page_count")[0][0]
    store._db.all(f"PRAGMA max_page_count = {pages}")
    big = Document("big", "/big", "mot " * 50_000, "fr")
    assert error_key(put, store, big) == "store.full"
    assert store.documents() == [HARBOUR]
    store._db.all("PRAGMA max_page_count = 1000000")
    put(store, MUSEUM)
    assert store.documents() == [HARBOUR, MUSEUM]


def test_a_dossier_that_may_not_be_written_is_told(store):
    put(store, HARBOUR)
    store._db.all("PRAGMA query_only = ON")
    assert error_key(put, store, MUSEUM) == "store.read_only"
    assert store.documents() == [HARBOUR]


def test_a_dossier_where_there_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    assert error_key(Store.open, tmp_path / "file") == "store.read_only"


def test_a_dossier_that_another_program_holds_is_told(store):
    other = sqlite3.connect(store.folder / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert error_key(put, store, HARBOUR) == "store.locked"
    other.execute("ROLLBACK")
    other.close()
    put(store, HARBOUR)
    assert store.documents() == [HARBOUR]


def test_a_dossier_of_a_newer_version_is_told(store):
    store._db.all(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert error_key(Store.open, store.folder) == "store.newer"


def test_a_damaged_dossier_is_told(tmp_path):
    (tmp_path / FILE).write_bytes(b"not a database, " * 1000)
    assert error_key(Store.open, tmp_path) == "store.corrupted"


def test_damage_inside_the_file_is_told(tmp_path):
    store = Store.open(tmp_path)
    put(store, *(Document(f"d{i}", f"/{i}", "mot " * 2000, "fr") for i in range(20)))
    store.close()
    data = bytearray((tmp_path / FILE).read_bytes())
    data[4096 * 2 :] = b"\xff" * (len(data) - 4096 * 2)
    (tmp_path / FILE).write_bytes(data)
    store = Store.open(tmp_path)
    assert error_key(store.documents) == "store.corrupted"
    store.close()


def test_another_program_s_database_is_told(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE documents (id)")
    connection.close()
    assert error_key(Store.open, tmp_path) == "store.failed"


def test_text_that_is_not_unicode_costs_only_that_article(store):
    with pytest.raises(ArticleError):
        store.put(Document("bad", "/bad", "\ud800", "fr"), "sha", [], np.zeros((0, 64)))
    put(store, HARBOUR)
    assert store.documents() == [HARBOUR]


def test_an_unknown_article_is_told(store):
    assert error_key(store.document, "nothing") == "store.no_document"


def test_every_error_is_one_line_in_both_languages(tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"not a database, " * 1000)
    with pytest.raises(StoreError) as caught:
        Store.open(tmp_path)
    for language in ("fr", "en"):
        assert str(tmp_path / FILE) in caught.value.text(language)
        assert "\n" not in caught.value.text(language)


def test_threads_share_one_store(store):
    documents = [Document(f"d{i}", f"/{i}", f"Texte {i}.", "fr") for i in range(24)]
    threads = [threading.Thread(target=put, args=(store, *documents[i::4])) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.id for one in store.documents()} == {one.id for one in documents}
    assert len(store.passage_ids()) == 24


def test_two_openings_of_a_new_dossier_at_once_both_work(tmp_path):
    opened = []
    threads = [
        threading.Thread(target=lambda: opened.append(Store.open(tmp_path / "new")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    put(opened[0], HARBOUR)
    assert all(one.documents() == [HARBOUR] for one in opened)
    for one in opened:
        one.close()
