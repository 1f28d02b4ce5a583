"""`python -m eval.embedding_speed`: passages embedded in a second, ours against the library's own.

Both make the same texts in turn, in one process: `SentenceTransformer(folder).encode(texts)` with
all its defaults (batches of 32 in float32, one thread a core), and the embedder that Recoupe uses
on this CPU. What counts is their ratio: the machine may be busy. With `--recall` also what ours
costs in retrieval, by vectors alone, on samples of two sets (see eval/README.md).
"""

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from statistics import median

import numpy as np

from eval.data import load
from eval.timing import columns, seconds
from eval.types import Collection, Question
from rag.chunk import chunk, contextual_text
from rag.config import PROJECT, Settings, physical_cores
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.models import model_path
from rag.types import Document

ARTICLES = ("wikinews_fr_100", "gum_wikinews_en")
QUESTIONS = ("piaf_fr", "squad2_en")
LIBRARY_BATCH = 32
_MATRIX = (1024, 1536, 1536)

Way = Callable[[], np.ndarray]


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast one of the two was. `share` of the limit: above 1 only where it is no float32."""

    passages: float  # a second
    tokens: float  # a second
    share: float


@dataclass(frozen=True, slots=True)
class EmbeddingRates:
    """`ratio`: passages a second, ours to the library's. `limit`: see `arithmetic_limit`."""

    ours: Rate
    library: Rate
    ratio: float
    limit: float


def embedding_rates(
    embedder: Embedder, folder: Path, texts: Sequence[str], repeats: int
) -> EmbeddingRates:
    """Embed `texts` `repeats` times with `embedder` and, in turn, with the library's defaults.

    `folder` is the model's own. The figures are medians over the repeats. The tokens are those
    that the model sees: with the prefix, the special ones, and cut at its limit.
    """
    library, lengths = _library(folder, texts)
    ways: tuple[Way, Way] = (lambda: embedder.encode_passages(texts), library)
    for way in ways:
        way()  # once for what only the first pays for
    times = list(zip(*([seconds(way) for way in ways] for _ in range(repeats)), strict=True))
    limit, operations = arithmetic_limit(), _operations(folder, lengths)
    ours, theirs = (
        Rate(len(texts) / time, sum(lengths) / time, operations / time / limit)
        for time in map(median, times)
    )
    return EmbeddingRates(ours, theirs, ours.passages / theirs.passages, limit)


def table(rates: EmbeddingRates) -> str:
    """The rates as lines of text."""
    rows = [["", "passages/s", "tokens/s", "of the float32 limit"]]
    for name, rate in (("library", rates.library), ("ours", rates.ours)):
        rows.append([name, f"{rate.passages:.1f}", f"{rate.tokens:.0f}", f"{rate.share:.0%}"])
    closing = f"ours to the library {rates.ratio:.2f}; limit {rates.limit / 1e9:.0f} GFLOP/s"
    return f"{columns(rows)}\n{closing}"


def arithmetic_limit(repeats: int = 20) -> float:
    """Float32 operations a second on all cores: of large matrices multiplied, at best."""
    import torch

    rows, inner, width = _MATRIX
    left, right = torch.ones(rows, inner), torch.ones(inner, width)
    before = torch.get_num_threads()
    torch.set_num_threads(physical_cores())
    shortest = min(seconds(lambda: torch.mm(left, right)) for _ in range(repeats))
    torch.set_num_threads(before)
    return 2 * rows * inner * width / shortest


def passages_of(path: Path, embedder: Embedder, size: int) -> list[str]:
    """What a dossier would embed of the articles in a file of JSON lines."""
    texts: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        published = date.fromisoformat(row["date"][:10]) if row.get("date") else None
        document = Document(
            str(number), str(number), row["context"], row["lang"], row["title"], published=published
        )
        texts += _texts(document, embedder, size)
    return texts


def recalls(
    questions: Sequence[Question], asked: np.ndarray, owners: Sequence[str], vectors: np.ndarray
) -> tuple[float, float]:
    """(recall@1, recall@5): is a document that answers the owner of one of the nearest passages?

    `asked`: (questions, dimensions); `vectors`: (passages, dimensions), passage i being of
    document `owners[i]`. A document counts once, by its nearest passage.
    """
    ranks = []
    for question, scores in zip(questions, asked @ vectors.T, strict=True):
        nearest = dict.fromkeys(owners[i] for i in np.argsort(-scores, kind="stable"))
        ranks.append(next(rank for rank, key in enumerate(nearest) if key in question.relevant))
    return sum(rank < 1 for rank in ranks) / len(ranks), sum(rank < 5 for rank in ranks) / len(
        ranks
    )


def _library(folder: Path, texts: Sequence[str]) -> tuple[Callable[[], np.ndarray], Sequence[int]]:
    """The library with its defaults over `texts`, and the tokens of each."""
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    prompt = model.prompts["passage"] or ""
    ids = model.tokenizer([prompt + text for text in texts], truncation=True)["input_ids"]

    def run() -> np.ndarray:
        torch.set_num_threads(physical_cores())  # torch's own default, whatever else was loaded
        vectors: np.ndarray = model.encode(
            list(texts), prompt=prompt, batch_size=LIBRARY_BATCH, show_progress_bar=False
        )
        return vectors

    return run, [len(one) for one in ids]


def _operations(folder: Path, lengths: Sequence[int]) -> float:
    """Additions and multiplications of a BERT over texts of so many tokens, unpadded."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    hidden, layers = config["hidden_size"], config["num_hidden_layers"]
    weights = 4 * hidden**2 + 2 * hidden * config["intermediate_size"]
    return float(sum(layers * (2 * weights * n + 4 * hidden * n**2) for n in lengths))


def _texts(document: Document, embedder: Embedder, size: int) -> list[str]:
    passages = chunk(document, embedder.count_tokens, size)
    return [contextual_text(document, passage) for passage in passages]


def _print_recalls(
    collection: Collection, sample: int, embedders: Mapping[str, Embedder], size: int
) -> None:
    asked = [question for question in collection.questions if question.relevant]
    asked = asked[:: max(1, len(asked) // sample)] if sample else asked
    counter = next(iter(embedders.values()))
    owned = [
        (document.id, text)
        for document in collection.documents.values()
        for text in _texts(document, counter, size)
    ]
    owners, texts = [key for key, _ in owned], [text for _, text in owned]
    passages = {name: one.encode_passages(texts) for name, one in embedders.items()}
    queries = {
        name: np.stack([one.encode_query(question.text) for question in asked])
        for name, one in embedders.items()
    }
    for passage_name, query_name in product(embedders, repeat=2):
        first, fifth = recalls(asked, queries[query_name], owners, passages[passage_name])
        cells = f"{passage_name:9} {query_name:9} {first:.4f}  {fifth:.4f}"
        print(f"{collection.dataset:10} {len(asked):9}  {cells}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m eval.embedding_speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "evaldata", metavar="DIR")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--limit", type=int, default=0, help="passages (default: all)")
    parser.add_argument("--recall", action="store_true", help="also what retrieval finds")
    parser.add_argument("--sample", type=int, default=500, help="questions a set; 0: all")
    options = parser.parse_args(arguments)
    settings = Settings.load()
    folder = model_path(settings.embedder, settings.models)
    embedder = SentenceTransformerEmbedder.load(folder, settings.threads)
    size = settings.passage_tokens
    files = [options.data / f"{name}.jsonl" for name in ARTICLES]
    texts = [text for file in files for text in passages_of(file, embedder, size)]
    if options.limit:
        texts = texts[:: max(1, len(texts) // options.limit)]
    print(f"{len(texts)} passages, {options.repeats} times in turn")
    print(table(embedding_rates(embedder, folder, texts, options.repeats)), flush=True)
    if options.recall:
        exact = SentenceTransformerEmbedder.load(folder, settings.threads, "float32")
        print("set        questions  passages  queries   R@1     R@5")
        for name in QUESTIONS:
            for collection in load(options.data / f"{name}.jsonl"):
                _print_recalls(
                    collection, options.sample, {"float32": exact, "ours": embedder}, size
                )


if __name__ == "__main__":
    main()
