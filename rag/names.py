"""Names in a text, and whether another text has them in any near spelling, in either language."""

import re
import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from rapidfuzz import fuzz

from rag.evidence import Evidence
from rag.language import fold, words
from rag.types import Language

_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w]*(?:[-.&][A-ZÀ-ÖØ-Þ\d][\w]*)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s+)[«“\"(]?\s*$")
_JOINS = re.compile(r"\s(?:(?:of|of the|de|de la|du|des|d['’]|for|pour)\s?)?")
_NOT_NAMES = frozenset(  # folded words that are written with a capital all the same
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday i "
    # … titles, which change with the language while the name stays
    "mr mrs ms miss mme mlle mm dr sir monsieur madame mademoiselle "
    # … what a member of it is said to be without: a Republican, of the Republican Party
    "party "
    # … and what may stand before a name at the start of a sentence.
    "a an the this that these those in on at by for from to of with as and but or he she it they "
    "his her its their le la les l un une des du de d ce cet cette ces en au aux dans sur par pour "
    "avec selon et mais ou il elle ils elles on son sa ses leur leurs according both since after "
    "before when depuis apres avant lorsque quand".split()
)
_ASKING = frozenset(  # … or a question, which are names only where they have another capital: WHO
    "combien comment lequel laquelle pourquoi que quel quelle quels quelles qui quoi "
    "how what where which who whom whose why did does do has have is are was were".split()
)
SAME_WORD = 85.0  # rapidfuzz ratio from which two spellings are one name: Zelensky, Zelenskyy
COGNATE = 55.0  # … across languages: Banque and Bank, Université and University
SHORT = 5  # letters of a single word that may look like any other
SHORT_COGNATE = 75.0  # … for words of three letters: Cup and Coupe


def names(text: str, known: Collection[str] = ()) -> list[str]:
    """Words of `text` that are written as names, each once, in order.

    A capitalised first word is left out unless it is a `known` name, another follows it, or it
    has a second capital: it may be there for the grammar's sake only.
    """
    found: dict[str, None] = {}
    for match in _NAME.finditer(text):
        word = match.group()
        starts = _SENTENCE_START.search(text[: match.start()]) is not None
        follows = re.match(r"\s[A-ZÀ-ÖØ-Þ]", text[match.end() :]) is not None
        certain = word in known or follows or any(c.isupper() for c in word[1:])
        if starts and not certain:
            continue
        asks = starts and word[1:].islower() and fold(word) in _ASKING
        if len(word) > 1 and not asks and fold(word) not in _NOT_NAMES:
            found[word] = None
    return list(found)


def full_names(text: str, known: Collection[str] = ()) -> list[str]:
    """The `names` of `text`, those that stand side by side (or around "of", "de") as one."""
    parts = names(text, known)
    joined: list[str] = []
    position = 0
    for part in parts:
        start = text.index(part, position)
        if joined and _JOINS.fullmatch(text[position:start]):
            joined[-1] += text[position:start] + part
        else:
            joined.append(part)
        position = start + len(part)
    return joined


def has_names_of(question: str, language: Language, evidence: Evidence) -> bool:
    """Whether the question names something, and `evidence` has all that it names."""
    return bool(full_names(question)) and not missing_names(question, language, evidence)


def missing_names(
    text: str, language: Language, evidence: Evidence, known: Collection[str] = ()
) -> list[str]:
    """The full names of `text` that `evidence` does not have in any near spelling.

    One word of a name must be in the passage, the others somewhere in the article; across
    languages the one is enough (Competition Bureau, Bureau de la concurrence), and countries and
    nationalities are known in both.
    """
    same = language == evidence.language
    near, far = set(words(evidence.around)), set(words(f"{evidence.article} {evidence.around}"))
    spelt = _acronyms_in(evidence.around)
    if not same:
        near |= {own for word in near for own in translations(evidence.language).get(word, ())}

    def is_there(name: str) -> bool:
        parts = [word for word in words(name) if word not in _NOT_NAMES]
        if spelt.intersection(parts):
            return True
        if not same:
            if len(parts) == 1 and len(parts[0]) <= SHORT:
                return _near(parts[0], near, SAME_WORD)  # Nice is not nine
            return any(_near(w, near, COGNATE if len(w) > 3 else SHORT_COGNATE) for w in parts)
        return any(_near(w, near, SAME_WORD) for w in parts) and all(
            _near(w, far, SAME_WORD) for w in parts
        )

    return [name for name in full_names(text, known) if not is_there(name)]


def _near(word: str, there: set[str], threshold: float) -> bool:
    """Whether a spelling of `word` is in `there`: little words must be the same, exactly."""
    return word in there or any(
        len(other) > 2 and other[0] == word[0] and fuzz.ratio(word, other) >= threshold
        for other in there
    )


def _acronyms_in(text: str) -> set[str]:
    """The acronyms that `text` has, and those that stand for words of it, as both languages write
    them, folded."""
    capitals = {fold(word) for word in re.findall(r"\b[A-Z]{2,}\b", text)}
    plain = f" {' '.join(words(text))} "
    said = {
        french
        for french, english in _listed()["acronyms"].items()
        if capitals & {french, english}
        or any(f" {phrase} " in plain for phrase in _listed()["spelt"].get(french, ()))
    }
    return said | {_listed()["acronyms"][french] for french in said}


@cache
def _listed() -> Any:
    return tomllib.loads(files("rag").joinpath("names.toml").read_text(encoding="utf-8"))


@cache
def other_names(language: Language) -> dict[str, frozenset[str]]:
    """The `translations`, with those of cities and of acronyms."""
    found = {word: frozenset(others) for word, others in translations(language).items()}
    for french, english in (*_listed()["cities"].items(), *_listed()["acronyms"].items()):
        own, other = (french, english) if language == "fr" else (english, french)
        found[own] = found.get(own, frozenset()) | {other}
    return found


@cache
def translations(language: Language) -> dict[str, tuple[str, ...]]:
    """Words of the names of countries and languages in `language`, to those of the other."""
    ours, theirs = Locale(language), Locale("en" if language == "fr" else "fr")
    pairs: dict[str, tuple[str, ...]] = {}
    for table in ("territories", "languages"):
        own, other = getattr(ours, table), getattr(theirs, table)
        for code in own.keys() & other.keys():
            for word in words(own[code]):
                pairs[word] = (*pairs.get(word, ()), *words(other[code]))
    return pairs
