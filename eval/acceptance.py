"""Acceptance: questions over a folder of articles, with what an answer must show.

    python -m eval.acceptance [--questions FILE] [--articles FOLDER]

A question is a JSON line with `id`, `lang`, `question`, `kind`, `must_match` (regular expressions
that the answer's text must all match, case ignored) and `sources` (file names, one of which a
citation must come from). Prints one line a question and the counts; exits 1 below the bar.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.spoken import spoken
from rag import Assistant
from rag.config import PROJECT, Settings
from rag.errors import RecoupeError
from rag.types import Answer, Language

SHARED = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared"))
REFUSING_KINDS = {"unanswerable", "false_premise"}
RIGHT_SHARE = 0.9  # of the answerable questions
REFUSED_SHARE = 0.75  # of the others


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    lang: Language
    question: str
    kind: str
    must_match: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        return self.kind not in REFUSING_KINDS


def load_questions(path: Path) -> list[Question]:
    """The questions of a JSON Lines file. Raises OSError, ValueError, TypeError."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [
        Question(
            row["id"],
            row["lang"],
            row["question"],
            row["kind"],
            tuple(row["must_match"]),
            tuple(row["sources"]),
        )
        for row in rows
    ]


def language_is_right(answer: Answer, language: Language) -> bool:
    """Whether the answer, what it quotes left out, is in `language`."""
    return answer.language == language == spoken(answer.text, language)


def faults(question: Question, answer: Answer, texts: dict[str, str]) -> list[str]:
    """What is wrong with `answer`, empty if nothing; `texts` are the documents' by id."""
    found = []
    if not language_is_right(answer, question.lang):
        found.append("language")
    if any(
        texts[c.document_id][c.start : c.end] != c.quote or not c.quote for c in answer.citations
    ):
        found.append("citation is no slice")
    if not question.answerable:
        return found if answer.refused else [*found, "not refused"]
    if answer.refused:
        return [*found, "refused"]
    found += [
        f"no match for {pattern}"
        for pattern in question.must_match
        if not re.search(pattern, answer.text, re.IGNORECASE)
    ]
    if not {Path(c.path).name for c in answer.citations} & set(question.sources):
        found.append("source not cited")
    return found


def run(
    questions: Sequence[Question], assistant: Assistant
) -> Iterator[tuple[Question, Answer, list[str]]]:
    """Each question with its answer and what is wrong with it."""
    texts = {document.id: document.text for document in assistant.dossier.documents()}
    for question in questions:
        answer = assistant.ask(question.question)
        yield question, answer, faults(question, answer, texts)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Ask the acceptance questions.")
    parser.add_argument(
        "--questions", type=Path, default=SHARED / "acceptance" / "seed_questions.jsonl"
    )
    parser.add_argument("--articles", type=Path, default=SHARED / "seeds")
    options = parser.parse_args(arguments)
    try:
        questions = load_questions(options.questions)
        with tempfile.TemporaryDirectory() as folder:
            assistant = Assistant.open(settings=Settings.load(Path(folder)))
            assistant.dossier.add([options.articles])
            return _report(questions, assistant)
    except (OSError, ValueError, TypeError, KeyError) as error:
        print(
            f"{options.questions}: {error}. Give the questions with --questions.", file=sys.stderr
        )
    except RecoupeError as error:
        print(error, file=sys.stderr)
    return 1


def _report(questions: Sequence[Question], assistant: Assistant) -> int:
    results = []
    started = time.perf_counter()
    for question, answer, wrong in run(questions, assistant):
        verdict = "FAIL " + ", ".join(wrong) if wrong else "ok"
        seconds = answer.timings["total"]
        print(f"{question.id:8} {question.lang} {seconds:5.1f} s  {verdict}", flush=True)
        print(f"         {question.question}\n         -> {answer.text}", flush=True)
        results.append((question, wrong))
    assistant.close()
    right = [not wrong for question, wrong in results if question.answerable]
    refused = [not wrong for question, wrong in results if not question.answerable]
    broken = sum("language" in w or "citation is no slice" in w for _, w in results)
    print(
        f"answerable right {sum(right)} of {len(right)}; others refused {sum(refused)} of "
        f"{len(refused)}; wrong language or citation {broken}; "
        f"{time.perf_counter() - started:.0f} s in all"
    )
    reached = sum(right) >= RIGHT_SHARE * len(right)
    reached = reached and sum(refused) >= REFUSED_SHARE * len(refused)
    return 0 if reached and not broken else 1


if __name__ == "__main__":
    sys.exit(main())
