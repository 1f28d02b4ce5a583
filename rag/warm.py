"""Reading ahead: what the model computes for passages, before anybody asks about them.

The passages of the most recent articles, as many as the cache of passage states has room for. A
question goes first at any moment (see `LlamaEngine.keep`).
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from rag.config import Settings
from rag.dossier import Dossier
from rag.engine import Prompt
from rag.errors import StoreError
from rag.read import ANSWER_TOKENS, passage_prompt
from rag.states import States
from rag.store import Store
from rag.types import Filters

# Of the cache: states still to come may be larger than the mean of those that are there.
FILLED_SHARE = 0.97
PAUSE_SECONDS = (0.05, 0.5)  # the first, and the longest, after a question came in between
ATTEMPTS = 400  # some three minutes of questions; a passage that always fails must not stay in turn


@runtime_checkable
class Keeper(Protocol):
    """An engine that keeps what it computes for passages."""

    def fits(self, prompt: Prompt, max_tokens: int) -> bool:
        """As `rag.engine.Engine.fits`."""
        ...

    def is_ready(self, prompt: Prompt) -> bool:
        """As `rag.engine.Engine.is_ready`."""
        ...

    def keep(self, prompt: Prompt) -> bool:
        """Read the passage and keep its state on disk; False where a question goes first."""
        ...

    def written(self) -> None:
        """Wait until what `keep` read is on disk."""
        ...


def obstacle(settings: Settings) -> str | None:
    """The key of the message that says why nothing can be read ahead; None where it can."""
    if settings.base_url:
        return "warm.server"
    return None if settings.kv_gigabytes else "warm.nothing_kept"


def is_read_ahead(store: Store, engine: Keeper, document_id: str) -> bool:
    """Whether a question would read nothing of this article anew: all that fits was read ahead.

    Raises StoreError where the article is gone.
    """
    with store.reading():
        document = store.document(document_id)
        passages = store.passages(store.passage_ids(Filters(document_ids=(document_id,))))
    prompts = (passage_prompt(document, passage) for passage in passages)
    kept = [prompt for prompt in prompts if engine.fits(prompt, ANSWER_TOKENS)]
    return bool(kept) and all(map(engine.is_ready, kept))


def passage_states(settings: Settings) -> States:
    """Where the engine of these settings keeps what it computes for passages."""
    return States(settings.dossier / "kv", int(settings.kv_gigabytes * 1e9))


def warm(
    dossier: Dossier, engine: object, states: States, wanted: Callable[[], bool] = lambda: True
) -> Generator[tuple[int, int]]:
    """Read passages ahead; `(ready, in all)` before the first and after each.

    The most recent articles first, those of one day as they came, the undated last. "In all" are
    the passages that `states` has room for, by the mean size of the states that it holds; what
    the most recent articles need takes the place of what older ones have. Between two passages
    `wanted` is asked: False ends it. Articles may come and go meanwhile: those that came are for
    the next time. Nothing at all for an engine or a cache that keeps no states.

    Raises StoreError where the dossier cannot be read or the disk takes no more states.
    """
    if not isinstance(engine, Keeper) or states.limit_bytes <= 0:
        return
    one = _Pass(dossier.store, engine, states, wanted, _newest_first(dossier.store))
    ready, missing = one.look()
    done = len(ready)
    yield done, one.room()
    if missing and not one.has_space_for(len(missing)):
        one.refresh(ready)
    for passage_id in missing:
        if done >= one.room() or not wanted():
            return
        if one.read(passage_id):
            done += 1
            yield done, one.room()


@dataclass(frozen=True, slots=True)
class _Pass:
    """One walk over the passages `ids`, the most important first."""

    store: Store
    engine: Keeper
    states: States
    wanted: Callable[[], bool]
    ids: list[str]

    def room(self) -> int:
        """How many of the passages the cache has room for; all, while that is not known."""
        if not (size := self._mean_size()):
            return len(self.ids)
        return min(len(self.ids), int(FILLED_SHARE * self.states.limit_bytes / size))

    def look(self) -> tuple[list[str], list[str]]:
        """The passages there is room for: those that are ready, and those that are not."""
        ready: list[str] = []
        missing: list[str] = []
        if not self.states.count:
            return ready, self.ids
        room = self.room()
        for passage_id in self.ids:
            if len(ready) + len(missing) >= room or not self.wanted():
                break
            if prompt := self._prompt(passage_id):
                (ready if self.engine.is_ready(prompt) else missing).append(passage_id)
        return ready, missing

    def has_space_for(self, passages: int) -> bool:
        """Whether that many more states fit beside all that are there."""
        wanted = self.states.size_bytes + passages * self._mean_size()
        return wanted <= self.states.limit_bytes

    def refresh(self, ready: list[str]) -> None:
        """Have these used last, so that what is read next takes the place of others."""
        for passage_id in reversed(ready):
            if prompt := self._prompt(passage_id):
                self._keep(prompt)

    def read(self, passage_id: str) -> bool:
        """False where it is no longer there, too long, or not `wanted` any more."""
        prompt = self._prompt(passage_id)
        if prompt and self.engine.is_ready(prompt):  # a question was first, or the same words
            return True
        before, grows = self.states.count, self.has_space_for(2)
        if prompt is None or not self._keep(prompt):
            return False
        self.engine.written()
        if grows and self.states.count <= before:
            raise StoreError("warm.disk", path=self.states.folder)
        return True

    def _keep(self, prompt: Prompt) -> bool:
        pause, longest = PAUSE_SECONDS
        for _ in range(ATTEMPTS):
            if not self.wanted():
                return False
            if self.engine.keep(prompt):
                return True
            time.sleep(pause)
            pause = min(2 * pause, longest)
        return False

    def _prompt(self, passage_id: str) -> Prompt | None:
        """None for a passage that is no longer there, or that a question would cut."""
        with self.store.reading():
            passages = self.store.passages([passage_id])
            documents = [self.store.document(one.document_id) for one in passages]
        for document, passage in zip(documents, passages, strict=True):
            prompt = passage_prompt(document, passage)
            if self.engine.fits(prompt, ANSWER_TOKENS):
                return prompt
        return None

    def _mean_size(self) -> float:
        """Bytes; 0 while there is no state."""
        count = self.states.count
        return self.states.size_bytes / count if count else 0.0


def _newest_first(store: Store) -> list[str]:
    """The ids of all passages; no text stays in memory for it."""
    days = [(one.published or date.min, one.id) for one in store.documents()]
    days.sort(key=lambda day: day[0], reverse=True)  # those of one day stay as they came
    return [
        passage_id
        for _, document_id in days
        for passage_id in store.passage_ids(Filters(document_ids=(document_id,)))
    ]
