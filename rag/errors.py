"""The errors of Recoupe.

    RecoupeError
    ├── SettingsError    a setting or an argument that cannot be used: correct it
    ├── ArticleError     a file or a page that cannot be read: the others go on
    ├── ModelError       a model is missing, damaged or does not load: pull it, or choose another
    ├── StoreError       the dossier cannot be opened, read or written
    └── EngineError      the language model failed while it was answering: ask again

Each carries a key of `messages.toml` and what fills its blanks, so that the same error reads
in English on the command line and in the user's language on the page. No exception of a
library leaves the module that wraps that library.
"""

from rag.messages import message
from rag.types import Language


class RecoupeError(Exception):
    """Base of all of them; `str()` is one line in English that says what to do."""

    def __init__(self, key: str, **blanks: object) -> None:
        self.key = key
        self.blanks = blanks
        super().__init__(self.text("en"))

    def text(self, language: Language) -> str:
        """The same line in `language`."""
        return message(self.key, language, **self.blanks)


class SettingsError(RecoupeError):
    """A setting or an argument that cannot be used."""


class ArticleError(RecoupeError):
    """A file or a page that cannot be read as an article."""


class ModelError(RecoupeError):
    """A model is missing, damaged, or does not load."""


class StoreError(RecoupeError):
    """The dossier cannot be opened, read or written."""


class EngineError(RecoupeError):
    """The language model failed while it was answering."""
