"""French or English: which one a text is in, and its words as retrieval compares them."""

import re
import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import cast

import langdetect
import Stemmer
from langdetect.detector_factory import DetectorFactory

from rag.errors import SettingsError
from rag.types import LANGUAGES, Language

_STEMMERS = {"fr": "french", "en": "english"}
# The first form is a number with its thousands apart: 1 000, 14,300 or 2.500.000,50. "1,250" is
# one too, though it may be a decimal in French: all texts are read alike, so it finds itself.
_WORD = re.compile(
    r"[1-9]\d{0,2}(?P<apart>[ .,])\d{3}(?:(?P=apart)\d{3})*(?:[.,]\d+)?(?!\d)"
    r"|\d+(?:[.,]\d+)*|[^\W\d_]+"
)
# Folded words that only one of the two languages has: in a short question they tell more than the
# letters that langdetect counts.
ONLY: dict[Language, frozenset[str]] = {
    "en": frozenset(
        "the of and is are was were did does do has have had what which who whom whose when where "
        "why how to in for with by from as it its his her him their this that these those an be "
        "been not no at than can could would should will about there he she they you your my me we "
        "if into i am any very just".split()
    ),
    "fr": frozenset(
        "le la les des du de une un et est sont etait etaient ont avait que qui quoi quel quelle "
        "quels quelles quand ou comment pourquoi combien dans pour par avec sur au aux ce cette "
        "ces son sa ses leur leurs se il elle ils elles ne qu en entre selon lors dont je tu nous "
        "vous mon ma mes faut peut doit suis sommes tres mais donc fait".split()
    ),
}
# … and that neither has, but one of the languages that a page may quote.
_ELSEWHERE = frozenset(
    "el los las una unos por pero muy cual donde esta como cuando porque desde hasta ver usted "
    "ustedes der das und ist nicht ich sie wer wie mit auf fur ein eine einen wenn ihr ihnen mir "
    "wir auch dem den che di della dello sono gli piu mio ho nel nella perche quando questo questa "
    "qual alcuni come uma voce voces nao seu sua com dos das foi meu minha pelo pela quem isso het "
    "een niet wij zijn van dit dat deze naar yang dan untuk cara".split()
)
_FEWEST_ELSEWHERE = 2
_SMALL_IN_A_TITLE = 2
_SMALL = re.compile(r"\b[^\W\d_A-ZÀ-Þ]+\b")
_CLIPPED = {  # l'eau, qu'il; don't, they're
    "en": re.compile(r"n't\b|\b(?:i|you|we|they|he|she|it)'(?:m|re|ve|ll|s|d)\b"),
    "fr": re.compile(r"\b(?:l|d|qu|n|c|j|s|m|t)'(?=[aeiouyh])"),
}
_FIRST = 2  # what the first word counts: "Who" and "Qui" stand before names of either language
_lock = threading.Lock()  # langdetect and the stemmers keep state between calls


@cache
def _detector_factory() -> DetectorFactory:
    profiles = Path(langdetect.__file__).parent / "profiles"
    factory = DetectorFactory()
    factory.seed = 0  # the detector samples: the same text must give the same language
    factory.load_json_profile(
        [(profiles / language).read_text(encoding="utf-8") for language in LANGUAGES]
    )
    return factory


@cache
def _stemmer(language: Language) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_STEMMERS[language])


def detect(text: str, default: Language = "en") -> Language:
    """French or English, `default` where the text has no letters to tell by.

    By the words that only one of the two has; where they do not decide, by langdetect with the
    profiles of these two languages only, which is what its priors would do to the others; seeded,
    since it samples.
    """
    en, fr = _telling(text, "en"), _telling(text, "fr")
    if en != fr:
        return "en" if en > fr else "fr"
    return _by_letters(text, default)


def is_switched(text: str, expected: Language) -> bool:
    """Whether `text` is in the other of our two languages than expected, and says so by more of
    its small words than a title has."""
    there, written_in = set(words(text)), detect(text, expected)
    more = len(there & ONLY[written_in]) - len(there & ONLY[expected])
    return written_in != expected and more > _SMALL_IN_A_TITLE


def is_in_neither(text: str) -> bool:
    """Whether a sentence is in a third language: in other letters, or with more different small
    words of others than of ours."""
    letters = [char for char in fold(text) if char.isalpha()]
    if letters and sum(not char.isascii() for char in letters) > len(letters) / 2:
        return True
    there = {fold(word) for word in _SMALL.findall(text)}  # not those of names: Los Angeles
    elsewhere = len(there & _ELSEWHERE)
    return elsewhere >= _FEWEST_ELSEWHERE and elsewhere > len(there & (ONLY["fr"] | ONLY["en"]))


def _telling(text: str, language: Language) -> int:
    folded = fold(text)
    found = [word in ONLY[language] for word in words(folded)]
    first = _FIRST - 1 if found[:1] == [True] else 0
    return sum(found) + first + len(_CLIPPED[language].findall(folded))


def _by_letters(text: str, default: Language) -> Language:
    with _lock:
        detector = _detector_factory().create()
        detector.append(text)
        try:
            found = detector.detect()
        except langdetect.LangDetectException:
            return default
    return cast(Language, found) if found in LANGUAGES else default


def parse_language(value: str | None) -> Language | None:
    """`value` as a Language, None for None. Raises SettingsError for any other language."""
    if value is None or value in LANGUAGES:
        return value
    raise SettingsError("settings.language", value=value)


def fold(text: str) -> str:
    """`text` in lower case without accents, its typographic apostrophes made plain."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The words and numbers of `text`, folded, in order.

    A number is one word, written alike in both languages: "14,3" and "14.3" are "14.3",
    "1 000", "1,000" and "1.000" are "1000".
    """
    return [_one_number(match) for match in _WORD.finditer(fold(text))]


def _one_number(match: re.Match[str]) -> str:
    word = match[0]
    if match["apart"]:
        *thousands, last = word.split(match["apart"])
        word = "".join(thousands) + last
    return word.replace(",", ".")


def stems(text: str, language: Language) -> list[str]:
    """The words of `text` reduced to their Snowball stems."""
    with _lock:
        return list(_stemmer(language).stemWords(words(text)))
