"""What the page shows of past questions, as HTML; see `rag.page.render` for the rules."""

from collections.abc import Sequence
from html import escape

from rag.archive.records import Conversation, Turn
from rag.messages import long_date, message
from rag.page.render_answer import exports, finished, understood
from rag.page.render_sources import FindDocument, cited
from rag.page.talk import Talk
from rag.types import Language


def earlier(talk: Talk, newest: int | None, find_document: FindDocument, language: Language) -> str:
    """The turns of a conversation but the `newest`, folded, the last one first."""
    turns = [turn for turn in talk.turns if turn.id != newest]
    if not turns:
        return ""
    title = escape(message("talk.earlier", language))
    shown = "".join(_turn(turn, talk, find_document, language) for turn in reversed(turns))
    return f'<h2 class="heading">{title}</h2>{shown}'


def whole(talk: Talk, language: Language) -> str:
    """What can be done with a conversation of several turns."""
    if len(talk.turns) < 2:
        return ""
    return f'<div class="actions">{exports("all", language)}</div>'


def conversations(
    found: Sequence[Conversation],
    search: str,
    language: Language,
    opened: str | None = None,
    sure: str = "",
) -> str:
    """The list of past conversations; `sure` is the one that is about to be deleted."""
    if not found:
        key = "talk.none_match" if search.strip() else "talk.none"
        return f'<p class="folded">{escape(message(key, language))}</p>'
    rows = "".join(_conversation(one, language, one.id == opened, one.id == sure) for one in found)
    return f'<ul class="conversations">{rows}</ul>'


def _turn(turn: Turn, talk: Talk, find_document: FindDocument, language: Language) -> str:
    beside = talk.beside(turn, folded=True)
    answer = finished(turn.answer, language, turn, folded=True)
    sources = cited(turn.answer, find_document, language, beside) if turn.answer.citations else ""
    return (
        f'<details class="turn" data-keep="turn-{turn.id}">'
        f'<summary><span class="asked">{escape(turn.question)}</span></summary>'
        f"{understood(turn.standalone, language)}"
        f'<div class="turn-answer">{answer}</div>'
        f'<div class="turn-sources">{sources}</div></details>'
    )


def _conversation(one: Conversation, language: Language, opened: bool, sure: bool) -> str:
    if sure:
        return f'<li class="sure">{_sure(one, language)}</li>'
    title = escape(one.title)
    key = "talk.turns_one" if one.turns == 1 else "talk.turns"
    facts = f"{long_date(one.changed.date(), language)} · {message(key, language, count=one.turns)}"
    delete = escape(message("talk.delete", language))
    label = escape(message("talk.delete_of", language, title=one.title))
    current = ' aria-current="true"' if opened else ""
    return (
        f'<li><button type="button" class="open" data-do="select" data-id="{escape(one.id)}"'
        f'{current}>{title}</button><span class="byline">{escape(facts)}</span>'
        f'<button type="button" class="act" data-do="delete" data-id="{escape(one.id)}" '
        f'aria-label="{label}">{delete}</button></li>'
    )


def _sure(one: Conversation, language: Language) -> str:
    asked = escape(message("talk.delete_sure", language, title=one.title))
    yes, no = (escape(message(key, language)) for key in ("talk.delete_yes", "talk.delete_no"))
    choices = (("apply", one.id, yes), ("clear", "", no))
    buttons = "".join(
        f'<button type="button" class="act" data-do="{do}" data-id="{escape(name)}">{text}</button>'
        for do, name, text in choices
    )
    return f'<span role="alert">{asked}</span>{buttons}'
