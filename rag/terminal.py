"""What the command line prints: lines for people, one object for programs, and progress."""

import json
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from rag.doubts import doubt
from rag.messages import message
from rag.objects import answer_object as answer_object
from rag.objects import change_object as change_object
from rag.objects import document_object as document_object
from rag.types import Answer, Citation, Document, Done, Event, HitsFound, Language, TextDelta

if TYPE_CHECKING:
    from rag.archive.records import Conversation, Turn
    from rag.claims import Claim
    from rag.conflicts import Conflict
    from rag.doctor import Check
    from rag.dossier import Change
    from rag.ingest import Article
    from rag.models import ModelEntry
    from rag.recheck import Evidence
    from rag.shelf import Shelved
    from rag.states import States
    from rag.translate import Translation

OUTCOMES = ("added", "replaced", "unchanged", "removed", "failed")
EVIDENCE = {
    "same": "still there",
    "moved": "still there, at another place",
    "changed": "NO LONGER in the article: it was replaced by another version",
    "gone": "the article is NO LONGER in the dossier",
}
PLAIN_STEPS = 20  # lines said for one download where there is no terminal to draw a bar on


def printable(text: str) -> str:
    """`text` without control characters: an article must not be able to drive the terminal."""
    return "".join(
        char for char in text if char in "\n\t" or not unicodedata.category(char).startswith("C")
    )


def say(text: str, end: str = "\n") -> None:
    """Print `text` on the standard output."""
    print(printable(text), end=end, flush=True)


def complain(text: str) -> None:
    """Print `text` on the standard error, on one line."""
    print(printable(" ".join(text.split())), file=sys.stderr, flush=True)


def say_object(value: dict[str, Any]) -> None:
    """Print `value` as one line of JSON; dates in ISO 8601, paths as text."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def say_error(text: str, as_json: bool) -> None:
    """Print one line on the standard error: `text`, or an object that holds it."""
    complain(json.dumps({"error": text}, ensure_ascii=False) if as_json else text)


# -- answers --------------------------------------------------------------------------------


def say_answer(events: "Iterator[Event]", with_timings: bool) -> Answer:
    """Print the answer's text as it comes, then its sources; how far it is, on a terminal."""
    console = Console(stderr=True)
    waiting = console.status("Searching")
    if console.is_terminal:
        waiting.start()
    try:
        for event in events:
            if isinstance(event, HitsFound):
                waiting.update(f"Reading {len(event.hits)} passages")
            elif isinstance(event, TextDelta):
                waiting.stop()
                say(event.text, end="")
            elif isinstance(event, Done):
                waiting.stop()
                answer = event.answer
                say("\n".join(["", *answer_lines(answer, with_timings)]))
    finally:
        waiting.stop()
    return answer


def say_translations(translations: "Mapping[int, Translation]", language: Language) -> None:
    """Print each with what to be careful about."""
    for n, told in translations.items():
        text = message("cli.translation", language, n=n, text=" ".join(told.text.split()))
        say("\n".join(["", text, *(f"    ! {problem}" for problem in told.problems)]))


def answer_lines(answer: Answer, with_timings: bool) -> list[str]:
    """What follows the text: sentences to be careful with, the sources, the timings."""
    doubtful = [
        f"{doubt(sentence, answer.language)} ({sentence.text})"
        for sentence in answer.sentences
        if sentence.status != "supported"
    ]
    blocks = [doubtful, [_source_line(citation, answer.language) for citation in answer.citations]]
    if with_timings:
        blocks.append(
            [", ".join(f"{name} {value:.2f} s" for name, value in answer.timings.items())]
        )
    return [line for block in blocks if block for line in ("", *block)]


def _source_line(citation: Citation, language: Language) -> str:
    """[1] outlet, author, "title", date, paragraph and the exact words."""
    title = citation.title or Path(citation.path).name
    known = (citation.outlet, citation.author, f'"{title}"', citation.published)
    return message(
        "cli.source",
        language,
        n=citation.n,
        origin=", ".join(part for part in known if part),
        paragraph=citation.paragraph,
        quote=" ".join(citation.quote.split()),
    )


# -- conversations --------------------------------------------------------------------------


def say_conversations(conversations: "Sequence[Conversation]", before: str = "") -> None:
    """One line each: identifier, when it was last added to, how many questions, title."""
    for one in conversations:
        count = f"{one.turns} question{'s' if one.turns > 1 else ''}"
        say(f"{before}{one.id}  {_moment(one.changed)}  {count:<13}  {one.title}")


def conversation_object(
    conversation: "Conversation",
    turns: "Sequence[Turn]",
    lost: "Mapping[int, Sequence[Evidence]]",
) -> dict[str, Any]:
    """All that is kept of it; each turn with the evidence that no longer holds, as `lost`."""
    told = [
        {**asdict(turn), "lost": [asdict(one) for one in lost.get(turn.id, ())]} for turn in turns
    ]
    return {**asdict(conversation), "turns": told}


def say_conversation(
    conversation: "Conversation",
    turns: "Sequence[Turn]",
    lost: "Mapping[int, Sequence[Evidence]]",
) -> None:
    """Each question with its answer and sources, then what no longer holds."""
    say_conversations([conversation])
    for turn in turns:
        say(f"\n> {' '.join(turn.question.split())}  ({_moment(turn.asked)})\n")
        say("\n".join([turn.answer.text, *answer_lines(turn.answer, with_timings=False)]))
        if turn.id in lost:
            say("\nSince then:")
            say_rechecked(lost[turn.id])


def _moment(when: datetime) -> str:
    """The day and hour on this machine's clock."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


# -- articles -------------------------------------------------------------------------------


def say_documents(documents: Sequence[Document], before: str = "") -> None:
    """One line an article: identifier, date, language, outlet, title, path."""
    for one in documents:
        published = str(one.published or "-").ljust(10)
        known = (one.id, published, one.language, one.outlet or "-", one.title or "-", one.path)
        say(before + "  ".join(" ".join(part.split()) for part in known))


def say_dossiers(dossiers: "Sequence[Shelved]") -> None:
    """One line a dossier: its name, how many articles it has, where it is."""
    for one in dossiers:
        articles = "-" if one.articles is None else str(one.articles)
        say(f"{one.name}  {articles}  {one.path}")


def say_copies(groups: Sequence[Sequence[Document]]) -> None:
    """Each group under a line of its own."""
    if not groups:
        say("No article is a copy of another.")
    for number, members in enumerate(groups, start=1):
        say(f"One source ({number}):")
        say_documents(members, before="  ")


def say_rechecked(evidence: "Sequence[Evidence]") -> None:
    """One line a citation of a saved answer: what became of its words."""
    for one in evidence:
        say(f"[{one.n}] {EVIDENCE[one.state]}: {one.title} — « {' '.join(one.quote.split())} »")


def conflict_object(conflict: "Conflict") -> dict[str, Any]:
    """Both claims, with their articles and exact words; which is right is for people to find."""
    sides = [_claim_object(claim) for claim in (conflict.one, conflict.other)]
    return {"likelihood": round(conflict.likelihood, 3), "claims": sides}


def say_conflicts(conflicts: "Sequence[Conflict]") -> None:
    """Both values with their articles and words, and how likely they measure one thing."""
    if not conflicts:
        say("No figures of these articles seem to disagree.")
    from rag.read import describe

    for conflict in conflicts:
        say(f"{conflict.one.value} / {conflict.other.value}  ({conflict.likelihood:.2f})")
        for claim in (conflict.one, conflict.other):
            quote = " ".join(claim.quote.split())
            say(f"  {describe(claim.document, 'en')}\n    « {quote} »")


def _claim_object(claim: "Claim") -> dict[str, Any]:
    place = {"start": claim.start, "end": claim.end, "quote": claim.quote}
    return {"value": claim.value, **document_object(claim.document), **place}


def say_change(change: "Change", article: "Article | None") -> None:
    """One line for what became of a source, a failure on the standard error."""
    if change.error:
        complain(f"failed     {change.path}: {change.error}")
    else:
        say(f"{change.outcome:<9}  {change.path}  {change.title}".rstrip())
    if article:
        say("\n".join(f"    {line}" for line in _explanation(article)))


def _explanation(article: "Article") -> list[str]:
    """The metadata found, and each line taken out of the article with the reason."""
    known = document_object(article.document)
    names = ("title", "author", "outlet", "published", "language", "url")
    return [
        *(f"{name}: {known[name] or '(not found)'}" for name in names),
        *(
            f"line {one.number} removed, {message(one.reason, 'en')}: {one.text}"
            for one in article.removed
        ),
    ]


def summary(changes: Sequence["Change"]) -> str:
    """How many were added, replaced and so on."""
    counts: Counter[str] = Counter(change.outcome for change in changes)
    return ", ".join(f"{counts[one]} {one}" for one in OUTCOMES if counts[one]) + "."


class Warmed(NamedTuple):
    """How much of a dossier has been read ahead, and where it is kept."""

    ready: int
    passages: int
    states: "States"


def warmed_object(warmed: Warmed) -> dict[str, Any]:
    """The passages that are ready, of how many, and the bytes on disk with their limit."""
    states = warmed.states
    return {
        "ready": warmed.ready,
        "passages": warmed.passages,
        "bytes": states.size_bytes,
        "limit_bytes": states.limit_bytes,
    }


def say_warmed(warmed: Warmed) -> None:
    """One line; where not all are ready, one on what to do about it."""
    ready, passages, states = warmed
    size, limit = (f"{one / 1e9:.2f} GB" for one in (states.size_bytes, states.limit_bytes))
    say(f"{ready} of {passages} passages are ready, {size} of {limit} in {states.folder}")
    if ready < passages:
        say("For more of them, raise the setting kv_gigabytes.")


# -- models and checks ----------------------------------------------------------------------


class ModelRow(NamedTuple):
    """A model of the catalogue, and how it stands on this machine."""

    entry: "ModelEntry"
    installed: bool
    used: bool


def model_object(row: ModelRow) -> dict[str, Any]:
    """What helps to choose a model."""
    entry = row.entry
    return {
        "name": entry.name,
        "kind": entry.kind,
        "title": entry.title,
        "licence": entry.licence,
        "languages": entry.languages,
        "bytes": entry.size,
        "ram_gb": entry.ram_gb,
        "installed": row.installed,
        "used": row.used,
    }


def say_models(rows: Sequence[ModelRow]) -> None:
    """One line a model."""
    for entry, installed, used in rows:
        state = ("in use" if used else "installed") if installed else "absent"
        size = f"{entry.size / 1e9:.2f} GB"
        memory = f"{entry.ram_gb:g} GB of memory"
        known = (f"{entry.name:<32}", f"{entry.kind:<8}", f"{state:<9}", f"{size:>8}", memory)
        say("  ".join((*known, entry.licence, entry.title)))


def say_check(check: "Check") -> None:
    """One line for what was found, one for what to do about it."""
    say(f"{'ok' if check.ok else 'PROBLEM':<7}  {check.name}: {check.detail}")
    if check.remedy:
        say(f"         -> {check.remedy}")


# -- progress -------------------------------------------------------------------------------


@contextmanager
def article_progress(shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar with counts on the standard error, where that is a terminal: call it (done, total)."""
    columns = (TextColumn("Reading articles"), BarColumn(), MofNCompleteColumn())
    with _bar(shown, *columns, TimeRemainingColumn()) as (progress, task):
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def step_progress(shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar with counts and time left for steps that follow each other: call it (step, done,
    total). Where the standard error is no terminal, a line at every twentieth of a step.
    """
    if shown and not sys.stderr.isatty():
        yield _PlainSteps()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with _bar(shown, *columns, TimeRemainingColumn()) as (progress, task):

        def advance(step: str, done: int, total: int) -> None:
            if progress.tasks[0].description != step:
                progress.reset(task)
            progress.update(task, description=step, completed=done, total=total)

        yield advance


@contextmanager
def download_progress(name: str, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Bytes, speed and time left of a download: call it (bytes done, bytes in all).

    A bar where the standard error is a terminal, else a line at every twentieth.
    """
    if shown and not sys.stderr.isatty():
        yield _PlainDownload(name)
        return
    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with _bar(shown, *columns, TimeRemainingColumn()) as (progress, task):
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def _bar(shown: bool, *columns: ProgressColumn) -> Iterator[tuple[Progress, TaskID]]:
    console = Console(stderr=True)
    hidden = not (shown and console.is_terminal)
    # What is printed goes above the bar, unless it goes to a file.
    above = sys.stdout.isatty()
    with Progress(
        *columns, console=console, disable=hidden, transient=True, redirect_stdout=above
    ) as progress:
        yield progress, progress.add_task("", total=None)


class _PlainSteps:
    """The progress of steps as lines, for logs."""

    def __init__(self) -> None:
        self._step = ""
        self._started = time.monotonic()
        self._first = 0
        self._said = -1

    def __call__(self, step: str, done: int, total: int) -> None:
        if step != self._step:
            self._step, self._started, self._first, self._said = step, time.monotonic(), done, -1
        part = done * PLAIN_STEPS // max(total, 1)
        if part > self._said:
            self._said = part
            seconds = time.monotonic() - self._started
            left = (total - done) * seconds / max(done - self._first, 1)
            complain(f"{step}: {done} of {total}, {left:.0f} s left")


class _PlainDownload:
    """The progress of a download as lines, for logs."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._started = time.monotonic()
        self._first = -1  # bytes that were there before this download began
        self._step = 0

    def __call__(self, done: int, total: int) -> None:
        if self._first < 0:
            self._first = done
        step = done * PLAIN_STEPS // max(total, 1)
        if step > self._step:
            self._step = step
            seconds = max(time.monotonic() - self._started, 1e-3)
            speed = max((done - self._first) / seconds, 1.0)
            complain(
                f"{self._name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB, "
                f"{speed / 1e6:.1f} MB/s, {(total - done) / speed:.0f} s left"
            )
