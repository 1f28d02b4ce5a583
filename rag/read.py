"""Reading: what each passage, on its own, answers to a question.

A small model refuses badly while it answers and answers badly in fragments; so it answers in a
sentence, and whether a passage answers at all is found out apart. Before it writes, what its
layers tell (see `rag.probe`); of a model that cannot be looked into, by question parts of their
own: yes or no (a probability, from the first token), and once there is an answer whether the
passage says exactly that. All come after the passage, which the engine keeps, and share the
question's words.
"""

import re
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from rag.asides import own_words
from rag.asked import (
    asks_for_age,
    asks_for_figure,
    asks_for_money,
    asks_for_several,
    asks_since_when,
    asks_who_did,
    asks_who_once_did,
    asks_why,
    asks_yes_or_no,
    deed_of,
    offers_a_choice,
)
from rag.claims import Claim
from rag.confidence import Confidence, Signs, heard, signs_after, signs_before
from rag.contrary import tells_of_another
from rag.dates import ANY_DAY, dates
from rag.denial import speaks_of_nothing
from rag.embed import Embedder
from rag.engine import Engine, Piece, Prompt, Turn
from rag.events import asserted, speaks_of
from rag.evidence import evidence_of
from rag.language import is_in_neither, is_switched, stems, words
from rag.locate import introduction, locate
from rag.meaning import content_words, text_of
from rag.messages import long_date
from rag.names import has_names_of, names
from rag.obeyed import is_told_to_say
from rag.quoted import on_one_line, quoted
from rag.sentences import sentences
from rag.speech.saying import asks_what_was_said
from rag.types import Document, Hit, Language, Passage, Reading, ReadingDelta
from rag.values import as_exact, figures, in_digits, in_own_words, in_pounds, near
from rag.values.counted import counted
from rag.values.units import is_time
from rag.verbatim import attributed
from rag.verify import bear_out, is_doubtful, said_in, words_of

YES = ("Yes", "yes", "Oui", "oui")
NO = ("No", "no", "Non", "non")
ANSWER_TOKENS = 96
SHORT_REPLY = 32  # tokens, up to which a reply without a full stop is one all the same
# Of the most promising passage's chance: below it, a passage is not asked for its answer. On the
# readings that the confidence was fitted on, 0.3 spared two in five of them and cost no answer.
WORTH_SHARE = 0.25
WORTH_REWRITING = 0.5  # P(answers) from which an answer not borne out is asked for once more
WAVES = (1, 2)  # passages that are known already: the first alone, two more, then the rest
SURE_OF_YES = 0.45  # P(answers) from which yes or no is told though its words seem not there
_PART_OF_DAY = re.compile(
    r"\b(?:nuit|soir|soirée|matin|matinée|après-midi|night|evening|morning|afternoon)\b"
)
_OF_ONESELF = re.compile(
    r"\b(?:I|we|he|she|they|je|nous|il|elle|ils|elles|on|avoir|être|having)\b|\bj['’]",
    re.IGNORECASE,
)
# "Finlay, 22,": whose age a figure is
_NAME_BEFORE = re.compile(r"(?P<name>[A-ZÀ-ÖØ-Þ][\w’'-]+),? \(?$")
MOST_OF_A_NAME = 6  # words, before the verb
NAMING = 0.5  # of a question's content words, in a passage that may tell another version
SURE = 0.4  # P(answers) from which an answer spares reading what promises little
AT_ONCE = 0.5  # P(answers) from which an answer is not kept waiting for the next known passages


@dataclass(slots=True)
class _Reply:
    """What the model says to one prompt."""

    text: str = ""
    logprobs: list[float] = field(default_factory=list)

    def add(self, piece: Piece) -> None:
        self.text += piece.text
        self.logprobs.append(piece.logprob)

    @property
    def whole(self) -> str:
        """Its text, with the full stop that a short answer ends without; a long one was cut."""
        text = self.text.rstrip()
        is_name = len(self.logprobs) <= SHORT_REPLY and re.search(r"[\w)»”\"%€$]$", text)
        return f"{text}." if is_name else text

    @property
    def logprob(self) -> float:
        """The mean of its tokens."""
        return sum(self.logprobs) / len(self.logprobs)


class _Asked(NamedTuple):
    """A passage that may answer, on its way to its answer."""

    hit: Hit
    expected: float
    signs: Signs


class _Wave(NamedTuple):
    """Passages that are asked side by side; `waits`: more that are known to the engine follow."""

    hits: Sequence[Hit]
    waits: bool


@cache
def prompt_text(name: str) -> str:
    """The prompt `name`.md, without the line break at its end."""
    path = files("rag").joinpath("prompts", f"{name}.md")
    return path.read_text(encoding="utf-8").rstrip("\n")


def read(
    hits: Sequence[Hit],
    question: str,
    language: Language,
    engine: Engine,
    embedder: Embedder,
    confidence: Confidence,
    threshold: float,
    insist: bool = False,
    found: Sequence[Hit] = (),
) -> Generator[Reading | ReadingDelta]:
    """Readings of the hits, each as soon as it is known, and the words of answers as they come.

    `found`: all that the search found, where that is more than these hits: what tells how much one
    of them promises. `insist`: every passage is asked for its answer, however little. One that does
    not speak of what the question takes for granted, or has no words of its article's own
    (`rag.asides`), says nothing, unread.

    `text` is empty where the passage does not answer, does not bear out what was read in it, or
    is less likely than `threshold` to answer.

    The most promising passages first, in waves: within one, the passages are asked side by side
    whether they answer, and then for their answers. A likely first passage is on screen while the
    others wait; unlikely ones answer together with those of the next wave. Once one answers for
    sure, those that the search alone promises next to nothing of are not read, unless another
    article names what the question names: it may tell another version. Closing the iterator stops
    the model.
    Raises EngineError.
    """
    share = 0.0 if insist or asks_for_several(question) else WORTH_SHARE
    floor = 0.0 if insist else confidence.worth_asking
    likely: list[_Asked] = []
    answered: set[str] = set()
    events = asserted(question, language)
    counts = asks_for_figure(question)  # "how many died?" may be answered by "nobody died"
    speaking = [
        hit
        for hit in hits
        if own_words(hit.document, hit.passage) and speaks_of(hit, events, or_denies=counts)
    ]
    yield from (Reading(hit, 0.0) for hit in hits if hit not in speaking)
    for wave in _waves(speaking, engine):
        worth = [
            hit
            for hit in wave.hits
            if not (answered and share)
            or _is_worth_reading(hit, found or hits, question, language, confidence, answered)
        ]
        asked = [
            *likely,
            *_ask_whether(worth, found or hits, question, language, engine, confidence),
        ]
        if not asked:
            continue
        floor = max(floor, *(share * one.expected for one in asked))
        likely = [one for one in asked if one.expected >= floor]
        yield from (_silent(one) for one in asked if one not in likely)
        if wave.waits and all(one.expected < AT_ONCE for one in likely):
            continue
        if likely:
            told = _answers(likely, question, language, engine, embedder, confidence, threshold)
            for one in told:
                if isinstance(one, Reading) and one.text and one.answerable >= SURE:
                    answered.add(one.hit.document.id)
                yield one
        likely = []


def read_claim(
    hit: Hit,
    claim: Claim,
    answerable: float,
    question: str,
    language: Language,
    engine: Engine,
    embedder: Embedder,
) -> Reading:
    """What the passage answers by that one sentence; silent where its figure is not in the answer.

    `answerable`: how likely the passage was taken to be to answer. Raises EngineError.
    """
    silent = Reading(hit, answerable, rival=True)
    prompt = _from(claim.quote, hit, question, language, engine)
    (reply,) = _in_silence([prompt], engine)
    told = _doubted(_told(silent, reply.whole, question, language, embedder), question, language)
    if not any(near(claim.figure, one) for one in figures(told.text, language)):
        return silent
    return told


def _waves(hits: Sequence[Hit], engine: Engine) -> Iterator[_Wave]:
    """The passages that are known to the engine, the best of them first; then one by one those
    that it has to read, which takes seconds each."""
    known = [hit for hit in hits if engine.is_ready(passage_prompt(hit.document, hit.passage))]
    left = known
    for size in (*WAVES, len(hits)):
        wave, left = left[:size], left[size:]
        if wave:
            yield _Wave(wave, waits=bool(left))
    yield from (_Wave([hit], waits=False) for hit in hits if hit not in known)


def _is_worth_reading(
    hit: Hit,
    hits: Sequence[Hit],
    question: str,
    language: Language,
    confidence: Confidence,
    answered: Collection[str],
) -> bool:
    """Whether to read a passage once these articles have answered.

    If the search alone promises enough of it, or it is another article in the question's language
    that has the names and half of the words of the question.
    """
    signs = signs_before(hit, hits, question, language, {})
    if confidence.promised(signs) >= confidence.worth_reading:
        return True
    said = own_words(hit.document, hit.passage)
    return (
        hit.document.id not in answered
        and hit.document.language == language
        and signs["words"] >= NAMING
        and has_names_of(question, language, evidence_of(hit, said))
    )


def _ask_whether(
    wave: Sequence[Hit],
    hits: Sequence[Hit],
    question: str,
    language: Language,
    engine: Engine,
    confidence: Confidence,
) -> Iterator[_Asked]:
    if not wave:
        return
    readers: list[Signs]
    if engine.probed:
        prompts = [_prompt(hit, question, language, "answer", engine) for hit in wave]
        readers = [{"inner": log_odds} for log_odds in engine.probe(prompts)]
    else:
        prompts = [_prompt(hit, question, language, "answerable", engine) for hit in wave]
        readers = [heard(says_yes) for says_yes in engine.probabilities(prompts, YES, NO)]
    for hit, reader in zip(wave, readers, strict=True):
        signs = signs_before(hit, hits, question, language, reader)
        yield _Asked(hit, confidence.expected(signs), signs)


def _answers(
    asked: Sequence[_Asked],
    question: str,
    language: Language,
    engine: Engine,
    embedder: Embedder,
    confidence: Confidence,
    threshold: float,
) -> Generator[Reading | ReadingDelta]:
    """The answers that the passages bear out and that are likely enough, each with its final
    probability."""
    prompts = [_prompt(one.hit, question, language, "answer", engine) for one in asked]
    replies = yield from _replies(prompts, [one.hit for one in asked], engine)
    readings = [
        _told(_silent(one), reply.whole, question, language, embedder)
        for one, reply in zip(asked, replies, strict=True)
    ]
    again = [
        i for i, one in enumerate(asked) if readings[i].dropped and one.expected >= WORTH_REWRITING
    ]
    rewriting = [_rewriting(readings[i], question, language, engine, embedder) for i in again]
    for i, reply in zip(again, _in_silence(rewriting, engine), strict=True):
        told = _told(_silent(asked[i]), reply.whole, question, language, embedder)
        if told.text:
            readings[i], replies[i] = told, reply
    exactly = _say_exactly(readings, question, language, engine)
    for i, (reading, prompt, reply) in enumerate(zip(readings, prompts, replies, strict=True)):
        if reading.text:
            signs = signs_after(reading, question, language, reply.logprob, exactly.get(i))
            reading = replace(reading, answerable=confidence.final(signs), signs=signs)
        if reading.answerable < threshold:
            reading = replace(reading, text="", start=0, end=0)
        whole = _is_whole(prompt, reading.hit)
        yield _doubted(replace(reading, partly=not whole), question, language)


def _doubted(reading: Reading, question: str, language: Language) -> Reading:
    """The reading, marked where the rules for words do not find it in what it quotes."""
    doubted = bool(reading.text) and is_doubtful(reading, question, language)
    if doubted and asks_who_once_did(question) and _names_who_speaks(reading, question):
        return replace(reading, text="", dropped=reading.text)
    if doubted and asks_yes_or_no(question) and reading.answerable < SURE_OF_YES:
        return replace(reading, text="", dropped=reading.text)
    return replace(reading, doubted=doubted)


def _names_who_speaks(reading: Reading, question: str) -> bool:
    """Whether those whom a reading names, beside its question, only speak in what it quotes: who
    says that the order came from the capital did not give it."""
    document = reading.hit.document
    said = said_in(document, reading.start, reading.end)
    told = " ".join(document.text[one.start : one.end] for one in said)
    if _OF_ONESELF.search(told):  # "she says it was she who ordered it"
        return False
    speaking = {word for one in said for word in words(one.name)} - set(words(told))
    named = {word for name in names(reading.text) for word in words(name)}
    named -= set(words(question))
    return bool(named) and named <= speaking


def _say_exactly(
    readings: Sequence[Reading], question: str, language: Language, engine: Engine
) -> dict[int, float]:
    """By number, the probability that a reading's passage says exactly what is asked.

    Asked only of a model that cannot be looked into: what its layers tell is worth more.
    """
    if engine.probed:
        return {}
    told = [i for i, one in enumerate(readings) if one.text]
    prompts = [_prompt(readings[i].hit, question, language, "exact", engine) for i in told]
    return dict(zip(told, engine.probabilities(prompts, YES, NO), strict=True)) if told else {}


def _replies(
    prompts: Sequence[Prompt], hits: Sequence[Hit], engine: Engine
) -> Generator[ReadingDelta, None, list[_Reply]]:
    """What the model says to each prompt about its hit, told as it comes."""
    replies = [_Reply() for _ in prompts]
    for piece in engine.generate(prompts, ANSWER_TOKENS):
        replies[piece.prompt].add(piece)
        yield ReadingDelta(hits[piece.prompt], piece.text)
    return replies


def _in_silence(prompts: Sequence[Prompt], engine: Engine) -> list[_Reply]:
    """What the model says to each prompt, told when it is complete."""
    replies = [_Reply() for _ in prompts]
    for piece in engine.generate(prompts, ANSWER_TOKENS) if prompts else ():
        replies[piece.prompt].add(piece)
    return replies


def _rewriting(
    reading: Reading, question: str, language: Language, engine: Engine, embedder: Embedder
) -> Prompt:
    """The prompt that asks for what was `dropped` again, from the words that it must rest on."""
    document, passage = reading.hit.document, reading.hit.passage
    start, end = locate(reading.dropped, reading.hit, language, embedder, question)
    evidence = document.text[start:end]
    if asked := asks_what_was_said(question, language):
        evidence = "\n".join(words_of(asked, document, passage.start, passage.end)) or evidence
    return _from(evidence, reading.hit, question, language, engine)


def _from(evidence: str, hit: Hit, question: str, language: Language, engine: Engine) -> Prompt:
    """The prompt that asks for an answer from some words of the passage only."""
    prompt = _prompt(hit, question, language, "rewrite", engine)
    return replace(prompt, asked=prompt.asked.replace("{evidence}", quoted(evidence)))


def _silent(asked: _Asked) -> Reading:
    return Reading(asked.hit, asked.expected, signs=asked.signs)


def _told(
    reading: Reading, reply: str, question: str, language: Language, embedder: Embedder
) -> Reading:
    """`reading` with the answer `reply`, as far as its passage bears it out."""
    hit, text = reading.hit, first_sentence(reply, language)
    if not text or speaks_of_nothing(text, language) or is_in_neither(text):
        return reading
    if text.endswith("?") or _only_repeats(text, question, language):
        return reading
    if _is_of_another_kind(text, question, language):
        return reading
    if is_switched(text, language):
        return replace(reading, dropped=text)
    evidence = figures(own_words(hit.document, hit.passage), hit.document.language)
    text = in_digits(as_exact(text, language, evidence), language, evidence)
    if language != hit.document.language:
        text = in_own_words(text, language, evidence)
        if asks_for_money(question):
            text = in_pounds(text, language, own_words(hit.document, hit.passage))
    start, end = locate(text, hit, language, embedder, question)
    told = bear_out(replace(reading, text=text, start=start, end=end), question, language, embedder)
    told = attributed(told, question, language)
    if told.text and (
        is_told_to_say(told, question, language)
        or tells_of_another(told.quote, hit.document, question, language)
        or _is_anothers_age(told, question, language)
        or _is_yet_to_come(told, question, language)
    ):
        return reading
    if not told.text:
        return replace(reading, dropped=text)
    return replace(told, introduced=introduction(told, language))


def _is_anothers_age(reading: Reading, question: str, language: Language) -> bool:
    """Whether the age of somebody whom the question names stands behind another name."""
    asked = {word for name in names(question) for word in words(name)}
    if not asks_for_age(question) or not asked:
        return False
    told, quote = figures(reading.text, language), reading.quote
    before = [
        _NAME_BEFORE.search(quote, 0, one.start)
        for one in figures(quote, reading.hit.document.language)
        if any(one.value == figure.value for figure in told)
    ]
    named = [words(found["name"]) for found in before if found]
    return bool(named) and len(named) == len(before) and not any(asked & {*n} for n in named)


def _is_yet_to_come(reading: Reading, question: str, language: Language) -> bool:
    """Whether something is told to go on since days that come after the article's own."""
    day = reading.hit.document.published
    told = dates(reading.text, language, day) if day and asks_since_when(question) else []
    return bool(told) and all(when.first > day for when in told if day)


def _only_repeats(text: str, question: str, language: Language) -> bool:
    """Whether an answer has no word but those of its question, which gave it nothing to choose."""
    if asks_yes_or_no(question) or offers_a_choice(question):
        return False
    said = {word for word in words(text) if len(word) > 3 or word[0].isdigit()}
    said |= {word for name in names(text) for word in words(name)}
    return set(stems(" ".join(said), language)) <= set(stems(question, language))


def _is_of_another_kind(text: str, question: str, language: Language) -> bool:
    """Whether an answer to what things cost counts them, and has no sum; one to why only says when;
    or one to who did something tells of whom the question names, and names nobody else or has them
    do it."""
    told = figures(text, language) if asks_for_money(question) else []
    things = [found["noun"] for one in told if (found := counted(text, one.end))]
    if set(stems(" ".join(things), language)) & set(stems(question, language)):
        return not any(one.is_money for one in told)
    if asks_why(question) and _only_dates(text, question, language):
        return True
    return asks_who_did(question) and _has_them_do_it(text, question, language)


def _only_dates(text: str, question: str, language: Language) -> bool:
    """Whether an answer has the words of its question, and beside them only says when."""
    for when in reversed(dates(text, language, ANY_DAY)):
        text = text[: when.start] + text[when.end :]
    text = _PART_OF_DAY.sub("", text)
    said = {w.stem for w in content_words(text_of(text, language).words) if not is_time(w.text)}
    return said <= set(stems(question, language))


def _has_them_do_it(text: str, question: str, language: Language) -> bool:
    """Whether an answer begins with somebody whom the question names, and names nobody else, or
    goes on with the verb that is asked for."""
    asked = set(names(question))
    named = names(text, asked)
    bare = re.sub(r"^(?:l['’]|las? |les? |the )", "", text, flags=re.IGNORECASE)
    if not named or named[0] not in asked or not bare.startswith(named[0]):
        return False
    said = words(text)
    deed = deed_of(question)
    does = any(said[n : n + len(deed)] == deed for n in range(1, MOST_OF_A_NAME))
    return set(named) <= asked or (bool(deed) and does)


def first_sentence(reply: str, language: Language) -> str:
    """The first whole sentence of a reply, empty where it was cut before its end."""
    reply = reply.strip()
    spans = sentences(reply, language)
    if not spans:
        return ""
    start, end = spans[0]
    sentence = reply[start:end]
    return sentence if sentence.rstrip('»”" ')[-1:] in ".!?…" else ""


def instructions() -> Prompt:
    """What every prompt begins with."""
    return Prompt((Turn("system", prompt_text("system")),), "", "")


def passage_prompt(document: Document, passage: Passage) -> Prompt:
    """What is the same for every question, in whichever language: all that can be read ahead."""
    excerpt = prompt_text("excerpt").format(
        source=on_one_line(describe(document, document.language)),
        passage=quoted(own_words(document, passage)),
    )
    return replace(instructions(), passage=excerpt)


def prompt_of(hit: Hit, question: str, language: Language, part: str) -> Prompt:
    """What is asked of a passage; `part` is "answerable", "answer" or "exact"."""
    asked = prompt_text(f"{language}/question").format(question=question)
    return replace(
        passage_prompt(hit.document, hit.passage),
        asked=f"{asked}\n{prompt_text(f'{language}/{part}')}",
    )


def _prompt(hit: Hit, question: str, language: Language, part: str, engine: Engine) -> Prompt:
    """The same; a passage that is too long for the model loses its last sentences."""
    for _, end in reversed(sentences(hit.passage.text, hit.document.language)):
        shorter = replace(hit.passage, text=hit.passage.text[:end])
        prompt = prompt_of(replace(hit, passage=shorter), question, language, part)
        if engine.fits(prompt, ANSWER_TOKENS):
            break
    return prompt


def _is_whole(prompt: Prompt, hit: Hit) -> bool:
    return prompt.passage == passage_prompt(hit.document, hit.passage).passage


def describe(document: Document, language: Language) -> str:
    """The article as a citation names it: title, outlet, date, as far as they are known."""
    quoted = f"« {document.title} »" if language == "fr" else f'"{document.title}"'
    published = long_date(document.published, language) if document.published else ""
    parts = [quoted if document.title else "", document.outlet, published]
    return ", ".join(part for part in parts if part) or document.path
