"""Do the words of a sentence say what other words say? Rules over both, in either language.

Of figures, dates and names these rules know nothing: see `rag.verify`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product

from rag.dates import ANY_DAY, dates
from rag.language import fold, words
from rag.meaning.words import Word, alike, clauses, pattern, read, table
from rag.sentences import sentences
from rag.types import Language
from rag.values import figures, missing_figures

MISSING = 0.5  # of the words of a claim may be, or one word
WINDOW = 3  # sentences of the quotes
_ONLY = {("plus", "que"), ("plus", "qu")}  # "ne … plus que 12" are 12
LITERAL = 6  # words, more than which say what they say wherever they stand


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of text and its words; `known` are those of the source it is from."""

    text: str
    language: Language
    words: tuple[Word, ...]
    known: tuple[Word, ...] = ()


def says(
    claim: str, language: Language, quote: str, written_in: Language, source: str = ""
) -> bool:
    """Whether `quote` says what the sentence `claim` says, as far as words and directions tell.

    Half of its words are there, and every event; negations, opposites, and who does what to whom
    cancel out. `source` is what stands above the quote: the title of its article, its outlet.
    """
    if says_just_that(quote, claim):
        return True
    spans = sentences(quote, written_in)
    said = [text_of(quote[start:end], written_in, source) for start, end in spans]
    text = text_of(claim, language)
    return (
        bool(said)
        and words_hold(text, said)
        and not any(contradicted(clause, said) for clause in clauses_of(text))
    )


def says_just_that(quote: str, claim: str) -> bool:
    """Whether a sentence stands in the quote word for word."""
    said = words(claim)
    return len(said) > LITERAL and f" {' '.join(said)} " in f" {' '.join(words(quote))} "


@lru_cache(maxsize=10_000)
def text_of(text: str, language: Language, source: str = "") -> Text:
    """`text`, from what `source` names, with its words."""
    return Text(text, language, tuple(read(text, language)), tuple(read(source, language)))


def content_words(said: Iterable[Word]) -> list[Word]:
    """Those that say what a sentence is about: no names, no negation, no words of grammar."""
    decide = {*table()["rules"]["directions"].split(), "negate"}
    negative = {word for forms in table()["negation"]["words"].values() for word in forms.split()}
    return [
        word for word in said
        if not (word.light or word.name or word.concepts & decide or word.text in negative)
    ]  # fmt: skip


def found_in(wanted: Iterable[Word], language: Language, said: Text) -> set[Word]:
    """The words `wanted`, of a text in `language`, that `said` or its source has."""
    same = language == said.language
    there = (*said.words, *said.known)
    return {word for word in wanted if any(alike(word, other, same) for other in there)}


def words_hold(claim: Text, said: Sequence[Text]) -> bool:
    """Whether three of these sentences have half of the words of the claim, and its events."""
    content = set(content_words(claim.words))
    if not content:
        return any(word.name for word in claim.words) or bool(figures(claim.text, claim.language))
    matches = [found_in(content, claim.language, s) for s in said]
    found: set[Word] = set()
    for _ in range(WINDOW):
        found |= max(matches, key=lambda match: len(match - found))
    missing = content - found
    events = set(table()["rules"]["events"].split())
    return (
        bool(found)
        and len(missing) <= max(1, MISSING * len(content))
        and not any(word.concepts & events for word in missing)
    )


def clauses_of(text: Text) -> list[Text]:
    """Each part of `text` that may say something by itself."""
    return [text_of(part, text.language) for part in clauses(text.text)]


def contradicted(clause: Text, said: Sequence[Text]) -> bool:
    """Whether all the clauses of the quotes that are nearest to `clause` go against it."""
    content = (
        [word for word in clause.words if not word.light] if content_words(clause.words) else []
    )
    against = []
    for sentence in said:
        exchanged = _exchanged(clause, sentence)
        for other in clauses_of(sentence):
            matched = found_in(content, clause.language, other)
            last = max((content.index(word) for word in matched), default=-1)  # the predicate's
            nearness = (sum(not word.name for word in matched), len(matched), last)
            turns = (_negated(clause) != _negated(other)) + _opposed(clause, other, sentence)
            against.append((nearness, _overstated(clause, other) or (turns + exchanged) % 2 == 1))
    best = max((nearness for nearness, _ in against), default=(0, 0, -1))
    return best[1] > 0 and all(turned for nearness, turned in against if nearness == best)


def contradicts(text: str, language: Language, quote: str, written_in: Language) -> bool:
    """Whether the clause of `quote` that is nearest to `text` goes against it."""
    said = [text_of(quote[start:end], written_in) for start, end in sentences(quote, written_in)]
    return bool(said) and contradicted(text_of(text, language), said)


def denied(
    text: str, language: Language, quote: str, written_in: Language, question: str = ""
) -> bool:
    """Whether a clause of `text` affirms what every clause of `quote` denies that has its words, or
    the other way round.

    A clause has them with half of all content words, two at least, those among them that the
    question does not have, and the figures. Surer than `contradicts`: on the pairs of
    `eval.status` and the answers to our own questions, it is never wrong.
    """
    said = [text_of(quote[start:end], written_in) for start, end in sentences(quote, written_in)]
    others = [other for sentence in said for other in clauses_of(sentence)]
    asked = {word.stem for word in content_words(text_of(question, language).words)}

    def goes_against(clause: Text) -> bool:
        content = set(content_words(clause.words))
        news = {word for word in content if word.stem not in asked} or content
        turned = [
            _negated(clause) != _negated(other)
            for other in others
            if news <= (found := found_in(content, language, other))
            and len(found) >= max(2, len(content) / 2)
            and _has_figures(other, clause)
        ]
        return bool(turned) and all(turned)

    return any(map(goes_against, clauses_of(text_of(text, language)))) or _leaves_out_not(
        text, language, quote, written_in, asked
    )


def _leaves_out_not(
    text: str, language: Language, quote: str, written_in: Language, asked: set[str]
) -> bool:
    """Whether `text`, which denies nothing, has a verb that `quote` has between "ne" and "pas" and
    nowhere else: "décolère", of who "ne décolère pas"."""
    if language != written_in or language != "fr" or _negated(text_of(text, language)):
        return False
    said = fold(quote)
    return any(
        re.search(rf"\bn(?:e |['’]){verb} (?:pas|plus|jamais|guere)\b(?! que\b)", said)
        and len(re.findall(rf"\b{verb}\b", said)) == 1
        for word in content_words(text_of(text, language).words)
        if word.stem not in asked and (verb := re.escape(fold(word.text)))
    )


def overstates(text: str, language: Language, quote: str, written_in: Language) -> bool:
    """Whether a dated clause of `text` is sure of what every clause of `quote` with that date only
    plans or takes for possible: "was signed on 30 June", of a signing planned for that day."""
    said = [text_of(quote[start:end], written_in) for start, end in sentences(quote, written_in)]
    others = [o for s in said for o in clauses_of(s) if dates(o.text, written_in, ANY_DAY)]
    for clause in clauses_of(text_of(text, language)):
        if not dates(clause.text, language, ANY_DAY):
            continue
        content = set(content_words(clause.words))
        of_it = [
            other
            for other in others
            if _has_figures(other, clause) and found_in(content, language, other)
        ]
        if of_it and all(_overstated(clause, other) for other in of_it):
            return True
    return False


def _has_figures(other: Text, clause: Text) -> bool:
    """Whether `other` has the figures of `clause`: "not 1,500 but 1,150" denies no 1,150."""
    ours, theirs = (figures(text.text, text.language) for text in (clause, other))
    return not missing_figures(ours, theirs)


def _overstated(clause: Text, other: Text) -> bool:
    """Whether `clause` is sure of what `other` is not, or tells as done what is still to come."""
    if pattern("reserved").search(clause.text):
        return False
    planned, done = pattern("planned"), pattern("done")
    urged = pattern("urged")
    if urged.search(other.text) and not urged.search(clause.text) and done.search(clause.text):
        return True
    early = planned.search(other.text) and done.search(clause.text)
    return bool(pattern("hedged").search(other.text) or (early and not planned.search(clause.text)))


def _negated(text: Text) -> bool:
    """Whether an odd number of negations is in `text`: "did not refuse" has two."""
    listed = table()["negation"]
    written = re.sub(r"n['’]t\b", " not", fold(text.text))
    instead = bool(pattern("instead").match(written))
    said = [re.sub(r"\W", "", word) for word in re.split(r"[\s'-]+", written)]
    negation = set(listed["words"][text.language].split())
    if text.language == "fr" and {"ne", "n"} & set(said):
        negation |= set(listed["with_ne"].split())
    only = set(listed["only"].split())
    grammar = any(
        w in negation and n not in only and (w, n) not in _ONLY
        for w, n in zip(said, [*said[1:], ""], strict=True)
    )
    return (instead + grammar + any("negate" in word.concepts for word in text.words)) % 2 == 1


def _opposed(clause: Text, other: Text, sentence: Text) -> bool:
    """Whether a word of `clause` meets its opposite, not itself, in `other` or all around it."""
    ours, beside, around = (
        {concept for word in text.words for concept in word.concepts}
        for text in (clause, other, sentence)
    )
    return any(
        one in ours - theirs and against in theirs - ours
        for theirs in (beside, around)
        for pair in table()["rules"]["opposites"]
        for one, against in permutations(pair.split())
    )


def _exchanged(clause: Text, other: Text) -> int:
    """How often (0 to 2) names change sides of a word, and that word its voice."""
    same = clause.language == other.language
    for (i, word), (j, verb) in product(enumerate(clause.words), enumerate(other.words)):
        if word.light or word.name or verb.light or verb.name or not alike(word, verb, same):
            continue
        left, right = _sides(clause.words, i)
        before, after = _sides(other.words, j)
        crosses = _share(left, after, same) and _share(right, before, same)
        if crosses or (_share(left, before, same) and _share(right, after, same)):
            return int(crosses) + int(_by(clause.words, i) != _by(other.words, j))
    return 0


def _sides(words: Sequence[Word], at: int) -> tuple[list[Word], list[Word]]:
    return [w for w in words[:at] if w.name], [w for w in words[at + 1 :] if w.name]


def _share(ours: list[Word], theirs: list[Word], same: bool) -> bool:
    return any(alike(one, other, same) for one in ours for other in theirs)


def _by(words: Sequence[Word], at: int) -> bool:
    """Whether the word at `at` is passive: its doer follows."""
    return any(word.text in ("par", "by") for word in words[at + 1 : at + 2])
