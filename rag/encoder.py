"""What makes vectors: sentence-transformers, and a quicker way through the BERT that it loads.

The only module that loads torch; `rag.embed` imports it when a model is wanted.
"""

import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from transformers.utils import logging

_BATCH = 8
_TINY = 1e-12  # instead of a division by nothing


def load_model(folder: Path, threads: int, dtype: str) -> SentenceTransformer:
    """The library's own model from a local folder, on the CPU; `dtype` is a type of torch."""
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


class LibraryEncoder:
    """The library's own way, one batch at a time under a lock: a question asked while articles
    are being added waits for a batch and not for all of them.
    """

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model
        self._tokenizer = model.tokenizer.backend_tokenizer
        self._lock = threading.Lock()
        self.dimensions = int(model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32; n may be 0."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        # Texts of a batch are padded to its longest: like lengths together waste little.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            with self._lock:
                vectors[batch] = self._model.encode(
                    [texts[i] for i in batch],
                    prompt="",
                    batch_size=_BATCH,
                    show_progress_bar=False,
                    convert_to_numpy=True,
                )
        return vectors

    def encode_one(self, text: str) -> np.ndarray:
        """(dimensions,) float32."""
        vector: np.ndarray = self.encode([text])[0]
        return vector

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` alone: no special tokens, no limit."""
        with self._lock:
            self._tokenizer.no_truncation()  # set again by each encoding
            return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


class Int8Encoder:
    """The library's BERT with linear layers that multiply 8-bit integers, and without padding.

    Each thread takes one text at a time through all layers: nothing is padded, no thread waits
    for another, and what it works on stays in its core's cache. Only where texts are fewer than
    threads do several share one. A text's vector depends on that text alone, to the last bit.
    Nothing is written to once it is there, so that nobody waits for a lock either: a question is
    encoded beside whatever else is.
    """

    def __init__(self, model: SentenceTransformer, threads: int) -> None:
        """Take over a BERT in float32 with its tokenizer and pooling; `model` is of no use after.

        `threads` texts are encoded at a time.
        """
        # Measured; the others that torch may choose were not. Asked for while weights are packed.
        torch.backends.quantized.engine = "fbgemm"
        bert: Any = model[0].auto_model
        self.dimensions = int(model.get_embedding_dimension() or 0)
        self._embeddings = bert.embeddings
        self._layers = [_Layer(layer) for layer in bert.encoder.layer]
        bert.encoder = nn.Identity()  # its weights would stay in memory a second time
        self._pooling: list[Any] = list(model.children())[1:]
        self._limit = int(model.max_seq_length or bert.config.max_position_embeddings)
        self._tokenizer = model.tokenizer.backend_tokenizer
        # Once and for all: either would change under a thread that is encoding.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._threads = threads
        self._many, self._one = (ThreadPoolExecutor(n, "embed") for n in (threads, 1))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32; n may be 0."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        # The longest first, so that the threads end at about the same time.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        each = max(1, self._threads // max(1, len(texts)))
        found = self._many.map(lambda i: self._vector(texts[i], each), order)
        for i, vector in zip(order, found, strict=True):
            vectors[i] = vector
        return vectors

    def encode_one(self, text: str) -> np.ndarray:
        """(dimensions,) float32, at once, whatever `encode` has still to do."""
        return self._one.submit(self._vector, text, 1).result()

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` alone: no special tokens, no limit."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    @torch.inference_mode()
    def _vector(self, text: str, threads: int) -> np.ndarray:
        torch.set_num_threads(threads)  # of those that the calling thread may start
        ids = self._tokenizer.encode(text).ids
        if len(ids) > self._limit:
            ids = [*ids[: self._limit - 1], ids[-1]]  # the last token marks the end
        states = self._embeddings(torch.tensor([ids]))[0]
        for layer in self._layers:
            states = layer(states)
        features = {
            "token_embeddings": states[None],
            "attention_mask": torch.ones(1, len(ids), dtype=torch.int64),
        }
        for module in self._pooling:
            features = module(features)
        vector: np.ndarray = features["sentence_embedding"][0].numpy()
        return vector


class _Layer:
    """One layer of BERT (Devlin et al., 2019) over one text: (tokens, hidden) to the same."""

    def __init__(self, layer: Any) -> None:
        attention = layer.attention.self
        self._heads = int(attention.num_attention_heads)
        self._project = _Linear(attention.query, attention.key, attention.value)
        self._mix = _Linear(layer.attention.output.dense)
        self._normalize_mixed = layer.attention.output.LayerNorm
        self._widen = _Linear(layer.intermediate.dense)
        self._activate = layer.intermediate.intermediate_act_fn
        self._narrow = _Linear(layer.output.dense)
        self._normalize = layer.output.LayerNorm

    def __call__(self, states: Tensor) -> Tensor:
        mixed = self._mix(self._attend(self._project(states)))
        states = self._normalize_mixed(mixed.add_(states))
        wide = self._activate(self._widen(states))
        out: Tensor = self._normalize(self._narrow(wide).add_(states))
        return out

    def _attend(self, projected: Tensor) -> Tensor:
        tokens = len(projected)
        split = projected.view(1, tokens, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*split)
        return mixed[0].transpose(0, 1).reshape(tokens, -1)


class _Linear:
    """Linear layers over the same input as one, in 8-bit integers.

    The weights have one scale an output (Jacob et al., 2018), the input one scale a token,
    measured as it comes (ZeroQuant, Yao et al., 2022): in BERT a few tokens have values tens of
    times larger than all others, which one scale for the whole text would round away (a mean
    cosine to float32 of 0.986 instead of 0.999).
    """

    def __init__(self, *layers: nn.Linear) -> None:
        weight = torch.cat([layer.weight.detach() for layer in layers])
        self._bias = torch.cat([layer.bias.detach() for layer in layers])
        scales = _largest_pair(weight).clamp_min(_TINY) / 127
        zeros = torch.zeros(len(weight), dtype=torch.int64)
        with warnings.catch_warnings():  # deprecated, but there in the torch that is pinned
            warnings.simplefilter("ignore")
            quantized = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        self._packed = torch.ops.quantized.linear_prepack(quantized, None)

    def __call__(self, states: Tensor) -> Tensor:
        # abs().amax(), and torch's norms even more so, take longer
        highest, lowest = states.amax(1, keepdim=True), states.amin(1, keepdim=True)
        largest = torch.maximum(highest, lowest.neg_()).clamp_min_(_TINY)
        out: Tensor = torch.ops.quantized.linear_dynamic(states / largest, self._packed)
        return torch.addcmul(self._bias, out, largest, out=out)


def _largest_pair(weight: Tensor) -> Tensor:
    """(outputs,): the most that two neighbouring weights of an output add up to, in size.

    AVX2 adds the products of two neighbours (an input of 0 to 255 each) in 16 bits, and cuts what
    does not fit. A pair of at most 127, each weight rounded, is at most 128, and 255 * 128 fits.
    """
    pairs = weight.view(len(weight), -1, 2)
    sums = torch.stack([side.clamp_min(0).sum(dim=2) for side in (pairs, -pairs)])
    return sums.amax(dim=(0, 2))
