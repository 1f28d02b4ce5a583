"""Where a text says given words, letter by letter.

Only what typesetting changes makes no difference: the kinds of quotation marks, apostrophes and
spaces, soft hyphens, and the case of the first letter. "[…]" and "…" stand for words left out.
"""

import re
import unicodedata
from functools import lru_cache

Span = tuple[int, int]

_SET_APART = re.compile(
    r"(?P<mark>[«»‹›“”„\"]|''|<<|>>)|(?P<space>\s+)|(?P<apostrophe>['’‘‚´`ʼ])|(?P<dots>\.{3})"
    r"|(?P<hyphen>[\u2010\u2011])|(?P<unseen>[\u00ad\u200b-\u200f\u2060\ufeff])"
)
_COMBINING = re.compile(r"[^\W_][\u0300-\u036f]+")
_CLOSE_UP = frozenset(",.;:!?%)…]")  # no space counts before them
_OMISSION = re.compile(r"\s*(?:\[…\]|\(…\)|…)\s*")
_CHANGED_LETTER = re.compile(r"\[([^\W\d_])\]")
_LAST_MARKS = " ,.;:…"  # the answer's own punctuation may stand inside its quotation marks
_MOST = 50  # occurrences of one part that are looked at


def occurrences(words: str, text: str) -> list[tuple[Span, ...]]:
    """Where `text` says `words`: for each occurrence, the spans of its parts, in order.

    There is one part, or one more than words were left out at. Of a first part, only the nearest
    following parts count. Whole words only: "art" is not in "party".
    """
    plain, starts, ends = _plain(text)
    wanted = _plain(words)[0].strip()
    whole = _spans(wanted.strip(_LAST_MARKS), plain)
    parts = [part for part in _OMISSION.split(wanted) if re.search(r"\w", part)]
    found: list[tuple[Span, ...]] = [(span,) for span in whole]
    if not found and len(parts) > 1:
        found = _in_order([_spans(part.strip(_LAST_MARKS), plain) for part in parts])
    return [tuple(_with_marks(text, starts[a], ends[b - 1]) for a, b in spans) for spans in found]


def _with_marks(text: str, start: int, end: int) -> Span:
    """The span with the quotation mark right after or before it whose counterpart it contains."""
    for opening, closing in ("«»", "“”", "‹›", '""'):
        inside = text[start:end]
        odd = inside.count('"') % 2 if opening == closing else 0
        after = re.compile(rf"\s?{closing}").match(text, end)
        if after and (odd or inside.count(opening) > inside.count(closing)):
            end = after.end()
        elif text[start - 1 : start] == opening and (
            odd or inside.count(closing) > inside.count(opening)
        ):
            start -= 1
    return start, end


def _in_order(parts: list[list[Span]]) -> list[tuple[Span, ...]]:
    chains: list[tuple[Span, ...]] = [(span,) for span in parts[0]]
    for part in parts[1:]:
        following = (
            (chain, next((span for span in part if span[0] >= chain[-1][1]), None))
            for chain in chains
        )
        chains = [(*chain, span) for chain, span in following if span]
    return sorted(chains, key=lambda chain: chain[-1][1] - chain[0][0])


def _spans(part: str, plain: str) -> list[Span]:
    """Where `plain` has `part`, as whole words, whatever the case of its first letter."""
    if not re.search(r"\w", part):
        return []
    letters = _CHANGED_LETTER.sub(lambda m: f"\0{m[1]}", part)
    pattern = "".join(
        f"[{piece[0].lower()}{piece[0].upper()}]{re.escape(piece[1:])}"
        if changed
        else re.escape(piece)
        for piece, changed in zip(
            letters.split("\0"), (False, *[True] * letters.count("\0")), strict=True
        )
    )
    if letters[0].isalpha():
        pattern = f"[{letters[0].lower()}{letters[0].upper()}]{pattern[1:]}"
    edges = [
        r"(?<!\w)" if re.match(r"[\w\[\0]", letters) else "",
        r"(?!\w)" if re.search(r"\w$", letters) else "",
    ]
    found = re.finditer(f"{edges[0]}(?:{pattern}){edges[1]}", plain)
    return [match.span() for match, _ in zip(found, range(_MOST), strict=False)]


@lru_cache(maxsize=256)
def _plain(text: str) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """`text` as it is compared, and where in it each character began and ended."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def put(written: str, start: int, end: int) -> None:
        if written in _CLOSE_UP and pieces and pieces[-1] == " ":
            pieces.pop(), starts.pop(), ends.pop()
        if written == " " and (not pieces or pieces[-1] in (" ", "'", "(")):
            return
        pieces.append(written)
        starts.append(start)
        ends.append(end)

    position = 0
    for match in (*_SET_APART.finditer(text), None):
        stop = match.start() if match else len(text)
        for start, end, written in _letters(text, position, stop):
            put(written, start, end)
        if match:
            position = match.end()
            put_as = _as_compared(text, match)
            if put_as:
                put(put_as, match.start(), match.end())
    return "".join(pieces), tuple(starts), tuple(ends)


def _letters(text: str, start: int, stop: int) -> list[tuple[int, int, str]]:
    """The characters of `text[start:stop]`, one with its accent whichever way that is coded."""
    chunk = text[start:stop]
    if chunk.isascii() or not _COMBINING.search(chunk):
        return [(start + i, start + i + 1, char) for i, char in enumerate(chunk)]
    found: list[tuple[int, int, str]] = []
    for match in re.finditer(r".[\u0300-\u036f]*", chunk, re.DOTALL):
        written = unicodedata.normalize("NFC", match[0])
        found += [(start + match.start(), start + match.end(), char) for char in written]
    return found


def _as_compared(text: str, match: re.Match[str]) -> str:
    """What takes the place of a mark, a space, an apostrophe; nothing for what is not compared."""
    if match.lastgroup == "apostrophe":
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        return "'" if before.isalnum() and (after.isalnum() or after in tuple('«“"')) else ""
    return {"space": " ", "dots": "…", "hyphen": "-"}.get(match.lastgroup or "", "")
