import json
from pathlib import Path

import numpy as np
import pytest

from eval import embedding_speed
from eval.embedding_speed import (
    EmbeddingRates,
    Rate,
    arithmetic_limit,
    embedding_rates,
    passages_of,
    recalls,
    table,
)
from eval.types import Question
from rag.embed import SentenceTransformerEmbedder
from tests.fakes import HashEmbedder
from tests.tiny_models import embedder_entry, lay_out_embedder

TEXTS = ["le pont a rouvert samedi.", "samedi", "le pont a rouvert samedi . " * 100]
# with the prefix and the special tokens; the last is cut at the 40 that the tiny model takes
TOKENS = [2 + 2 + 6, 2 + 2 + 1, 40]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("sources")
    return lay_out_embedder(embedder_entry(sources), sources, sources / "models")


class Clock:
    """Time that passes only where a test says so, and what was done, in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self.done: list[str] = []

    def spend(self, name: str, seconds: float) -> np.ndarray:
        self.now += seconds
        self.done.append(name)
        return np.zeros((len(TEXTS), 64))


class Slow(HashEmbedder):
    def __init__(self, clock: Clock, seconds: list[float]) -> None:
        self.clock, self.left = clock, iter(seconds)

    def encode_passages(self, texts: list[str]) -> np.ndarray:
        assert texts == TEXTS
        return self.clock.spend("ours", next(self.left))


def test_the_ratio_is_of_medians_of_runs_made_in_turn(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, left = Clock(), iter([9.0, 5.0, 50.0, 6.0])
    library = (lambda: clock.spend("library", next(left)), TOKENS)
    monkeypatch.setattr("eval.timing.time.perf_counter", lambda: clock.now)
    monkeypatch.setattr(embedding_speed, "_library", lambda folder, texts: library)
    monkeypatch.setattr(embedding_speed, "arithmetic_limit", lambda: 1e6)
    rates = embedding_rates(Slow(clock, [9.0, 2.0, 1.0, 30.0]), folder, TEXTS, 3)
    assert clock.done == ["ours", "library"] * 4
    assert rates.ratio == 6.0 / 2.0
    assert (rates.ours.passages, rates.library.passages) == (3 / 2, 3 / 6)
    assert (rates.ours.tokens, rates.library.tokens) == (55 / 2, 55 / 6)
    # two layers: 4 matrices of 64 × 64 and 2 of 64 × 128 for each token, and its attention
    operations = sum(2 * (2 * (4 * 64**2 + 2 * 64 * 128) * n + 4 * 64 * n**2) for n in TOKENS)
    assert rates.ours.share == operations / 2 / 1e6
    assert rates.library.share == operations / 6 / 1e6


def test_the_library_embeds_the_same_texts_as_recoupe_with_its_own_defaults(folder: Path) -> None:
    library, lengths = embedding_speed._library(folder, TEXTS)
    ours = SentenceTransformerEmbedder.load(folder, dtype="float32")
    np.testing.assert_allclose(library(), ours.encode_passages(TEXTS), atol=1e-5)
    assert list(lengths) == TOKENS


def test_the_limit_is_what_was_multiplied_in_the_shortest_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter([0.5, 0.25, 4.0])
    monkeypatch.setattr(embedding_speed, "seconds", lambda call: next(times))
    assert arithmetic_limit(3) == 2 * 1024 * 1536 * 1536 / 0.25


def test_articles_are_embedded_as_a_dossier_would(tmp_path: Path) -> None:
    rows = [
        {"context": "Le pont rouvre.", "lang": "fr", "title": "Pont", "date": "2012-05-22"},
        {"context": "It rains.", "lang": "en", "title": ""},
    ]
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert passages_of(path, HashEmbedder(), 200) == [
        "Pont\n2012-05-22\nLe pont rouvre.",
        "It rains.",
    ]


def test_an_article_counts_once_however_many_of_its_passages_are_near() -> None:
    owners = [*"aaaaaabcdef", "g"]
    vectors = np.array([[1 - i / 100, 0.0] for i in range(len(owners))])

    def question(answer: str) -> Question:
        return Question(
            id=answer, text="?", language="fr", kind="fact", relevant={answer: 1, "absent": 1}
        )

    questions = [question(answer) for answer in "aebf"]
    asked = np.ones((4, 2))
    assert recalls(questions, asked, owners, vectors) == (1 / 4, 3 / 4)
    assert recalls([question("g")], asked[:1], owners, -vectors) == (1.0, 1.0)


def test_the_table_tells_both_rates_and_their_ratio() -> None:
    rates = EmbeddingRates(Rate(20.04, 4000.4, 1.071), Rate(10.02, 2000.2, 0.535), 2.0, 1.8e11)
    assert table(rates).splitlines() == [
        "         passages/s  tokens/s  of the float32 limit",
        "library        10.0      2000                   54%",
        "ours           20.0      4000                  107%",
        "ours to the library 2.00; limit 180 GFLOP/s",
    ]
