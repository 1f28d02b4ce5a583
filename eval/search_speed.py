"""`python -m eval.search_speed`: how long it takes from a question to its passages, by size.

The dossiers are made up: words drawn as Zipf has it from invented French and English
vocabularies, vectors around topics and apart by language. They have the sizes and the frequent
words of real ones, which is what time depends on; what retrieval finds is measured by
`eval.retrieval`. The embedder is left out: its time does not depend on the dossier.
"""

import argparse
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil

from rag.config import Settings, go_offline
from rag.index import EXACT_UP_TO, Index, Selection
from rag.retrieve import Retriever
from rag.store import Item, Store
from rag.types import LANGUAGES, Document, Language, Passage

SIZES = (1_000, 10_000, 100_000)
QUESTIONS = 60
ADDED = 5  # articles, one after another, each with a question after it
DIMENSIONS = 384
ARTICLE = 10  # passages
PASSAGE_WORDS, QUESTION_WORDS = 100, 10
VOCABULARY, TOPICS = 30_000, 1_000
_BATCH = 200  # articles a transaction
# Cosines as multilingual-e5-small has them: some 0.75 in one language, 0.9 within a topic.
_LANGUAGE, _TOPIC, _NOISE = 1.2, 0.5, 0.5
_SYLLABLES: dict[Language, str] = {
    "fr": "ba be bou ca ce chi co da dé di fa fe gne ja jou la le leu li ma mé mon na nou pa pè "
    "pi que ra re ri ro sa si sou ta té ti tion va ve vi",
    "en": "ba be bow ca ck chi co da de dy fa fer go ja joy la le ly li ma me mon na no pa pe pi "
    "qu ra re ri ro sa sh so ta th ti ing va ve wi",
}

_HEADINGS: tuple[str, ...] = (
    "passages", "ms", "p95 ms", "processor ms", "after an addition ms",
    "index built s", "opened s", "memory MiB", "KiB per 1,000", "recall@50",
)  # fmt: skip

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class SearchRate:
    """What a dossier of so many passages costs; seconds are of this machine, as busy as it was.

    `median_ms` and `p95_ms` are from a question to its hits, `processor_ms` is the median of the
    processor time it took, which other programs disturb less. `memory_mib` is what opening the
    dossier and asking adds to the process. `recall` is the share of the exact index's passages
    that the dossier's own index finds; None where that is exact.
    """

    passages: int
    median_ms: float
    p95_ms: float
    processor_ms: float
    after_added_ms: float
    index_build_s: float
    open_s: float
    memory_mib: float
    bytes_per_1000: int
    recall: float | None


class MadeUpEmbedder:
    """An Embedder that knows the vectors of the questions it will be asked."""

    fingerprint = "made-up"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.known: dict[str, np.ndarray] = {}

    def encode_query(self, text: str) -> np.ndarray:
        """(384,) float32, unit length. Raises KeyError for a question that is not known."""
        return self.known[text]

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """The same for several."""
        return np.stack([self.known[text] for text in texts])

    def count_tokens(self, text: str) -> int:
        """Words."""
        return len(text.split())


def search_rates(
    sizes: Sequence[int] = SIZES,
    questions: int = QUESTIONS,
    folder: Path | None = None,
    exact_up_to: int = EXACT_UP_TO,
) -> list[SearchRate]:
    """Measure dossiers of so many passages (rounded up to whole articles), one after another.

    They are made in `folder` and left there to be used again, or in one that is thrown away.
    Each is opened in a process of its own, so that memory is its own.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as temporary:
            return search_rates(sizes, questions, Path(temporary), exact_up_to)
    return [_apart(_measured, folder / str(size), size, questions, exact_up_to) for size in sizes]


def _apart(call: Callable[..., Result], *arguments: object) -> Result:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        result: Result = pool.submit(call, *arguments).result()
    return result


def _measured(folder: Path, size: int, questions: int, exact_up_to: int) -> SearchRate:
    build = _apart(_made, folder, size, exact_up_to)
    go_offline()
    process = psutil.Process()
    before = process.memory_info().rss
    store, embedder = Store.open(folder), MadeUpEmbedder()
    retriever = Retriever(store, embedder, Settings(), exact_up_to)
    opened = _seconds(retriever.refresh)
    asked = list(_questions(store, embedder, questions))
    both = [_milliseconds(retriever.retrieve, *one) for one in asked]
    times = sorted(one for one, _ in both)
    memory = (process.memory_info().rss - before) / 2**20
    recall = _recall(store, exact_up_to, embedder)
    on_disk = sum(path.stat().st_size for path in folder.iterdir())
    passages, added = len(store.passage_ids()), []
    for number in range(ADDED):
        store.put_many([_article(f"added{number}", number)])
        added.append(_milliseconds(retriever.retrieve, *asked[number % len(asked)])[0])
    for number in range(ADDED):
        store.remove(f"added{number}")
    store.close()
    return SearchRate(
        passages=passages,
        median_ms=statistics.median(times),
        p95_ms=times[int(0.95 * len(times))],
        processor_ms=statistics.median(one for _, one in both),
        after_added_ms=statistics.median(added),
        index_build_s=build,
        open_s=opened,
        memory_mib=memory,
        bytes_per_1000=on_disk * 1000 // passages,
        recall=recall,
    )


def _made(folder: Path, size: int, exact_up_to: int) -> float:
    """Make the dossier, or what lacks of it; the seconds that its index took."""
    store = Store.open(folder)
    there = len(store.entries())
    wanted = -(-size // ARTICLE)
    for start in range(there, wanted, _BATCH):
        numbers = range(start, min(start + _BATCH, wanted))
        store.put_many([_article(f"a{number}", number) for number in numbers])
    for file in folder.glob("passages.*"):
        file.unlink()
    seconds = _seconds(Index.open, store, exact_up_to)
    store.close()
    return seconds


def _article(name: str, number: int) -> Item:
    random = np.random.default_rng(number)
    language = LANGUAGES[number % 2]
    texts = [" ".join(_vocabulary(language)[_zipf(random, PASSAGE_WORDS)]) for _ in range(ARTICLE)]
    passages, start = [], 0
    for i, text in enumerate(texts):
        end = start + len(text)
        passages.append(Passage(f"{name}-{i:04}", name, start, end, text, i + 1))
        start = end + 1
    document = Document(
        name, f"/{name}", "\n".join(texts), language, outlet=f"outlet {number % 20}"
    )
    return Item(document, passages, _vectors(random, language))


@cache
def _vocabulary(language: Language) -> np.ndarray:
    """Invented words, the most frequent first; no two are alike."""
    random = np.random.default_rng(LANGUAGES.index(language))
    syllables = _SYLLABLES[language].split()
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found["".join(random.choice(syllables, random.integers(2, 5)))] = None
    return np.array(list(found))


def _zipf(random: np.random.Generator, count: int) -> np.ndarray:
    """Ranks of words: the n-th is drawn 1/n as often as the first."""
    ranks = np.exp(random.random(count) * np.log(VOCABULARY + 1)) - 1
    return np.asarray(ranks.astype(np.int64).clip(0, VOCABULARY - 1))


@cache
def _directions() -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors of the languages and of the topics."""
    random = np.random.default_rng(0)
    languages, topics = (random.normal(size=(n, DIMENSIONS)) for n in (len(LANGUAGES), TOPICS))
    return _unit(languages), _unit(topics)


def _vectors(random: np.random.Generator, language: Language) -> np.ndarray:
    languages, topics = _directions()
    mean = _LANGUAGE * languages[LANGUAGES.index(language)]
    topic = _TOPIC * topics[random.integers(TOPICS, size=ARTICLE)]
    return _unit(mean + topic + _noise(random, ARTICLE))


def _noise(random: np.random.Generator, count: int) -> np.ndarray:
    return np.asarray(random.normal(0, _NOISE / DIMENSIONS**0.5, (count, DIMENSIONS)))


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


def _questions(
    store: Store, embedder: MadeUpEmbedder, count: int
) -> Iterator[tuple[str, Language]]:
    """Words of a passage drawn at random, and a vector near its own."""
    random = np.random.default_rng(1)
    for number in random.choice(
        np.concatenate([store.numbers_in(one) for one in LANGUAGES]), count
    ):
        (passage,) = store.passages([store.ids([int(number)])[int(number)]])
        first = random.integers(PASSAGE_WORDS - QUESTION_WORDS)
        question = " ".join(passage.text.split()[first : first + QUESTION_WORDS])
        vector = store.vectors_of([int(number)])[1].astype(np.float32)
        embedder.known[question] = _unit(vector + 0.5 * _noise(random, 1))[0]
        yield question, store.document(passage.document_id).language


def _recall(store: Store, exact_up_to: int, embedder: MadeUpEmbedder) -> float | None:
    """Of the passages that an exact search finds, how many the index does."""
    index, k, shares = Index.open(store, exact_up_to), Settings().candidate_k, []
    if index.is_exact:
        return None
    for language in LANGUAGES:
        everything = Selection.of(store.numbers_in(language))
        for vector in embedder.known.values():
            exact = {one for one, _ in index.search(vector, language, k, everything)}
            found = {one for one, _ in index.search(vector, language, k)}
            shares.append(len(exact & found) / len(exact))
    return statistics.mean(shares)


def _seconds(call: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started


def _milliseconds(call: Callable[..., object], *arguments: object) -> tuple[float, float]:
    """By the clock, and of processor time."""
    processor = time.process_time()
    return 1000 * _seconds(call, *arguments), 1000 * (time.process_time() - processor)


def table(rates: Sequence[SearchRate]) -> str:
    """The measurements as lines of text, a line a size."""
    rows = [_HEADINGS]
    for one in rates:
        times = (one.median_ms, one.p95_ms, one.processor_ms, one.after_added_ms)
        rows.append(
            (
                f"{one.passages:,}",
                *(f"{milliseconds:.1f}" for milliseconds in times),
                f"{one.index_build_s:.2f}",
                f"{one.open_s:.2f}",
                f"{one.memory_mib:.0f}",
                f"{one.bytes_per_1000 / 1024:.0f}",
                "exact" if one.recall is None else f"{one.recall:.4f}",
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m eval.search_speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="passages, with commas")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--folder", type=Path, metavar="DIR", help="keep the dossiers here")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")]
    print(table(search_rates(sizes, options.questions, options.folder)))


if __name__ == "__main__":
    main()
