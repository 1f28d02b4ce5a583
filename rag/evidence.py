"""What a sentence of an answer rests on."""

from dataclasses import dataclass

from rag.types import Hit, Language


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact words that a sentence cites, and where they stand.

    `around` is the passage they are from, with the article's title, outlet and author;
    `article` is the whole text, where a person is called by the full name only once.
    """

    quote: str
    around: str
    article: str
    language: Language


def evidence_of(hit: Hit, quote: str) -> Evidence:
    """What a sentence that cites `quote` of this passage rests on."""
    document = hit.document
    around = "\n".join((document.title, document.outlet, document.author, hit.passage.text))
    return Evidence(quote, around, document.text, document.language)
