"""What a sentence of an answer rests on: the exact words of an article, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.asides import own_words
from rag.types import Citation, Hit, Language


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact words that a sentence cites, and where they stand.

    `around` is the passage they are from, with the article's title, outlet and author;
    `article` is the whole text, where a person is called by the full name only once; `day` is
    when it was published.
    """

    quote: str
    around: str
    article: str
    language: Language
    day: date | None = None


def evidence_of(hit: Hit, quote: str) -> Evidence:
    """What a sentence that cites `quote` of this passage rests on."""
    document = hit.document
    source = (document.title, document.outlet, document.author)
    around = "\n".join((*source, own_words(document, hit.passage)))
    return Evidence(quote, around, document.text, document.language, document.published)


def citation_of(n: int, hit: Hit, start: int, end: int, copies: Sequence[str] = ()) -> Citation:
    """Citation `n`: the words from `start` to `end` of the article that this passage is from.

    `copies` names the articles that carry the same text.
    """
    document = hit.document
    return Citation(
        n=n,
        passage_id=hit.passage.id,
        document_id=document.id,
        title=document.title,
        author=document.author,
        outlet=document.outlet,
        published=document.published.isoformat() if document.published else "",
        url=document.url,
        path=document.path,
        paragraph=document.text.count("\n\n", 0, start) + 1,
        start=start,
        end=end,
        quote=document.text[start:end],
        copies=tuple(copies),
    )
