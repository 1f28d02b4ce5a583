"""Is a sentence supported by the exact words it cites? Decided by code, not by a model.

Figures and names of a sentence must be in the words it cites, in whatever form either language
writes them; its other words must mostly be there too where both are in the same language; and
nothing stays between quotation marks that the article does not say letter by letter.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache

from babel import Locale
from rapidfuzz import fuzz

from rag.language import fold, stems, words
from rag.types import Hit, Language, Reading, Status
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
    """The exact words that a sentence cites, and where they stand.

    `around` is the passage they are from, with the article's title, outlet and author;
    `article` is the whole text, where a person is called by the full name only once.
    """

    quote: str
    around: str
    article: str
    language: Language


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
        if len(word) > 1 and fold(word) not in _NOT_NAMES:
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
    if not same:
        near |= {own for word in near for own in _translations(evidence.language).get(word, ())}

    def is_there(name: str) -> bool:
        parts = [word for word in words(name) if word not in _NOT_NAMES]
        if not same:
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


def content_stems(text: str, language: Language) -> set[str]:
    """The stems of `text` of more than three letters: the little words are left out."""
    return {stem for stem in stems(text, language) if len(stem) > 3}


def content_share(text: str, evidence: str, language: Language) -> float:
    """The share of the stems of `text`, little words left out, that `evidence` has; 1 if none."""
    content = content_stems(text, language)
    return len(content & set(stems(evidence, language))) / len(content) if content else 1.0


def check(
    text: str, language: Language, evidence: Evidence, question: str = ""
) -> tuple[Status, tuple[str, ...]]:
    """How well `evidence` supports the sentence `text`, and what is wrong as `kind: words`.

    `question` is what `text` answers: what is a name there is one here.
    """
    same_language = language == evidence.language
    wrong_figures = missing_figures(
        figures(text, language), figures(evidence.quote, evidence.language)
    )
    wrong_names = missing_names(text, language, evidence, names(question))
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


def bear_out(reading: Reading, question: str, language: Language) -> Reading:
    """`reading` as its passage bears it out, its text empty where it does not.

    Quotation marks around words that the article does not say come off, and where the words
    chosen as its quote leave out something that the passage has, the quote is the passage.
    """
    if not reading.text:
        return reading
    document, passage = reading.hit.document, reading.hit.passage
    text = check_quotations(reading.text, document.text)
    reading = replace(reading, text=text)
    status, _ = _check_against(passage.text, reading, question, language)
    if status == "unsupported":
        return replace(reading, text="")
    if check_reading(reading, question, language)[0] != status:
        return replace(reading, start=passage.start, end=passage.end)
    return reading


def check_reading(
    reading: Reading, question: str, language: Language
) -> tuple[Status, tuple[str, ...]]:
    """How well the words that `reading` quotes support what it says."""
    return _check_against(reading.quote, reading, question, language)


def _check_against(
    quote: str, reading: Reading, question: str, language: Language
) -> tuple[Status, tuple[str, ...]]:
    return check(reading.text, language, evidence_of(reading.hit, quote), question)


def evidence_of(hit: Hit, quote: str) -> Evidence:
    """What a sentence that cites `quote` of this passage rests on."""
    document = hit.document
    around = "\n".join((document.title, document.outlet, document.author, hit.passage.text))
    return Evidence(quote, around, document.text, document.language)


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
