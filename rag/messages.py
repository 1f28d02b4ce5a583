"""Everything a user reads, in French and in English, from the one table `messages.toml`."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files

from babel.dates import format_date

from rag.types import Language


@cache
def table() -> dict[str, dict[str, str]]:
    """`{key: {"fr": text, "en": text}}`; a key is `section.name` as in the file."""
    raw = tomllib.loads(files("rag").joinpath("messages.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": texts
        for section, entries in raw.items()
        for name, texts in entries.items()
    }


def message(key: str, language: Language, **blanks: object) -> str:
    """The text of `key` in `language`, its `{blanks}` filled.

    Raises KeyError for an unknown key or blank: a mistake in the program, not of the user.
    """
    return table()[key][language].format_map(blanks)


def long_date(day: date, language: Language) -> str:
    """`day` as a reader of `language` writes it: 13 juin 2025, 1er juin 2025, June 13, 2025."""
    written = str(format_date(day, format="long", locale=language))
    return written.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else written


def colon(language: Language) -> str:
    """How a colon is written after a word."""
    return " :" if language == "fr" else ":"
