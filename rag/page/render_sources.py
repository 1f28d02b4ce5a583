"""What the page shows of the sources of an answer, as HTML; see `rag.page.render` for the rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from rag.asides import asides
from rag.doubts import problem
from rag.evidence import citation_of
from rag.messages import colon, message
from rag.page.render import byline, day_of, head, origin, with_quote
from rag.page.render_answer import button
from rag.page.view import View
from rag.recheck import State
from rag.sentences import sentences
from rag.translate import Translation
from rag.types import Answer, Citation, Document, Hit, Language

FindDocument = Callable[[str], Document | None]

CONTEXT_SENTENCES = 2  # shown before and after a quotation
CONTEXT_CHARACTERS = 700  # searched for them
LOST: dict[State, str] = {"changed": "talk.changed", "gone": "talk.gone"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of the sources of one turn, by citation number.

    `turn` is its number in the archive, `folded` whether it stands among the earlier ones.
    """

    turn: int | None = None
    folded: bool = False
    translations: Mapping[int, Translation] = field(default_factory=dict)
    states: Mapping[int, State] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Comes before the number in the names of the cards: the newest turn needs none."""
        return f"{self.turn}-" if self.folded else ""


def sources(
    view: View, find_document: FindDocument, language: Language, beside: Beside = Beside()
) -> str:
    """The passages while they are read; then the cited ones, in their place in the article."""
    if view.answer is not None and view.answer.citations:
        return cited(view.answer, find_document, language, beside)
    if not view.hits:
        return ""
    cards = [_hit(hit, view, language) for hit in view.hits]
    return _cards("page.closest" if view.phase == "done" else "page.found", cards, language)


def cited(
    result: Answer, find_document: FindDocument, language: Language, beside: Beside = Beside()
) -> str:
    """A card for each citation; for a refusal, of the passages that come closest."""
    refused = result.refused  # then nothing in the passage answers: nothing to mark
    cards = [
        _citation(one, find_document, language, beside, marked=not refused)
        for one in result.citations
    ]
    heading = "page.closest" if refused else "page.sources"
    offer = _translating(result, find_document, language, beside)
    return _cards(heading, cards, language, f"{_lost(beside, language)}{offer}")


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


def article(citation: Citation, document: Document | None, language: Language) -> str:
    """The article as the dossier has it now, the cited words marked in their place.

    Where it no longer holds them, it says so, and shows them as they were cited.
    """
    text = document.text if document is not None else ""
    start, end = citation.start, citation.end
    if text[start:end] != citation.quote:  # corrected since: the words may stand elsewhere
        start = text.find(citation.quote)
        end = start + len(citation.quote)
    found = document is not None and start >= 0
    lost = "" if found else _lost_words(citation, document is None, language)
    left_out = asides(document) if document is not None else ()
    body = _body(text, start, end, left_out) if found else _marking(text, left_out)
    lang = f' lang="{document.language}"' if document is not None else ""
    where = byline(citation.outlet, citation.author, day_of(citation.published), language)
    title = escape(citation.title or message("page.untitled", language))
    close = escape(message("talk.close", language))
    return (
        '<section class="article-panel" role="dialog" aria-labelledby="panel-title">'
        f'<button type="button" class="act" data-close>{close}</button>'
        f'<h2 id="panel-title">{title}</h2><p class="byline">{where}</p>'
        f'<p class="byline">{origin(citation.path, citation.url)}</p>{lost}'
        f"{_left_out(left_out, language)}"
        f'<div class="article-text"{lang}>{body}</div></section>'
    )


def of_hit(hit: Hit, view: View) -> Citation:
    """A passage that was found, as if it were cited: what was read in it, or all of it."""
    reading = view.reading_of(hit)
    said = reading if reading is not None and reading.text else hit.passage
    return citation_of(hit.rank, hit, said.start, said.end)


def _body(text: str, start: int, end: int, left_out: Sequence[tuple[int, int]]) -> str:
    before, quote, after = text[:start], text[start:end], text[end:]
    marked = f'<mark id="quoted" tabindex="-1">{escape(quote)}</mark>'
    later = [(first - end, last - end) for first, last in left_out if first >= end]
    return f"{_marking(before, left_out)}{marked}{_marking(after, later)}"


def _marking(text: str, left_out: Sequence[tuple[int, int]]) -> str:
    """`text` with what was not read in it set apart."""
    shown, at = "", 0
    for first, last in left_out:
        if at <= first < last <= len(text):
            aside = f'<span class="aside">{escape(text[first:last])}</span>'
            shown += f"{escape(text[at:first])}{aside}"
            at = last
    return shown + escape(text[at:])


def _left_out(left_out: Sequence[tuple[int, int]], language: Language) -> str:
    """That sentences of an article, or of a passage, were not read, and why."""
    if not left_out:
        return ""
    return f'<p class="folded">{escape(message("page.asides", language))}</p>'


def _lost_words(citation: Citation, gone: bool, language: Language) -> str:
    told = escape(message(LOST["gone" if gone else "changed"], language))
    return (
        f'<p class="problem">{told}</p><blockquote class="article-text">'
        f'<mark id="quoted" tabindex="-1">{escape(citation.quote)}</mark></blockquote>'
    )


def _paragraph(text: str, start: int, end: int) -> tuple[int, int]:
    left, right = text.rfind("\n\n", 0, start), text.find("\n\n", end)
    return left + 2 if left >= 0 else 0, right if right >= 0 else len(text)


def _cards(heading: str, cards: Sequence[str], language: Language, told: str = "") -> str:
    title = escape(message(heading, language))
    return f'<h2 class="heading">{title}</h2>{told}<div class="cards">{"".join(cards)}</div>'


def _lost(beside: Beside, language: Language) -> str:
    """How many sources of an answer that was opened again no longer say the same."""
    lost = [state for state in beside.states.values() if state in LOST]
    if not lost:
        return ""
    changed, gone = lost.count("changed"), lost.count("gone")
    told = message("talk.lost", language, changed=changed, gone=gone)
    return f'<p class="problem">{escape(told)}</p>'


def _translating(
    result: Answer, find_document: FindDocument, language: Language, beside: Beside
) -> str:
    """The button that asks for a translation, where a source is in the other language."""
    if beside.turn is None or beside.translations or result.refused:
        return ""
    found = (find_document(one.document_id) for one in result.citations)
    if all(one is None or one.language == result.language for one in found):
        return ""
    return f'<p class="offer">{button("apply", "talk.translate", language, beside.turn)}</p>'


def _citation(
    citation: Citation,
    find_document: FindDocument,
    language: Language,
    beside: Beside,
    marked: bool,
) -> str:
    document = find_document(citation.document_id)
    start, end = citation.start, citation.end
    quote = escape(citation.quote)
    quote, kind = (f"<mark>{quote}</mark>", "source") if marked else (quote, "source hit")
    spoken = ""
    if document is not None and document.text[start:end] == citation.quote:  # else: replaced since
        before, after = context(document.text, start, end, document.language)
        quote = f"{escape(before)}{quote}{escape(after)}"
        spoken = f' lang="{document.language}"'
    day = day_of(citation.published)
    label = escape(message("page.source_number", language, n=citation.n))
    return (
        f'<article class="{kind}" id="source-{beside.key}{citation.n}" tabindex="-1" '
        f'aria-label="{label}"><header>'
        f'<span class="number" aria-hidden="true">{citation.n}</span>'
        f"{head(citation.title, citation.outlet, citation.author, day, language)}</header>"
        f"{_state(citation.n, beside, language)}"
        f"<blockquote{spoken}>{quote}</blockquote>"
        f"{_translation(beside.translations.get(citation.n), language)}"
        f"{_copies(citation, language)}"
        f"{_foot(citation.paragraph, citation.path, citation.url, language)}"
        f"{button('click', 'page.whole', language, beside.turn or '', n=str(citation.n))}</article>"
    )


def _state(n: int, beside: Beside, language: Language) -> str:
    state = beside.states.get(n, "same")
    if state not in LOST:
        return ""
    return f'<p class="said lost-words">{escape(message(LOST[state], language))}</p>'


def _translation(translation: Translation | None, language: Language) -> str:
    if translation is None:
        return ""
    label = escape(f"{message('talk.translated', language)}{colon(language)}")
    notes = "".join(
        f' <span class="why">({escape(problem(one, language))})</span>'
        for one in translation.problems
    )
    return f'<p class="said translated"><span>{label}</span> {escape(translation.text)}{notes}</p>'


def _hit(hit: Hit, view: View, language: Language) -> str:
    document, passage = hit.document, hit.passage
    reading = view.reading_of(hit)
    span = (reading.start, reading.end) if reading and reading.text else (0, 0)
    silent = " silent" if reading and not reading.text else ""
    return (
        f'<article class="source hit{silent}" id="hit-{hit.rank}" tabindex="-1">'
        f'<header><span class="number" aria-hidden="true">{hit.rank}</span>'
        f"{head(document.title, document.outlet, document.author, document.published, language)}"
        f"</header>{_said(hit, view, language)}"
        f'<blockquote lang="{document.language}">'
        f"{with_quote(passage.text, *span, offset=passage.start)}</blockquote>"
        f"{_foot(passage.paragraph, document.path, document.url, language)}"
        f"{_left_out(_asides_in(hit), language)}{_folded(hit, language)}"
        f"{button('click', 'page.whole', language, '', hit=passage.id)}</article>"
    )


def _asides_in(hit: Hit) -> list[tuple[int, int]]:
    start, end = hit.passage.start, hit.passage.end
    return [span for span in asides(hit.document) if start <= span[0] < end]


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


def _copies(citation: Citation, language: Language) -> str:
    if not citation.copies:
        return ""
    told = message("page.same_article", language, copies=", ".join(citation.copies))
    return f'<p class="folded">{escape(told)}</p>'


def _foot(paragraph: int, path: str, url: str, language: Language) -> str:
    place = escape(message("page.paragraph", language, n=paragraph))
    return f"<footer><span>{place}</span> · {origin(path, url)}</footer>"
