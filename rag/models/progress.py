"""How far a download is, in bytes."""

from collections.abc import Callable
from dataclasses import dataclass, field

OnProgress = Callable[[int, int], None]
"""Called with the bytes there are and the bytes there will be."""


class SourceError(Exception):
    """A source that could not give its file: the next one is tried. Never leaves `rag.models`."""


@dataclass(slots=True)
class Progress:
    """Bytes of each file of a model, told to `on_progress` as one sum."""

    on_progress: OnProgress
    done: dict[str, int] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)

    def expect(self, file: str, total: int) -> None:
        """`total` bytes are to come for `file`: wheels are not as large as what is in them."""
        self.total[file] = total

    def report(self, file: str, done: int) -> None:
        """There are `done` bytes of `file`."""
        self.done[file] = done
        self.on_progress(sum(self.done.values()), sum(self.total.values()))
