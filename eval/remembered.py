"""An engine that is asked nothing twice: where only one passage changes, only that one is read.

Decoding is greedy, so the same prompt has the same reply; what a batch holds beside it moves the
last bits (see "Kept passages, exactly" in eval/README.md), which a remembered reply is spared.
"""

import json
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from rag.engine import Engine, Piece, Prompt
from rag.states import state_key


class Remembering:
    """The engine behind it, as one that has read every passage ahead and forgets no reply.

    `file` keeps what was said, a line a reply, under `identity`: whatever else replies depend on.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        file: Path,
        identity: str,
        probed: bool = False,
    ) -> None:
        """`engine` opens the engine, `probed` or not; it is called with the first new prompt."""
        self._open = engine
        self._engine: Engine | None = None
        self._file = file
        self._identity = identity
        self.name = "remembering"
        self.probed = probed
        self.new_prompts = 0
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        self._said: dict[str, Any] = dict(json.loads(line) for line in lines)

    def probabilities(
        self, prompts: Sequence[Prompt], yes: Sequence[str], no: Sequence[str]
    ) -> list[float]:
        """As `rag.engine.Engine.probabilities`."""
        keys = [self._key(prompt, "probability", *yes, "or", *no) for prompt in prompts]
        return self._numbers(keys, prompts, lambda new: self._behind().probabilities(new, yes, no))

    def probe(self, prompts: Sequence[Prompt]) -> list[float]:
        """As `rag.engine.Engine.probe`."""
        keys = [self._key(prompt, "probe") for prompt in prompts]
        return self._numbers(keys, prompts, lambda new: self._behind().probe(new))

    def _numbers(
        self,
        keys: Sequence[str],
        prompts: Sequence[Prompt],
        ask: Callable[[Sequence[Prompt]], list[float]],
    ) -> list[float]:
        new = [i for i, key in enumerate(keys) if key not in self._said]
        if new:
            for i, number in zip(new, ask([prompts[i] for i in new]), strict=True):
                self._keep(keys[i], number)
        return [self._said[key] for key in keys]

    def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[Piece]:
        """As `rag.engine.Engine.generate`; what is remembered comes first."""
        keys = [self._key(prompt, "reply", str(max_tokens)) for prompt in prompts]
        new = [i for i, key in enumerate(keys) if key not in self._said]
        for i, key in enumerate(keys):
            if i not in new:
                yield from (Piece(i, text, logprob) for text, logprob in self._said[key])
        if not new:
            return
        replies: list[list[tuple[str, float]]] = [[] for _ in new]
        for n, text, logprob in self._behind().generate([prompts[i] for i in new], max_tokens):
            replies[n].append((text, logprob))
            yield Piece(new[n], text, logprob)
        for i, reply in zip(new, replies, strict=True):
            self._keep(keys[i], reply)

    def fits(self, prompt: Prompt, max_tokens: int) -> bool:
        """As `rag.engine.Engine.fits`."""
        return self._behind().fits(prompt, max_tokens)

    def is_ready(self, prompt: Prompt) -> bool:
        """Always: as on the page, once it has read ahead."""
        return True

    def settle(self) -> None:
        """As `rag.engine.Engine.settle`."""
        if self._engine is not None:
            self._engine.settle()

    def close(self) -> None:
        """Close the engine behind it."""
        if self._engine is not None:
            self._engine.close()

    def stop(self) -> None:
        """Stop the engine behind it."""
        if self._engine is not None:
            self._engine.stop()

    def _behind(self) -> Engine:
        self._engine = self._engine or self._open()
        return self._engine

    def _key(self, prompt: Prompt, *asked: str) -> str:
        turns = [part for turn in prompt.turns for part in (turn.role, turn.content)]
        return state_key(self._identity, *asked, *turns, prompt.passage, prompt.asked)

    def _keep(self, key: str, said: Any) -> None:
        self._said[key] = said
        self.new_prompts += 1
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, said]) + "\n")
