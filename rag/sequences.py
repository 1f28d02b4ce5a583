"""Which tokens each llama.cpp sequence holds, so that no prompt is decoded from scratch.

Every question part follows the same instruction and the same passage: whatever a new prompt
shares with a sequence that is already in memory is copied (microseconds) instead of decoded
(seconds). Pure bookkeeping: the engine carries the plan out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

# A sequence is cut back for a prompt that keeps this share of it: another question about the same
# passage. One that shares less, the instructions only, must not cost it its passage.
REPLACED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Placement:
    """Prompt number `prompt` goes to sequence `target`, its first `kept` tokens from `source`."""

    prompt: int
    target: int
    source: int
    kept: int


def shared_length(a: Sequence[int], b: Sequence[int]) -> int:
    """How many tokens `a` and `b` have in common at their start."""
    low, high = 0, min(len(a), len(b))
    while low < high:  # slices are compared many times faster than tokens one by one
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class SequenceTable:
    """What the sequences 0 … `size`-1 hold, and which was used last."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.tokens: list[list[int]] = [[] for _ in range(size)]
        self._used = [0] * size
        self._clock = 0

    def place(self, prompts: Sequence[Sequence[int]]) -> list[Placement]:
        """A sequence for each prompt, to be carried out in the order returned.

        The prompts that share most come first, so that no copy reads what an earlier placement
        has cut. At least the last token of a prompt stays to be decoded: its logits are wanted.
        Raises ValueError for more prompts than sequences.
        """
        if len(prompts) > self.size:
            raise ValueError(f"{len(prompts)} prompts do not fit {self.size} sequences")
        by_shared = sorted(range(len(prompts)), key=lambda i: self.shared(prompts[i]), reverse=True)
        taken: set[int] = set()
        placements = []
        for i in by_shared:
            source, kept = self._best(prompts[i])
            replaces = source not in taken and kept >= REPLACED_SHARE * len(self.tokens[source])
            target = source if replaces else self._oldest(taken, source)
            taken.add(target)
            self.hold(target, prompts[i][:kept])
            placements.append(Placement(i, target, source, kept))
        return placements

    def shared(self, prompt: Sequence[int]) -> int:
        """How many tokens at the start of `prompt` some sequence holds."""
        return self._best(prompt)[1]

    def hold(self, sequence: int, tokens: Sequence[int]) -> None:
        """Note that `sequence` now holds `tokens`."""
        self._clock += 1
        self.tokens[sequence] = list(tokens)
        self._used[sequence] = self._clock

    def holder(self, tokens: Sequence[int]) -> int:
        """A sequence that begins with most of `tokens`."""
        return self._best([*tokens, -1])[0]

    def oldest(self, kept: Collection[int]) -> int:
        """The sequence unused for longest that is not in `kept`."""
        return min((s for s in range(self.size) if s not in kept), key=lambda s: self._used[s])

    def oldest_outside(self, kept: Collection[int]) -> int | None:
        """The sequence unused for longest that holds something and is not in `kept`."""
        candidates = [s for s in range(self.size) if s not in kept and self.tokens[s]]
        return min(candidates, key=lambda s: self._used[s], default=None)

    def _best(self, prompt: Sequence[int]) -> tuple[int, int]:
        lengths = [shared_length(held, prompt[:-1]) for held in self.tokens]
        best = max(range(self.size), key=lambda s: (lengths[s], -self._used[s]))
        return best, lengths[best]

    def _oldest(self, taken: Collection[int], source: int) -> int:
        """The sequence unused for longest that may be overwritten; `source` if no other may."""
        free = [s for s in range(self.size) if s not in taken and s != source]
        return min(free, key=lambda s: self._used[s]) if free else source
