"""A system whose answers are known beforehand, for tests of the harness around it."""

from collections.abc import Mapping
from pathlib import Path

from eval.run import Places, Plan
from eval.systems import Bench
from eval.types import Cited, Claim, Collection, Found, Gold, Question, Reply, Result
from rag.errors import EngineError
from rag.types import Document

TEXTS = {
    "bridge": "The Arlen bridge opened on 3 May 2024. It cost 5 million euros.",
    "tunnel": "The Borde tunnel opened on 9 June 2023. It cost 7 million euros.",
}


def collection() -> Collection:
    """Two articles; four questions with an answer and two without."""
    documents = {key: Document(key, key, text, "en") for key, text in TEXTS.items()}
    return Collection("tiny", documents, (*_answered(), *_unanswered()))


def _answered() -> tuple[Question, ...]:
    asked = {
        "bridge-date": ("When did the Arlen bridge open?", "3 May 2024", "bridge"),
        "bridge-cost": ("How much did the Arlen bridge cost?", "5 million", "bridge"),
        "tunnel-date": ("When did the Borde tunnel open?", "9 June 2023", "tunnel"),
        "tunnel-cost": ("How much did the Borde tunnel cost?", "7 million", "tunnel"),
    }
    return tuple(
        Question(
            key,
            text,
            "en",
            answerable=True,
            answers=(answer,),
            gold=(Gold(about, (at := TEXTS[about].index(answer)), at + len(answer), answer),),
            relevant={about: 1},
            cluster=about,
        )
        for key, (text, answer, about) in asked.items()
    )


def _unanswered() -> tuple[Question, ...]:
    return tuple(
        Question(f"{about}-who", "Who built it?", "en", "unanswerable", False, cluster=about)
        for about in TEXTS
    )


class QuotingSystem:
    """Answers with the whole article it is about, and refuses what has no answer.

    It fails on the ids in `failing`, and counts in `asked` what it was asked.
    """

    def __init__(self, name: str = "quoting", failing: tuple[str, ...] = ()) -> None:
        self.name = name
        self.load: Mapping[str, float] = {"load_llm": 0.5}
        self.asked: list[str] = []
        self._failing = failing

    def open(self, bench: Bench) -> "QuotingSystem":
        """Itself: it needs nothing."""
        return self

    def retrieve(self, question: Question, k: int) -> tuple[Found, ...]:
        """The article that it is about, and then the other one."""
        order = sorted(TEXTS, key=lambda key: key not in question.relevant)
        return tuple(
            Found(key, 0, len(TEXTS[key]), 1 / rank, rank) for rank, key in enumerate(order, 1)
        )[:k]

    def answer(self, question: Question) -> Result:
        """Raises EngineError for a question that it fails on."""
        self.asked.append(question.id)
        if question.id in self._failing:
            raise EngineError("llm.stopped")
        times = {"hits": 0.1, "first_text": 0.5, "done": 1.0}
        if not question.answerable:
            reply = Reply("No answer.", "en", refused=True, confidence=0.2)
        else:
            text = TEXTS[question.cluster]
            reply = Reply(
                text, "en", False, 0.9, (Claim(text, (1,)),),
                (Cited(1, question.cluster, 0, len(text), text),),
            )  # fmt: skip
        return Result("", question.id, self.name, reply, self.retrieve(question, 5), times=times)

    def close(self) -> None:
        """Nothing is held."""


def plan(limit: int | None = None) -> Plan:
    return Plan("full", ("quoting",), limit, None, 0)


def places(folder: Path) -> Places:
    return Places(folder / "runs", folder / "cache")
