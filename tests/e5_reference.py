"""Reference vectors of multilingual-e5-small, computed in NumPy straight from the 4-bit file.

Written apart from `rag.models.e5_file` and from any neural network library, so that a mistake in
the unpacking, the prefixes, the pooling or the attention shows as a difference. To make
`data/e5_reference.json` again:

    python tests/e5_reference.py e5-small-q4.bin tokenizer.json
"""

import json
import math
import struct
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

REFERENCE = Path(__file__).parent / "data" / "e5_reference.json"
QUERIES = [
    "Qui a rouvert la passerelle du vieux moulin ?",
    "When does the night ferry leave?",
]
PASSAGES = [
    "La passerelle du vieux moulin a rouvert samedi, après onze mois de travaux.",
    "Le budget de l’école de musique passe de 84 000 à 91 500 euros.",
    "The night ferry leaves at 23:40, except on Sundays.",
    "Volunteers counted 312 storks along the estuary in March.",
]

_erf = np.vectorize(math.erf, otypes=[np.float64])


class Weights:
    """The tensors of the file by name, each unpacked when asked for."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.hidden, self.layers, self.heads = struct.unpack_from("<3i", raw, 8)
        (self.epsilon,) = struct.unpack_from("<f", raw, 36)
        at = 44
        (pieces,) = struct.unpack_from("<i", raw, at)
        (text,) = struct.unpack_from("<Q", raw, at + 20)
        at += 28 + 4 * (pieces + 1) + 4 * pieces + text
        (normalisation,) = struct.unpack_from("<I", raw, at + 4)
        at += 8 + normalisation
        (count,) = struct.unpack_from("<i", raw, at)
        at += 4
        self.table: dict[str, tuple[int, int, int]] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", raw, at)
            name = raw[at + 2 : at + 2 + length].decode()
            kind, size, offset, _ = struct.unpack_from("<BIQQ", raw, at + 2 + length)
            self.table[name] = (kind, size, offset)
            at += 2 + length + 21

    def matrix(self, name: str, columns: int) -> np.ndarray:
        return self.vector(name).reshape(-1, columns)

    def vector(self, name: str) -> np.ndarray:
        kind, size, offset = self.table[name]
        if kind == 0:
            return np.frombuffer(self.raw, "<f4", size, offset).astype(np.float64)
        return self.quantised(offset, size)

    def rows(self, name: str, ids: list[int]) -> np.ndarray:
        """Some rows of the word embeddings, which are too many to unpack whole."""
        _, _, offset = self.table[name]
        size = self.hidden // 32 * 18
        return np.stack([self.quantised(offset + i * size, self.hidden) for i in ids])

    def quantised(self, offset: int, size: int) -> np.ndarray:
        out = np.empty(size)
        for block in range(size // 32):
            at = offset + block * 18
            (scale,) = struct.unpack_from("<e", self.raw, at)
            codes = np.frombuffer(self.raw, np.uint8, 16, at + 2).astype(np.int64)
            out[block * 32 : block * 32 + 16] = (codes % 16 - 8) * scale
            out[block * 32 + 16 : block * 32 + 32] = (codes // 16 - 8) * scale
        return out


def encode(weights: Weights, ids: list[int]) -> np.ndarray:
    """The unit vector of one text: BERT (Devlin et al., 2019), mean over its tokens."""

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        x = x - x.mean(axis=1, keepdims=True)
        x = x / np.sqrt((x**2).mean(axis=1, keepdims=True) + weights.epsilon)
        return x * weights.vector(f"{name}.w") + weights.vector(f"{name}.b")

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ weights.matrix(f"{name}.w", x.shape[1]).T + weights.vector(f"{name}.b")

    positions = weights.matrix("emb.pos", weights.hidden)[: len(ids)]
    x = weights.rows("emb.word", ids) + positions + weights.matrix("emb.type", weights.hidden)[0]
    x = norm(x, "emb.ln")
    width = weights.hidden // weights.heads
    for layer in range(weights.layers):
        q, k, v = (linear(x, f"l{layer}.{name}") for name in "qkv")
        mixed = np.empty_like(x)
        for head in range(weights.heads):
            part = slice(head * width, (head + 1) * width)
            scores = q[:, part] @ k[:, part].T / math.sqrt(width)
            weight = np.exp(scores - scores.max(axis=1, keepdims=True))
            mixed[:, part] = weight / weight.sum(axis=1, keepdims=True) @ v[:, part]
        x = norm(x + linear(mixed, f"l{layer}.ao"), f"l{layer}.aln")
        inner = linear(x, f"l{layer}.fi")
        inner = inner * (1 + _erf(inner / math.sqrt(2))) / 2
        x = norm(x + linear(inner, f"l{layer}.fo"), f"l{layer}.oln")
    pooled = x.mean(axis=0)
    return pooled / np.linalg.norm(pooled)


def reference(
    weights_file: Path, tokenizer_file: Path, queries: list[str], passages: list[str]
) -> dict[str, list[dict]]:
    """`{kind: [{text, ids, vector}]}`."""
    weights = Weights(weights_file.read_bytes())
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def entries(prefix: str, texts: list[str]) -> list[dict]:
        ids = [tokenizer.encode(prefix + text).ids for text in texts]
        return [
            {"text": text, "ids": i, "vector": [round(float(x), 6) for x in encode(weights, i)]}
            for text, i in zip(texts, ids, strict=True)
        ]

    return {"queries": entries("query: ", queries), "passages": entries("passage: ", passages)}


if __name__ == "__main__":
    made = reference(Path(sys.argv[1]), Path(sys.argv[2]), QUERIES, PASSAGES)
    REFERENCE.write_text(json.dumps(made, ensure_ascii=False) + "\n", encoding="utf-8")
