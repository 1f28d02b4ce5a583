"""How fast the language model runs on this machine: bare, in answers, and at the very best.

- Bare: llama.cpp through `rag.llama`, with nothing of ours around it, on a prompt of 512 tokens,
  one of as many as a question adds to a passage, and 1, 3 and 5 sequences that go on side by side;
  with the weights as they are loaded here, and in turn in the other order (`rag.llama.REPACKED`).
- In answers: the tokens and seconds that the engine counted while it answered.
- At best: to write one token alone, every weight is read from memory once, so that memory's speed
  over the size of the weights is a ceiling; to read a prompt, each token is multiplied with every
  weight (2 operations a weight), so that the processor's arithmetic is one: the roofline model
  (Williams, Waterman and Patterson, Roofline: An Insightful Visual Performance Model, 2009).
  Memory's speed is the best of a numpy reduction and a copy, with as many threads as the model
  has; arithmetic is a product of float32 matrices, while llama.cpp multiplies 4-bit weights as
  8-bit integers, of which a processor may do more at a time: its ceiling can be passed.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass

import numpy as np

from eval.answer_speed import Answered
from eval.timing import columns, median, ratio, seconds, shown
from rag.config import Settings, physical_cores
from rag.llama import BATCH_TOKENS, REPACKED, Llama, Row
from rag.models import model_path

PROMPT_TOKENS = BATCH_TOKENS
ASKED_TOKENS = 48
WIDTHS = (1, 3, 5)  # sequences side by side: one answer, a first wave, all passages of a question
STEPS = 24  # tokens written by each
REPEATS = 3
MEMORY_BYTES = 512 * 2**20  # far more than any cache holds
MATRIX = 2048


@dataclass(frozen=True, slots=True)
class Bare:
    """Tokens a second of llama.cpp alone: medians. `asked`: of a short prompt after a long one.
    `generation` is by number of sequences, and counts the tokens of all of them."""

    prompt: float
    asked: float
    generation: dict[int, float]
    weights: int  # parameters that each token of a prompt is multiplied with


@dataclass(frozen=True, slots=True)
class InAnswers:
    """Tokens a second while questions were answered one way; None where there were none."""

    way: str
    prompt: float | None
    generation: float | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the machine does at best: bytes and floating-point operations a second."""

    memory: float
    arithmetic: float


@dataclass(frozen=True, slots=True)
class EngineSpeed:
    """All of it, for one model file of `file_bytes` on so many threads."""

    model: str
    threads: int
    file_bytes: int
    bare: Bare
    other_order: Bare  # of the weights
    in_answers: tuple[InAnswers, ...]
    limits: Limits

    @property
    def prompt_ceiling(self) -> float:
        """Tokens a second."""
        return self.limits.arithmetic / (2 * self.bare.weights)

    @property
    def generation_ceiling(self) -> float:
        """Tokens a second of one sequence alone."""
        return self.limits.memory / self.file_bytes


def engine_speed(
    settings: Settings, text: str, answered: Sequence[Answered], repeats: int = REPEATS
) -> EngineSpeed:
    """Measure the model of `settings` on `text`, of some 1,000 words at least.

    `answered` is what was asked of it before. Raises ModelError.
    """
    path = model_path(settings.llm, settings.models)
    threads = settings.threads or physical_cores()
    with ExitStack() as stack:
        ours, other = (
            stack.enter_context(
                closing(
                    Llama(path, settings.context_tokens, max(WIDTHS), threads, repacked=repacked)
                )
            )
            for repacked in (REPACKED, not REPACKED)
        )
        bare, other_order = bare_speeds([ours, other], text, repeats)
    return EngineSpeed(
        settings.llm,
        threads,
        path.stat().st_size,
        bare,
        other_order,
        in_answers(answered),
        Limits(memory_speed(threads, repeats), arithmetic_speed(repeats)),
    )


def bare_speeds(llamas: Sequence[Llama], text: str, repeats: int = REPEATS) -> list[Bare]:
    """Of each, in turn: what disturbs the machine disturbs all. Raises ValueError for a text that
    is too short."""
    tokens = llamas[0].tokenize(text, special=False)[: PROMPT_TOKENS + ASKED_TOKENS]
    if len(tokens) < PROMPT_TOKENS + ASKED_TOKENS:
        raise ValueError(f"{len(tokens)} tokens are too few to measure with")
    prompt, after = tokens[:PROMPT_TOKENS], tokens[PROMPT_TOKENS:]
    for llama in llamas:
        _read(llama, prompt)  # the weights come into memory
    runs = [[_rates(llama, prompt, after) for llama in llamas] for _ in range(repeats)]
    return [
        Bare(
            _middle([one.prompt for one in own]),
            _middle([one.asked for one in own]),
            {width: _middle([one.generation[width] for one in own]) for width in WIDTHS},
            own[0].weights,
        )
        for own in zip(*runs, strict=True)
    ]


def _rates(llama: Llama, prompt: Sequence[int], after: Sequence[int]) -> Bare:
    """Once."""
    read = PROMPT_TOKENS / _read(llama, prompt)
    asked = ASKED_TOKENS / _go_on(llama, after)
    llama.copy(0, 0, 0, PROMPT_TOKENS)
    written = {width: width * STEPS / _write(llama, after[:STEPS], width) for width in WIDTHS}
    return Bare(read, asked, written, _weights(llama))


def _read(llama: Llama, prompt: Sequence[int]) -> float:
    llama.clear()
    return seconds(llama.decode, _rows(prompt, 0))


def _go_on(llama: Llama, after: Sequence[int]) -> float:
    return seconds(llama.decode, _rows(after, PROMPT_TOKENS))


def _rows(tokens: Sequence[int], start: int) -> list[Row]:
    last = len(tokens) - 1
    return [Row(token, start + i, 0, i == last) for i, token in enumerate(tokens)]


def _write(llama: Llama, written: Sequence[int], width: int) -> float:
    """Seconds that `width` sequences, which share a prompt, take to go on with `written`."""
    for sequence in range(1, width):
        llama.copy(0, sequence, 0, PROMPT_TOKENS)
    started = time.perf_counter()
    for step, token in enumerate(written):
        llama.decode([Row(token, PROMPT_TOKENS + step, n, True) for n in range(width)])
    taken = time.perf_counter() - started
    for sequence in range(1, width):
        llama.forget(sequence)
    llama.copy(0, 0, 0, PROMPT_TOKENS)
    return taken


def _weights(llama: Llama) -> int:
    """Without the table of words: of it, a prompt's token takes one line, and only the last
    token is multiplied with it."""
    # llama.cpp knows; nothing else in the project has to
    api, model = llama._api, llama._model
    table = api.llama_vocab_n_tokens(llama._vocabulary) * api.llama_model_n_embd(model)
    return int(api.llama_model_n_params(model) - table)


def in_answers(answered: Sequence[Answered]) -> tuple[InAnswers, ...]:
    """By way of asking, over all its questions together; a way without counts is left out."""
    found = []
    for way in dict.fromkeys(one.way for one in answered):
        used = [one.usage for one in answered if one.way == way]
        prompt = ratio(sum(u.prompt_tokens for u in used), sum(u.prompt_seconds for u in used))
        generation = ratio(
            sum(u.generated_tokens for u in used), sum(u.generation_seconds for u in used)
        )
        if prompt or generation:
            found.append(InAnswers(way, prompt, generation))
    return tuple(found)


def memory_speed(threads: int, repeats: int = REPEATS, size: int = MEMORY_BYTES) -> float:
    """Bytes a second that `threads` threads read, or read and write, at best."""
    parts = [np.ones(size // 4 // threads, dtype=np.float32) for _ in range(threads)]
    targets = [np.ones_like(part) for part in parts]
    total = sum(part.nbytes for part in parts)
    with ThreadPoolExecutor(threads) as pool:

        def over_all(call: Callable[..., object], *arrays: Sequence[np.ndarray]) -> float:
            return seconds(lambda: list(pool.map(call, *arrays)))

        read = min(over_all(np.max, parts) for _ in range(repeats))
        copied = min(over_all(np.copyto, targets, parts) for _ in range(repeats))
    return max(total / read, 2 * total / copied)


def arithmetic_speed(repeats: int = REPEATS, size: int = MATRIX) -> float:
    """Operations a second of a product of two float32 matrices, at best."""
    a, b = (np.random.default_rng(n).random((size, size), dtype=np.float32) for n in (0, 1))
    return 2 * size**3 / min(seconds(np.matmul, a, b) for _ in range(repeats))


def _middle(values: Sequence[float]) -> float:
    middle = median(values)
    assert middle is not None  # measured at least once
    return middle


def table(speed: EngineSpeed) -> str:
    """Tokens a second, each beside its share of what is possible."""
    limits = speed.limits
    rows = [
        ("tokens a second", "prompt", "of ceiling", "writing", "of ceiling"),
        _row("ceiling", speed.prompt_ceiling, None, speed.generation_ceiling, None),
    ]
    for name, bare in (("bare", speed.bare), ("other order", speed.other_order)):
        (_, one), *several = bare.generation.items()
        rows += [
            _row(
                f"{name}, 1 sequence",
                bare.prompt,
                ratio(bare.prompt, speed.prompt_ceiling),
                one,
                ratio(one, speed.generation_ceiling),
            ),
            _row(f"{name}, {ASKED_TOKENS} tokens more", bare.asked, None, None, None),
            *(
                _row(f"{name}, {width} sequences", None, None, rate, None)
                for width, rate in several
            ),
        ]
    parts = [columns(rows)]
    if speed.in_answers:
        rows = [("in answers", "prompt", "of bare", "writing", "of 1 sequence")]
        for told in speed.in_answers:
            alone = speed.bare.generation[WIDTHS[0]]
            shares = ratio(told.prompt, speed.bare.prompt), ratio(told.generation, alone)
            rows.append(_row(told.way, told.prompt, shares[0], told.generation, shares[1]))
        parts.append(columns(rows))
    parts.append(
        f"{speed.model}, {speed.file_bytes / 1e9:.2f} GB, {speed.threads} threads; "
        f"memory {limits.memory / 1e9:.1f} GB/s, arithmetic {limits.arithmetic / 1e9:.0f} Gflop/s"
    )
    return "\n".join(parts)


def _row(name: str, *figures: float | None) -> tuple[str, ...]:
    """Rates and shares in turn, nothing where there is none."""
    forms = (".1f", ".0%", ".1f", ".0%")
    cells = zip(figures, forms, strict=True)
    return (name, *("" if value is None else shown(value, form) for value, form in cells))
