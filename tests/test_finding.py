"""What a journalist loses if it fails: the one passage in which the person asked for speaks."""

from pathlib import Path

import pytest

from rag.chunk import chunk, contextual_text
from rag.config import Settings
from rag.finding import Finder
from rag.retrieve import Retriever
from rag.store import Store
from rag.types import Document, Hit
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder()
ARTICLES = {
    "quai": "Le port de Valmont fermera le quai nord. Le port de Valmont le dit au conseil.",
    "maire": "« Nous n'avons pas été prévenus », a déclaré la maire de Valmont sur le port.",
    "budget": "Le port de Valmont coûtera 14 millions d'euros, et le quai nord fermera.",
    "visite": "Le préfet a visité hier l'écluse avec Odile Garrec, qui n'a rien voulu dire.",
    "grève": "« Personne ne sera muté », a assuré Odile Garrec, qui dirige la capitainerie.",
}


@pytest.fixture
def retriever(tmp_path: Path):
    store = Store.open(tmp_path / "dossier")
    for name, text in ARTICLES.items():
        document = Document(name, f"/{name}", text, "fr")
        passages = chunk(document, EMBEDDER.count_tokens)
        vectors = EMBEDDER.encode_passages([contextual_text(document, p) for p in passages])
        store.put(document, name, passages, vectors)
    yield Retriever(store, EMBEDDER, Settings())
    store.close()


def found(retriever: Retriever, question: str, *parts: str, wanted: int = 2) -> list[Hit]:
    return Finder(retriever, EMBEDDER, "fr").passages(question, parts or [question], wanted)


def names(hits: list[Hit]) -> list[str]:
    return [hit.document.id for hit in hits]


ASKED = "Que dit Odile Garrec de la fermeture du quai nord du port de Valmont ?"


def test_a_passage_in_which_the_one_who_is_asked_for_speaks_comes_first(retriever) -> None:
    assert "grève" not in names(retriever.retrieve(ASKED, "fr", 2))
    hits = found(retriever, ASKED)
    assert [(hit.document.id, hit.rank) for hit in hits] == [("grève", 1), (hits[1].document.id, 2)]
    assert "visite" not in names(hits)  # she is named there, and says nothing


def test_who_is_only_named_in_a_question_changes_nothing(retriever) -> None:
    question = "Qui a visité le port de Valmont avec Odile Garrec ?"
    assert found(retriever, question) == retriever.retrieve(question, "fr", 2)


def test_each_part_of_a_question_has_its_best_passages_first(retriever) -> None:
    parts = ["Combien coûtera le port de Valmont ?", "Qui a visité l'écluse ?"]
    best = [retriever.retrieve(part, "fr", 1)[0].document.id for part in parts]
    hits = found(retriever, " ".join(parts), *parts)
    assert names(hits)[:2] == best == ["quai", "visite"]
    assert [hit.rank for hit in hits] == [
        1,
        2,
        3,
    ]  # of four at most: one is the best of a part and of the whole
