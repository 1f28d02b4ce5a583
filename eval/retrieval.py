"""`python -m eval.retrieval`: does retrieval find the article that answers, in both languages?

Reads public sets from a folder (see eval/README.md) and prints recall at 1, 5 and 10 for each.
Every question goes through the retriever that Recoupe itself uses, over two kinds of dossier:
one that holds a single set in a single language, and one that holds all sets in both. There, a
cross-lingual question has to find the article in the other language among all the articles in
its own; the translation of the answer is filtered out.
"""

import argparse
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rag.chunk import chunk, contextual_text
from rag.config import PROJECT, Settings
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.models import model_path
from rag.retrieve import Retriever
from rag.store import Store
from rag.types import LANGUAGES, Document, Filters, Hit, Language

DEPTHS = (1, 5, 10)


class Question(NamedTuple):
    """`answer` and `translation` are ids of documents; the latter is empty if there is none."""

    text: str
    language: Language
    answer: str
    translation: str = ""


@dataclass(frozen=True)
class Collection:
    """The documents of one set in one language, and the questions that they answer."""

    name: str
    documents: dict[str, Document] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def add(self, text: str, language: Language) -> str:
        """Add a document once; its id."""
        document_id = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.documents[document_id] = Document(document_id, document_id, text, language)
        return document_id


class Remembering:
    """An embedder that encodes each question once, though it is asked of two dossiers."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._queries: dict[str, np.ndarray] = {}
        self.fingerprint = embedder.fingerprint
        self.dimensions = embedder.dimensions
        self.encode_passages = embedder.encode_passages
        self.count_tokens = embedder.count_tokens

    def encode_query(self, text: str) -> np.ndarray:
        if text not in self._queries:
            self._queries[text] = self._embedder.encode_query(text)
        return self._queries[text]


def read_rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def one_language(name: str, rows: Iterable[dict[str, Any]]) -> Collection:
    """Questions over paragraphs in the same language."""
    collection = Collection(name)
    for row in rows:
        answer = collection.add(row["context"], row["lang"])
        collection.questions.append(Question(row["question"], row["lang"], answer))
    return collection


def bilingual_answers(name: str, rows: Iterable[dict[str, Any]]) -> list[Collection]:
    """Questions whose answer exists in French, in English, or in both."""
    collections = {language: Collection(f"{name} {language}") for language in LANGUAGES}
    for row in rows:
        texts = {language: row[f"context_{language}"] for language in LANGUAGES}
        ids = {one: collections[one].add(text, one) for one, text in texts.items() if text}
        for language, answer in ids.items():
            translation = next((ids[one] for one in ids if one != language), "")
            question = Question(row["question"], row["lang"], answer, translation)
            collections[language].questions.append(question)
    return list(collections.values())


def headlines(name: str, rows: Sequence[dict[str, Any]]) -> list[Collection]:
    """Headlines whose article exists in both languages."""
    collections = {language: Collection(f"{name} {language}") for language in LANGUAGES}
    ids: dict[str, dict[Language, str]] = {}
    for row in rows:
        language: Language = row["doc_lang"][:2]
        # one paragraph a line
        text = row["context"].replace("\n", "\n\n")
        ids.setdefault(row["doc"], {})[language] = collections[language].add(text, language)
    for row in rows:
        answers = ids[row["doc"]]
        language = row["doc_lang"][:2]
        translation = next((answers[one] for one in answers if one != language), "")
        question = Question(row["question"], row["lang"], answers[language], translation)
        collections[language].questions.append(question)
    return list(collections.values())


def load_collections(folder: Path) -> list[Collection]:
    """All sets of `folder`."""
    rows = {
        name: read_rows(folder / f"{name}.jsonl")
        for name in ("piaf_fr", "squad2_en", "covidfaq_bilingual", "ntrex_headline_xling")
    }
    return [
        one_language("piaf fr", rows["piaf_fr"]),
        one_language("squad en", rows["squad2_en"]),
        *bilingual_answers("covidfaq", rows["covidfaq_bilingual"]),
        *headlines("ntrex", rows["ntrex_headline_xling"]),
    ]


def make_dossier(
    folder: Path, documents: Iterable[Document], embedder: Embedder, settings: Settings
) -> Store:
    store = Store.open(folder)
    for document in documents:
        passages = chunk(document, embedder.count_tokens, settings.passage_tokens)
        texts = [contextual_text(document, passage) for passage in passages]
        store.put(document, document.id, passages, embedder.encode_passages(texts))
    return store


def found_at(hits: Sequence[Hit], answer: str) -> int | None:
    """The rank of the first hit in the document `answer` or in a copy of it."""
    for hit in hits:
        copied_from = {copy.rpartition("-")[0] for copy in hit.copies}
        if answer in {hit.document.id, *copied_from}:
            return hit.rank
    return None


def recall(ranks: Sequence[int | None], depth: int) -> float:
    return sum(rank is not None and rank <= depth for rank in ranks) / len(ranks)


def report(
    title: str,
    collection: Collection,
    retriever: Retriever,
    sample: int,
    filters_for: Callable[[Question], Filters],
) -> None:
    """Print one line for each language in which the collection is asked."""
    for language in LANGUAGES:
        asked = [question for question in collection.questions if question.language == language]
        asked = asked[:: max(1, len(asked) // sample)] if sample else asked
        if not asked:
            continue
        started = time.perf_counter()
        ranks = [
            found_at(
                retriever.retrieve(one.text, language, max(DEPTHS), filters_for(one)), one.answer
            )
            for one in asked
        ]
        seconds = (time.perf_counter() - started) / len(asked)
        target = next(iter(collection.documents.values())).language
        name = f"{collection.name.split()[0]} {language}→{target}"
        figures = "  ".join(f"{recall(ranks, depth):.3f}" for depth in DEPTHS)
        print(f"{title:8} {name:15} {len(asked):5}   {figures}   {1000 * seconds:6.1f}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m eval.retrieval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "evaldata", metavar="DIR")
    parser.add_argument("--sample", type=int, default=0, help="questions a line (default: all)")
    options = parser.parse_args(arguments)
    settings = Settings.load()
    folder = model_path(settings.embedder, settings.models)
    embedder = Remembering(SentenceTransformerEmbedder.load(folder, settings.threads))
    collections = load_collections(options.data)
    every = {key: one for each in collections for key, one in each.documents.items()}

    def without_translation(question: Question) -> Filters:
        return Filters(document_ids=tuple(every.keys() - {question.translation}))

    print("dossier  questions           n   R@1    R@5    R@10   ms a question, encoding included")
    with tempfile.TemporaryDirectory() as temporary:
        for number, collection in enumerate(collections):
            documents = collection.documents.values()
            store = make_dossier(Path(temporary, str(number)), documents, embedder, settings)
            retriever = Retriever(store, embedder, settings)
            report("one set", collection, retriever, options.sample, lambda question: Filters())
            store.close()
        store = make_dossier(Path(temporary, "all"), every.values(), embedder, settings)
        retriever = Retriever(store, embedder, settings)
        for collection in collections:
            report("all sets", collection, retriever, options.sample, without_translation)
        store.close()


if __name__ == "__main__":
    main()
