"""The local language model: llama.cpp, several prompts side by side, nothing computed twice.

Prompts are decoded in one batch, each in its own sequence of one unified key-value cache, and what
they share is decoded once (see `rag.sequences`). What was computed for a passage is kept on disk
(see `rag.states`) and loaded instead of computed again: the same numbers, to the bit. Decoding is
greedy, so the same prompt gives the same text.
"""

import codecs
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag.config import physical_cores
from rag.engine import Piece, Prompt, Work
from rag.errors import EngineError
from rag.llama import (
    BATCH_TOKENS,
    KV_TYPE,
    REPACKED,
    Aborted,
    Failed,
    Full,
    Llama,
    Output,
    Row,
)
from rag.probe import Probe
from rag.sequences import SequenceTable
from rag.states import States, state_key

SEQUENCES = 48  # twenty sources, as many questions about them, the instructions
SAVING = SEQUENCES  # one more, in which a passage stands alone while it is saved


class _Tokens(NamedTuple):
    """A prompt as the model reads it: `whole` begins with `stem`, and `stem` with `head`."""

    head: list[int]  # the instruction and the examples
    stem: list[int]  # and the passage
    whole: list[int]


class LlamaEngine:
    """A GGUF model run by llama.cpp on this machine. Thread-safe: one call runs at a time."""

    def __init__(
        self,
        path: Path,
        context_tokens: int = 4096,
        threads: int = 0,
        states: States | None = None,
        fingerprint: str = "",
        probe: Probe | None = None,
    ) -> None:
        """Load the model at `path`. Raises ModelError where it cannot be loaded.

        `states` keeps what is computed for passages, under the model's `fingerprint`. `probe`, of
        the same model, is what `probe` reads with.
        """
        self.name = path.stem
        self.work = Work()
        self._context_tokens = context_tokens
        self._llama = Llama(
            path,
            context_tokens,
            SEQUENCES + 1,
            threads or physical_cores(),
            probe.layer if probe else None,
            REPACKED,
        )
        self._probe = probe
        self.probed = probe is not None
        self._turns = _Turns(self._llama)
        self._table = SequenceTable(SEQUENCES)
        self._head: list[int] = []  # the instruction that the last prompt began with
        self._states = states
        order = "repacked" if REPACKED else "as stored"  # moves the last bits
        self._identity = (fingerprint, KV_TYPE, order, version("llama-cpp-python"))
        self._writer = ThreadPoolExecutor(1, "passage-states")
        self._closed = False

    def close(self) -> None:
        """Free the model's memory; the engine cannot be used after this."""
        with self._turns.question():
            if not self._closed:
                self._closed = True
                self._llama.close()
        self._writer.shutdown()

    def stop(self) -> None:
        self._turns.stop()

    def forget(self) -> None:
        """Drop what is in memory and on disk, so that every passage is read anew."""
        with self._turns.question():
            self._clear()
            self.written()
            if self._states is not None:
                self._states.clear()

    def keep_in(self, states: States) -> None:
        """From now on keep what is computed for passages there, in another dossier."""
        with self._turns.question():
            self.written()
            self._states = states

    def drop(self) -> None:
        """Forget what is in memory, not what is on disk."""
        with self._turns.question():
            self._clear()

    def settle(self) -> None:
        if self._states is None:
            return  # the passages would have to be read again
        with self._turns.question():
            self.written()
            kept = self._table.holder(self._head)
            for sequence in range(SEQUENCES):
                if sequence != kept:
                    self._llama.forget(sequence)
                    self._table.hold(sequence, [])
            held = self._table.shared([*self._head, -1])
            self._llama.copy(kept, kept, 0, held)
            self._table.hold(kept, self._head[:held])

    def written(self) -> None:
        """Wait until the passages read so far are on disk."""
        self._writer.submit(lambda: None).result()

    def fits(self, prompt: Prompt, max_tokens: int) -> bool:
        return len(self._tokens(prompt).whole) + max_tokens <= self._context_tokens

    def is_ready(self, prompt: Prompt) -> bool:
        tokens = self._tokens(prompt)
        return self._holds(tokens) or (
            self._states is not None and self._key(tokens) in self._states
        )

    def probabilities(
        self, prompts: Sequence[Prompt], yes: Sequence[str], no: Sequence[str]
    ) -> list[float]:
        yes_tokens, no_tokens = self._first_tokens(yes), self._first_tokens(no)
        return [_probability(logits, yes_tokens, no_tokens) for logits in self.logits(prompts)]

    def probe(self, prompts: Sequence[Prompt]) -> list[float]:
        if self._probe is None:
            raise ValueError("this engine has no probe")
        return [self._probe.log_odds(state) for state in self.states(prompts)]

    def logits(self, prompts: Sequence[Prompt]) -> list[np.ndarray]:
        """For each prompt, (vocabulary,) float32: of the first token of the reply.

        Raises EngineError.
        """
        return [output.logits for output in self._first_outputs(prompts, watched=False)]

    def states(self, prompts: Sequence[Prompt]) -> list[np.ndarray]:
        """For each prompt, (width,) float32: what the probe's layer puts out for its last token.

        Raises ValueError without a probe, EngineError.
        """
        states = [
            one.state for one in self._first_outputs(prompts, watched=True) if one.state is not None
        ]
        if len(states) != len(prompts):
            raise ValueError("no layer is watched")
        return states

    def _first_outputs(self, prompts: Sequence[Prompt], watched: bool) -> list[Output]:
        with self._turns.question():
            read = [self._tokens(prompt) for prompt in prompts]
            return [
                output
                for group in self._groups(read, 0)
                for _, output in self._decode_prompts([read[i] for i in group], watched)
            ]

    def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[Piece]:
        with self._turns.question():
            read = [self._tokens(prompt) for prompt in prompts]
            for group in self._groups(read, max_tokens):
                started = self._decode_prompts([read[i] for i in group])
                replies = {
                    i: _Reply(sequence, output.logits)
                    for i, (sequence, output) in zip(group, started, strict=True)
                }
                for _ in range(max_tokens):
                    yield from self._emit(replies)
                    if not replies:
                        break
                    self._step(replies)

    def keep(self, prompt: Prompt) -> bool:
        """Read the prompt's passage ahead of any question and keep it on disk.

        False where a question came in between, which goes first.
        """
        with self._turns.ahead() as mine:
            if not mine:
                return False
            try:
                self._hold_passage(self._tokens(prompt), set())
            except EngineError:
                return False
            return True

    # -- replies ------------------------------------------------------------------------------

    def _emit(self, replies: "dict[int, _Reply]") -> Generator[Piece]:
        """The text of each reply's newest token; replies that end leave `replies`."""
        for i, reply in list(replies.items()):
            ended = self._llama.ends(reply.token)
            text = "" if ended else reply.decoder.decode(self._llama.piece(reply.token))
            line, newline, _ = text.partition("\n")
            if ended or (newline and (reply.begun or line.strip())):
                del replies[i]
            elif newline:
                line = ""  # a blank line before the reply begins
            if line:
                reply.begun = reply.begun or bool(line.strip())
                yield Piece(i, line, reply.logprob)

    def _step(self, replies: "dict[int, _Reply]") -> None:
        """Decode the newest token of every reply in one batch and choose the next ones."""
        running = list(replies.values())
        started = time.perf_counter()
        outputs = self._decode([(r.sequence, [r.token]) for r in running])
        self.work.generation_seconds += time.perf_counter() - started
        self.work.generated_tokens += len(running)
        for reply, output in zip(running, outputs, strict=True):
            reply.choose(output.logits)

    # -- prompts ------------------------------------------------------------------------------

    def _groups(self, prompts: Sequence[_Tokens], room: int) -> Iterator[list[int]]:
        """The numbers of prompts that fit the context side by side, `room` tokens of reply each.

        Raises EngineError for one that does not fit alone.
        """
        group: list[int] = []
        used = 0
        for i, tokens in enumerate(prompts):
            if len(tokens.whole) + room > self._context_tokens:
                raise EngineError("llm.too_long")
            wanted = len(tokens.whole) - len(tokens.head) + room
            if group and (
                used + wanted > self._context_tokens or 2 * len(group) + 2 > SEQUENCES - 1
            ):
                yield group
                group, used = [], 0
            used += wanted if group else len(tokens.whole) + room
            group.append(i)
        if group:
            yield group

    def _decode_prompts(
        self, prompts: Sequence[_Tokens], watched: bool = False
    ) -> list[tuple[int, Output]]:
        """For each prompt, the sequence that now holds it and what its last token gives.

        A passage is decoded apart from what is asked about it, so that the model computes the
        same numbers for it whether or not it was known: what a batch holds moves their last bits.
        """
        busy: set[int] = set()
        for tokens in prompts:
            self._hold_passage(tokens, busy)
            busy.add(self._table.holder(tokens.stem))
        return self._decode_placed([tokens.whole for tokens in prompts], watched)

    def _decode_placed(
        self, prompts: Sequence[list[int]], watched: bool = False
    ) -> list[tuple[int, Output]]:
        sequences = [0] * len(prompts)
        for placement in self._table.place(prompts):
            self._llama.copy(placement.source, placement.target, 0, placement.kept)
            sequences[placement.prompt] = placement.target
        missing = [
            (sequence, prompt[len(self._table.tokens[sequence]) :])
            for sequence, prompt in zip(sequences, prompts, strict=True)
        ]
        return list(zip(sequences, self._decode_prompt(missing, watched), strict=True))

    def _decode_prompt(
        self, work: Sequence[tuple[int, Sequence[int]]], watched: bool = False
    ) -> list[Output]:
        """`_decode` of parts of prompts, counted as such."""
        started = time.perf_counter()
        outputs = self._decode(work, watched)
        self.work.prompt_seconds += time.perf_counter() - started
        self.work.prompt_tokens += sum(len(tokens) for _, tokens in work)
        return outputs

    def _decode(
        self, work: Sequence[tuple[int, Sequence[int]]], watched: bool = False
    ) -> list[Output]:
        """Append tokens to sequences; what the model makes of the last token of each.

        The table is told only what llama.cpp has accepted, so that a call that is stopped or
        fails half-way leaves both in agreement. Raises EngineError.
        """
        queue = [
            Row(token, len(self._table.tokens[sequence]) + i, sequence, i == len(tokens) - 1)
            for sequence, tokens in work
            for i, token in enumerate(tokens)
        ]
        outputs: dict[int, Output] = {}
        busy = {sequence for sequence, _ in work}
        for start in range(0, len(queue), BATCH_TOKENS):
            part = queue[start : start + BATCH_TOKENS]
            wanted = (row.sequence for row in part if row.wanted)
            outputs |= zip(wanted, self._submit(part, busy, watched), strict=True)
        return [outputs[sequence] for sequence, _ in work]

    def _submit(self, part: Sequence[Row], busy: set[int], watched: bool) -> list[Output]:
        while True:
            try:
                outputs = self._llama.decode(part, watched)
                break
            except Full:
                if not self._make_room(busy):
                    self._clear()
                    raise EngineError("llm.too_long") from None
            except Aborted:
                raise EngineError("llm.stopped") from None
            except Failed as failure:
                self._table = SequenceTable(SEQUENCES)
                raise EngineError("llm.failed", code=failure.code) from None
        for sequence in dict.fromkeys(row.sequence for row in part):
            added = [row.token for row in part if row.sequence == sequence]
            self._table.hold(sequence, [*self._table.tokens[sequence], *added])
        return outputs

    def _make_room(self, busy: set[int]) -> bool:
        """Forget the oldest idle sequence; False where all are busy."""
        sequence = self._table.oldest_outside(busy)
        if sequence is None:
            return False
        self._llama.forget(sequence)
        self._table.hold(sequence, [])
        return True

    def _clear(self) -> None:
        self._llama.clear()
        self._table = SequenceTable(SEQUENCES)

    # -- passages kept on disk ----------------------------------------------------------------

    def _holds(self, tokens: _Tokens) -> bool:
        """Whether the passage is in memory."""
        return self._table.shared([*tokens.stem, -1]) >= len(tokens.stem)

    def _key(self, tokens: _Tokens) -> str:
        return state_key(*self._identity, repr(tokens.head), repr(tokens.stem))

    def _hold_passage(self, tokens: _Tokens, busy: set[int]) -> None:
        """Have the passage in memory: it is there, or on disk, or it is read and kept on disk."""
        self._head = tokens.head
        if self._holds(tokens):
            return
        if self._table.shared([*tokens.head, -1]) < len(tokens.head):
            self._decode_placed([tokens.head])
        if len(tokens.stem) == len(tokens.head):
            return
        head = self._table.holder(tokens.head)
        target = self._table.oldest({*busy, head})
        if not self._restore(tokens, head, target, busy):
            self._read(tokens, head, target)
            self._save(tokens, target)

    def _read(self, tokens: _Tokens, head: int, target: int) -> None:
        """Decode the passage after the instructions that `head` holds, in `target`.

        Nothing else is shared with other passages, not even the same first words, so that its
        cells lie as those of a restored one: attention then adds them up in the same order.
        """
        self._llama.copy(head, target, 0, len(tokens.head))
        self._table.hold(target, tokens.head)
        self._decode_prompt([(target, tokens.stem[len(tokens.head) :])])

    def _restore(self, tokens: _Tokens, head: int, target: int, busy: set[int]) -> bool:
        """Put the instructions that `head` holds and the saved passage together in `target`.

        False where it was not saved, or where there is no room beside the `busy` sequences.
        """
        state = self._states.get(self._key(tokens)) if self._states is not None else None
        if state is None:
            return False
        self._table.hold(target, [])
        while not self._llama.load(target, state):
            if not self._make_room({*busy, head}):
                return False
        self._llama.join(head, target, len(tokens.head))
        self._table.hold(target, tokens.stem)
        return True

    def _save(self, tokens: _Tokens, sequence: int) -> None:
        """Keep a passage that is in memory on disk, written behind the caller's back."""
        key = self._key(tokens)
        if self._states is None or key in self._states:
            return
        self._llama.copy(sequence, SAVING, len(tokens.head), len(tokens.stem))
        self._writer.submit(self._states.put, key, self._llama.save(SAVING))
        self._llama.forget(SAVING)

    # -- words --------------------------------------------------------------------------------

    def _tokens(self, prompt: Prompt) -> _Tokens:
        """The prompt in the model's own chat format.

        The contents are tokenized apart from the format around them, so that text in an article
        that looks like the model's control tokens is read as plain text; the passage apart from
        what is asked, so that it gives the same tokens whatever comes after it.
        """
        contents = [turn.content for turn in prompt.turns]
        roles = [turn.role for turn in prompt.turns]
        marks = [f"\x02{i}\x03" for i in range(len(contents) + 1)]
        rest = self._llama.chat_format([*roles, "user"], marks)
        whole: list[int] = []
        for mark, content in zip(marks, [*contents, prompt.passage], strict=True):
            before, _, rest = rest.partition(mark)
            whole += self._llama.tokenize(before, special=True)
            head = list(whole)
            whole += self._llama.tokenize(content, special=False)
        stem = list(whole)
        whole += self._llama.tokenize(prompt.asked, special=False)
        return _Tokens(head, stem, whole + self._llama.tokenize(rest, special=True))

    def _first_tokens(self, words: Sequence[str]) -> list[int]:
        return sorted({self._llama.tokenize(word, special=False)[0] for word in words})


class _Reply:
    """A reply under way: its sequence, its newest token, and its bytes-to-text decoder."""

    def __init__(self, sequence: int, logits: np.ndarray) -> None:
        self.sequence = sequence
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.begun = False
        self.choose(logits)

    def choose(self, logits: np.ndarray) -> None:
        """Take the likeliest token."""
        self.token = int(logits.argmax())
        top = float(logits[self.token])
        self.logprob = -float(np.log(np.exp(logits - top).sum(dtype=np.float64)))


class _Turns:
    """One call at a time; a question makes the reading ahead of questions stop at once."""

    def __init__(self, llama: Llama) -> None:
        self._llama = llama
        self._engine = threading.Lock()
        self._guard = threading.Lock()
        self._questions = 0  # in the engine or waiting for it
        self._ahead = False

    @contextmanager
    def question(self) -> Iterator[None]:
        with self._guard:
            self._questions += 1
            if self._ahead:
                self._llama.abort()
        try:
            with self._engine:
                self._llama.abort(False)
                yield
        finally:
            with self._guard:
                self._questions -= 1

    @contextmanager
    def ahead(self) -> Iterator[bool]:
        """The engine, if no question is in it or waiting."""
        with self._guard:
            mine = self._questions == 0 and self._engine.acquire(blocking=False)
            if mine:
                self._ahead = True
                self._llama.abort(False)
        try:
            yield mine
        finally:
            if mine:
                with self._guard:
                    self._ahead = False
                    self._engine.release()

    def stop(self) -> None:
        """Make the question in the engine fail at once."""
        self._llama.abort()


def _probability(logits: np.ndarray, yes: list[int], no: list[int]) -> float:
    shifted = np.exp(logits[yes + no].astype(np.float64) - logits[yes + no].max())
    return float(shifted[: len(yes)].sum() / shifted.sum())
