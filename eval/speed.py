"""`python -m eval.speed [PART…]`: how fast the whole program is, and what it takes.

Prints a table for each part and keeps the figures as JSON, with the machine, the commit and the
models they are of. Parts: answers (`eval.answer_speed`), engine (`eval.engine_speed`), embedding
(`eval.embedding_speed`), search (`eval.search_speed`), startup and memory (`eval.footprint`),
page (`eval.page_speed`: in a real browser).
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from eval.answer_speed import (
    CACHE,
    Answered,
    Progress,
    figures,
    in_turn,
    opened,
    selected,
    starter_bench,
)
from eval.answer_speed import table as answers_table
from eval.identity import identity
from eval.systems import Bench
from eval.timing import columns
from eval.types import Question
from rag import terminal
from rag.chunk import contextual_text
from rag.config import PROJECT, Settings, go_offline
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.errors import RecoupeError
from rag.models import model_path
from rag.models.installed import write_safely

QUESTIONS = 6
RUNS = PROJECT / "eval" / "runs"


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured: fewer repetitions and smaller dossiers with `quick`."""

    quick: bool = False
    questions: int = QUESTIONS
    frameworks: bool = False
    large: bool = False

    @property
    def repeats(self) -> int:
        return 1 if self.quick else 3


class Told(NamedTuple):
    """What a part measured: for programs, and for people."""

    figures: Any
    text: str


class Workbench(ExitStack):
    """What the parts need, each made when the first part asks for it; a context manager."""

    def __init__(self, settings: Settings, options: Options, on_progress: Progress) -> None:
        super().__init__()
        self.settings = settings
        self.options = options
        self.on_progress = on_progress

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder of the settings. Raises ModelError."""
        folder = model_path(self.settings.embedder, self.settings.models)
        return SentenceTransformerEmbedder.load(folder, self.settings.threads)

    @cached_property
    def bench(self) -> Bench:
        """The starter set in a dossier."""
        making = starter_bench(self.settings, self.embedder, CACHE, self.on_progress)
        return self.enter_context(making)

    @cached_property
    def questions(self) -> list[Question]:
        """Those that are asked first."""
        return selected(self.bench.collection)[: self.options.questions]

    @cached_property
    def answered(self) -> list[Answered]:
        """The questions, asked in every way."""
        with opened(self.bench, self.options.frameworks, terminal.complain) as ways:
            return in_turn(ways, self.questions, None, self.on_progress)

    @cached_property
    def text(self) -> str:
        """All articles, one after another."""
        return "\n".join(one.text for one in self.bench.collection.documents.values())


def answers(work: Workbench) -> Told:
    """From a question to its answer."""
    asked = [asdict(one) for one in work.answered]
    return Told({**figures(work.answered), "asked": asked}, answers_table(work.answered))


def engine(work: Workbench) -> Told:
    """The language model: bare, in answers, at best."""
    from eval.engine_speed import engine_speed, table

    speed = engine_speed(work.settings, work.text, work.answered, work.options.repeats)
    ceilings = {"prompt": speed.prompt_ceiling, "generation": speed.generation_ceiling}
    return Told({**asdict(speed), "ceilings": ceilings}, table(speed))


def embedding(work: Workbench) -> Told:
    """Passages to vectors, beside the library's own way."""
    from eval.embedding_speed import embedding_rates

    folder = model_path(work.settings.embedder, work.settings.models)
    texts = _passages(work.bench)
    rates = embedding_rates(work.embedder, folder, texts, work.options.repeats)
    rows = [
        (name, f"{rate.passages:.1f}", f"{rate.tokens:.0f}", f"{rate.share:.0%}")
        for name, rate in (("library", rates.library), ("ours", rates.ours))
    ]
    headings = (f"{len(texts)} passages", "passages a second", "tokens", "of ceiling")
    ratio = f"ours is {rates.ratio:.2f} times as fast; ceiling {rates.limit / 1e9:.0f} Gflop/s"
    return Told(asdict(rates), f"{columns([headings, *rows])}\n{ratio}")


def search(work: Workbench) -> Told:
    """From a question's vector and words to its passages, by size of dossier."""
    from eval.search_speed import SIZES, search_rates, table

    sizes = SIZES[:2] if work.options.quick else SIZES
    rates = search_rates([*sizes, 1_000_000] if work.options.large else sizes)
    return Told([asdict(one) for one in rates], table(rates))


def startup(work: Workbench) -> Told:
    """From the command to what its user sees."""
    from eval.footprint import copied, start_up, start_up_table

    with copied(work.bench.dossier.settings.dossier, work.settings) as settings:
        started = start_up(settings, work.questions[0].text, work.options.repeats)
    return Told(asdict(started), start_up_table(started))


def memory(work: Workbench) -> Told:
    """What a process and a dossier take."""
    from eval.footprint import copied, disk, memory_table
    from eval.footprint import memory as memory_of

    with copied(work.bench.dossier.settings.dossier, work.settings) as settings:
        held = memory_of(settings, work.questions[0].text)
        kept = disk(settings)
    per_1000 = kept.per_1000_articles()
    told = {"memory": asdict(held), "disk": {**asdict(kept), "per_1000_articles": per_1000}}
    return Told(told, memory_table(held, kept))


def page(work: Workbench) -> Told:
    """From a question to what is on screen, in a real browser."""
    from eval.footprint import copied
    from eval.page_speed import page_speed, table

    questions = [one.text for one in work.questions]
    with copied(work.bench.dossier.settings.dossier, work.settings) as settings:
        seen = page_speed(settings.model_copy(update={"warm": False}), questions)
    return Told([asdict(one) for one in seen], table(seen))


PARTS: dict[str, Callable[[Workbench], Told]] = {
    one.__name__: one for one in (answers, engine, embedding, search, startup, memory, page)
}


def measure(
    parts: Sequence[str], work: Workbench, say: Callable[[str], object], path: Path
) -> list[str]:
    """Measure these parts, in the order of PARTS; the names of those that failed.

    Each is said, and kept in the file at `path`, before the next begins.
    """
    kept: dict[str, Any] = {"identity": _identity(work, parts), "parts": {}}
    kept["started"] = datetime.now().astimezone().isoformat("T", "seconds")
    failed = []
    for name in (name for name in PARTS if name in parts):
        try:
            told = PARTS[name](work)
        except (RecoupeError, RuntimeError) as error:
            failed.append(name)
            say(f"\n{name}: failed: {error}")
            continue
        kept["parts"][name] = told.figures
        write_safely(path, f"{json.dumps(kept, ensure_ascii=False, indent=1)}\n".encode())
        say(f"\n{name}\n{told.text}")
    return failed


def _identity(work: Workbench, parts: Sequence[str]) -> dict[str, Any]:
    plan = {"parts": list(parts), "options": asdict(work.options)}
    return identity(work.settings, [work.bench.collection], work.embedder, plan)


def _passages(bench: Bench) -> list[str]:
    """All passages, as they are embedded."""
    store = bench.dossier.store
    passages = store.passages(store.passage_ids())
    documents = bench.collection.documents
    return [contextual_text(documents[one.document_id], one) for one in passages]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, no large dossier")
    parser.add_argument("--questions", type=int, metavar="N", help=f"default: {QUESTIONS}")
    parser.add_argument("--frameworks", action="store_true", help="LangChain and LlamaIndex too")
    parser.add_argument("--large", action="store_true", help="search in 1,000,000 passages too")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: eval/runs/bench-….json")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.parts) - set(PARTS))
    if unknown:
        parser.error(f"unknown part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    parts = given.parts or list(PARTS)
    few = given.quick or "answers" not in parts  # the other parts need no more
    count = given.questions or (2 if few else QUESTIONS)
    options = Options(given.quick, count, given.frameworks, given.large)
    path = given.out or RUNS / f"bench-{datetime.now():%Y%m%d-%H%M%S}.json"
    go_offline()
    try:
        settings = Settings.load().model_copy(update={"base_url": ""})
        with (
            terminal.step_progress(True) as progress,
            Workbench(settings, options, progress) as work,
        ):
            failed = measure(parts, work, terminal.say, path)
    except RecoupeError as error:
        terminal.complain(str(error))
        return 1
    terminal.say(f"\n{path}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
