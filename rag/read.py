"""Reading: what each passage, on its own, answers to a question.

Two question parts a passage: one that asks whether it answers at all (a probability, from the
first token), one that asks for the answer in a sentence. A small model refuses badly while it
answers and answers badly in fragments; apart, it does both well. Both come after the passage,
which the engine keeps, and share the question's words.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from rag.asked import asks_for_several
from rag.chunk import sentences
from rag.confidence import Confidence, Signs, signs_after, signs_before
from rag.embed import Embedder
from rag.engine import Engine, Prompt, Turn
from rag.locate import locate
from rag.messages import long_date
from rag.types import Document, Hit, Language, Passage, Reading, ReadingDelta
from rag.values import figures, in_own_words
from rag.verify import bear_out

YES = ("Yes", "yes", "Oui", "oui")
NO = ("No", "no", "Non", "non")
ANSWER_TOKENS = 96
# Of the most promising passage's chance: below it, a passage is not asked for its answer. On the
# readings that the confidence was fitted on, 0.3 spared two in five of them and cost no answer.
WORTH_SHARE = 0.25
FIRST_WAVE = 3  # passages that are read before the others, where all are known already


class _Asked(NamedTuple):
    """A passage that may answer, on its way to its answer."""

    hit: Hit
    expected: float
    signs: Signs


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
) -> Generator[Reading | ReadingDelta]:
    """A reading of every hit, each as soon as it is known, and the words of answers as they come.

    `text` is empty where the passage does not answer, does not bear out what was read in it, or
    is less likely than `threshold` to answer.

    The most promising passages first, in waves: within one, the passages are asked side by side
    whether they answer, and then for their answers. Closing the iterator stops the model. Raises
    EngineError.
    """
    share = 0.0 if asks_for_several(question) else WORTH_SHARE
    floor = confidence.worth_asking
    for wave in _waves(hits, engine):
        asked = list(_ask_whether(wave, hits, question, language, engine, confidence))
        floor = max(floor, *(share * one.expected for one in asked))
        likely = [one for one in asked if one.expected >= floor]
        yield from (_silent(one) for one in asked if one not in likely)
        if likely:
            told = _answers(likely, question, language, engine, embedder, confidence)
            for one in told:
                if isinstance(one, Reading) and one.answerable < threshold:
                    one = replace(one, text="", start=0, end=0)
                yield one


def _waves(hits: Sequence[Hit], engine: Engine) -> Iterator[Sequence[Hit]]:
    """The passages that are known to the engine, the best of them first; then one by one those
    that it has to read, which takes seconds each."""
    known = [hit for hit in hits if engine.is_ready(passage_prompt(hit.document, hit.passage))]
    if known:
        yield known[:FIRST_WAVE]
    if known[FIRST_WAVE:]:
        yield known[FIRST_WAVE:]
    yield from ([hit] for hit in hits if hit not in known)


def _ask_whether(
    wave: Sequence[Hit],
    hits: Sequence[Hit],
    question: str,
    language: Language,
    engine: Engine,
    confidence: Confidence,
) -> Iterator[_Asked]:
    prompts = [_prompt(hit, question, language, "answerable", engine) for hit in wave]
    probabilities = engine.probabilities(prompts, YES, NO)
    for hit, says_yes in zip(wave, probabilities, strict=True):
        signs = signs_before(hit, hits, question, language, says_yes)
        yield _Asked(hit, confidence.expected(signs), signs)


def _answers(
    asked: Sequence[_Asked],
    question: str,
    language: Language,
    engine: Engine,
    embedder: Embedder,
    confidence: Confidence,
) -> Generator[Reading | ReadingDelta]:
    """The answers that the passages bear out, each with its final probability."""
    replies = [""] * len(asked)
    logprobs: list[list[float]] = [[] for _ in asked]
    prompts = [_prompt(one.hit, question, language, "answer", engine) for one in asked]
    for piece in engine.generate(prompts, ANSWER_TOKENS):
        replies[piece.prompt] += piece.text
        logprobs[piece.prompt].append(piece.logprob)
        yield ReadingDelta(asked[piece.prompt].hit, piece.text)
    for one, prompt, reply, logs in zip(asked, prompts, replies, logprobs, strict=True):
        reading = _told(_silent(one), reply, question, language, embedder)
        if reading.text:
            mean = sum(logs) / len(logs)
            signs = signs_after(one.signs, reading, question, language, mean)
            reading = replace(reading, answerable=confidence.final(signs), signs=signs)
        yield replace(reading, partly=not _is_whole(prompt, one.hit))


def _silent(asked: _Asked) -> Reading:
    return Reading(asked.hit, asked.expected, signs=asked.signs)


def _told(
    reading: Reading, reply: str, question: str, language: Language, embedder: Embedder
) -> Reading:
    """`reading` with the answer `reply`, as far as its passage bears it out."""
    hit, text = reading.hit, first_sentence(reply, language)
    if language != hit.document.language:
        evidence = figures(hit.passage.text, hit.document.language)
        text = in_own_words(text, language, evidence)
    start, end = locate(text, hit, language, embedder)
    return bear_out(replace(reading, text=text, start=start, end=end), question, language)


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
        source=describe(document, document.language), passage=passage.text
    )
    return replace(instructions(), passage=excerpt)


def prompt_of(hit: Hit, question: str, language: Language, part: str) -> Prompt:
    """What is asked of a passage; `part` is "answerable" or "answer"."""
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
