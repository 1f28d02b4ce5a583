"""llama.cpp through its low-level API: one model, one context, many sequences.

The only module that loads llama_cpp. It knows tokens, sequences and bytes; what they are for is
`rag.llm`'s business. Not thread-safe, except `abort`.
"""

import ctypes
import platform
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rag.errors import ModelError

BATCH_TOKENS = 512
KV_TYPE = "f16"
# Whether the weights are put in another order as they are loaded, which takes 0.8 GB more memory.
# On x86 prompts are then read at two thirds of the speed and answers written a fifth faster
# (`python -m eval.speed engine` prints both): there is far more to read. Arm gains from it in both.
REPACKED = platform.machine().lower() not in {"x86_64", "amd64"}


class Row(NamedTuple):
    """A token on its way into a sequence; `wanted`: the logits after it are asked for."""

    token: int
    position: int
    sequence: int
    wanted: bool


class Output(NamedTuple):
    """What the model makes of a token: the logits (vocabulary,) of the one after it, and the
    output (width,) float32 of the layer that is watched, None where it was not."""

    logits: np.ndarray
    state: np.ndarray | None


class Aborted(Exception):
    """The batch was given up because of `abort`; the sequences are as they were before it."""


class Full(Exception):
    """The cache has no room for the batch; the sequences are as they were before it."""


class Failed(Exception):
    """llama.cpp could not decode the batch, and the cache was emptied; `code` is its own."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Llama:
    """A GGUF model with a context of `context_tokens` shared by `sequences` sequences."""

    def __init__(
        self,
        path: Path,
        context_tokens: int,
        sequences: int,
        threads: int,
        layer: int | None = None,
        repacked: bool = REPACKED,
    ) -> None:
        """`layer`, from 0, is watched: what it puts out comes with the logits. `repacked`: the
        weights in an order of llama.cpp's own, not as the file, which stays mapped, has them.

        Raises ModelError where the file does not load or memory does not suffice.
        """
        import llama_cpp

        self._api: Any = llama_cpp
        _silence()
        llama_cpp.llama_backend_init()
        parameters = llama_cpp.llama_model_default_params()
        parameters.use_extra_bufts = repacked
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        if not self._model:
            raise ModelError("llm.load", path=path)
        self._watch = self._watch_of(layer)
        self._context = self._new_context(context_tokens, sequences, threads)
        if not self._context:
            llama_cpp.llama_model_free(self._model)
            raise ModelError("llm.memory", path=path, tokens=context_tokens)
        self._name = path.stem
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self._vocabulary_size = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        self._template = llama_cpp.llama_model_chat_template(self._model, None) or b"chatml"
        self._batch = llama_cpp.llama_batch_init(BATCH_TOKENS, 0, 1)
        self._abort = ctypes.create_string_buffer(2)  # "" to go on, "x" to stop
        self._asks = ctypes.cast(_c_library().strlen, llama_cpp.ggml_abort_callback)
        llama_cpp.llama_set_abort_callback(
            self._context, self._asks, ctypes.cast(self._abort, ctypes.c_void_p)
        )

    def close(self) -> None:
        """Free the memory; nothing else may be called after this."""
        self._api.llama_batch_free(self._batch)
        self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

    def abort(self, wanted: bool = True) -> None:
        """Make `decode`, under way or to come, raise Aborted within milliseconds, or no more.

        For any thread. llama.cpp asks strlen whether to stop: a function of the C library, which
        needs no lock of the interpreter, unlike one of ours, a thousand times a batch.
        """
        self._abort.value = b"x" if wanted else b""

    # -- tokens -------------------------------------------------------------------------------

    def chat_format(self, roles: Sequence[str], contents: Sequence[str]) -> str:
        """These messages in the model's own format, up to where its reply begins.

        Raises ModelError for a format that llama.cpp does not know.
        """
        chat = (self._api.llama_chat_message * len(roles))(
            *(
                self._api.llama_chat_message(role.encode(), content.encode())
                for role, content in zip(roles, contents, strict=True)
            )
        )
        size = 1024 + 2 * sum(len(content.encode()) + 64 for content in contents)
        buffer = ctypes.create_string_buffer(size)
        length = self._api.llama_chat_apply_template(
            self._template, chat, len(roles), True, buffer, size
        )
        if not 0 < length <= size:
            raise ModelError("llm.template", name=self._name)
        return buffer.raw[:length].decode()

    def tokenize(self, text: str, special: bool) -> list[int]:
        """`special`: whether control tokens are seen as such or as plain text."""
        raw = text.encode()
        tokens = (self._api.llama_token * (len(raw) + 2))()
        count = self._api.llama_tokenize(
            self._vocabulary, raw, len(raw), tokens, len(tokens), False, special
        )
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """The bytes of a token; nothing for control tokens."""
        buffer = ctypes.create_string_buffer(64)
        length = self._api.llama_token_to_piece(
            self._vocabulary, token, buffer, len(buffer), 0, False
        )
        return buffer.raw[: max(length, 0)]

    def ends(self, token: int) -> bool:
        """Whether `token` ends a reply."""
        return bool(self._api.llama_vocab_is_eog(self._vocabulary, token))

    # -- sequences ----------------------------------------------------------------------------

    def decode(self, rows: Sequence[Row], watched: bool = False) -> list[Output]:
        """Append at most BATCH_TOKENS tokens; what the model makes of each wanted row.

        `watched`: with the state of the layer, if one is watched at all.

        Raises Aborted, Full, Failed.
        """
        batch = self._batch
        batch.n_tokens = len(rows)
        for i, row in enumerate(rows):
            batch.token[i] = row.token
            batch.pos[i] = row.position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = row.sequence
            batch.logits[i] = row.wanted
        wanted = [i for i, row in enumerate(rows) if row.wanted]
        if self._watch is not None:
            self._watch.rows = wanted if watched else []
        code = self._api.llama_decode(self._context, batch)
        if code == 1:
            raise Full
        if code == 2:
            self._undo(rows)
            raise Aborted
        if code != 0:
            self.clear()
            raise Failed(code)
        logits = [self._logits(i) for i in wanted]
        if self._watch is None or not watched:
            return [Output(row, None) for row in logits]
        return [Output(*pair) for pair in zip(logits, self._watch.states, strict=True)]

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        """Let `target`, emptied, hold the cells of `source` from `start` to `end`: no bytes move.

        Where `target` is `source`, it is cut back to `end`.
        """
        if source == target:
            self._api.llama_memory_seq_rm(self._memory, target, end, -1)
            return
        self.forget(target)
        self._api.llama_memory_seq_cp(self._memory, source, target, start, end)

    def join(self, source: int, target: int, end: int) -> None:
        """Put the first `end` cells of `source` before what `target` holds."""
        self._api.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def forget(self, sequence: int) -> None:
        self._api.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def clear(self) -> None:
        self._api.llama_memory_clear(self._memory, True)

    def save(self, sequence: int) -> bytes:
        """What a sequence holds, as bytes for `load`."""
        size = self._api.llama_state_seq_get_size(self._context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        written = self._api.llama_state_seq_get_data(self._context, buffer, size, sequence)
        return bytes(memoryview(buffer)[:written])

    def load(self, sequence: int, state: memoryview | np.ndarray) -> bool:
        """Fill a sequence with what `save` gave; False where it does not fit."""
        view = np.frombuffer(state, dtype=np.uint8)
        pointer = view.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        self.forget(sequence)
        read = self._api.llama_state_seq_set_data(self._context, pointer, view.size, sequence)
        if read != view.size:
            self.forget(sequence)
        return bool(read == view.size)

    def _undo(self, rows: Sequence[Row]) -> None:
        firsts: dict[int, int] = {}
        for row in rows:
            firsts.setdefault(row.sequence, row.position)
        for sequence, position in firsts.items():
            self._api.llama_memory_seq_rm(self._memory, sequence, position, -1)

    def _logits(self, row: int) -> np.ndarray:
        pointer = self._api.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(pointer, (self._vocabulary_size,)).copy()

    def _watch_of(self, layer: int | None) -> "_Watch | None":
        """Raises ValueError for the last layer, which is computed for some rows only."""
        if layer is None:
            return None
        if not 0 <= layer < self._api.llama_model_n_layer(self._model) - 1:
            raise ValueError(f"there is no layer {layer} to watch")
        return _Watch(self._api, layer, self._api.llama_model_n_embd(self._model))

    def _new_context(self, context_tokens: int, sequences: int, threads: int) -> Any:
        parameters = self._api.llama_context_default_params()
        parameters.n_ctx = context_tokens
        parameters.n_batch = BATCH_TOKENS
        parameters.n_ubatch = BATCH_TOKENS
        parameters.n_seq_max = sequences
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = threads
        if self._watch is not None:
            parameters.cb_eval = self._watch.callback
        return self._api.llama_init_from_model(self._model, parameters)


class _Watch:
    """Takes what one layer puts out for the rows that are wanted, while llama.cpp computes.

    llama.cpp asks of every tensor, by its name, whether it is looked at, and waits there while it
    is. Where no row is wanted nothing is, and nothing waits.
    """

    def __init__(self, api: Any, layer: int, width: int) -> None:
        self.rows: list[int] = []  # wanted, of the batch that comes
        self.states: list[np.ndarray] = []  # theirs, after it
        self._name = f"l_out-{layer}".encode() + b"\0"
        self._row_bytes = width * np.dtype(np.float32).itemsize
        self._width = width
        self._ggml = _ggml_library(api)
        self._name_offset: int | None = None  # in bytes, from the start of a tensor
        # kept here: llama.cpp calls it as long as the context lives
        self.callback = api.ggml_backend_sched_eval_callback(self._look)

    def _look(self, tensor: int, asks: bool, _: object) -> bool:
        """Where llama.cpp `asks`: whether it is this tensor. Else it is there: True, to go on."""
        wanted = bool(self.rows) and self._is_it(tensor)
        if asks:
            return wanted
        if wanted:
            self.states = [self._row(tensor, row) for row in self.rows]
        return True

    def _is_it(self, tensor: int) -> bool:
        if self._name_offset is None:
            self._name_offset = self._ggml.ggml_get_name(tensor) - tensor
        return ctypes.string_at(tensor + self._name_offset, len(self._name)) == self._name

    def _row(self, tensor: int, row: int) -> np.ndarray:
        state = np.empty(self._width, dtype=np.float32)
        self._ggml.ggml_backend_tensor_get(
            tensor, state.ctypes.data, row * self._row_bytes, self._row_bytes
        )
        return state


def _ggml_library(api: Any) -> Any:
    """The library under llama.cpp, which knows tensors; llama_cpp has no names for it."""
    from llama_cpp._ctypes_extensions import load_shared_library

    ggml: Any = load_shared_library("ggml-base", Path(api.__file__).parent / "lib")
    ggml.ggml_get_name.restype = ctypes.c_void_p
    ggml.ggml_get_name.argtypes = [ctypes.c_void_p]
    ggml.ggml_backend_tensor_get.restype = None
    ggml.ggml_backend_tensor_get.argtypes = [
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_size_t,
        ctypes.c_size_t,
    ]
    return ggml


def _c_library() -> Any:
    return ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)


@cache
def _silence() -> Any:
    """Give llama.cpp, which writes pages to the standard error, somewhere else to write.

    Cached so that the function it calls lives as long as the program does.
    """
    import llama_cpp

    nowhere = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(nowhere, ctypes.c_void_p(0))
    return nowhere
