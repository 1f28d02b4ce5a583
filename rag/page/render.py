"""What every part of the page shows: its states, names and dates, as HTML.

Everything that comes from an article, a model or a user goes through `escape`: an article that
holds HTML or scripts shows as text.
"""

from datetime import date
from html import escape
from urllib.parse import urlsplit

from rag.errors import RecoupeError
from rag.messages import long_date, message
from rag.page.view import BUSY, Phase, View
from rag.types import Language

PHASES: dict[Phase, str] = {
    "waiting": "page.waiting",
    "opening": "page.opening_wait",
    "searching": "page.searching",
    "reading": "page.reading",
    "writing": "page.writing",
    "done": "page.done",
    "stopped": "page.stopped",
    "failed": "page.failed",
}


def status(view: View, language: Language) -> str:
    """One line: what is being done, and for how long."""
    if view.phase == "idle":
        return ""
    several = view.phase == "waiting" and view.before > 1
    words = message(
        "talk.queue" if several else PHASES[view.phase],
        language,
        seconds=seconds(view.seconds, language),
        done=len({reading.hit.passage.id for reading in view.readings}),
        total=len(view.hits),
        before=view.before,
    )
    busy = " busy" if view.phase in BUSY else ""
    return f'<p class="status{busy}">{escape(words)}</p>'


def error(problem: RecoupeError, language: Language) -> str:
    """The one line of `problem`, announced by screen readers."""
    return f'<p class="problem" role="alert">{escape(problem.text(language))}</p>'


def line(key: str, language: Language, busy: bool = False, **blanks: object) -> str:
    """One line of status, the message of `key`."""
    kind = "status busy" if busy else "status"
    return f'<p class="{kind}">{escape(message(key, language, **blanks))}</p>'


def ahead(progress: tuple[int, int] | None, language: Language) -> str:
    """How many passages have been read ahead, of how many; nothing once all have been."""
    if progress is None:
        return ""
    done, total = progress
    words = escape(message("page.ahead", language, done=done, total=total))
    bar = f'<progress max="{total}" value="{done}" aria-label="{words}"></progress>'
    return f'<p class="status">{words}</p>{bar}'


def notice(title: str, text: str) -> str:
    """An empty state: what there is to do."""
    return f'<div class="notice"><h2>{escape(title)}</h2><p>{escape(text)}</p></div>'


def start_notice(count: int, language: Language) -> str:
    """What is shown before the first question, over `count` articles."""
    if not count:
        return notice(message("page.empty_title", language), message("page.empty_text", language))
    text = message("page.start_text", language)
    total = message("page.start_count", language, count=count)
    return notice(message("page.start_title", language), f"{text} {total}.")


def seconds(value: float, language: Language) -> str:
    """`2,1 s` or `2.1 s`."""
    number = f"{value:.1f}".replace(".", "," if language == "fr" else ".")
    return message("page.seconds", language, value=number)


def written_date(day: date | None, language: Language) -> str:
    """`13 juin 2025`, `June 13, 2025`, or that there is none."""
    return long_date(day, language) if day else message("page.undated", language)


def origin(path: str, url: str) -> str:
    """Where an article came from; a link if it is a web address, and only then."""
    for address in (url, path):
        if _is_web(address):
            shown = escape(address)
            return f'<a href="{shown}" target="_blank" rel="noopener noreferrer">{shown}</a>'
    return f'<span class="path">{escape(path)}</span>'


def head(title: str, outlet: str, author: str, day: date | None, language: Language) -> str:
    """The title of an article above who published it and when."""
    shown = escape(title or message("page.untitled", language))
    return (
        f'<div><h3>{shown}</h3><p class="byline">{byline(outlet, author, day, language)}</p></div>'
    )


def byline(outlet: str, author: str, day: date | None, language: Language) -> str:
    """Who published an article, who wrote it, and when."""
    when = escape(written_date(day, language))
    if day is not None:
        when = f'<time datetime="{day.isoformat()}">{when}</time>'
    names = [outlet or message("page.no_outlet", language), author]
    return " · ".join([*(escape(name) for name in names if name), when])


def day_of(published: str) -> date | None:
    """The day that a citation says, None where it says none."""
    return date.fromisoformat(published) if published else None


def with_quote(text: str, start: int, end: int, offset: int = 0) -> str:
    """`text` escaped, the characters from `start` to `end` marked; `offset` is where it begins."""
    inside = max(0, start - offset), max(0, end - offset)
    quote = text[slice(*inside)]
    if not quote:
        return escape(text)
    before, after = text[: inside[0]], text[inside[1] :]
    return f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}"


def _is_web(address: str) -> bool:
    try:
        return urlsplit(address).scheme in ("http", "https") and bool(urlsplit(address).hostname)
    except ValueError:
        return False
