"""Lines that say when an article appeared, alone or beside the name of its outlet."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rag.ingest.dates import has_date, without_dates
from rag.ingest.lines import Line
from rag.language import fold, words

MOST_OF_A_NAME = 7  # words of an outlet's name
LONGEST = 130  # characters of a line that only says when

_LABELLED_DATE = re.compile(
    r"(publi(e|ee|shed)?( online)?|posted|mis(e)? (a jour|en ligne)|paru(e)?|modifie(e)?|cree(e)?|"
    r"(last |derniere )?(updated?|modified|mise a jour|modification)|date|first published|"
    r"actualise(e)?)\b.{0,110}"
)
_AGO = re.compile(r"\b(il y a|ago|plus tot)\b")
_ONLY_AGO = re.compile(
    r"(il y a )?(\d+|une?|an?|quelques) ?(secondes?|s|minutes?|mins?|mn|heures?|hours?|h|jours?|"
    r"days?|d|semaines?|weeks?|mois|months?|ans?|years?)( ago| plus tot)?"
)
_PARTS = re.compile(r"\s*[|•·/]\s*|\s{3,}|\t")
_DASHES = re.compile(r"\s*[|•·—–]\s*|\s+-\s+|\s{3,}|\t|\s*[()]\s*")
_ARTICLE = re.compile(r"(?:(?:Le|La|Les|The)\s+|L['’])(?=[A-ZÀ-ÖØ-Þ])")
_SITE = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?:fr|com|org|net|info|eu|co\.uk|uk|ch|be|ca|news|tv)")
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-Þ0-9]")
_SIGNED = re.compile(r"(?:by|par) [^,|–—]{3,45}, (?=.+,)", re.IGNORECASE)
# "Scènes & Coulisses": what joins the words of a title, and of few persons' names
_JOINED = re.compile(r"[A-ZÀ-ÖØ-Þ][\w’']*(?: [A-ZÀ-ÖØ-Þ][\w’']*)* (?:&|et|and) [A-ZÀ-ÖØ-Þ]\w+")
_LABEL = re.compile(
    r"(?:source|outlet|m[ée]dia|journal|publi[ée] (?:dans|par|sur)|published (?:in|by|on)|from)"
    r"\s*:?\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    beside_a_date: frozenset[str]
    outlet_words: frozenset[str]


@cache
def _vocabulary() -> _Vocabulary:
    raw = tomllib.loads(files("rag.ingest").joinpath("datelines.toml").read_text(encoding="utf-8"))
    return _Vocabulary(**{name: frozenset(text.split()) for name, text in raw.items()})


def is_date_line(line: Line) -> bool:
    """A line that only says when: a date, labelled or bare, or how long ago."""
    if len(line.text) > LONGEST:
        return False
    if _LABELLED_DATE.fullmatch(line.bare) and (has_date(line.text) or _AGO.search(line.bare)):
        return True
    only_ago = _AGO.search(line.bare) and _ONLY_AGO.fullmatch(line.bare)
    parts = [Line(line.number, part, line.block) for part in _PARTS.split(line.text)]
    return bool(only_ago) or (any(map(is_bare_date, parts)) and not line.prose)


def is_bare_date(line: Line) -> bool:
    """A date with at most a weekday and an hour around it."""
    return len(line.text) <= 80 and _is_date(line.text)


def masthead(line: Line) -> str:
    """The outlet that a line like `La Gazette du Val — 12 mars 2026` names, else an empty string.

    Between a dash or parentheses and the day any capitals may be a name, unless they look like a
    person's; before a mere comma, where a dispatch has its town, only what outlets are called.
    """
    if len(line.text) > LONGEST or line.ends_sentence or not has_date(line.text):
        return ""
    text = _LABEL.sub("", line.text.strip(" *_"), count=1)
    text = _SIGNED.sub("", text, count=1)
    parts = [part.strip(" ,:*_") for part in _DASHES.split(text)]
    named = [part for part in parts if part and not _is_date(part)]
    if len(named) < len([part for part in parts if part]):
        return next((one for one in named if is_outlet(one) or _may_be_outlet(one)), "")
    for first, last in (text.partition(",")[::2], text.rpartition(",")[::2]):
        for name, day in ((first, last), (last, first)):
            if _is_date(day) and is_outlet(name.strip()):
                return name.strip()
    return ""


def is_outlet(name: str) -> bool:
    """Whether that is what newspapers, magazines, broadcasters and agencies are called."""
    found = words(fold(name))
    if not 0 < len(found) <= MOST_OF_A_NAME or not _CAPITAL.match(name):
        return _SITE.fullmatch(name) is not None
    return not _vocabulary().outlet_words.isdisjoint(found) or _SITE.fullmatch(name) is not None


def _may_be_outlet(name: str) -> bool:
    """`L'Avenir mélianais`, `Mediapart`, `Rives & Quais`: an article and a capital, one capitalised
    word, or two that are joined."""
    count = len(name.split())
    if _JOINED.fullmatch(name):
        return True
    return (_ARTICLE.match(name) is not None and count <= MOST_OF_A_NAME) or (
        count == 1 and _CAPITAL.match(name) is not None and name.isalpha() and len(name) > 2
    )


def _is_date(text: str) -> bool:
    return has_date(text) and all(
        word in _vocabulary().beside_a_date or word[0].isdigit()
        for word in words(without_dates(text))
    )
