"""What a journalist loses if retrieval fails: the passage that answers."""

import threading
from datetime import date

import pytest

from rag.chunk import chunk, contextual_text
from rag.config import Settings
from rag.retrieve import Retriever
from rag.store import Store
from rag.types import Document, Filters
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder()
TOWN = {
    "port": "Le port de Valmont sera agrandi, annonce la préfète Anne Roux.",
    "musee": "Le musée de Valmont ouvre une salle consacrée aux marins disparus.",
    "ecole": "Une école primaire de Valmont ferme en septembre faute d'élèves.",
    "stade": "Le stade municipal sera couvert avant les prochains jeux régionaux.",
}
DISPATCH = (
    "Le chantier du tramway de Valmont coûtera 14,3 millions d'euros, a annoncé jeudi le maire "
    "devant le conseil, et la ligne ouvrira avec deux ans de retard sur le premier calendrier."
)


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "dossier")
    yield store
    store.close()


@pytest.fixture
def retriever(store):
    return Retriever(store, EMBEDDER, Settings())


def put(store, **texts):
    for name, text in texts.items():
        put_document(store, Document(name, f"/{name}", text, "fr"))


def put_document(store, document):
    passages = chunk(document, EMBEDDER.count_tokens)
    vectors = EMBEDDER.encode_passages([contextual_text(document, p) for p in passages])
    store.put(document, document.id, passages, vectors)


def names(hits):
    return [hit.document.id for hit in hits]


def test_the_passage_that_answers_comes_first(store, retriever):
    put(store, **TOWN)
    hits = retriever.retrieve("Qui annonce l'agrandissement du port ?", "fr")
    assert hits[0].passage.id == "port-0000"
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_hit_holds_the_exact_words_and_their_article(store, retriever):
    put(store, **TOWN)
    hit = retriever.retrieve("musée", "fr", top_k=1)[0]
    assert hit.document.text[hit.passage.start : hit.passage.end] == hit.passage.text
    assert hit.document == store.document("musee")


def test_as_many_hits_as_asked_for(store, retriever):
    put(store, **TOWN)
    assert len(retriever.retrieve("Valmont", "fr", top_k=2)) == 2
    assert len(retriever.retrieve("Valmont", "fr", top_k=20)) == 4


def test_an_empty_dossier_has_no_hits(retriever):
    assert retriever.retrieve("Où est le port ?", "fr") == []


@pytest.mark.parametrize(
    "question", ["", " ", "🎉🎉", "???", '"', "NEAR(* OR", "port " * 5000, "\x00", "l'"]
)
def test_no_question_is_an_accident(store, retriever, question):
    put(store, **TOWN)
    assert len(retriever.retrieve(question, "fr")) == 4


def test_a_rare_word_finds_what_the_vectors_miss(store, retriever, monkeypatch):
    put(store, **TOWN)
    blind = EMBEDDER.encode_query("")
    monkeypatch.setattr(HashEmbedder, "encode_query", lambda self, text: blind)
    assert names(retriever.retrieve("l'école primaire", "fr", top_k=1)) == ["ecole"]


def test_an_answer_in_the_other_language_is_found(store, retriever):
    put(store, **TOWN)
    english = Document("bridge", "/bridge", "The Valmont bridge cost 14.3 million euros.", "en")
    put_document(store, english)
    hits = retriever.retrieve("Combien de millions, 14,3 ou plus, pour Valmont ?", "fr", top_k=1)
    assert names(hits) == ["bridge"]


def test_articles_added_by_another_process_are_found(store, retriever):
    put(store, port=TOWN["port"])
    assert names(retriever.retrieve("stade", "fr")) == ["port"]
    other = Store.open(store.folder)
    put(other, stade=TOWN["stade"])
    other.remove("port")
    other.close()
    assert names(retriever.retrieve("stade", "fr")) == ["stade"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(languages=("fr",)), {"port", "musee", "ecole", "stade"}),
        (Filters(languages=("en",)), {"pier"}),
        (Filters(outlets=("The Pier",)), {"pier"}),
        (Filters(document_ids=("port", "pier")), {"port", "pier"}),
        (Filters(published_from=date(2024, 1, 1), published_to=date(2024, 12, 31)), {"pier"}),
        (Filters(document_ids=("port",), languages=("en",)), set()),
    ],
)
def test_only_what_the_filters_let_through_is_found(store, retriever, filters, expected):
    put(store, **TOWN)
    pier = Document(
        "pier", "/pier", "The pier of Valmont.", "en", outlet="The Pier", published=date(2024, 5, 2)
    )
    put_document(store, pier)
    hits = retriever.retrieve("le port de Valmont", "fr", filters=filters)
    assert set(names(hits)) == expected


def test_a_filter_sees_what_was_added_since_it_was_last_used(store, retriever):
    put(store, port=TOWN["port"])
    only = Filters(outlets=("",), published_to=None)
    assert names(retriever.retrieve("stade", "fr", filters=only)) == ["port"]
    put(store, stade=TOWN["stade"])
    assert names(retriever.retrieve("stade", "fr", filters=only)) == ["stade", "port"]


def test_questions_and_additions_from_several_threads_do_not_wait_for_each_other(store, retriever):
    put(store, **TOWN)
    found = []

    def ask():
        for _ in range(20):
            found.append(names(retriever.retrieve("agrandissement du port", "fr", top_k=1)))

    def add():
        for i in range(20):
            put(store, **{f"d{i}": f"La nouvelle numéro {i}."})
            retriever.refresh()

    threads = [threading.Thread(target=one, daemon=True) for one in (ask, ask, add)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [["port"]] * 40


def test_a_reprint_takes_one_place_and_is_named(store, retriever):
    put(store, **TOWN, depeche=DISPATCH, reprise="VALMONT (Agence) – " + DISPATCH)
    hits = retriever.retrieve("Combien coûtera le tramway de Valmont ?", "fr", top_k=3)
    assert sorted([hits[0].passage.id, *hits[0].copies]) == ["depeche-0000", "reprise-0000"]
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert len(set(names(hits))) == 3


def test_reprints_that_differ_in_a_figure_both_stay_visible(store, retriever):
    put(store, **TOWN, depeche=DISPATCH, autre=DISPATCH.replace("14,3", "15"))
    hits = retriever.retrieve("Combien coûtera le tramway de Valmont ?", "fr", top_k=2)
    assert set(names(hits)) == {"depeche", "autre"}
    assert [hit.copies for hit in hits] == [(), ()]


def test_many_reprints_do_not_crowd_out_the_others(store, retriever):
    reprints = {f"copie{i}": f"({i} Agence) ".replace(str(i), "") + DISPATCH for i in range(12)}
    put(store, **TOWN, **reprints)
    hits = retriever.retrieve("le tramway de Valmont", "fr", top_k=4)
    assert len(hits) == 4
    assert len(hits[0].copies) == 11
