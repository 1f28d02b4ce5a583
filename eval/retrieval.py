"""`python -m eval.retrieval`: is the article that answers found among all others?

Two kinds of dossier for each set in a folder (see eval/README.md): one that holds the set alone,
and one that holds all sets in both languages. Every question goes through the retriever that
Recoupe itself uses. It is asked once for each language that has its answer: in the first dossier
over the articles in that language only; in the second over all but the translation of the
answer, so that a cross-lingual question has to win against every article in its own language.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from eval.data import load
from eval.dossiers import dossier_of
from eval.metrics import retrieval
from eval.systems.parts import filters, found
from eval.trec import by_document
from eval.types import Collection, Question
from rag.config import PROJECT, Settings
from rag.dossier import Dossier
from rag.embed import SentenceTransformerEmbedder
from rag.models import model_path
from rag.types import Filters, Language

SETS = ("piaf_fr", "squad2_en", "covidfaq_bilingual", "ntrex_headline_xling")
DEPTH = 10
SHOWN = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")


def report(
    title: str,
    collection: Collection,
    dossier: Dossier,
    sample: int,
    filters_for: Callable[[Question, Language], Filters],
) -> None:
    """Print one line for each direction in which the collection is asked."""
    directions: dict[tuple[Language, Language], list[Question]] = {}
    for question in collection.questions:
        for key in question.relevant:
            target = collection.documents[key].language
            directions.setdefault((question.language, target), []).append(question)
    for (language, target), asked in sorted(directions.items()):
        asked = asked[:: max(1, len(asked) // sample)] if sample else asked
        started = time.perf_counter()
        run = {
            question.id: by_document(
                [
                    found(hit)
                    for hit in dossier.retriever.retrieve(
                        question.text, language, DEPTH, filters_for(question, target)
                    )
                ]
            )
            for question in asked
        }
        seconds = (time.perf_counter() - started) / len(asked)
        scores = retrieval(run, {question.id: dict(question.relevant) for question in asked})
        means = (sum(one[name] for one in scores.values()) / len(scores) for name in SHOWN)
        name = f"{collection.dataset.split('_')[0]} {language}→{target}"
        figures = "  ".join(f"{mean:.3f}" for mean in means)
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
    settings, cache = Settings.load(), PROJECT / "eval" / "runs" / "cache"
    folder = model_path(settings.embedder, settings.models)
    embedder = SentenceTransformerEmbedder.load(folder, settings.threads)
    collections = [one for name in SETS for one in load(options.data / f"{name}.jsonl")]
    documents = {key: one for each in collections for key, one in each.documents.items()}
    everything = Collection("all", documents, ())

    print("dossier  questions           n   R@1    R@5    R@10   MRR    nDCG    ms a question")
    for collection in collections:
        with dossier_of(collection, settings, embedder, cache) as dossier:
            report(
                "one set",
                collection,
                dossier,
                options.sample,
                lambda question, target: Filters(languages=(target,)),
            )
    with dossier_of(everything, settings, embedder, cache) as dossier:
        for collection in collections:
            report(
                "all sets",
                collection,
                dossier,
                options.sample,
                lambda question, target, within=dossier: filters(question, within),  # type: ignore[misc]
            )


if __name__ == "__main__":
    main()
