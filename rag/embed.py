"""Text to vectors: sentence-transformers over a verified local folder, on the CPU.

The only module that loads torch, and it does so in `load`: importing this one costs nothing.
"""

import json
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from rag.config import go_offline, physical_cores
from rag.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Dtype = Literal["float32", "bfloat16"]

_BATCH = 8
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
    """An Embedder for any thread: one batch at a time under a lock, so that a question asked
    while articles are being added waits for a batch and not for all of them.
    """

    def __init__(self, model: "SentenceTransformer", fingerprint: str) -> None:
        self._model = model
        self._tokenizer = model.tokenizer.backend_tokenizer
        self._lock = threading.Lock()
        self.fingerprint = fingerprint
        self.dimensions = int(model.get_embedding_dimension() or 0)

    @classmethod
    def load(
        cls, folder: Path, threads: int = 0, dtype: Dtype | None = None
    ) -> "SentenceTransformerEmbedder":
        """Load a folder that `models.model_path` has verified.

        `threads` 0 means one per physical core. `dtype` None means what is fastest on this CPU.
        Nothing is looked up anywhere. Raises ModelError.
        """
        dtype = dtype or fastest_dtype(cpu_flags())
        try:
            fingerprint = _fingerprint(folder, dtype)
            model = _load_model(folder, threads or physical_cores(), dtype)
        except Exception as error:  # torch, transformers and the files raise all sorts
            detail = str(error).partition("\n")[0] or type(error).__name__
            raise ModelError("embed.load", path=folder, detail=detail) from error
        return cls(model, fingerprint)

    def encode_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32, unit length. Beyond 512 tokens the text is cut."""
        vector: np.ndarray = self._encode([text], "query")[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32, unit length. Beyond 512 tokens a text is cut."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        # Texts of a batch are padded to its longest: like lengths together waste little.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._encode([texts[i] for i in batch], "passage")
        return vectors

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` alone: no prefix, no special tokens, no limit."""
        with self._lock:
            self._tokenizer.no_truncation()  # set again by each encoding
            return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _encode(self, texts: list[str], prompt_name: str) -> np.ndarray:
        with self._lock:
            vectors = self._model.encode(
                texts,
                prompt_name=prompt_name,
                batch_size=len(texts),
                show_progress_bar=False,
                convert_to_numpy=True,
            ).astype(np.float32)
        # Again after the model has, since bfloat16 leaves lengths off by a hundredth.
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def cpu_flags() -> frozenset[str]:
    """The instruction sets of this CPU as Linux names them; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


def fastest_dtype(flags: frozenset[str]) -> Dtype:
    """bfloat16 where the CPU multiplies it itself (2.7 times faster), else float32.

    Without such units it is emulated, and many times slower than float32.
    """
    return "bfloat16" if flags & {"avx512_bf16", "amx_bf16"} else "float32"


def _load_model(folder: Path, threads: int, dtype: Dtype) -> "SentenceTransformer":
    go_offline()
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(threads)
    return SentenceTransformer(
        str(folder),
        device="cpu",
        local_files_only=True,
        # Only the token vectors are pooled: BERT's own pooler has no use here.
        model_kwargs={"dtype": getattr(torch, dtype), "add_pooling_layer": False},
    )


def _fingerprint(folder: Path, dtype: Dtype) -> str:
    """Hash of all that vectors depend on: weights, tokenizer, prompts, pooling, limit, type."""
    hashes = _read(folder, "manifest.json")["sha256"]
    parts = [
        hashes[_WEIGHTS],
        hashes[_TOKENIZER],
        _read(folder, "config_sentence_transformers.json")["prompts"],
        _read(folder, "1_Pooling/config.json"),
        _read(folder, "sentence_bert_config.json")["max_seq_length"],
        dtype,
    ]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))
