"""The language model: prompts in, probabilities and text out.

`LlamaEngine` drives llama.cpp through its low-level API: several prompts are decoded in one
batch, each in its own sequence of one unified key-value cache, and what they share is decoded
once (see `rag.sequences`). Decoding is greedy, so the same prompt gives the same text.
"""

import codecs
import ctypes
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from rag.config import physical_cores
from rag.errors import EngineError, ModelError
from rag.sequences import SequenceTable, shared_length

SEQUENCES = 16
BATCH_TOKENS = 256  # also the longest wait, about two seconds, before a stop is heard


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation with the model."""

    role: Literal["system", "user", "assistant"]
    content: str


Prompt = tuple[Turn, ...]


@dataclass(slots=True)
class Work:
    """What an engine has done since it was loaded: tokens decoded, and the seconds they took.

    A prompt's tokens that were in memory already are not counted: they were not decoded.
    """

    prompt_tokens: int = 0
    prompt_seconds: float = 0.0
    generated_tokens: int = 0
    generation_seconds: float = 0.0


class Engine(Protocol):
    """What Recoupe asks of a language model."""

    name: str

    def probabilities(
        self, prompts: Sequence[Prompt], yes: Sequence[str], no: Sequence[str]
    ) -> list[float]:
        """For each prompt, P(yes) / (P(yes) + P(no)) of the first token of the reply.

        `yes` and `no` are the words that count as each. Raises EngineError.
        """
        ...

    def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[tuple[int, str]]:
        """One line of reply to each prompt, as (prompt number, more text), interleaved.

        Closing the iterator stops the model within one step. Raises EngineError.
        """
        ...

    def stop(self) -> None:
        """Make the call that another thread is in, if any, raise EngineError within a batch."""
        ...


class LlamaEngine:
    """A GGUF model run by llama.cpp on this machine. Thread-safe: one call runs at a time."""

    def __init__(self, path: Path, context_tokens: int = 4096, threads: int = 0) -> None:
        """Load the model at `path`. Raises ModelError where it cannot be loaded."""
        import llama_cpp

        self.name = path.stem
        self.work = Work()
        self._api: Any = llama_cpp
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._table = SequenceTable(SEQUENCES)
        _silence()
        llama_cpp.llama_backend_init()
        self._model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        if not self._model:
            raise ModelError("llm.load", path=path)
        self._context = self._new_context(context_tokens, threads or physical_cores())
        if not self._context:
            llama_cpp.llama_model_free(self._model)
            raise ModelError("llm.memory", path=path, tokens=context_tokens)
        self._context_tokens = context_tokens
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self._vocabulary_size = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        self._template = llama_cpp.llama_model_chat_template(self._model, None) or b"chatml"
        self._batch = llama_cpp.llama_batch_init(BATCH_TOKENS, 0, 1)

    def close(self) -> None:
        """Free the model's memory; the engine cannot be used after this."""
        with self._lock:
            if self._model:
                self._api.llama_batch_free(self._batch)
                self._api.llama_free(self._context)
                self._api.llama_model_free(self._model)
                self._model = None

    def stop(self) -> None:
        self._stopping.set()

    def probabilities(
        self, prompts: Sequence[Prompt], yes: Sequence[str], no: Sequence[str]
    ) -> list[float]:
        with self._lock:
            self._stopping.clear()
            yes_tokens, no_tokens = self._first_tokens(yes), self._first_tokens(no)
            return [
                _probability(logits, yes_tokens, no_tokens)
                for _, logits in self._decode_prompts([self._tokens(p) for p in prompts])
            ]

    def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[tuple[int, str]]:
        with self._lock:
            self._stopping.clear()
            started = self._decode_prompts([self._tokens(p) for p in prompts], max_tokens)
            replies = {
                i: _Reply(sequence, int(logits.argmax()))
                for i, (sequence, logits) in enumerate(started)
            }
            for _ in range(max_tokens):
                yield from self._emit(replies)
                if not replies:
                    return
                self._step(replies)

    def _emit(self, replies: "dict[int, _Reply]") -> Generator[tuple[int, str]]:
        """The text of each reply's newest token; replies that end leave `replies`."""
        for i, reply in list(replies.items()):
            ended = self._api.llama_vocab_is_eog(self._vocabulary, reply.token)
            text = "" if ended else reply.decoder.decode(self._piece(reply.token))
            line, newline, _ = text.partition("\n")
            if ended or (newline and (reply.begun or line.strip())):
                del replies[i]
            elif newline:
                line = ""  # a blank line before the reply begins
            if line:
                reply.begun = reply.begun or bool(line.strip())
                yield i, line

    def _step(self, replies: "dict[int, _Reply]") -> None:
        """Decode the newest token of every reply in one batch and choose the next ones."""
        running = list(replies.values())
        started = time.perf_counter()
        logits = self._decode([(r.sequence, [r.token]) for r in running])
        self.work.generation_seconds += time.perf_counter() - started
        self.work.generated_tokens += len(running)
        for reply, row in zip(running, logits, strict=True):
            reply.token = int(row.argmax())

    def _decode_prompts(
        self, prompts: list[list[int]], room: int = 0
    ) -> list[tuple[int, np.ndarray]]:
        """For each prompt, the sequence that now holds it and its last token's logits."""
        if max(map(len, prompts)) + room > self._context_tokens // 2:
            raise EngineError("llm.too_long")
        common = prompts[0]
        for prompt in prompts[1:]:
            common = common[: shared_length(common, prompt)]
        if len(prompts) > 1 and len(common) > max(map(self._table.shared, prompts)):
            self._decode_placed([common])
        return self._decode_placed(prompts)

    def _decode_placed(self, prompts: list[list[int]]) -> list[tuple[int, np.ndarray]]:
        sequences = [0] * len(prompts)
        for placement in self._table.place(prompts):
            source, target, kept = placement.source, placement.target, placement.kept
            if source != target:
                self._api.llama_memory_seq_rm(self._memory, target, -1, -1)
                self._api.llama_memory_seq_cp(self._memory, source, target, 0, kept)
            else:
                self._api.llama_memory_seq_rm(self._memory, target, kept, -1)
            sequences[placement.prompt] = target
        missing = [
            (sequence, prompt[len(self._table.tokens[sequence]) :])
            for sequence, prompt in zip(sequences, prompts, strict=True)
        ]
        started = time.perf_counter()
        logits = self._decode(missing)
        self.work.prompt_seconds += time.perf_counter() - started
        self.work.prompt_tokens += sum(len(tokens) for _, tokens in missing)
        return list(zip(sequences, logits, strict=True))

    def _decode(self, work: Sequence[tuple[int, Sequence[int]]]) -> list[np.ndarray]:
        """Append tokens to sequences; the logits after the last token of each.

        The table is told only what llama.cpp has accepted, so that a call that is stopped or
        fails half-way leaves both in agreement.
        """
        logits: dict[int, np.ndarray] = {}
        queue = [
            (sequence, token, position == len(tokens) - 1)
            for sequence, tokens in work
            for position, token in enumerate(tokens)
        ]
        for start in range(0, len(queue), BATCH_TOKENS):
            if self._stopping.is_set():
                raise EngineError("llm.stopped")
            part = queue[start : start + BATCH_TOKENS]
            self._submit(part, {sequence for sequence, _ in work})
            for i, (sequence, _, last) in enumerate(part):
                if last:
                    pointer = self._api.llama_get_logits_ith(self._context, i)
                    logits[sequence] = np.ctypeslib.as_array(
                        pointer, (self._vocabulary_size,)
                    ).copy()
        return [logits[sequence] for sequence, _ in work]

    def _submit(self, part: list[tuple[int, int, bool]], busy: set[int]) -> None:
        lengths = {sequence: len(self._table.tokens[sequence]) for sequence, _, _ in part}
        grown = {sequence: list(self._table.tokens[sequence]) for sequence in lengths}
        batch = self._batch
        batch.n_tokens = len(part)
        for i, (sequence, token, last) in enumerate(part):
            batch.token[i] = token
            batch.pos[i] = len(grown[sequence])
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = last
            grown[sequence].append(token)
        while (code := self._api.llama_decode(self._context, batch)) == 1:
            self._make_room(busy)
        if code != 0:
            self._clear()
            raise EngineError("llm.failed", code=code)
        for sequence, tokens in grown.items():
            self._table.hold(sequence, tokens)

    def _make_room(self, busy: set[int]) -> None:
        """Forget the oldest idle sequence. Raises EngineError where all are busy."""
        sequence = self._table.oldest_outside(busy)
        if sequence is None:
            self._clear()
            raise EngineError("llm.too_long")
        self._api.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self._table.hold(sequence, [])

    def _clear(self) -> None:
        self._api.llama_memory_clear(self._memory, True)
        self._table = SequenceTable(SEQUENCES)

    def _tokens(self, prompt: Prompt) -> list[int]:
        """The prompt in the model's own chat format.

        The contents are tokenized apart from the format around them, so that text in an
        article that looks like the model's control tokens is read as plain text.
        """
        marks = [f"\x02{i}\x03" for i in range(len(prompt))]
        rest = self._chat_format([t.role for t in prompt], marks)
        tokens: list[int] = []
        for mark, turn in zip(marks, prompt, strict=True):
            before, _, rest = rest.partition(mark)
            tokens += self._tokenize(before, special=True)
            tokens += self._tokenize(turn.content, special=False)
        return tokens + self._tokenize(rest, special=True)

    def _chat_format(self, roles: Sequence[str], contents: Sequence[str]) -> str:
        chat = (self._api.llama_chat_message * len(roles))(
            *(
                self._api.llama_chat_message(role.encode(), content.encode())
                for role, content in zip(roles, contents, strict=True)
            )
        )
        buffer = ctypes.create_string_buffer(4096)
        length = self._api.llama_chat_apply_template(
            self._template, chat, len(roles), True, buffer, len(buffer)
        )
        if not 0 < length <= len(buffer):
            raise ModelError("llm.template", name=self.name)
        return buffer.raw[:length].decode()

    def _tokenize(self, text: str, special: bool) -> list[int]:
        raw = text.encode()
        tokens = (self._api.llama_token * (len(raw) + 2))()
        count = self._api.llama_tokenize(
            self._vocabulary, raw, len(raw), tokens, len(tokens), False, special
        )
        return list(tokens[:count])

    def _first_tokens(self, words: Sequence[str]) -> list[int]:
        return sorted({self._tokenize(word, special=False)[0] for word in words})

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        length = self._api.llama_token_to_piece(
            self._vocabulary, token, buffer, len(buffer), 0, False
        )
        return buffer.raw[: max(length, 0)]

    def _new_context(self, context_tokens: int, threads: int) -> Any:
        parameters = self._api.llama_context_default_params()
        parameters.n_ctx = context_tokens
        parameters.n_batch = BATCH_TOKENS
        parameters.n_ubatch = BATCH_TOKENS
        parameters.n_seq_max = SEQUENCES
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = threads
        return self._api.llama_init_from_model(self._model, parameters)


class _Reply:
    """A reply under way: its sequence, its newest token, and its bytes-to-text decoder."""

    def __init__(self, sequence: int, token: int) -> None:
        self.sequence = sequence
        self.token = token
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.begun = False


def _probability(logits: np.ndarray, yes: list[int], no: list[int]) -> float:
    shifted = np.exp(logits[yes + no].astype(np.float64) - logits[yes + no].max())
    return float(shifted[: len(yes)].sum() / shifted.sum())


@cache
def _silence() -> Any:
    """Give llama.cpp, which writes pages to the standard error, somewhere else to write.

    Cached so that the function it calls lives as long as the program does.
    """
    import llama_cpp

    nowhere = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(nowhere, ctypes.c_void_p(0))
    return nowhere
