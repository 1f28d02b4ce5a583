"""How often the status that a sentence of an answer gets agrees with pairs labelled by hand.

    python -m eval.status

What is measured is Recoupe's own judgement (`rag.verify`, `rag.read.doubted`): the quotes of a pair
are an article, its claim is what was read in it. `eval.support`, which judges all systems, knows
the same rules for words and others for the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any

from eval.support import pairs
from rag.assistant import open_engine
from rag.config import Settings, go_offline
from rag.dates import dates
from rag.engine import Engine
from rag.read import doubted
from rag.types import Document, Hit, Language, Passage, Reading, Status
from rag.verify import bear_out, status_of

ORDER: tuple[Status, ...] = ("unsupported", "partly", "supported")
Pair = dict[str, Any]


def agreement(engine: Engine) -> list[tuple[Pair, Status, bool]]:
    """The labelled pairs, each with its status and whether that agrees with its label.

    A claim that is partly supported is not supported.
    """
    judged = [(pair, status_by(pair, engine)) for pair in pairs()]
    return [(pair, one, (one == "supported") == pair["supported"]) for pair, one in judged]


def status_by(pair: Pair, engine: Engine) -> Status:
    """The best status that the quotes of one language give to the claim."""
    language, question = pair["claim_language"], pair.get("question", "")
    return max(
        (_status(pair["claim"], language, question, hit, engine) for hit in _hits(pair)),
        key=ORDER.index,
        default="unsupported",
    )


def _status(claim: str, language: Language, question: str, hit: Hit, engine: Engine) -> Status:
    reading = Reading(hit, 1.0, text=claim, start=0, end=len(hit.document.text))
    told = bear_out(reading, question, language)
    if not told.text:
        return "unsupported"
    (told,) = doubted([told], question, language, engine)
    return status_of(told, question, language)[0]


def _hits(pair: Pair) -> Iterator[Hit]:
    """The quotes of each language as an article of one passage."""
    for language in sorted({quote["language"] for quote in pair["quotes"]}):
        quotes = [quote for quote in pair["quotes"] if quote["language"] == language]
        text = "\n\n".join(quote["text"] for quote in quotes)
        sources = "; ".join(quote["source"] for quote in quotes if quote["source"])
        document = Document(
            id=pair["id"],
            path="",
            text=text,
            language=language,
            title=sources,
            published=_day(quotes),
        )
        passage = Passage(f"{pair['id']}-{language}", pair["id"], 0, len(text), text, 1)
        yield Hit(passage, document, 1.0, 1)


def _day(quotes: Sequence[Mapping[str, Any]]) -> date | None:
    """When the article of these quotes appeared, where their sources name one day."""
    found = {when.last for one in quotes for when in dates(one["source"], one["language"])}
    return found.pop() if len(found) == 1 else None


def main() -> None:
    """Print the agreement by label and by direction, and the pairs on which it fails."""
    go_offline()
    with closing(open_engine(Settings())) as engine:
        judged = agreement(engine)
    right = [agrees for *_, agrees in judged]
    print(f"all: {sum(right)} of {len(right)}")
    for name, of in (
        ("supported", [a for pair, _, a in judged if pair["supported"]]),
        ("not supported", [a for pair, _, a in judged if not pair["supported"]]),
        ("real answers", [a for pair, _, a in judged if pair["split"].startswith("real")]),
        ("across languages", [a for pair, _, a in judged if _is_across(pair)]),
    ):
        print(f"{name}: {sum(of)} of {len(of)}")
    for pair, status, agrees in judged:
        if not agrees:
            print(f"{status} {pair['id']} ({pair['why']}): {pair['claim']}")


def _is_across(pair: Pair) -> bool:
    return all(quote["language"] != pair["claim_language"] for quote in pair["quotes"])


if __name__ == "__main__":
    main()
