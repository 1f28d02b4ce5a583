"""What the page shows of an answer, as HTML; see `rag.page.render` for the rules."""

import re
from collections.abc import Callable
from html import escape

from rag.archive.records import Turn
from rag.compose import disagreement, with_markers
from rag.doubts import doubt
from rag.messages import colon, message
from rag.page.render import byline, day_of, error, seconds
from rag.page.render_comment import comment
from rag.page.view import View
from rag.types import Answer, Citation, CitedPosition, Language, Sentence

STEPS = {
    "load_embedder": "page.step_load_embedder",
    "load_llm": "page.step_load_llm",
    "retrieve": "page.step_retrieve",
    "understand": "page.step_understand",
    "crosscheck": "page.step_crosscheck",
    "read": "page.step_read",
    "rivals": "page.step_rivals",
    "compose": "page.step_compose",
    "total": "page.step_total",
}
FORMATS = {"markdown": "Markdown", "html": "HTML", "json": "JSON", "docx": "Word"}
REASONS = {
    "wrong": "talk.reason_wrong",
    "not_in_source": "talk.reason_not_in_source",
    "wrong_language": "talk.reason_wrong_language",
    "incomplete": "talk.reason_incomplete",
}
_MARKER = re.compile(r"\[(\d+(?:\s*,\s*\d+)*)\]")

Link = Callable[[int], str]  # the marker of a citation, by its number


def answer(view: View, language: Language, turn: Turn | None = None) -> str:
    """The question, then the answer as far as it is written, or what went wrong.

    `turn`: the same as it was kept, once the answer is there.
    """
    parts = [f'<h2 class="asked">{escape(view.question)}</h2>'] if view.question else []
    parts.append(understood(view.standalone, language))
    if view.answer is not None:
        parts.append(finished(view.answer, language, turn))
    elif view.text:
        lang = view.language or language
        parts.append(f'<div class="answer-text" lang="{lang}"><p>{_text(view.text)}</p></div>')
    elif view.drafts and view.phase == "reading":
        parts.append(_draft(next(iter(view.drafts.values())), view.language or language, language))
    if view.error is not None:
        parts.append(error(view.error, language))
    return "".join(parts)


def understood(standalone: str, language: Language) -> str:
    """How a question was understood after those before it."""
    if not standalone:
        return ""
    words = message("talk.understood", language, question=standalone)
    return f'<p class="understood">{escape(words)}</p>'


def finished(
    result: Answer, language: Language, turn: Turn | None = None, folded: bool = False
) -> str:
    """An answer that is whole, with what can be done with it; `folded` among the earlier ones."""
    key = f"{turn.id}-" if turn is not None and folded else ""
    verdict = escape(message("page.refused", language))
    copied = escape(message("page.copied", language))
    not_copied = escape(message("page.not_copied", language))
    link = _linking(result, turn, key)
    return (
        (f'<p class="verdict">{verdict}</p>' if result.refused else "")
        + f'<div class="answer-text" lang="{result.language}">'
        + f"{_with_statuses(result, link, language)}</div>"
        + (_looked_at(result, language) if result.refused else "")
        + _positions(result, link, language)
        + "".join(_note(one, key, language) for one in result.citations)
        + _small_print(result, language)
        + f'<pre class="copy-text" hidden>{escape(plain_copy(result, language))}</pre>'
        + (actions(turn, language) if turn is not None else "")
        + f'<p class="copied" role="status" data-text="{copied}" '
        + f'data-failed="{not_copied}"></p>'
    )


def plain_copy(result: Answer, language: Language) -> str:
    """The answer and its sources as plain text, to paste into another document."""
    lines = [result.text]
    if result.citations:
        lines += ["", f"{message('page.copied_sources', language)}{colon(language)}"]
        lines += [_plain_source(one, language) for one in result.citations]
    return "\n".join(lines)


def actions(turn: Turn, language: Language) -> str:
    """What can be done with an answer: copy, export, ask again, say whether it is right."""
    verdict = turn.rating.verdict if turn.rating else ""
    chosen = {"up": "talk.good", "down": "talk.bad"}
    rating = "".join(
        button("like", key, language, turn.id, pressed=verdict == name, verdict=name)
        for name, key in chosen.items()
    )
    label = escape(message("talk.actions", language))
    copy = escape(message("page.copy", language))
    return (
        f'<div class="actions" role="group" aria-label="{label}">'
        f'<button type="button" class="act" data-copy>{copy}</button>{exports(turn.id, language)}'
        f"{button('retry', 'talk.again', language, turn.id)}"
        f"{button('edit', 'talk.edit', language, turn.id)}"
        f'<span class="rating">{rating}</span></div>{_reasons(turn, language)}'
    )


def exports(turn: int | str, language: Language) -> str:
    """The formats in which one turn, or "all", can be kept as a file."""
    choices = "".join(
        f'<button type="button" class="act" data-do="download" data-turn="{turn}" '
        f'data-form="{form}">{name}</button>'
        for form, name in FORMATS.items()
    )
    key = "talk.export_all" if turn == "all" else "talk.export"
    title = escape(message(key, language))
    return f'<details class="exports"><summary class="act">{title}</summary>{choices}</details>'


def button(
    do: str, key: str, language: Language, turn: int | str, pressed: bool | None = None, **data: str
) -> str:
    """A button that `ask.js` hands to the server as the event `do`, with its data."""
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    more = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
    label = escape(message(key, language))
    return (
        f'<button type="button" class="act" data-do="{do}" data-turn="{turn}"{more}{state}>'
        f"{label}</button>"
    )


def _reasons(turn: Turn, language: Language) -> str:
    if turn.rating is None or turn.rating.verdict != "down":
        return ""
    asked = escape(message("talk.why_bad", language))
    choices = "".join(
        button(
            "like", key, language, turn.id,
            pressed=turn.rating.reason == reason, verdict="down", reason=reason,
        )
        for reason, key in REASONS.items()
    )  # fmt: skip
    return (
        f'<div class="actions reasons" role="group" aria-label="{asked}">'
        f"<span>{asked}</span>{choices}</div>{comment(turn, language)}"
    )


def _draft(text: str, spoken: Language, language: Language) -> str:
    """The words of the first source that answers, as they are written: not checked yet."""
    label = escape(message("page.draft", language))
    return f'<p class="draft" lang="{spoken}"><span>{label}</span> {escape(text)}</p>'


def _looked_at(result: Answer, language: Language) -> str:
    read = sum(hit.answerable is not None for hit in result.hits)
    told = message("talk.looked_at", language, found=len(result.hits), read=read)
    return f'<p class="looked">{escape(told)}</p>'


def _positions(result: Answer, link: Link, language: Language) -> str:
    against = disagreement(result)
    if not against:
        return ""
    cited = {one.n: one for one in result.citations}
    columns = "".join(_position(one, cited, link, language) for one in against)
    label = escape(message("talk.differ", language))
    return f'<div class="positions" role="group" aria-label="{label}">{columns}</div>'


def _position(
    position: CitedPosition, cited: dict[int, Citation], link: Link, language: Language
) -> str:
    marks = [("talk.latest", position.latest), ("talk.revised", position.revised)]
    tags = "".join(
        f'<b class="tag">{escape(message(key, language))}</b>' for key, is_so in marks if is_so
    )
    sources = "".join(
        f'<p class="byline">{byline(c.outlet, "", day_of(c.published), language)} {link(c.n)}</p>'
        f"<blockquote>{escape(c.quote)}</blockquote>"
        for c in (cited[n] for n in position.citations if n in cited)
    )
    return f'<section class="position">{tags}<p>{escape(position.text)}</p>{sources}</section>'


def _note(citation: Citation, key: str, language: Language) -> str:
    """The exact words behind a marker, shown while it has the focus or the pointer."""
    where = byline(citation.outlet, "", day_of(citation.published), language)
    return (
        f'<span class="note" id="note-{key}{citation.n}" hidden>'
        f'<span class="quoted">{escape(citation.quote)}</span> '
        f'<span class="byline">{where}</span></span>'
    )


def _linking(result: Answer, turn: Turn | None, key: str) -> Link:
    known = {one.n for one in result.citations}
    of_turn = turn.id if turn is not None else ""

    def link(n: int) -> str:
        if n not in known:
            return _plain_marker(n)
        return (
            f'<a class="marker" href="#source-{key}{n}" data-do="click" data-turn="{of_turn}" '
            f'data-n="{n}" aria-describedby="note-{key}{n}">[{n}]</a>'
        )

    return link


def _plain_marker(n: int) -> str:
    return f'<span class="marker">[{n}]</span>'


def _with_statuses(result: Answer, link: Link, language: Language) -> str:
    """The answer's text, each sentence that was not verified marked with its problems."""
    parts, at = [], 0
    for sentence in result.sentences:
        written = with_markers(sentence)
        start = result.text.find(written, at)
        if start >= 0:
            between = _text(result.text[at:start], link)
            parts += [between, _sentence(sentence, written, link, language)]
            at = start + len(written)
    return f"<p>{''.join(parts)}{_text(result.text[at:], link)}</p>"


def _sentence(sentence: Sentence, written: str, link: Link, language: Language) -> str:
    notes = [message("page.original", language, words=words) for words in _originals(sentence)]
    if sentence.status != "supported":
        notes.append(doubt(sentence, language))
    shown = _text(written, link)
    if sentence.status != "supported":
        shown = f'<span class="{sentence.status}">{shown}</span>'
    return shown + "".join(f' <span class="why">({escape(note)})</span>' for note in notes)


def _originals(sentence: Sentence) -> list[str]:
    """The words of the article behind quotations that are translated."""
    return [one.original for one in sentence.quotations if one.status == "translated"]


def _text(text: str, link: Link = _plain_marker) -> str:
    """Escaped, citation markers as links, line breaks kept."""

    def linked(match: re.Match[str]) -> str:
        return "".join(link(int(number)) for number in match[1].split(","))

    shown = _MARKER.sub(linked, escape(text))
    return re.sub(r"\n\s*\n", "</p><p>", shown).replace("\n", "<br>")


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
    text = "<br>".join(f"{escape(name)}{colon(language)} {value}" for name, value in rows if value)
    return f'<p class="small-print">{text}</p>' if text else ""


def _step(name: str, language: Language) -> str:
    return message(STEPS[name], language) if name in STEPS else name


def _plain_source(citation: Citation, language: Language) -> str:
    marks = ("« ", " »") if language == "fr" else ("“", "”")
    facts = [citation.title, citation.outlet, citation.author, citation.published]
    where = ", ".join(fact for fact in facts if fact)
    quote = " ".join(citation.quote.split())
    return f"[{citation.n}] {where}. {marks[0]}{quote}{marks[1]} ({citation.url or citation.path})"
