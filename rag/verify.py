"""Is a sentence supported by the exact words it cites? Decided by code, not by a model.

Figures and names of a sentence must be in the words it cites, in whatever form either language
writes them; its other words must mostly be there too where both are in the same language; and
nothing stays between quotation marks that the article does not say letter by letter. What strict
rules for words do not find there, in either language, is doubtful: no reason to drop a sentence,
but one to mark it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.asides import own_words, spoken
from rag.asked import asks_for_date, asks_why
from rag.dates import ANY_DAY, When, about, dates
from rag.denial import denies, denies_alone
from rag.embed import Embedder
from rag.evidence import Evidence, evidence_of
from rag.language import fold, stems, words
from rag.meaning import (
    Text,
    Word,
    alike,
    content_words,
    contradicts,
    denied,
    found_in,
    overstates,
    read,
    says,
    text_of,
)
from rag.names import missing_names, names
from rag.opposites import says_the_opposite
from rag.sentences import sentences
from rag.speech.interviews import answers
from rag.speech.quotations import check_quotations, without_unfound
from rag.speech.reported import Speech, speech
from rag.speech.saying import asks_what_was_said
from rag.speech.speakers import other_speaker, same_speaker
from rag.types import Document, Hit, Language, Passage, Reading, Status
from rag.values import Figure, figures, missing_figures
from rag.values.counted import counted

ANYBODY = ("people", "persons", "personnes")
SUPPORTED_SHARE = 0.5  # of the content words of a sentence
PARTLY_SHARE = 0.25
DISTANT = "words: not those of the article"
FRAGMENT = 6  # words, at most, of an answer that is no sentence
_REASON = re.compile(  # begins what gives the reason
    r"\b(?:car|parce qu|en raison|pour|afin|because|due to|as a result|since|so that)\b"
)
_SEASON = re.compile(  # names no month
    r"\b(?:printemps|ete|automne|hiver|spring|summer|autumn|winter|trimestre|quarter|semestre)\b"
)
WHOLE_SHARE = 0.5  # of a question's content words, in an answer that is one all the same
_ON = re.compile(r"\b(?:on|le)(?: \w+)? $")  # … a day: "as of" one says how things stood
LONG_PERIOD = 300  # days: a date of a year names no month
SAMPLES: dict[Language, tuple[str, str, str]] = {  # a question, an article, what it answers
    "fr": (
        "Combien a coûté le pont ?",
        "Le 3 mars, le pont a coûté « un tiers de plus » : 12 millions d’euros, a dit Lise Orvel.",
        "Le pont a coûté 12 millions d’euros, « un tiers de plus », selon Lise Orvel.",
    ),
    "en": (
        "How much did the bridge cost?",
        "On 3 March the bridge had cost “a third more”: 12 million euros, Lise Orvel said.",
        "The bridge cost 12 million euros, “a third more”, according to Lise Orvel.",
    ),
}


def prepare() -> None:
    """Judge a sample in each language. The patterns that the rules look for are compiled when they
    are first used: a third of a second, for which no question has to wait."""
    for language, (question, text, answer) in SAMPLES.items():
        document = Document("", "", text, language, published=ANY_DAY)
        hit = Hit(Passage("", "", 0, len(text), text, 1), document, 1.0, 1)
        reading = Reading(hit, 1.0, answer, 0, len(text))
        reading = bear_out(reading, question, language)
        is_doubtful(reading, question, language)
        status_of(reading, question, language)


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
    wrong_figures = _wrong_figures(text, language, evidence)
    known = [
        when for when in dates(text, language, evidence.day) if _is_known(when, evidence, question)
    ]
    wrong_figures = [
        figure
        for figure in wrong_figures
        if not any(when.start <= figure.start < when.end for when in known)
    ]
    wrong_names = _wrong_names(text, language, evidence, question)
    problems = tuple(
        [f"figure: {text[f.start : f.end]}" for f in wrong_figures]
        + [
            f"date: {text[when.start : when.end]}"
            for when in _wrong_dates(text, language, evidence, question)
        ]
        + [f"name: {name}" for name in wrong_names]
    )
    if problems:
        return "unsupported", problems
    if not same_language:
        return "supported", ()
    share = content_share(text, evidence.quote, language)
    if share >= SUPPORTED_SHARE or says(text, language, evidence.quote, language):
        return "supported", ()
    status: Status = "partly" if share >= PARTLY_SHARE else "unsupported"
    return status, (DISTANT,)


def _wrong_figures(text: str, language: Language, evidence: Evidence) -> list[Figure]:
    """The figures that the quote lacks; the 12 of "12 May" bears out no 12 people, no 12 %."""
    there = figures(evidence.quote, evidence.language)
    days = dates(evidence.quote, evidence.language, evidence.day or ANY_DAY)
    undated = [
        one
        for one in there
        if _is_measured(one) or not any(day.start <= one.start < day.end for day in days)
    ]
    return [
        figure
        for figure in figures(text, language)
        if missing_figures([figure], undated if _is_measured(figure) else there)
        or _counts_others(figure, text, language, evidence, there)
    ]


def _counts_others(
    figure: Figure, text: str, language: Language, evidence: Evidence, there: Sequence[Figure]
) -> bool:
    """Whether a figure counts what the quote counts with another one, and there counts something
    else: forty-six homes, of 16,200 homes and forty-six people."""

    def nouns(written: str, one: Figure, of: Language) -> list[Word]:
        """The plural that it counts, and an adjective on either side of that."""
        found = counted(written, one.end)
        return read(found[0], of) if found else []

    ours = nouns(text, figure, language)
    told = [(one, nouns(evidence.quote, one, evidence.language)) for one in there]
    same = [its for one, its in told if one.same_value(figure)]
    others = [its for one, its in told if not one.same_value(figure)]
    if not ours or not same or not all(same):
        return False
    if any(word.text in ANYBODY for word in ours):  # 11,300 people, of 11,300 signatures
        return False
    in_one = language == evidence.language
    if not in_one and not all(any(word.concepts for word in its) for its in (ours, *same)):
        return False  # of words that are not known in the other language nothing can be told

    def are_alike(its: list[Word]) -> bool:
        return any(alike(one, other, in_one) for one in ours for other in its)

    return any(map(are_alike, others)) and not any(map(are_alike, same))


def _is_measured(figure: Figure) -> bool:
    return figure.counts or figure.unit not in ("", "ordinal")


def _wrong_names(text: str, language: Language, evidence: Evidence, question: str) -> list[str]:
    """The names that the passage lacks; one of the question may be anywhere in its article."""
    asked = names(question)
    wrong = missing_names(text, language, evidence, asked)
    if not wrong or not asked:
        return wrong
    article = replace(evidence, around=f"{evidence.around}\n{evidence.article}")
    nowhere = missing_names(text, language, article, asked)
    return [name for name in wrong if name in nowhere or not set(name.split()) <= set(asked)]


def _wrong_dates(text: str, language: Language, evidence: Evidence, question: str) -> list[When]:
    """The dates of a month, with or without the day, whose month no date of the quote has: spring
    is no April.

    Day and year are figures, which are looked for as such; the day of the article needs no words.
    """
    day = evidence.day
    told = [
        one
        for one in dates(evidence.quote, evidence.language, day)
        if _is_dated(one) and not _SEASON.search(fold(evidence.quote[one.start : one.end]))
    ]
    return [
        when
        for when in dates(text, language, day)
        if (when.first.year, when.first.month) == (when.last.year, when.last.month)
        and not _is_of_the_article(when, evidence, question)
        and not any(_has_month(one, when.first.month) for one in told)
    ]


def _is_of_the_article(when: When, evidence: Evidence, question: str) -> bool:
    """Whether a date is about the day of the article, which needs no words, unless it is what is
    asked for: then "on Thursday" or "today" has to be there."""
    day = evidence.day
    if day is None or not about(when, day):
        return False
    told = dates(evidence.quote, evidence.language, day)
    return not asks_for_date(question) or any(one.relative and _overlap(when, one) for one in told)


def _is_dated(when: When) -> bool:
    """Whether it is of some months of a year, not of the whole of it."""
    return (when.last - when.first).days < LONG_PERIOD


def _has_month(when: When, month: int) -> bool:
    months = 12 * (when.last.year - when.first.year) + when.last.month - when.first.month
    return (month - when.first.month) % 12 <= months


def _is_known(when: When, evidence: Evidence, question: str) -> bool:
    """Whether a date is in the words cited, if only without its year, or is about the day of the
    article: "as of 20 May" need not be written in what appeared on the 21st."""
    day = evidence.day
    if day is None:
        return False
    told = dates(evidence.quote, evidence.language, day)
    if _is_of_the_article(when, evidence, question):
        return _is_dated(when) or not told or any(_overlap(when, other) for other in told)
    return any(
        (when.first <= other.first and other.last <= when.last)
        or (
            other.relative
            and when.first == when.last
            and other.first == other.last
            and (when.first.day, when.first.month) == (other.first.day, other.first.month)
            and abs(when.first.year - day.year) <= 1
        )
        for other in told
    )


def _overlap(a: When, b: When) -> bool:
    return a.first <= b.last and b.first <= a.last


def bear_out(
    reading: Reading, question: str, language: Language, embedder: Embedder | None = None
) -> Reading:
    """`reading` as its passage bears it out, its text empty where it does not.

    Quotation marks around words that the article does not say come off; words that somebody else
    says in it than the answer or the question names are not told, nor what denies with words that
    affirm, or has the opposite of one of them. Where the words chosen as its quote leave out
    something that the passage has, the quote is the passage.
    """
    if not reading.text:
        return reading
    reading = _with_checked_quotations(reading, language, embedder)
    document, passage = reading.hit.document, reading.hit.passage
    whole = own_words(document, passage)
    status, _ = _check_against(whole, reading, question, language)
    if status == "unsupported" or _is_said_by_another(reading, question, language):
        return replace(reading, text="")
    if asks_why(question) and _asserts_the_contrary(reading, language):
        return replace(reading, text="")
    if (
        denies_alone(reading.text, language, reading.quote, document.language)
        or denied(reading.text, language, reading.quote, document.language, question)
        or overstates(reading.text, language, reading.quote, document.language)
        or _is_turned_round(reading, language)
        or _takes_the_articles_day(reading, question, language)
    ):
        return replace(reading, text="")
    if check_reading(reading, question, language)[0] == status:
        return reading
    start, end = spoken(document, passage)
    longest = replace(reading, start=start, end=end)
    if check_reading(longest, question, language)[0] == status:
        return longest
    return replace(reading, start=passage.start, end=passage.end)


def _is_turned_round(reading: Reading, language: Language) -> bool:
    """Whether a reading has the opposite of a word of its quote, and no "not" turns it back."""
    return (
        language == reading.hit.document.language
        and denies(reading.text, language) == denies(reading.quote, language)
        and says_the_opposite(reading.text, reading.quote, language)
    )


def _takes_the_articles_day(reading: Reading, question: str, language: Language) -> bool:
    """Whether a reading says that something happened on the very day of its article, though the
    words it quotes date it otherwise: torn "on Boxing Day", in what appeared on 27 January."""
    document = reading.hit.document
    day = document.published
    told = dates(reading.quote, document.language, day) if day else []
    known = [*told, *dates(question, language, day)]
    if not told or any(one.first <= day <= one.last for one in known if day):
        return False
    return any(
        one.first == one.last == day and _ON.search(reading.text, 0, one.start)
        for one in dates(reading.text, language, day)
    )


def _asserts_the_contrary(reading: Reading, language: Language) -> bool:
    """Whether what an answer gives a reason for is not so: its quote says that it was refused."""
    what = _REASON.split(reading.text)[0]
    return contradicts(what, language, reading.quote, reading.hit.document.language)


def _is_said_by_another(reading: Reading, question: str, language: Language) -> bool:
    """Whether the words of a reading are those of somebody else than it says, or was asked for."""
    if any(quotation.status == "elsewhere" for quotation in reading.quotations):
        return True
    asked, document = asks_what_was_said(question, language), reading.hit.document
    if asked is None:
        return False
    there = said_in(document, reading.start, reading.end)
    passage = reading.hit.passage
    if not there and words_of(asked, document, passage.start, passage.end):
        return True  # it tells of whoever was asked about, who says something else there
    theirs = [said for said in there if same_speaker(asked, said.name, document.text)]
    theirs = theirs or [
        said for said in there if not other_speaker(asked, said.speaker, document.text)
    ]
    if not theirs:
        return bool(there)
    said = [document.text[one.start : one.end] for one in theirs]
    for start, end in sentences(reading.quote, document.language):
        sentence = reading.quote[start:end]
        if set(words(asked)[-1:]) & set(words(sentence)):
            said.append(sentence)
    return not _tells(reading.text, question, language, text_of("\n".join(said), document.language))


def words_of(asked: str, document: Document, start: int, end: int) -> list[str]:
    """The words of `said_by`."""
    return [document.text[said.start : said.end] for said in said_by(asked, document, start, end)]


def said_by(asked: str, document: Document, start: int, end: int) -> list[Speech]:
    """What somebody says in `text[start:end]` of an article, in order."""
    return [
        said
        for said in said_in(document, start, end)
        if same_speaker(asked, said.name, document.text)
    ]


def said_in(document: Document, start: int, end: int) -> list[Speech]:
    """What is said in `text[start:end]` of an article by others than its outlet, in order."""
    said = [*speech(document.text, document.language), *answers(document)]
    return [one for one in said if one.start < end and start < one.end]


def _tells(text: str, question: str, language: Language, said: Text) -> bool:
    """Whether the words that an answer reports are, beyond its question's, those that are said:
    half of them, or where the languages differ and the words known in both are few, a quarter."""
    reported = [text[one.start : one.end] for one in speech(text, language)]
    if not reported:
        return True  # "she declined to give it up" reports no words
    asked = set(stems(question, language))
    content = [
        word
        for word in content_words(text_of("\n".join(reported), language).words)
        if word.stem not in asked
    ]
    share = SUPPORTED_SHARE if language == said.language else PARTLY_SHARE
    return len(found_in(content, language, said)) >= share * len(set(content))


def _with_checked_quotations(
    reading: Reading, language: Language, embedder: Embedder | None
) -> Reading:
    document = reading.hit.document
    found = check_quotations(reading.text, language, [document], (), embedder)
    text, problems = without_unfound(reading.text, found)
    if problems:  # the others are at other places now
        found = check_quotations(text, language, [document], (), embedder)
    return replace(reading, text=text, quotations=tuple(found), problems=problems)


def _statement(text: str, question: str, language: Language) -> str:
    """What is said by an answer of a few words, "340": they say something beside their question."""
    whole = len(words(text)) > FRAGMENT or content_share(question, text, language) >= WHOLE_SHARE
    return text if whole else f"{question} {text}".strip()


def is_doubtful(reading: Reading, question: str, language: Language) -> bool:
    """Whether the words that `reading` quotes do not seem to say what it says, in its own words or
    in the other language: the rules of `rag.meaning` are strict, and may be wrong."""
    document, said = reading.hit.document, _statement(reading.text, question, language)
    quote = reading.quote
    if reading.introduced is not None:
        start, end = reading.introduced
        quote = f"{document.text[start:end]}\n{quote}"
    source = f"{document.title}\n{document.outlet}"
    return not (
        says(said, language, quote, document.language, source)
        and _has_figures_near(said, language, quote, document.language)
    )


def _has_figures_near(text: str, language: Language, quote: str, written_in: Language) -> bool:
    """Whether the figures of `text`, but those of its dates, are in sentences of `quote` that share
    a word with it: that 2014 is in the article does not date what another sentence tells."""
    wanted = content_words(text_of(text, language).words)
    if not wanted:
        return True
    said = [quote[start:end] for start, end in sentences(quote, written_in)]
    near = [one for one in said if found_in(wanted, language, text_of(one, written_in))]
    there = [figure for one in near for figure in figures(one, written_in)]
    days = [one for one in dates(text, language, ANY_DAY) if _is_dated(one)]
    own = [
        figure
        for figure in figures(text, language)
        if not any(day.start <= figure.start < day.end for day in days)
    ]
    return not missing_figures(own, there)


def status_of(
    reading: Reading, question: str, language: Language
) -> tuple[Status, tuple[str, ...]]:
    """How well a reading that is told is supported, and all that is wrong with it."""
    status, problems = check_reading(reading, question, language)
    if reading.doubted and status == "supported":
        status, problems = "partly", (DISTANT,)
    if reading.problems and status == "supported":
        status = "partly"
    return status, (*problems, *reading.problems)


def check_reading(
    reading: Reading, question: str, language: Language
) -> tuple[Status, tuple[str, ...]]:
    """How well the words that `reading` quotes support what it says."""
    return _check_against(reading.quote, reading, question, language)


def _check_against(
    quote: str, reading: Reading, question: str, language: Language
) -> tuple[Status, tuple[str, ...]]:
    return check(reading.text, language, evidence_of(reading.hit, quote), question)
