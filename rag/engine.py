"""What Recoupe asks of a language model, whichever program runs it.

A prompt comes in the order in which its parts can be kept: what is the same for every question
and passage, then the passage, then what is asked about it. Whatever two prompts share at their
start has to be read by the model only once.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation with the model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation that waits for a reply; the user's last turn is `passage` + `asked`."""

    turns: tuple[Turn, ...]  # the instruction and the examples: the same for every question
    passage: str  # what comes back with other questions; may be empty
    asked: str


class Piece(NamedTuple):
    """More of the reply to one prompt."""

    prompt: int  # its number, from 0
    text: str
    logprob: float  # natural logarithm of the probability of the tokens that `text` ends with


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
    """A language model that answers several prompts side by side. For any thread."""

    name: str
    probed: bool  # whether the model can be looked into

    def probabilities(
        self, prompts: Sequence[Prompt], yes: Sequence[str], no: Sequence[str]
    ) -> list[float]:
        """For each prompt, P(yes) / (P(yes) + P(no)) of the first token of the reply.

        `yes` and `no` are the words that count as each. Raises EngineError.
        """
        ...

    def probe(self, prompts: Sequence[Prompt]) -> list[float]:
        """For each prompt, log-odds that the passage has the answer, read in the model's state
        before it replies (see `rag.probe`); only where `probed`. Raises EngineError.
        """
        ...

    def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[Piece]:
        """One line of reply to each prompt, at most `max_tokens` long, the pieces interleaved.

        Closing the iterator stops the model within one step. Raises EngineError.
        """
        ...

    def fits(self, prompt: Prompt, max_tokens: int) -> bool:
        """Whether there is room for the prompt and that much of a reply."""
        ...

    def is_ready(self, prompt: Prompt) -> bool:
        """Whether the prompt's passage needs not be read first, which takes seconds."""
        ...

    def settle(self) -> None:
        """Before a question: have nothing in memory that could move the last bits of a reply.

        The same question then gets the same answer, whatever was asked before it.
        """
        ...

    def close(self) -> None:
        """Free what it holds; it cannot be used after this."""
        ...

    def stop(self) -> None:
        """Make the call that another thread is in, if any, raise EngineError at once."""
        ...
