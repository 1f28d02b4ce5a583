"""What the page shows of an answer and its sources, as HTML.

Everything that comes from an article, a model or a user goes through `escape`: an article that
holds HTML or scripts shows as text.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from html import escape
from urllib.parse import urlsplit

from rag.chunk import sentences
from rag.compose import with_markers
from rag.errors import RecoupeError
from rag.messages import long_date, message
from rag.page.view import BUSY, Phase, View
from rag.types import Answer, Citation, Document, Hit, Language, Sentence

FindDocument = Callable[[str], Document | None]

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
STATUSES = {"partly": "page.partly", "unsupported": "page.unsupported"}
PROBLEMS = {  # what `rag.verify` finds, as `kind: words`
    "figure": "page.problem_figure",
    "name": "page.problem_name",
    "words": "page.problem_words",
    "length": "page.problem_length",
    "quotation": "page.problem_quotation",
}
STEPS = {
    "load_embedder": "page.step_load_embedder",
    "load_llm": "page.step_load_llm",
    "retrieve": "page.step_retrieve",
    "read": "page.step_read",
    "compose": "page.step_compose",
    "total": "page.step_total",
}
CONTEXT_SENTENCES = 2  # shown before and after a quotation
CONTEXT_CHARACTERS = 700  # searched for them
ARTICLE_CHARACTERS = 20_000  # of an article unfolded inside a source card
_MARKER = re.compile(r"\[(\d+(?:\s*,\s*\d+)*)\]")


def status(view: View, language: Language) -> str:
    """One line: what is being done, and for how long."""
    if view.phase == "idle":
        return ""
    words = message(
        PHASES[view.phase],
        language,
        seconds=seconds(view.seconds, language),
        done=len({reading.hit.passage.id for reading in view.readings}),
        total=len(view.hits),
    )
    busy = " busy" if view.phase in BUSY else ""
    return f'<p class="status{busy}">{escape(words)}</p>'


def answer(view: View, language: Language) -> str:
    """The question, then the answer as far as it is written, or what went wrong."""
    parts = [f'<h2 class="asked">{escape(view.question)}</h2>'] if view.question else []
    if view.answer is not None:
        parts.append(_finished(view.answer, language))
    elif view.text:
        lang = view.language or language
        parts.append(f'<div class="answer-text" lang="{lang}">{_paragraphs(view.text)}</div>')
    elif view.drafts and view.phase == "reading":
        parts.append(_draft(next(iter(view.drafts.values())), view.language or language, language))
    if view.error is not None:
        parts.append(error(view.error, language))
    return "".join(parts)


def _draft(text: str, spoken: Language, language: Language) -> str:
    """The words of the first source that answers, as they are written: not checked yet."""
    label = escape(message("page.draft", language))
    return f'<p class="draft" lang="{spoken}"><span>{label}</span> {escape(text)}</p>'


def sources(view: View, find_document: FindDocument, language: Language) -> str:
    """The passages while they are read; then the cited ones, in their place in the article."""
    if view.answer is not None and view.answer.citations:
        refused = view.answer.refused  # then nothing in the passage answers: nothing to mark
        cards = [
            _citation(one, find_document, language, marked=not refused)
            for one in view.answer.citations
        ]
        return _cards("page.closest" if refused else "page.sources", cards, language)
    if not view.hits:
        return ""
    cards = [_hit(hit, view, language) for hit in view.hits]
    return _cards("page.closest" if view.phase == "done" else "page.found", cards, language)


def error(problem: RecoupeError, language: Language) -> str:
    """The one line of `problem`, announced by screen readers."""
    return f'<p class="problem" role="alert">{escape(problem.text(language))}</p>'


def line(key: str, language: Language, **blanks: object) -> str:
    """One line of status, the message of `key`."""
    return f'<p class="status">{escape(message(key, language, **blanks))}</p>'


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


def plain_copy(result: Answer, language: Language) -> str:
    """The answer and its sources as plain text, to paste into another document."""
    lines = [result.text]
    if result.citations:
        lines += ["", f"{message('page.copied_sources', language)}{_colon(language)}"]
        lines += [_plain_source(one, language) for one in result.citations]
    return "\n".join(lines)


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


def context(text: str, start: int, end: int, language: Language) -> tuple[str, str]:
    """The sentences just before and just after `text[start:end]` in its paragraph.

    A quotation that is a whole paragraph has its context in those around it.
    """
    left, right = _paragraph(text, start, end)
    if not text[left:start].strip() and not text[end:right].strip():
        left, right = 0, len(text)
    left, right = max(left, start - CONTEXT_CHARACTERS), min(right, end + CONTEXT_CHARACTERS)
    before, after = sentences(text[left:start], language), sentences(text[end:right], language)
    first = left + before[-CONTEXT_SENTENCES:][0][0] if before else start
    last = end + after[:CONTEXT_SENTENCES][-1][1] if after else end
    return text[first:start], text[end:last]


def _paragraph(text: str, start: int, end: int) -> tuple[int, int]:
    left, right = text.rfind("\n\n", 0, start), text.find("\n\n", end)
    return left + 2 if left >= 0 else 0, right if right >= 0 else len(text)


def with_quote(text: str, start: int, end: int, offset: int = 0) -> str:
    """`text` escaped, the characters from `start` to `end` marked; `offset` is where it begins."""
    inside = max(0, start - offset), max(0, end - offset)
    quote = text[slice(*inside)]
    if not quote:
        return escape(text)
    before, after = text[: inside[0]], text[inside[1] :]
    return f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}"


def _finished(result: Answer, language: Language) -> str:
    verdict = escape(message("page.refused", language))
    shown = f'<p class="verdict">{verdict}</p>' if result.refused else ""
    copied = escape(message("page.copied", language))
    return (
        f'{shown}<div class="answer-text" lang="{result.language}">'
        f"{_with_statuses(result, language)}</div>{_small_print(result, language)}"
        f'<pre class="copy-text" hidden>{escape(plain_copy(result, language))}</pre>'
        f'<p class="copied" role="status" data-text="{copied}"></p>'
    )


def _with_statuses(result: Answer, language: Language) -> str:
    """The answer's text, each sentence that was not verified marked with its problems."""
    parts, at = [], 0
    for sentence in result.sentences:
        written = with_markers(sentence)
        start = result.text.find(written, at)
        if start >= 0:
            parts += [_text(result.text[at:start]), _sentence(sentence, written, language)]
            at = start + len(written)
    return f"<p>{''.join(parts)}{_text(result.text[at:])}</p>"


def _sentence(sentence: Sentence, written: str, language: Language) -> str:
    notes = [message("page.original", language, words=words) for words in _originals(sentence)]
    if sentence.status != "supported":
        notes.append(doubt(sentence, language))
    shown = _text(written)
    if sentence.status != "supported":
        shown = f'<span class="{sentence.status}">{shown}</span>'
    return shown + "".join(f' <span class="why">({escape(note)})</span>' for note in notes)


def _originals(sentence: Sentence) -> list[str]:
    """The words of the article behind quotations that are translated."""
    return [one.original for one in sentence.quotations if one.status == "translated"]


def doubt(sentence: Sentence, language: Language) -> str:
    """What is wrong with a sentence that was not verified, as plain text."""
    label = message(STATUSES[sentence.status], language)
    why = " ; ".join(_problem(problem, language) for problem in sentence.problems)
    return f"{label}{_colon(language)} {why}" if why else label


def _problem(problem: str, language: Language) -> str:
    kind, _, words = problem.partition(": ")
    return message(PROBLEMS[kind], language, words=words) if kind in PROBLEMS else problem


def _text(text: str) -> str:
    """Escaped, citation markers as links, line breaks kept."""
    linked = _MARKER.sub(lambda match: _links(_numbers(match)), escape(text))
    return re.sub(r"\n\s*\n", "</p><p>", linked).replace("\n", "<br>")


def _paragraphs(text: str) -> str:
    return f"<p>{_text(text)}</p>"


def _numbers(match: re.Match[str]) -> list[int]:
    return [int(number) for number in match[1].split(",")]


def _links(numbers: Iterable[int]) -> str:
    return "".join(
        f'<a class="marker" href="#source-{n}" data-source="{n}">[{n}]</a>' for n in numbers
    )


def _small_print(result: Answer, language: Language) -> str:
    timings = " · ".join(
        f"{escape(_step(step, language))} {seconds(value, language)}"
        for step, value in result.timings.items()
    )
    models = " · ".join(escape(name) for name in result.models.values())
    dropped = " · ".join(escape(text) for text in result.dropped)
    rows = [
        (message("page.dropped", language), dropped),
        (message("page.steps", language), timings),
        (message("page.models", language), models),
    ]
    text = "<br>".join(f"{escape(name)}{_colon(language)} {value}" for name, value in rows if value)
    return f'<p class="small-print">{text}</p>' if text else ""


def _step(name: str, language: Language) -> str:
    return message(STEPS[name], language) if name in STEPS else name


def _cards(heading: str, cards: Sequence[str], language: Language) -> str:
    title = escape(message(heading, language))
    return f'<h2 class="heading">{title}</h2><div class="cards">{"".join(cards)}</div>'


def _citation(
    citation: Citation, find_document: FindDocument, language: Language, marked: bool
) -> str:
    document = find_document(citation.document_id)
    start, end = citation.start, citation.end
    quote = escape(citation.quote)
    quote, kind = (f"<mark>{quote}</mark>", "source") if marked else (quote, "source hit")
    spoken = whole = ""
    if document is not None and document.text[start:end] == citation.quote:  # else: replaced since
        before, after = context(document.text, start, end, document.language)
        quote = f"{escape(before)}{quote}{escape(after)}"
        whole, spoken = _whole(document, start, end, language), f' lang="{document.language}"'
    day = date.fromisoformat(citation.published) if citation.published else None
    head = _head(citation.title, citation.outlet, citation.author, day, language)
    label = escape(message("page.source_number", language, n=citation.n))
    return (
        f'<article class="{kind}" id="source-{citation.n}" tabindex="-1" aria-label="{label}">'
        f'<header><span class="number" aria-hidden="true">{citation.n}</span>{head}</header>'
        f"<blockquote{spoken}>{quote}</blockquote>{_copies(citation, language)}"
        f"{_foot(citation.paragraph, citation.path, citation.url, language)}{whole}</article>"
    )


def _hit(hit: Hit, view: View, language: Language) -> str:
    document, passage = hit.document, hit.passage
    reading = view.reading_of(hit)
    span = (reading.start, reading.end) if reading and reading.text else (0, 0)
    head = _head(document.title, document.outlet, document.author, document.published, language)
    silent = " silent" if reading and not reading.text else ""
    return (
        f'<article class="source hit{silent}" id="hit-{hit.rank}" tabindex="-1">'
        f'<header><span class="number" aria-hidden="true">{hit.rank}</span>{head}</header>'
        f"{_said(hit, view, language)}"
        f'<blockquote lang="{document.language}">'
        f"{with_quote(passage.text, *span, offset=passage.start)}</blockquote>"
        f"{_foot(passage.paragraph, document.path, document.url, language)}"
        f"{_folded(hit, language)}</article>"
    )


def _said(hit: Hit, view: View, language: Language) -> str:
    reading = view.reading_of(hit)
    if reading is None:
        draft = view.drafts.get(hit.passage.id)
        if draft and view.phase == "reading":
            return f'<p class="said draft">{escape(draft)}</p>'
        key = "page.reads" if view.phase in ("reading", "writing") else "page.unread"
        return f'<p class="said">{escape(message(key, language))}</p>'
    if not reading.text:
        return f'<p class="said">{escape(message("page.silent", language))}</p>'
    says = escape(message("page.says", language))
    return f'<p class="said answers"><span>{says}</span> {escape(reading.text)}</p>'


def _folded(hit: Hit, language: Language) -> str:
    if not hit.copies:
        return ""
    key = "page.copies_one" if len(hit.copies) == 1 else "page.copies"
    text = message(key, language, count=len(hit.copies))
    return f'<p class="folded">{escape(text)}</p>'


def _head(title: str, outlet: str, author: str, day: date | None, language: Language) -> str:
    when = escape(written_date(day, language))
    if day is not None:
        when = f'<time datetime="{day.isoformat()}">{when}</time>'
    names = [outlet or message("page.no_outlet", language), author]
    byline = " · ".join([*(escape(name) for name in names if name), when])
    shown = escape(title or message("page.untitled", language))
    return f'<div><h3>{shown}</h3><p class="byline">{byline}</p></div>'


def _copies(citation: Citation, language: Language) -> str:
    if not citation.copies:
        return ""
    told = message("page.same_article", language, copies=", ".join(citation.copies))
    return f'<p class="folded">{escape(told)}</p>'


def _foot(paragraph: int, path: str, url: str, language: Language) -> str:
    place = escape(message("page.paragraph", language, n=paragraph))
    return f"<footer><span>{place}</span> · {origin(path, url)}</footer>"


def _whole(document: Document, start: int, end: int, language: Language) -> str:
    """The article around the quotation, folded; a very long one is cut to where it matters."""
    left = max(0, start - ARTICLE_CHARACTERS // 2) if end > ARTICLE_CHARACTERS else 0
    right = left + ARTICLE_CHARACTERS
    text = with_quote(document.text[left:right], start, end, offset=left)
    cut = left > 0 or right < len(document.text)
    more = f'<p class="folded">{escape(message("page.cut", language))}</p>' if cut else ""
    title = escape(message("page.whole", language))
    return (
        f"<details><summary>{title}</summary>"
        f'<div class="article-text" lang="{document.language}">{text}</div>{more}</details>'
    )


def _plain_source(citation: Citation, language: Language) -> str:
    marks = ("« ", " »") if language == "fr" else ("“", "”")
    facts = [citation.title, citation.outlet, citation.author, citation.published]
    where = ", ".join(fact for fact in facts if fact)
    quote = " ".join(citation.quote.split())
    return f"[{citation.n}] {where}. {marks[0]}{quote}{marks[1]} ({citation.url or citation.path})"


def _is_web(address: str) -> bool:
    try:
        return urlsplit(address).scheme in ("http", "https") and bool(urlsplit(address).hostname)
    except ValueError:
        return False


def _colon(language: Language) -> str:
    return " :" if language == "fr" else ":"
