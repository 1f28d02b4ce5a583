"""Whether a passage that was kept reads like one that was just read: to the letter, to the bit.

    python -m eval.exactness [--readings 200] [--model NAME] [--language fr|en]

Over the starter set, in each language, the passages that retrieval finds are read side by side as
an answer would: once with nothing kept, once with what was kept on disk. Compared are the texts
of the answers and the logits of their first tokens. So that a difference could be judged, the
same prompts are also read one by one: that is how much the shape of a batch moves logits anyway.
"""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from eval.data import load
from eval.sample import in_order
from eval.types import Collection
from rag.chunk import chunk
from rag.config import PROJECT, Settings, go_offline
from rag.engine import Prompt
from rag.llm import LlamaEngine
from rag.models import fingerprint, model_path
from rag.read import ANSWER_TOKENS, prompt_of
from rag.states import States
from rag.types import LANGUAGES, Hit, Language

STARTER = PROJECT / "eval/datasets/starter"
SIDE_BY_SIDE = 5
STATES_BYTES = 2_000_000_000


@dataclass(slots=True)
class Comparison:
    """What was found over `readings` readings; differences of logits are the largest of any."""

    readings: int = 0
    same_text: int = 0
    kept_difference: float = 0.0
    shape_difference: float = 0.0
    shape_same_first: int = 0


def compare(engine: LlamaEngine, prompts: Sequence[Prompt], found: Comparison) -> None:
    """Add these prompts, read side by side, to what was `found`.

    `engine` keeps what it reads; what it holds of these passages is forgotten first.
    """
    engine.forget()
    fresh, fresh_texts = engine.logits(prompts), _texts(engine, prompts)
    engine.written()
    engine.drop()
    kept, kept_texts = engine.logits(prompts), _texts(engine, prompts)
    alone = [engine.logits([prompt])[0] for prompt in prompts]
    found.readings += len(prompts)
    found.same_text += sum(a == b for a, b in zip(fresh_texts, kept_texts, strict=True))
    found.kept_difference = max(found.kept_difference, _difference(fresh, kept))
    found.shape_difference = max(found.shape_difference, _difference(fresh, alone))
    found.shape_same_first += sum(
        a.argmax() == b.argmax() for a, b in zip(fresh, alone, strict=True)
    )


def prompts_of(collection: Collection, language: Language, count: int) -> list[Prompt]:
    """`count` prompts of `language` questions on articles, in groups of different passages.

    Any question will do: what is compared is how a prompt is read, not what it is worth.
    """
    questions = [q for q in in_order(collection.questions, 0) if q.language == language]
    hits = [
        Hit(passage, document, 1.0, 1)
        for document in collection.documents.values()
        for passage in chunk(document, lambda text: len(text.split()) * 3 // 2)
    ]
    return [
        prompt_of(hits[i % len(hits)], questions[i % len(questions)].text, language, "answer")
        for i in range(count)
    ]


def _texts(engine: LlamaEngine, prompts: Sequence[Prompt]) -> list[str]:
    texts = [""] * len(prompts)
    for piece in engine.generate(prompts, ANSWER_TOKENS):
        texts[piece.prompt] += piece.text
    return texts


def _difference(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))


def main(
    readings: Annotated[int, typer.Option(help="In each language.")] = 200,
    model: Annotated[str, typer.Option(help="The language model (default: the settings').")] = "",
    language: Annotated[Language | None, typer.Option(help="Default: both.")] = None,
) -> None:
    """Compare, and print a line a language."""
    go_offline()
    model = model or Settings().llm
    settings = Settings(llm=model)
    (collection,) = load(STARTER)
    with tempfile.TemporaryDirectory() as folder:
        states = States(Path(folder) / "kv", STATES_BYTES)
        engine = LlamaEngine(
            model_path(model, settings.models), settings.context_tokens, settings.threads,
            states, fingerprint(model),
        )  # fmt: skip
        with closing(engine):
            for spoken in (language,) if language else LANGUAGES:
                found = Comparison()
                prompts = prompts_of(collection, spoken, readings)
                for start in range(0, len(prompts), SIDE_BY_SIDE):
                    compare(engine, prompts[start : start + SIDE_BY_SIDE], found)
                    typer.echo(f"{spoken} {found.readings}/{readings}", err=True)
                typer.echo(_line(spoken, model, found))


def _line(language: Language, model: str, found: Comparison) -> str:
    return (
        f"{language}, {model}: {found.readings} readings, kept and fresh: {found.same_text} "
        f"texts the same, logits at most {found.kept_difference:.2g} apart; side by side and "
        f"alone: logits at most {found.shape_difference:.2g} apart, {found.shape_same_first} "
        "first tokens the same"
    )


if __name__ == "__main__":
    typer.run(main)
