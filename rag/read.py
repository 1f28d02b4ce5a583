"""Reading: what each passage, on its own, answers to a question.

Two question parts a passage: one that asks whether it answers at all (a probability, from the
first token), one that asks for the answer in a sentence. A small model refuses badly while it
answers and answers badly in fragments; apart, it does both well.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np

from rag.chunk import sentences
from rag.embed import Embedder
from rag.language import stems
from rag.llm import Engine, Prompt, Turn
from rag.messages import long_date
from rag.types import Document, Hit, Language, Reading
from rag.values import figures, in_own_words
from rag.verify import bear_out, content_stems, names

YES = ("Yes", "yes", "Oui", "oui")
NO = ("No", "no", "Non", "non")
ANSWER_TOKENS = 96
STRANGER_THRESHOLD = 0.8  # for a passage with none of the question's own words but its names
QUOTE_SENTENCES = 3  # at most, in the exact words shown for a reading
QUESTION_STEMS = frozenset(  # words of more than three letters that only ask
    "quel quell quels quelle quoi quand combien pourquoi comment lequel laquel what when which "
    "whom whos where mani much does year anne".split()
)
WEIGHTS = {"figure": 4.0, "name": 2.0, "stem": 1.0}  # what a quote shares with its reading
SENTENCE_COST = 1.5  # what one more sentence must bring in
CLOSEST = 4.0  # the sentence closest in meaning counts as much as a figure


@cache
def prompt_text(name: str, language: Language) -> str:
    """The prompt `name`.md in `language`, without the line break at its end."""
    path = files("rag").joinpath("prompts", language, f"{name}.md")
    return path.read_text(encoding="utf-8").rstrip("\n")


def read(
    hits: Sequence[Hit],
    question: str,
    language: Language,
    engine: Engine,
    embedder: Embedder,
    threshold: float,
) -> Generator[Reading]:
    """A reading of every hit, each as soon as it is known.

    `text` is empty where the passage does not answer, or does not bear out what was read in it.

    Passages below `threshold` are told as they are met; the others answer side by side.
    Closing the iterator stops the model. Raises EngineError.
    """
    answering: list[Reading] = []
    for hit in hits:
        (probability,) = engine.probabilities(
            [_prompt(hit, question, language, "answerable")], YES, NO
        )
        reading = Reading(hit, probability)
        if probability >= (threshold if _on_topic(hit, question, language) else STRANGER_THRESHOLD):
            answering.append(reading)
        else:
            yield reading
    if answering:
        yield from _answers(answering, question, language, engine, embedder)


def _answers(
    readings: Sequence[Reading],
    question: str,
    language: Language,
    engine: Engine,
    embedder: Embedder,
) -> Generator[Reading]:
    """The answers that the passages bear out; one that is not is written once more, in plainer
    words: asked for exact figures, a small model makes some up where there are none.
    """
    told = _told(readings, question, language, engine, embedder, "answer")
    failed = [i for i, reading in enumerate(told) if not reading.text]
    if failed:
        again = [readings[i] for i in failed]
        rewritten = _told(again, question, language, engine, embedder, "answer_plainly")
        for i, reading in zip(failed, rewritten, strict=True):
            told[i] = reading
    yield from told


def _told(
    readings: Sequence[Reading],
    question: str,
    language: Language,
    engine: Engine,
    embedder: Embedder,
    part: str,
) -> list[Reading]:
    texts = [""] * len(readings)
    prompts = [_prompt(reading.hit, question, language, part) for reading in readings]
    for i, more in engine.generate(prompts, ANSWER_TOKENS):
        texts[i] += more
    told = []
    for reading, reply in zip(readings, texts, strict=True):
        hit, text = reading.hit, first_sentence(reply, language)
        if language != hit.document.language:
            evidence = figures(hit.passage.text, hit.document.language)
            text = in_own_words(text, language, evidence)
        start, end = locate(text, hit, language, embedder)
        answered = replace(reading, text=text, start=start, end=end)
        told.append(bear_out(answered, question, language))
    return told


def _on_topic(hit: Hit, question: str, language: Language) -> bool:
    """Whether the passage has one of the question's content words, names left out.

    The names alone prove little: a passage on who bought a company is no answer to who sold it.
    True where it cannot be told: another language, a question of names only.
    """
    if language != hit.document.language:
        return True
    named = {stem for name in names(question) for stem in stems(name, language)}
    asked = content_stems(question, language) - named - QUESTION_STEMS
    return not asked or bool(asked & content_stems(hit.passage.text, language))


def first_sentence(reply: str, language: Language) -> str:
    """The first whole sentence of a reply, empty where it was cut before its end."""
    reply = reply.strip()
    spans = sentences(reply, language)
    if not spans:
        return ""
    start, end = spans[0]
    sentence = reply[start:end]
    return sentence if sentence.rstrip('»”" ')[-1:] in ".!?…" else ""


def locate(text: str, hit: Hit, language: Language, embedder: Embedder) -> tuple[int, int]:
    """Where in the document the words are that `text` rests on: `(start, end)`.

    The run of sentences of the passage that shares most with `text`: figures and names above
    all, then words, or closeness of meaning where the article is in the other language.
    """
    document, passage = hit.document, hit.passage
    spans = [
        (passage.start + start, passage.start + end)
        for start, end in sentences(passage.text, document.language)
    ]
    wanted = _marks(text, language)
    having = [wanted & _marks(document.text[a:b], document.language) for a, b in spans]
    close = [0.0] * len(spans)
    if language != document.language:
        close = _closeness(text, [document.text[a:b] for a, b in spans], embedder)

    def worth(window: tuple[int, int]) -> float:
        first, last = window
        shared = set().union(*having[first : last + 1])
        marks = sum(WEIGHTS[kind] for kind, _ in shared)
        return marks + max(close[first : last + 1]) - SENTENCE_COST * (last - first)

    windows = [
        (first, last)
        for first in range(len(spans))
        for last in range(first, min(first + QUOTE_SENTENCES, len(spans)))
    ]
    first, last = max(windows, key=worth)
    return spans[first][0], spans[last][1]


def _closeness(text: str, candidates: Sequence[str], embedder: Embedder) -> list[float]:
    """How close in meaning each candidate is to `text`, from 0 for the furthest to CLOSEST."""
    similarity = embedder.encode_passages(candidates) @ embedder.encode_query(text)
    spread = float(np.ptp(similarity)) or 1.0
    return [CLOSEST * float(value - similarity.min()) / spread for value in similarity]


def _marks(text: str, language: Language) -> set[tuple[str, str]]:
    """What a text can be recognised by, as (kind, words)."""
    return (
        {("figure", f"{figure.value:g}") for figure in figures(text, language)}
        | {("name", name.casefold()) for name in names(text)}
        | {("stem", stem) for stem in content_stems(text, language)}
    )


def _prompt(hit: Hit, question: str, language: Language, part: str) -> Prompt:
    excerpt = prompt_text("excerpt", language).format(
        source=describe(hit.document, language), passage=hit.passage.text, question=question
    )
    return (
        Turn("system", prompt_text("system", language)),
        Turn("user", f"{excerpt}\n{prompt_text(part, language)}"),
    )


def describe(document: Document, language: Language) -> str:
    """The article as a citation names it: title, outlet, date, as far as they are known."""
    quoted = f"« {document.title} »" if language == "fr" else f'"{document.title}"'
    published = long_date(document.published, language) if document.published else ""
    parts = [quoted if document.title else "", document.outlet, published]
    return ", ".join(part for part in parts if part) or document.path
