"""The words of a text, in either language, with what is known of what they mean: `words.toml`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from rapidfuzz import fuzz

from rag.language import fold, stems, words
from rag.names import names, other_names
from rag.types import LANGUAGES, Language
from rag.values import figures

SAME_NAME = 85.0  # rapidfuzz ratio from which two spellings are one name
COGNATE = 75.0  # … and from which two words are of one family: they must begin alike, too


@dataclass(frozen=True, slots=True)
class Word:
    """A word, folded, with its stem and the `concepts` that `words.toml` knows it for."""

    text: str
    stem: str
    concepts: frozenset[str]
    name: bool
    light: bool


@cache
def table() -> dict[str, Any]:
    """`words.toml`."""
    return tomllib.loads(files("rag.meaning").joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """A regular expression of `words.toml`."""
    return re.compile(table()["patterns"][name])


@cache
def _concepts(language: Language) -> dict[str, frozenset[str]]:
    """The concepts of a stem in `language`, to which `negate` is added for verbs that negate."""
    found: dict[str, frozenset[str]] = {}
    lists = [(name, forms[language]) for name, forms in table()["concepts"].items()]
    for name, forms in [*lists, ("negate", table()["negation"]["verbs"][language])]:
        for stem in stems(forms, language):
            found[stem] = found.get(stem, frozenset()) | {name}
    return found


@cache
def _light(language: Language) -> frozenset[str]:
    listed, locale = table()["light"][language], Locale(language)
    dated = [*locale.months["format"]["wide"].values(), *locale.days["format"]["wide"].values()]
    return frozenset(words(listed)) | frozenset(stems(listed, language)) | set(map(fold, dated))


@cache
def _all_names() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in other_names(language))


def read(text: str, language: Language) -> list[Word]:
    """The words of `text` in order, its numbers left out."""
    listed = {word.capitalize() for word in re.findall(r"\w+", text) if fold(word) in _all_names()}
    called = {word for name in names(text, listed) for word in words(name)}
    known, light = _concepts(language), _light(language)
    text = _without_figures(text, language)
    return [
        Word(word, stem, known.get(stem, frozenset()), word in called,
             word in light or (stem in light and stem not in known) or len(word) < 3)
        for word, stem in zip(words(text), stems(text, language), strict=True)
        if not word[0].isdigit()
    ]  # fmt: skip


def clauses(text: str) -> list[str]:
    """`text` cut where a clause may end: at punctuation, at and, but, who, when and the like."""
    text = pattern("aside").sub(r" \1 ", text)
    return [part for part in pattern("break").split(text) if part.strip()]


def clause_at(text: str, place: int) -> str:
    """The clause of `text` that `place` is in."""
    start = 0
    for cut in pattern("break").finditer(text):
        if cut.start() > place:
            return text[start : cut.start()]
        start = cut.end()
    return text[start:]


def _without_figures(text: str, language: Language) -> str:
    for figure in reversed(figures(text, language)):
        text = f"{text[: figure.start]}0{text[figure.end :]}"
    return text


@cache
def alike(one: Word, other: Word, same_language: bool) -> bool:
    """Whether two words say the same: one stem, one concept, or of one family by their look."""
    if one.concepts & other.concepts or one.text == other.text:
        return True
    if same_language and one.stem == other.stem:
        return True
    ratio = fuzz.ratio(one.text, other.text)
    if same_language and (one.name or other.name):
        return ratio >= SAME_NAME
    begin = 5 if same_language else 3
    return one.text[:begin] == other.text[:begin] and ratio >= COGNATE
