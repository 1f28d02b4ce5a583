"""Text to vectors: sentence-transformers over a verified local folder, on the CPU.

`rag.encoder`, which loads torch, is imported in `load`: importing this module costs nothing.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from rag.config import go_offline, physical_cores
from rag.errors import ModelError

if TYPE_CHECKING:
    from rag.encoder import Int8Encoder, LibraryEncoder

Dtype = Literal["float32", "bfloat16", "int8"]

_LIBRARY_CONFIG = "config_sentence_transformers.json"
_WEIGHTS, _TOKENIZER = "model.safetensors", "tokenizer.json"


class Embedder(Protocol):
    """What turns texts into vectors; a query and a passage about one thing come out near."""

    fingerprint: str  # changes whenever vectors would
    dimensions: int

    def encode_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32, unit length."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32, unit length; n may be 0."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` alone: no prefix, no special tokens, no limit."""
        ...


class SentenceTransformerEmbedder:
    """An Embedder for any thread; a question never waits for all the passages of others."""

    def __init__(self, encoder: "LibraryEncoder | Int8Encoder", folder: Path, dtype: Dtype) -> None:
        self._encoder = encoder
        self._prompts: dict[str, str] = _read(folder, _LIBRARY_CONFIG)["prompts"]
        self.fingerprint = _fingerprint(folder, dtype)
        self.dimensions = encoder.dimensions

    @classmethod
    def load(
        cls, folder: Path, threads: int = 0, dtype: Dtype | None = None
    ) -> "SentenceTransformerEmbedder":
        """Load a folder that `models.model_path` has verified.

        `threads` 0 means one per physical core. `dtype` None means what is fastest on this CPU.
        Nothing is looked up anywhere. Raises ModelError.
        """
        go_offline()
        try:
            dtype = dtype or fastest_dtype(cpu_flags(), _read(folder, "config.json")["model_type"])
            encoder = _load_encoder(folder, threads or physical_cores(), dtype)
            return cls(encoder, folder, dtype)
        except Exception as error:  # torch, transformers and the files raise all sorts
            detail = str(error).partition("\n")[0] or type(error).__name__
            raise ModelError("embed.load", path=folder, detail=detail) from error

    def encode_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32, unit length. Beyond 512 tokens the text is cut."""
        return _unit(self._encoder.encode_one(self._prompts["query"] + text))

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32, unit length. Beyond 512 tokens a text is cut."""
        return _unit(self._encoder.encode([self._prompts["passage"] + text for text in texts]))

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` alone: no prefix, no special tokens, no limit."""
        return self._encoder.count_tokens(text)


def cpu_flags() -> frozenset[str]:
    """The instruction sets of this CPU as Linux names them; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


def fastest_dtype(flags: frozenset[str], model_type: str) -> Dtype:
    """What a CPU with these flags makes vectors with soonest, among what loses no retrieval.

    8-bit integers where AVX2 or more multiplies them, for BERT, with which their retrieval was
    measured (see eval/README.md); with AVX-512 they are half again as fast as bfloat16. Else
    bfloat16 where the CPU multiplies it itself, above all in matrix units of its own: without,
    it is emulated, and many times slower.
    """
    if "amx_bf16" in flags:
        return "bfloat16"
    if "avx2" in flags and model_type == "bert":
        return "int8"
    return "bfloat16" if "avx512_bf16" in flags else "float32"


def _load_encoder(folder: Path, threads: int, dtype: Dtype) -> "LibraryEncoder | Int8Encoder":
    from rag.encoder import Int8Encoder, LibraryEncoder, load_model

    if dtype == "int8":
        return Int8Encoder(load_model(folder, threads, "float32"), threads)
    return LibraryEncoder(load_model(folder, threads, dtype))


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Again after the model has, since bfloat16 leaves lengths off by a hundredth."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def _fingerprint(folder: Path, dtype: Dtype) -> str:
    """Hash of all that vectors depend on: weights, tokenizer, prompts, pooling, limit, type."""
    hashes = _read(folder, "manifest.json")["sha256"]
    parts = [
        hashes[_WEIGHTS],
        hashes[_TOKENIZER],
        _read(folder, _LIBRARY_CONFIG)["prompts"],
        _read(folder, "1_Pooling/config.json"),
        _read(folder, "sentence_bert_config.json")["max_seq_length"],
        dtype,
    ]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))
