"""How often the status that a sentence of an answer gets agrees with pairs labelled by hand.

    python -m eval.status

What is measured is Recoupe's own judgement (`rag.verify`): the quotes of a pair are an article, its
claim is what was read in it. The hard pairs were made to mislead: half of
their claims join words of the passage that do not belong together. `eval.support`, which judges
all systems, knows the same rules for words and others for the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from eval.support import HARD_PAIRS, PAIRS, pairs
from rag.dates import dates
from rag.types import Document, Hit, Language, Passage, Reading, Status
from rag.verify import bear_out, is_doubtful, status_of

ORDER: tuple[Status, ...] = ("unsupported", "partly", "supported")
Pair = dict[str, Any]


class Judged(NamedTuple):
    """A labelled pair and the status of its claim: by figures, dates and names and what else drops
    a sentence; and as it is told, with the rules for words besides."""

    pair: Pair
    facts: Status
    told: Status

    def agrees(self, status: Status) -> bool:
        """Whether that is its label; a claim that is partly supported is not supported."""
        return (status == "supported") is bool(self.pair["supported"])


def judge(path: Path = PAIRS) -> list[Judged]:
    """All labelled pairs of a file."""
    return [judged(pair) for pair in pairs(path)]


def judged(pair: Pair) -> Judged:
    """A pair, with the best status that the quotes of one language give to its claim."""
    found = [_statuses(pair, hit) for hit in _hits(pair)] or [("unsupported",) * 2]
    facts, told = (max(of, key=ORDER.index) for of in zip(*found, strict=True))
    return Judged(pair, facts, told)


def _statuses(pair: Pair, hit: Hit) -> tuple[Status, Status]:
    language: Language = pair["claim_language"]
    question = pair.get("question", "")
    reading = Reading(hit, 1.0, text=pair["claim"], start=0, end=len(hit.document.text))
    reading = bear_out(reading, question, language)
    if not reading.text:
        return "unsupported", "unsupported"
    told = replace(reading, doubted=is_doubtful(reading, question, language))
    facts, as_told = (status_of(one, question, language)[0] for one in (reading, told))
    return facts, as_told


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
    """Print the agreement of each step, by label and direction, and where it fails in the end."""
    found, hard = judge(), judge(HARD_PAIRS)
    kinds = {
        "all": found,
        "supported": [one for one in found if one.pair["supported"]],
        "not supported": [one for one in found if not one.pair["supported"]],
        "real answers": [one for one in found if one.pair["split"].startswith("real")],
        "across languages": [one for one in found if _is_across(one.pair)],
        "hard": hard,
        "hard, supported": [one for one in hard if one.pair["supported"]],
        "hard, not supported": [one for one in hard if not one.pair["supported"]],
    }
    for name, of in kinds.items():
        facts = sum(one.agrees(one.facts) for one in of)
        told = sum(one.agrees(one.told) for one in of)
        print(f"{name}: {told} of {len(of)}; facts alone {facts}")
    for one in (*found, *hard):
        if not one.agrees(one.told):
            print(f"{one.told} {one.pair['id']} ({one.pair['why']}): {one.pair['claim']}")


def _is_across(pair: Pair) -> bool:
    return all(quote["language"] != pair["claim_language"] for quote in pair["quotes"])


if __name__ == "__main__":
    main()
