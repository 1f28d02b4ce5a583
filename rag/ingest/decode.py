"""Bytes to text: which encoding a file is in, and which invisible characters it loses."""

import codecs
import re

from charset_normalizer import from_bytes

from rag.errors import ArticleError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = ["cp1252", "iso8859_15", "mac_roman", "cp850"]  # where French and English were written
_TYPOGRAPHY = frozenset("àâäæçéèêëîïôöœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛ«»“”‘’–—…€£°\u00a0")
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_NEWLINE = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def decode(data: bytes, path: str, declared: str | None = None) -> str:
    """The text of `data`, with `\\n` newlines and without invisible characters.

    In order: a byte order mark, UTF-8, the encoding that the page declares, the likeliest
    Western one. Raises ArticleError for a file that is empty or not text.
    """
    if not data.strip():
        raise ArticleError("ingest.empty", path=path)
    text = tidy(_decode(data, path, declared))
    if not text.strip():
        raise ArticleError("ingest.empty", path=path)
    return text


def tidy(text: str) -> str:
    """`text` with `\\n` newlines, and without control, zero-width and direction characters.

    What is invisible to the reader must not reach the model either. Accents, spaces and quotes
    stay as they are written, so that a quotation can be found again in its source.
    """
    return _INVISIBLE.sub("", _NEWLINE.sub("\n", text))


def _decode(data: bytes, path: str, declared: str | None) -> str:
    for encoding in (*_marked(data), *_unmarked_utf16(data)):
        return data.decode(encoding, errors="replace")
    if _is_binary(data):
        raise ArticleError("ingest.binary", path=path)
    damaged = data.decode("utf-8", errors="replace")
    wrong = damaged.count("\ufffd")
    if not wrong or _mostly_utf8(damaged, wrong):
        return damaged
    if declared and (text := _try(data, declared)) is not None:
        return text
    plausible = [str(match) for match in from_bytes(data, cp_isolation=_WESTERN)]
    if not plausible:
        raise ArticleError("ingest.binary", path=path)
    return max(plausible, key=_expected)


def _expected(text: str) -> int:
    """How many letters and signs beyond ASCII are those of French and English typography."""
    return sum(char in _TYPOGRAPHY for char in text)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError):
        return None


def _marked(data: bytes) -> list[str]:
    return [encoding for mark, encoding in _BOMS if data.startswith(mark)][:1]


def _unmarked_utf16(data: bytes) -> list[str]:
    """UTF-16 without its mark: in Western text every other byte is nearly always zero."""
    sample = data[:4096]
    half = len(sample) // 2
    zeros = [sample[offset::2].count(0) for offset in (0, 1)]
    if half <= 8 or min(zeros) > half / 10 or max(zeros) < half * 0.9:
        return []
    return ["utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"]


def _is_binary(data: bytes) -> bool:
    sample = data[:65536]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return data.startswith(_MAGIC) or b"\x00" in data or controls > len(sample) / 100


def _mostly_utf8(damaged: str, wrong: int) -> bool:
    """UTF-8 cut in the middle of a character, or with a few bytes lost."""
    right = sum(char > "\x7f" for char in damaged) - wrong
    return right >= 10 * wrong
