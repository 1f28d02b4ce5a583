"""Is a sentence supported by the exact words it cites? Decided by code, not by a model.

Figures and names of a sentence must be in the words it cites, in whatever form either language
writes them; its other words must mostly be there too where both are in the same language; and
nothing stays between quotation marks that the article does not say letter by letter.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

from babel import Locale
from rapidfuzz import fuzz

from rag.language import fold, stems, words
from rag.types import Document, Language, Reading, Status
from rag.values import figures, missing_figures

_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w]*(?:[-.&][A-ZÀ-ÖØ-Þ\d][\w]*)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s+)[«“\"(]?\s*$")
_QUOTED = re.compile(r"«\s*([^«»]+?)\s*»|“([^“”]+)”|\"([^\"]+)\"")
_JOINS = re.compile(r"\s(?:(?:of|of the|de|de la|du|des|d['’]|for|pour)\s?)?")
_NOT_NAMES = frozenset(  # folded words that are written with a capital all the same
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday i "
    # … and what may stand before a name at the start of a sentence.
    "a an the this that these those in on at by for from to of with as and but or he she it they "
    "his her its their le la les l un une des du de d ce cet cette ces en au aux dans sur par pour "
    "avec selon et mais ou il elle ils elles on son sa ses leur leurs according both since after "
    "before when depuis apres avant lorsque quand".split()
)
_MARKS = str.maketrans(dict.fromkeys('«»“”"‹›', " "))
SAME_WORD = 85.0  # rapidfuzz ratio from which two spellings are one name: Zelensky, Zelenskyy
COGNATE = 55.0  # … across languages: Banque and Bank, Université and University
SHORT_COGNATE = 75.0  # … for words of three letters: Cup and Coupe
SUPPORTED_SHARE = 0.5  # of the content words of a sentence
PARTLY_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact words a sentence cites, and text `around` them whose names it may use too.

    `around` is the article's title, outlet and author, and the rest of the passage.
    """

    quote: str
    around: str
    language: Language


def names(text: str) -> list[str]:
    """Words of `text` that are written as names, each once, in order.

    A capitalised first word is left out unless another name follows it or it has a second
    capital: it may be there for the grammar's sake only.
    """
    found: dict[str, None] = {}
    for match in _NAME.finditer(text):
        word = match.group()
        starts = _SENTENCE_START.search(text[: match.start()]) is not None
        follows = re.match(r"\s[A-ZÀ-ÖØ-Þ]", text[match.end() :]) is not None
        if starts and not follows and not any(c.isupper() for c in word[1:]):
            continue
        if len(word) > 1 and fold(word) not in _NOT_NAMES:
            found[word] = None
    return list(found)


def full_names(text: str) -> list[str]:
    """The names of `text`, those that stand side by side (or around "of", "de") as one."""
    parts = names(text)
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


def missing_names(
    text: str, language: Language, evidence: str, evidence_language: Language
) -> list[str]:
    """The names of `text` that `evidence` does not have in any near spelling.

    Across languages a name of several words is there if one of them is: Competition Bureau,
    Bureau de la concurrence. Countries and nationalities are known in both.
    """
    there = set(words(evidence))
    if language == evidence_language:
        return [
            name for name in names(text) if not all(_near(w, there, SAME_WORD) for w in words(name))
        ]
    there |= {own for word in there for own in _translations(evidence_language).get(word, ())}
    return [
        name
        for name in full_names(text)
        if not any(
            _near(word, there, COGNATE if len(word) > 3 else SHORT_COGNATE)
            for word in words(name)
            if word not in _NOT_NAMES
        )
    ]


def _near(word: str, there: set[str], threshold: float) -> bool:
    """Whether a spelling of `word` is in `there`: little words must be the same, exactly."""
    return word in there or any(
        len(other) > 2 and other[0] == word[0] and fuzz.ratio(word, other) >= threshold
        for other in there
    )


@cache
def _translations(language: Language) -> dict[str, tuple[str, ...]]:
    """Words of the names of countries and languages in `language`, to those of the other."""
    ours, theirs = Locale(language), Locale("en" if language == "fr" else "fr")
    pairs: dict[str, tuple[str, ...]] = {}
    for table in ("territories", "languages"):
        own, other = getattr(ours, table), getattr(theirs, table)
        for code in own.keys() & other.keys():
            for word in words(own[code]):
                pairs[word] = (*pairs.get(word, ()), *words(other[code]))
    return pairs


def content_share(text: str, evidence: str, language: Language) -> float:
    """The share of the stems of `text`, little words left out, that `evidence` has; 1 if none."""
    content = {stem for stem in stems(text, language) if len(stem) > 3}
    return len(content & set(stems(evidence, language))) / len(content) if content else 1.0


def check(text: str, language: Language, evidence: Evidence) -> tuple[Status, tuple[str, ...]]:
    """How well `evidence` supports the sentence `text`, and what is wrong as `kind: words`."""
    same_language = language == evidence.language
    everything = f"{evidence.around}\n{evidence.quote}"
    wrong_figures = missing_figures(
        figures(text, language), figures(evidence.quote, evidence.language)
    )
    wrong_names = missing_names(text, language, everything, evidence.language)
    problems = tuple(
        [f"figure: {text[f.start : f.end]}" for f in wrong_figures]
        + [f"name: {name}" for name in wrong_names]
    )
    if problems:
        return "unsupported", problems
    if not same_language:
        return "supported", ()
    share = content_share(text, evidence.quote, language)
    if share >= SUPPORTED_SHARE:
        return "supported", ()
    status: Status = "partly" if share >= PARTLY_SHARE else "unsupported"
    return status, ("words: not those of the article",)


def bear_out(reading: Reading, language: Language) -> Reading:
    """`reading` as its passage bears it out, its text empty where it does not.

    Quotation marks around words that the article does not say come off, and where the words
    chosen as its quote leave out something that the passage has, the quote is the passage.
    """
    if not reading.text:
        return reading
    document, passage = reading.hit.document, reading.hit.passage
    text = check_quotations(reading.text, document.text)
    reading = replace(reading, text=text)
    status, _ = check(
        text, language, Evidence(passage.text, _masthead(document), document.language)
    )
    if status == "unsupported":
        return replace(reading, text="")
    if check_reading(reading, language)[0] != status:
        return replace(reading, start=passage.start, end=passage.end)
    return reading


def check_reading(reading: Reading, language: Language) -> tuple[Status, tuple[str, ...]]:
    """How well the words that `reading` quotes support what it says."""
    document = reading.hit.document
    around = f"{_masthead(document)}\n{reading.hit.passage.text}"
    return check(reading.text, language, Evidence(reading.quote, around, document.language))


def _masthead(document: Document) -> str:
    return f"{document.title}\n{document.outlet}\n{document.author}"


def check_quotations(text: str, source: str) -> str:
    """`text` with the quotation marks taken off whatever `source` does not say word for word.

    Spaces, the kind of quotation mark and apostrophe, and capitals are no differences.
    """
    said = _plain(source)

    def keep_or_strip(match: re.Match[str]) -> str:
        inner = next(group for group in match.groups() if group is not None)
        return match.group() if _plain(inner).strip(" ,.;:!?…") in said else inner

    return _QUOTED.sub(keep_or_strip, text)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").translate(_MARKS).split())
