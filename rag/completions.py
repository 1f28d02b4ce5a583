"""What a server of the OpenAI chat API says: its events, its words, how likely they are."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from rag.engine import Piece

SURE_YES, UNSURE, SURE_NO = 0.95, 0.5, 0.05  # where the word is told, but not how likely it is


class Reply:
    """A reply under way: what has come of it, and whether its line is over."""

    def __init__(self, number: int) -> None:
        self.finished = self.line_ended = self.changed = False
        self._number = number
        self._begun = False
        self._heard = self._known = ""

    @property
    def ended(self) -> bool:
        return self.finished or self.line_ended

    def begin_again(self) -> None:
        """What comes next is the same reply, from its start: what was heard is skipped."""
        self._known = self._heard

    def take(self, text: str, tokens: Sequence[Mapping[str, Any]]) -> Piece | None:
        """The piece that more text makes, if any; blank lines before the reply are skipped."""
        known = len(text[: len(self._known)])
        if text[:known] != self._known[:known]:
            self.changed = True
            return None
        self._known = self._known[known:]
        self._heard += text[known:]
        start, rest = known, text[known:]
        line, newline, after = rest.partition("\n")
        while newline and not self._begun and not line.strip():
            start, rest = start + len(line) + 1, after
            line, newline, after = rest.partition("\n")
        self._begun = self._begun or bool(line.strip())
        self.line_ended = bool(newline)
        return (
            Piece(self._number, line, _logprob(tokens, start, start + len(line))) if line else None
        )


def server_sent(response: httpx.Response) -> Iterator[tuple[str, str]]:
    """(field, value) of each line of a stream; only a line feed ends one.

    https://html.spec.whatwg.org/multipage/server-sent-events.html, of which servers of this
    API use single lines. httpx would also break lines at U+2028, which JSON may hold.
    """
    rest = b""
    for block in response.iter_bytes():
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            field, _, value = line.decode(errors="replace").partition(":")
            if field in ("data", "error"):
                yield field, value.strip()


def said_in_error(body: str) -> str:
    """The words for people in the body of an error."""
    try:
        data = json.loads(body)
        error = data.get("error") or data.get("detail") or data
        return str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, AttributeError, LookupError):
        return body


def _logprob(tokens: Sequence[Mapping[str, Any]], start: int, end: int) -> float:
    """The sum over the tokens that lie in text[start:end]; nan where none is told."""
    told, at = [], 0
    for token in tokens:
        after = at + len(token["token"])
        if after > start and at < end:
            told.append(float(token["logprob"]))
        at = after
    return sum(told) if told else math.nan


def yes_share(tokens: Sequence[Mapping[str, Any]], yes: Sequence[str], no: Sequence[str]) -> float:
    """P(yes) / (P(yes) + P(no)) over `tokens`; those that could begin either are left out."""
    mass = {True: 0.0, False: 0.0}
    for token in tokens:
        says_yes, says_no = _begins(token["token"], yes), _begins(token["token"], no)
        if says_yes != says_no:
            mass[says_yes] += math.exp(min(0.0, token["logprob"]))
    total = mass[True] + mass[False]
    return mass[True] / total if total else UNSURE


def yes_guessed(text: str, yes: Sequence[str], no: Sequence[str]) -> float:
    """What the first word of a reply says, where its probability is not told."""
    word = re.search(r"\w+", text)
    says_yes, says_no = (bool(word and _begins(word[0], words)) for words in (yes, no))
    if says_yes == says_no:
        return UNSURE
    return SURE_YES if says_yes else SURE_NO


def _begins(token: str, words: Sequence[str]) -> bool:
    token = token.strip()
    return bool(token) and any(word.startswith(token) for word in words)
