"""What a reader says of a bad answer in words of their own, as HTML."""

from html import escape

from rag.archive.records import COMMENT_CHARACTERS, Turn
from rag.messages import message
from rag.types import Language


def comment(turn: Turn, language: Language) -> str:
    """A field for one line about `turn`, with what was said before; `ask.js` sends it."""
    said = turn.rating.comment if turn.rating else ""
    label, keep, kept = (
        escape(message(key, language))
        for key in ("talk.comment", "talk.comment_keep", "talk.comment_kept")
    )
    shown = f'<span class="kept">{kept}</span>' if said else ""
    return (
        f'<form class="actions comment" data-do="like" data-turn="{turn.id}" data-verdict="down" '
        f'data-kept="{kept}"><label><span>{label}</span> <input type="text" autocomplete="off" '
        f'maxlength="{COMMENT_CHARACTERS}" value="{escape(said)}"></label>'
        f'<button type="submit" class="act">{keep}</button>{shown}</form>'
    )
