"""What users read exists in French and in English, and says the same in both."""

import re
from collections.abc import Iterator
from string import Formatter

import pytest

from rag.config import PROJECT
from rag.messages import message, table
from rag.types import LANGUAGES

STRING = re.compile(r"""(?<!\w)(f?)["']([a-z0-9_.{}]+)["']""")
CODE = [*sorted((PROJECT / "rag").rglob("*.py")), PROJECT / "app.py"]


def strings() -> Iterator[tuple[str, str]]:
    """(file, string) for each short string in the code; {} where an f-string is filled in."""
    for path in CODE:
        for form, text in STRING.findall(path.read_text(encoding="utf-8")):
            yield path.name, re.sub(r"{[^}]*}", "{}", text) if form else text
    # The evaluation has a table of its own for its report; its errors are in this one.
    for path in sorted((PROJECT / "eval").rglob("*.py")):
        for _, text in STRING.findall(path.read_text(encoding="utf-8")):
            if text.startswith("eval."):
                yield path.name, text


def keys_in_code() -> set[str]:
    """Every string of the form section.name whose section is in the table."""
    sections = {key.split(".")[0] for key in table()}
    found = {text for _, text in strings() if re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", text)}
    return {key for key in found if key.split(".")[0] in sections and not key.endswith(".db")}


def keys_put_together() -> set[str]:
    """Keys whose section or end is filled in: f"page.{name}" with "name" in the same file."""
    by_file: dict[str, set[str]] = {}
    for file, text in strings():
        by_file.setdefault(file, set()).add(text)
    return {
        key
        for key in table()
        for texts in by_file.values()
        if f"{key.split('.')[0]}.{{}}" in texts
        and any(matches(text, key.split(".")[1]) for text in texts)
    }


def matches(pattern: str, name: str) -> bool:
    return pattern != "{}" and bool(
        re.fullmatch(re.escape(pattern).replace(r"\{\}", "[a-z0-9]+"), name)
    )


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_message_exists_in_both_languages_as_one_line() -> None:
    wrong = {
        key: texts
        for key, texts in table().items()
        if set(texts) != set(LANGUAGES)
        or any(not text.strip() or "\n" in text for text in texts.values())
    }
    assert wrong == {}


def test_every_message_says_the_same_in_both_languages() -> None:
    wrong = [key for key, texts in table().items() if blanks(texts["fr"]) != blanks(texts["en"])]
    assert wrong == []


def test_no_message_that_the_program_says_is_missing() -> None:
    assert sorted(keys_in_code() - set(table())) == []


def test_no_message_is_kept_that_nothing_says() -> None:
    assert sorted(set(table()) - keys_in_code() - keys_put_together()) == []


def test_a_blank_that_is_not_filled_is_an_error() -> None:
    assert message("settings.language", "en", value="de").startswith("Unknown language: de.")
    with pytest.raises(KeyError):
        message("settings.language", "en")
