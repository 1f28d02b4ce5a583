"""Articles are quoted, never obeyed: nothing in one passes for the words around it.

A prompt is the instruction, the line that names an article, its passage, and after a blank line
the question behind its label. What the passage says has to stay the article's: no line of it
begins with a label of ours or of a speaker, and there is nothing that looks like the marks between
the turns of a conversation, or that a reader does not see. (The engine reads all of it as plain
text in any case: see `LlamaEngine`.) An ordinary passage comes through to the letter, so that what
was computed for it stays good.
"""

import re

from rag.ingest.decode import tidy

SOURCE_CHARACTERS = 400  # of the line that names an article: no title is as long
# Of what Unicode calls default ignorable (DerivedCoreProperties.txt), what `tidy` leaves.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8]"
)
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){2,}")
_LABEL = re.compile(
    r"^(?P<label>[^\w\n]*(?:questions?|answers?|réponses?|reponses?|excerpts?|extraits?"
    r"|system|système|systeme|user|utilisateur|assistant|human|humain|ia|ai)\b[^\w\n:：]*)[:：](?:[^\w\n]*[:：])?",
    re.IGNORECASE | re.MULTILINE,
)
_TURN = re.compile(r"<\|+([^<>\n]{0,40}?)\|+>|\[(/?INST)\]|<<(/?SYS)>>")
_LINK = re.compile(
    r"\b(?:https?|ftp|file)://[^\s<>\"«»“”]+|\b(?:data|javascript|mailto):[^\s<>\"«»“”]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b(?:www\.)?(?:[a-z0-9-]+\.)+(?:com|org|net|info|biz|io|fr|ca|be|ch|uk|ie|eu|co|ru|app|dev"
    r"|xyz|ai)\b(?:/[^\s<>\"«»“”]*)?|\bwww\.[^\s<>\"«»“”]+"
    r"|\]\([^)\s]*\)|</?[a-z][^<>]*>",
    re.IGNORECASE,
)


def quoted(passage: str) -> str:
    """`passage` as the model reads it: to the letter, but for what imitates what is around it.

    A label at the start of a line loses its colon, the marks of a turn their form, a run of blank
    lines all but one, and what is invisible is gone.
    """
    text = _BLANK_LINES.sub("\n\n", _seen(passage))
    text = _TURN.sub(lambda turn: f"({turn[1] or turn[2] or turn[3] or ''})", text)
    return _LABEL.sub(r"\g<label>–", text)


def on_one_line(source: str) -> str:
    """The words that name an article, to the letter, but on one line and not without end."""
    line = re.sub(r"\s*\n\s*", " ", _seen(source))
    short = line if len(line) <= SOURCE_CHARACTERS else f"{line[: SOURCE_CHARACTERS - 1]}…"
    return quoted(short)


def links(text: str) -> list[str]:
    """The addresses in `text` (pages, mail, bare domains) and the markup of links, in order."""
    return [match[0].rstrip(".,;:!?'’") for match in _LINK.finditer(text)]


def _seen(text: str) -> str:
    """`text` without what is invisible, its line breaks all `\\n`."""
    return _UNSEEN.sub("", tidy(text))
