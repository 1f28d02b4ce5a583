"""Ways of asking a passage, side by side: `eval/prompting.toml` lists them.

    python -m eval.prompting --data PATH [--variant NAME…] [--articles 12] [--each 2]

Each article's own passage is asked questions that it answers and as many that it does not (of
SQuAD 2.0 those made so, else those on other paragraphs of the same page, the nearest in words
first). Printed for each wording: the AUC of P(yes) between the two, and how often the sentence it
answers with is right.
"""

import random
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rapidfuzz import fuzz

from eval.data import load
from eval.fit import auc
from eval.metrics import is_right
from eval.types import Collection, Question
from rag.chunk import chunk
from rag.config import Settings, go_offline
from rag.engine import Prompt, Turn
from rag.llm import LlamaEngine
from rag.models import model_path
from rag.read import ANSWER_TOKENS, NO, YES, describe, first_sentence
from rag.types import Document, Language, Passage


class Case(NamedTuple):
    """A question asked of a passage that answers it, or does not."""

    question: Question
    document: Document
    passage: Passage
    answers: bool


class Figure(NamedTuple):
    """What came of one wording: an AUC, or a share of right answers, over `cases`."""

    variant: str
    wording: str
    measure: str
    value: float
    cases: int


@cache
def variants() -> dict[str, dict[str, Any]]:
    """`{name: {language: its wordings}}`."""
    raw = tomllib.loads(files("eval").joinpath("prompting.toml").read_text(encoding="utf-8"))
    return {
        name: {
            language: {key: value for key, value in entry.items() if key not in ("fr", "en")}
            | entry[language]
            for language in ("fr", "en")
        }
        for name, entry in raw.items()
    }


def cases(collection: Collection, articles: int, each: int, seed: int = 0) -> list[Case]:
    """`each` questions that are answered and as many that are not, for `articles` passages."""
    asked: dict[str, list[Question]] = defaultdict(list)
    for question in collection.questions:
        asked[question.cluster].append(question)
    names = sorted(asked)
    random.Random(seed).shuffle(names)
    found: list[Case] = []
    for name in names:
        document = collection.documents[name]
        passages = chunk(document, lambda text: len(text.split()) * 3 // 2)
        answered = [(q, p) for q in asked[name] for p in passages if _holds(p, q)][:each]
        if not answered:
            continue
        passage = answered[0][1]
        others = _unanswered(collection, asked, name, passage)[:each]
        if len(answered) == len(others) == each:
            found += [Case(q, document, p, True) for q, p in answered]
            found += [Case(q, document, passage, False) for q in others]
        if len(found) == 2 * each * articles:
            break
    return found


def measure(
    engine: LlamaEngine, asked: Sequence[Case], name: str, language: Language
) -> list[Figure]:
    """The figures of one variant."""
    words = variants()[name][language]
    told = []
    for part in words["whether"]:
        sure = [engine.probabilities([_prompt(words, c, part)], YES, NO)[0] for c in asked]
        value = auc(sure, [c.answers for c in asked])
        told.append(Figure(name, part, "AUC", value, len(asked)))
    answerable = [c for c in asked if c.answers]
    for part in words["answer"]:
        right = [_is_right(engine, _prompt(words, c, part), c) for c in answerable]
        told.append(Figure(name, part, "right", sum(right) / len(right), len(right)))
    return told


def _is_right(engine: LlamaEngine, prompt: Prompt, case: Case) -> bool:
    reply = "".join(piece.text for piece in engine.generate([prompt], ANSWER_TOKENS))
    return is_right(first_sentence(reply, case.question.language), case.question)


def _prompt(words: dict[str, Any], case: Case, part: str) -> Prompt:
    turns = [Turn("system", words["system"])]
    for user, assistant in words.get("turns", []):
        turns += [Turn("user", user), Turn("assistant", assistant)]
    source = describe(case.document, case.document.language)
    asked = words["question"].format(question=case.question.text)
    return Prompt(
        tuple(turns),
        words["excerpt"].format(source=source, passage=case.passage.text),
        f"{asked}\n{part}" if part else asked,
    )


def _holds(passage: Passage, question: Question) -> bool:
    return question.answerable is not False and any(
        passage.start <= gold.start and gold.end <= passage.end for gold in question.gold
    )


def _unanswered(
    collection: Collection, asked: dict[str, list[Question]], name: str, passage: Passage
) -> list[Question]:
    made_so = [q for q in asked[name] if q.answerable is False]
    if made_so:
        return made_so
    title = collection.documents[name].title
    siblings = [one for one in asked if one != name and collection.documents[one].title == title]
    others = [question for one in siblings for question in asked[one]]
    return sorted(others, key=lambda q: -fuzz.token_set_ratio(q.text, passage.text))


def main(
    data: Annotated[Path, typer.Option("--data", help="A set of questions.")],
    variant: Annotated[list[str] | None, typer.Option(help="Default: all.")] = None,
    articles: Annotated[int, typer.Option(help="Passages, at most.")] = 12,
    each: Annotated[int, typer.Option(help="Questions of each sort for a passage.")] = 2,
) -> None:
    """Measure, and print a line a wording."""
    go_offline()
    settings = Settings()
    (collection,) = load(data)
    asked = cases(collection, articles, each)
    language = asked[0].question.language
    path = model_path(settings.llm, settings.models)
    with closing(LlamaEngine(path, settings.context_tokens, settings.threads)) as engine:
        for name in variant or variants():
            for one in measure(engine, asked, name, language):
                typer.echo(
                    f"{language} {one.variant:13} {one.measure:5} {one.value:.3f} "
                    f"({one.cases}) {one.wording or '(nothing)'}"
                )


if __name__ == "__main__":
    typer.run(main)
