"""Reads the 4-bit file of multilingual-e5-small and writes its weights as safetensors.

The file, little-endian: a header (sizes of a BERT encoder), a tokenizer that is not needed here
(the publisher's own `tokenizer.json` comes beside it), a table of tensors, their bytes. A 4-bit
block is 32 weights in 18 bytes: one f16 scale and 16 bytes of two nibbles each; the low nibble
of byte j is weight j, the high one weight j + 16, and 8 stands for zero.

Written as float32: a scale times a nibble is exact there, so that the result has one SHA-256
everywhere, and PyTorch maps it as it is, where float16 would be converted at each start.
"""

import json
import math
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

_MAGIC = b"E5S1"
_VERSION = 1
_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2
_ROWS_AT_ONCE = 8192  # the word embeddings are 384 MB as float32

_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


class E5FileError(ValueError):
    """Not a 4-bit e5 file, or one that is cut short."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One entry of the table: where `count` weights lie in the file."""

    name: str
    four_bit: bool
    count: int
    offset: int
    columns: int  # 0 for a vector

    @property
    def shape(self) -> tuple[int, ...]:
        """As a BERT checkpoint has it: (outputs, inputs) for a matrix."""
        if not self.columns:
            return (self.count,)
        return (self.count // self.columns, self.columns)


def checkpoint_name(name: str) -> str:
    """`l3.fo.w` -> `encoder.layer.3.output.dense.weight`. Raises E5FileError."""
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    try:
        layer, part, kind = name.split(".")
        suffix = {"w": "weight", "b": "bias"}[kind]
        return f"encoder.layer.{int(layer[1:])}.{_LAYER_PARTS[part]}.{suffix}"
    except (ValueError, KeyError):
        raise E5FileError(f"unknown tensor {name!r}") from None


def dequantise(raw: np.ndarray) -> np.ndarray:
    """(18 n,) uint8 of 4-bit blocks -> (32 n,) float32 weights."""
    blocks = raw.reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scales).reshape(-1)


def read_table(path: Path) -> list[Tensor]:
    """The tensors of the file, in its order. Raises E5FileError."""
    with path.open("rb") as file:
        magic, version, hidden, _, _, feed_forward, *_, block = _take(file, "<4sI7ifi")
        if (magic, version, block) != (_MAGIC, _VERSION, _BLOCK):
            raise E5FileError("not an E5S1 file of version 1")
        pieces, *_, text_bytes = _take(file, "<5iQ")
        file.seek(4 * (pieces + 1) + 4 * pieces + text_bytes, os.SEEK_CUR)
        _, normalisation_bytes = _take(file, "<iI")
        file.seek(normalisation_bytes, os.SEEK_CUR)
        (count,) = _take(file, "<i")
        return [_take_tensor(file, hidden, feed_forward) for _ in range(count)]


def _take(file: BinaryIO, layout: str) -> tuple[Any, ...]:
    raw = file.read(struct.calcsize(layout))
    if len(raw) < struct.calcsize(layout):
        raise E5FileError("the file ends too early")
    return struct.unpack(layout, raw)


def _take_tensor(file: BinaryIO, hidden: int, feed_forward: int) -> Tensor:
    (length,) = _take(file, "<H")
    (raw_name,) = _take(file, f"<{length}s")
    four_bit, count, offset, size = _take(file, "<BIQQ")
    if offset + size > os.fstat(file.fileno()).st_size:
        raise E5FileError("the file ends too early")
    name = raw_name.decode("ascii", errors="replace")
    columns = feed_forward if name.endswith(".fo.w") else hidden
    if name.endswith(".b") or name.endswith("ln.w"):
        columns = 0
    return Tensor(name, four_bit == 1, count, offset, columns)


def write_safetensors(source: Path, target: Path) -> None:
    """Write the weights of the 4-bit file `source` as float32 into `target`, synced.

    By hand and slice by slice, since the format's library wants every tensor in memory at once.
    Raises E5FileError, OSError.
    """
    tensors = read_table(source)
    table: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for tensor in tensors:
        start, end = end, end + 4 * tensor.count
        table[checkpoint_name(tensor.name)] = {
            "dtype": "F32",
            "shape": tensor.shape,
            "data_offsets": [start, end],
        }
    header = json.dumps(table, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)  # what is mapped starts on a multiple of 8
    with target.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for tensor in tensors:
            for weights in _slices(source, tensor):
                file.write(weights.astype("<f4", copy=False).tobytes())
        file.flush()
        os.fsync(file.fileno())


def _slices(path: Path, tensor: Tensor) -> Iterator[np.ndarray]:
    step = _ROWS_AT_ONCE * math.prod(tensor.shape[1:])
    for start in range(0, tensor.count, step):
        count = min(step, tensor.count - start)
        if tensor.four_bit:
            skipped = tensor.offset + start // _BLOCK * _BLOCK_BYTES
            size = count // _BLOCK * _BLOCK_BYTES
            yield dequantise(np.fromfile(path, np.uint8, size, offset=skipped))
        else:
            yield np.fromfile(path, "<f4", count, offset=tensor.offset + 4 * start)
