"""Questions to click, for whoever does not know what to ask yet."""

from pathlib import Path

from rag.messages import message
from rag.page.desk import Desk
from rag.suggested import COUNT, LOOKED_AT, promise, suggestions
from rag.types import Language

STARTER = "fr-01-meta-scale-15-milliards.md"  # of the starter dossier, which has its own questions
OF_STARTER = ("page.example_1", "page.example_2", "page.example_3", "page.example_4")


class Examples:
    """What is offered for the dossier that is open, found once for each of its revisions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[tuple[Path, int, Language], list[str]] = {}

    def offered(self, language: Language) -> list[str]:
        """At most COUNT questions in `language`; none while the dossier is opened or empty.

        Raises StoreError.
        """
        if not self._desk.is_open:
            return []
        store = self._desk.assistant.dossier.store
        state = (store.folder, store.revision, language)
        if state not in self._known:
            self._known = {state: self._found(language), **dict(list(self._known.items())[:1])}
        return self._known[state]

    def _found(self, language: Language) -> list[str]:
        listed = [one.listed for one in self._desk.listing()]
        if any(Path(one.path).name == STARTER for one in listed):
            return [message(key, language) for key in OF_STARTER]
        newest = sorted(listed, key=lambda one: promise(one, language), reverse=True)[:LOOKED_AT]
        documents = (self._desk.document(one.id) for one in newest)
        return suggestions([one for one in documents if one is not None], language, COUNT)
