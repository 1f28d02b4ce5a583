"""Tables of what can be written in an article, and how each row of them is to be read.

    python -m eval.written

`datasets/written/`: `figures.tsv` and `dates.tsv` have one written form a line, in either language,
`speech.jsonl` one passage with all that is said in it, by whom, and how. Several values, units or
roundings of a form are separated by semicolons; one unit or rounding is that of all its values.
"""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from rag.dates import dates
from rag.speech.reported import speech
from rag.types import Language
from rag.values import figures

HERE = Path(__file__).parent / "datasets" / "written"
TODAY = date(2025, 6, 18)  # a Wednesday, on which the dates are read
Row = dict[str, Any]


def _table(name: str) -> list[Row]:
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _passages(name: str) -> list[Row]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


FIGURES, DATES, SPEECH = _table("figures.tsv"), _table("dates.tsv"), _passages("speech.jsonl")
HARD_SPEECH = _passages("speech_hard.jsonl")


def expected_figures(row: Row) -> list[tuple[str, str, str]]:
    """Value, unit and rounding of each figure of a row."""
    values = [f"{float(value):.7g}" for value in row["values"].split(";") if value]
    units, roundings = (_each(row[name], len(values)) for name in ("units", "approximate"))
    return list(zip(values, units, roundings, strict=True))


def read_figures(row: Row) -> list[tuple[str, str, str]]:
    """The same, as the form is read."""
    found = figures(f"… {row['text']}, …", language_of(row))
    return [(f"{one.value:.7g}", one.unit, one.approximate) for one in found]


def expected_dates(row: Row) -> list[tuple[str, str, bool]]:
    """First and last day, and whether they count from the day of the article."""
    return [(row["first"], row["last"], bool(row["relative"]))] if row["first"] else []


def read_dates(row: Row) -> list[tuple[str, str, bool]]:
    """The same, as the form is read."""
    found = dates(f"… {row['text']}, …", language_of(row), TODAY)
    return [(one.first.isoformat(), one.last.isoformat(), one.relative) for one in found]


def expected_speech(row: Row) -> list[tuple[str, ...]]:
    """What is said, by whom, and whether in their own words."""
    return [tuple(one) for one in row["said"]]


def read_speech(row: Row) -> list[tuple[str, ...]]:
    """The same, as the passage is read."""
    text = row["text"]
    return [
        (text[one.start : one.end], one.name, "direct" if one.direct else "indirect")
        for one in speech(text, language_of(row))
    ]


def language_of(row: Row) -> Language:
    """The language that a row is in."""
    return "fr" if row["language"] == "fr" else "en"


def _each(cell: str, count: int) -> list[str]:
    parts = [part.strip() for part in cell.split(";")]
    return (parts * count if len(parts) == 1 else parts)[:count]


Reader = Callable[[Row], list[tuple[Any, ...]]]
TABLES: dict[str, tuple[list[Row], Reader, Reader]] = {
    "figures": (FIGURES, expected_figures, read_figures),
    "dates": (DATES, expected_dates, read_dates),
    "speech": (SPEECH, expected_speech, read_speech),
}
HARD = (HARD_SPEECH, expected_speech, read_speech)  # written unseen, not all of them read rightly


def main() -> None:
    """Print how many rows of each table are read as they are to be, and those that are not."""
    for name, (rows, expected, read) in {**TABLES, "speech, hard": HARD}.items():
        wrong = [row for row in rows if read(row) != expected(row)]
        print(f"{name}: {len(rows) - len(wrong)} of {len(rows)}")
        for row in wrong:
            print(f"  {row['text']}: {read(row)}")


if __name__ == "__main__":
    main()
