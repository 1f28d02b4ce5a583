"""Text made fit for a document: no control characters, spaces and dates as the language has them.

The words of articles keep every character that shows; the JSON export keeps the others too.
"""

import re
from datetime import datetime
from urllib.parse import quote, urlsplit

from babel.dates import format_time

from rag.messages import long_date, message
from rag.types import Language

NO_BREAK = "\N{NO-BREAK SPACE}"
_LINE = re.compile("[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")
# Characters that XML forbids, and those that make text run the other way.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)
_FRENCH = re.compile(r" (?=[:;?!»%€])|(?<=«) |(?<=\d) (?=\d{3}(?!\d))")
_URL_SAFE = "%/:=&?~#+!$,;'@()*[]"


def one_line(text: str) -> str:
    """`text` on one line, without what cannot be seen; no-break spaces stay."""
    return _HIDDEN.sub("", _LINE.sub(" ", text)).strip()


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of `text`, each on one line."""
    lines = (one_line(part) for part in re.split(r"\n\s*\n", text))
    return tuple(line for line in lines if line)


def spaced(text: str, language: Language) -> str:
    """`text` with the no-break spaces that French wants; for words of ours, not of articles."""
    return _FRENCH.sub(NO_BREAK, text) if language == "fr" else text


def said(key: str, language: Language, **blanks: object) -> str:
    """The message of `key`, spaced as `language` wants."""
    return spaced(message(key, language, **blanks), language)


def in_marks(text: str, language: Language) -> str:
    """`text` between the quotation marks of `language`."""
    return f"«{NO_BREAK}{text}{NO_BREAK}»" if language == "fr" else f"“{text}”"


def moment(when: datetime, language: Language) -> str:
    """The day and hour on this machine's clock, and how far that is from UTC."""
    local = when.astimezone()
    return said(
        "export.moment",
        language,
        day=long_date(local.date(), language),
        hour=format_time(local, "short", locale=language),
        zone=f"UTC{local.isoformat()[-6:]}",
    )


def web_address(url: str, path: str) -> str:
    """The http address of an article, fit for a link; empty where it has none."""
    for address in (url, path):
        try:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") and parts.hostname:
                return quote(one_line(address), safe=_URL_SAFE)
        except ValueError:
            continue
    return ""
