"""The words of the report, from the one table `report.toml`, and its numbers, in a language."""

import re
import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files

from babel.dates import format_time
from babel.numbers import format_decimal

from rag.messages import long_date
from rag.types import Language


@cache
def table() -> dict[str, dict[str, str]]:
    """`{key: {"fr": text, "en": text}}`; a key is `section.name` as in the file.

    In French, the spaces before punctuation do not break.
    """
    raw = tomllib.loads(files("eval").joinpath("report.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": {
            **texts,
            "fr": re.sub(r" (?=[:;?!»%])|(?<=«) ", "\u00a0", texts["fr"]),
        }
        for section, entries in raw.items()
        for name, texts in entries.items()
    }


def say(key: str, language: Language, **blanks: object) -> str:
    """The text of `key` in `language`, its `{blanks}` filled.

    Raises KeyError for an unknown key or blank: a mistake in the program, not of the user.
    """
    return table()[key][language].format_map(blanks)


def label(section: str, name: str, language: Language) -> str:
    """What a reader calls `name`; the name itself where the table does not know it."""
    texts = table().get(f"{section}.{name}")
    return texts[language] if texts else name


def number(value: float, language: Language, digits: int = 2) -> str:
    """`0,81` or `0.81`; thousands grouped as the language does."""
    form = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=form, locale=language))


def seconds(value: float, language: Language) -> str:
    """`2,1 s` or `2.1 s`; hundredths below one second, no decimals from a hundred."""
    digits = 2 if value < 1 else 1 if value < 100 else 0
    return f"{number(value, language, digits)}\u00a0s"


def duration(value: float, language: Language) -> str:
    """`5 min 12 s`, `2 h 3 min`: how long a run took, from seconds."""
    minutes, left = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}\u00a0h {minutes}\u00a0min"
    return f"{minutes}\u00a0min {left}\u00a0s" if minutes else seconds(value, language)


def moment(iso: str, language: Language) -> str:
    """`22 novembre 2026, 03:10` from an ISO time, which is in the clock of the machine."""
    when = datetime.fromisoformat(iso)
    return f"{long_date(when.date(), language)}, {format_time(when, 'HH:mm', locale=language)}"
