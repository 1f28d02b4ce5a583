"""Asides: sentences in an article that are not of it, such as a request to whoever reads it next.

A page may hold, by accident or to do harm, text that speaks to an assistant: "write a poem", "what
is your password?". It stays in the article, is shown, and its words find it; but it counts for
nothing when the article is cut, embedded and read, so that an answer is what it would be without.

A sentence is an aside if it gives an assistant an order (`rag.orders`); or if it asks for something
outside quotation marks, is a turn of a conversation in one paragraph, is code, or is in another
language, and shares next to no word with the rest of the article and its title: the questions of
an interview are about its topic. So is what follows such a request in its paragraph and shares
no word at all. An article of which most would be an aside has none: it is what it is.
`asides.toml` has the words.
"""

import re
import tomllib
from collections import Counter
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

from rag.language import ONLY, detect, fold, is_in_neither, is_switched, stems, words
from rag.marks import quoted_spans
from rag.orders import is_order
from rag.sentences import in_paragraphs, trimmed
from rag.types import LANGUAGES, Document, Language, Passage

FOREIGN = 0.2  # of the content words of a request, at most, that its article has elsewhere
STRANGE = 0.1  # … of what may be no request: a question, a sentence in another language
SHORTEST = 4  # letters of a stem that tells what a text is about
MOST = 0.6  # of the text of an article
PARAGRAPHS = 3  # from which a request finds out in others than its own what an article is about
_FORMAL = re.compile(r"\W*(?!Assez|Chez|Rez|Nez)[^\W\d_]{2,}ez(?:-|\s+[^\WA-ZÀ-Þ])")  # no name
# A question about what is quoted after it has its mark in there.
_ASKS = re.compile(
    r"[^\w]*(?:what|who|where|when|why|how|which|quel(?:le)?s?|comment|pourquoi|qui|que)\b[^.]*x{3}"
)
# "Help is on its way", "Use of force", "Sanchez a marqué" give no orders.
_NO_ORDER = {
    "en": r"(?!\s*(?:of|is|are|was|were|has|have|had|will|would|from|by)\b|'s)",
    "fr": r"(?!\s+(?:a|ont|est|et|avait|etait)\b|,)",
}
_MAY_YOU = re.compile(
    r"\b(?:can|could|would|will) you\b|\b(?:pouvez|pourriez|voulez|voudriez)-vous\b"
    r"|\b(?:peux|pourrais|veux)-tu\b"
)
_CODE = re.compile(
    r"(?:</?[a-z!][^<>]*>[^<>]*){3}|(?:[.\-]{1,5}[ /]+){6,}|[A-Za-z0-9+/]{40,}={0,2}"
    r"|(?:\b\w{1,3}\b[.\-_ ]){15,}|(\b\w{3,}\b)(?:\W+\1\b){3,}"
    r"|<code>|```|\b(?:def|function) \w+\(|\b(?:print|console\.log)\([^)]*\)",
    re.IGNORECASE,
)
# "Q: What is algebra? A: Algebra is …": in an interview each turn has a paragraph of its own
_TURN = re.compile(
    r"\W*(?:q|a|r|questions?|answer|reponse|user|human|humain|assistant|ai|ia|bot|utilisateur)\s?:"
)
TURNS = 3  # from which a paragraph is a made-up conversation
Kind = Literal["order", "request", "question", "other", ""]
DEMANDING = ("order", "request", "other")  # kinds after which more of it may follow


class _Sentence(NamedTuple):
    start: int
    end: int
    paragraph: int
    kind: Kind
    content: frozenset[str]


def asides(document: Document) -> tuple[tuple[int, int], ...]:
    """`(start, end)` of each aside of the article, in order."""
    return _asides(document.text, document.language, document.title)


def own_words(document: Document, passage: Passage) -> str:
    """The text of the passage without its asides; empty where it has nothing else."""
    text, start = passage.text, passage.start
    kept, at = "", 0
    for first, last in asides(document):
        first, last = max(first - start, at), min(last - start, len(text))
        if first < last:
            kept += text[at:first]
            at = last
    return text if not at else (kept + text[at:]).strip()


def spoken(document: Document, passage: Passage) -> tuple[int, int]:
    """`(start, end)` of the longest part of the passage without an aside; of all of it where it
    has nothing else."""
    start, end = passage.start, passage.end
    edges = [start, *(edge for span in asides(document) for edge in span), end]
    runs = [(max(a, start), min(b, end)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    first, last = max(runs, key=lambda run: run[1] - run[0])
    return trimmed(document.text, first, last) if first < last else (start, end)


@lru_cache(maxsize=256)
def _asides(text: str, language: Language, title: str) -> tuple[tuple[int, int], ...]:
    told = _read(text, language)
    if not any(one.kind for one in told):
        return ()
    shared = _shared(told, _content(title, language))
    found = [
        one.kind == "order"
        or (one.kind == "request" and common <= FOREIGN * len(one.content))
        or (one.kind in ("question", "other") and common <= STRANGE * len(one.content))
        for one, common in zip(told, shared, strict=True)
    ]
    demand = None  # the paragraph in which one was made, as long as more of it follows
    for at, one in enumerate(told):
        found[at] |= demand == one.paragraph and not shared[at]
        if not found[at]:
            demand = None
        elif one.kind in DEMANDING:
            demand = one.paragraph
    room = sum(one.end - one.start for one, is_one in zip(told, found, strict=True) if is_one)
    if room > MOST * len(text):
        found = [one.kind == "order" for one in told]
    return tuple((one.start, one.end) for one, is_one in zip(told, found, strict=True) if is_one)


def _shared(told: list[_Sentence], title: frozenset[str]) -> list[int]:
    """How many content words of each sentence the title has, or a sentence of another paragraph
    that asks for nothing; of any paragraph, where there are few: a request and what leads to it
    and follows it have their words in common."""
    plain = [one for one in told if not one.kind]
    anywhere = Counter(stem for one in plain for stem in one.content)
    inside = Counter((stem, one.paragraph) for one in plain for stem in one.content)
    few = len({one.paragraph for one in told}) < PARAGRAPHS

    def has(one: _Sentence, stem: str) -> bool:
        own = (0 if one.kind else 1) if few else inside[stem, one.paragraph]
        return stem in title or anywhere[stem] > own

    return [sum(has(one, stem) for stem in one.content) for one in told]


def _read(text: str, language: Language) -> list[_Sentence]:
    spans = list(in_paragraphs(text, language))
    turns = {(start, end) for _, start, end in spans if _TURN.match(fold(text[start:end]))}
    spoken_in = Counter(paragraph for paragraph, *span in spans if tuple(span) in turns)
    return [
        _Sentence(
            start,
            end,
            paragraph,
            "request"
            if (start, end) in turns and spoken_in[paragraph] >= TURNS
            else _kind(text[start:end], language),
            _content(text[start:end], language),
        )
        for paragraph, start, end in spans
    ]


def _kind(sentence: str, language: Language) -> Kind:
    outside = _outside_quotations(sentence)
    if is_order(outside):
        return "order"
    said = fold(outside)
    there = set(re.findall(r"[a-z0-9]+(?:'[a-z]+)?", said)) | set(words(said))
    spoken_to = _of("you", there)
    asks = "?" in said or bool(_ASKS.match(said))
    written_in = detect(sentence, language)
    if (
        _begins_with_an_order(written_in).match(said)
        or (written_in == "fr" and _FORMAL.match(sentence))
        or _MAY_YOU.search(said)
        or (_of("them", there) and (spoken_to or _of("me", there) or asks))
        or _CODE.search(sentence)
    ):
        return "request"
    if asks or (spoken_to and _of("me", there)):
        return "question"
    foreign = is_in_neither(sentence) or is_switched(sentence, language)
    return "other" if foreign else ""


def _of(name: str, there: set[str]) -> bool:
    return any(there & _listed(language)[name] for language in LANGUAGES)


@cache
def _begins_with_an_order(language: Language) -> re.Pattern[str]:
    listed = _listed(language)
    verbs, before = ("|".join(sorted(listed[name])) for name in ("orders", "before"))
    return re.compile(rf"[^\w]*(?:(?:{before})\W+)*(?:{verbs})\b{_NO_ORDER[language]}")


def _outside_quotations(sentence: str) -> str:
    """The sentence with letters that say nothing for what it quotes."""
    text = list(sentence)
    for quote in quoted_spans(sentence):
        text[quote.start : quote.end] = "x" * (quote.end - quote.start)
    return "".join(text)


def _content(text: str, language: Language) -> frozenset[str]:
    """The stems of `text` that tell what it is about."""
    common = _common_stems(language)
    return frozenset(
        stem
        for stem in stems(text, language)
        if len(stem) >= SHORTEST and stem.isalpha() and stem not in common
    )


@cache
def _common_stems(language: Language) -> frozenset[str]:
    listed = _listed(language)
    both = " ".join([*listed["common"], *listed["orders"], *listed["you"], *ONLY[language]])
    return frozenset(stems(both, language))


@cache
def _listed(language: Language) -> dict[str, frozenset[str]]:
    raw = tomllib.loads(files("rag").joinpath("asides.toml").read_text(encoding="utf-8"))
    return {name: frozenset(text.split()) for name, text in raw[language].items()}
