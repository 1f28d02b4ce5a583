"""What everyone else does: the five best passages in one prompt, and the model's word for it.

The retriever, the engine and the greedy decoding are Recoupe's; the prompt asks for citations
as numbers in brackets and for one fixed sentence where the passages do not answer.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from eval.markers import MARKERS, without_markers
from eval.refusals import is_refusal
from eval.spoken import spoken
from eval.systems.parts import WithEngine, cited, found, usage
from eval.types import Claim, Question, Reply, Result
from rag.compose import refusal
from rag.engine import Prompt, Turn
from rag.errors import EngineError
from rag.language import detect
from rag.read import describe
from rag.sentences import sentences
from rag.types import Hit, Language

ANSWER_TOKENS = 160
_AFTER_STOP = re.compile(
    r"([.!?…](?:[ \xa0\u202f]?[»›]|[”\"’'\)\]])*)((?:\s*\[\s*\d+(?:\s*[,;]\s*\d+)*\s*\])+)"
)
# "it.) The": no end of a sentence to the splitter, but a marker stood between the two
_CLOSED = re.compile(r"(\][.!?…][)\]]+)\s+(?=[A-ZÀ-ÖØ-Þ«“\"])")


class NaiveSystem(WithEngine):
    """One prompt a question."""

    name = "naive"

    def answer(self, question: Question) -> Result:
        before = replace(self._engine.work)
        started = time.perf_counter()
        language = detect(question.text)
        hits = self._hits(question, language, self._top_k)
        times = {"hits": time.perf_counter() - started}
        text, shown = "", 0
        for count, piece in self._generate(hits, question.text, language):
            shown = count
            times.setdefault("first_text", time.perf_counter() - started)
            text += piece
        text = text.strip() or refusal(language)
        times["done"] = time.perf_counter() - started
        return Result(
            dataset="",
            question_id=question.id,
            system=self.name,
            reply=reply_of(text, hits[:shown], question.language),
            hits=tuple(found(hit) for hit in hits),
            times=times,
            usage=usage(before, self._engine.work),
        )

    def _generate(
        self, hits: Sequence[Hit], question: str, language: Language
    ) -> Iterator[tuple[int, str]]:
        """The reply piece by piece, from as many of the hits as the context holds: how many,
        with each piece; nothing without hits."""
        for count in range(len(hits), 0, -1):
            prompt = _prompt(hits[:count], question, language)
            generating = self._engine.generate([prompt], ANSWER_TOKENS)
            try:
                yield from ((count, piece.text) for piece in generating)
                return
            except EngineError as error:
                if error.key != "llm.too_long" or count == 1:
                    raise


def reply_of(text: str, hits: Sequence[Hit], language: Language) -> Reply:
    """The reply that `text` is, each sentence with the numbers that stand in it.

    `hits` are the passages that were shown. A number that stands for none of them stays with its
    claim, where it counts against precision; `citations` has those that exist.
    """
    told = spoken(text, language)
    if is_refusal(without_markers(text), told):
        return Reply(text, told, refused=True)
    # a marker after the full stop belongs to the sentence before it
    moved = _CLOSED.sub(r"\1\n\n", _AFTER_STOP.sub(r"\2\1", text))
    claims = [
        Claim(without_markers(moved[start:end]), _numbers(moved[start:end]))
        for start, end in sentences(moved, told)
    ]
    used = {n for claim in claims for n in claim.citations}
    return Reply(
        text=text,
        language=told,
        refused=False,
        claims=tuple(claims),
        citations=tuple(cited(n, hit) for n, hit in enumerate(hits, start=1) if n in used),
    )


def _numbers(sentence: str) -> tuple[int, ...]:
    """The numbers that a sentence cites, each once."""
    numbers = (int(n) for mark in MARKERS.findall(sentence) for n in re.findall(r"\d+", mark))
    return tuple(dict.fromkeys(numbers))


def _prompt(hits: Sequence[Hit], question: str, language: Language) -> Prompt:
    excerpts = "\n\n".join(
        f"[{n}] {describe(hit.document, language)}\n{hit.passage.text}"
        for n, hit in enumerate(hits, start=1)
    )
    asked = _prompt_text("question", language).format(excerpts=excerpts, question=question)
    system = Turn("system", _prompt_text("system", language).format(refusal=refusal(language)))
    return Prompt((system,), "", asked)


@cache
def _prompt_text(name: str, language: Language) -> str:
    path = files("eval").joinpath("systems", "prompts", language, f"{name}.md")
    return path.read_text(encoding="utf-8").rstrip("\n")
