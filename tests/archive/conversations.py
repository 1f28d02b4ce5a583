"""Answers as the archive keeps them, invented for these tests."""

from datetime import UTC, datetime

from rag.archive.records import Rating, Turn
from rag.types import Answer, AnsweredHit, Citation, CitedPosition, Document, Quotation, Sentence

BRIDGE = Document(
    id="bridge",
    path="/articles/bridge.txt",
    text="Ouverture.\n\nLe pont a coûté 14 millions d’euros, dit le maire.",
    language="fr",
    title="Le pont ouvre",
    author="Ana Rey",
    outlet="Le Courrier",
)
QUAY = Document(
    id="quay",
    path="https://example.org/quay",
    text="The bridge cost 17 million euros.",
    language="en",
    title="A dearer bridge",
    outlet="River Post",
    url="https://example.org/quay",
)


def cite(n: int, document: Document, quote: str, published: str = "") -> Citation:
    """A citation of words of `document`, where they stand in it."""
    start = document.text.index(quote)
    return Citation(
        n=n,
        passage_id=f"{document.id}-0000",
        document_id=document.id,
        title=document.title,
        author=document.author,
        outlet=document.outlet,
        published=published,
        url=document.url,
        path=document.path,
        paragraph=document.text[:start].count("\n\n") + 1,
        start=start,
        end=start + len(quote),
        quote=quote,
    )


ONE = cite(1, BRIDGE, "Le pont a coûté 14 millions d’euros", "2024-03-05")
TWO = cite(2, QUAY, "The bridge cost 17 million euros.", "2024-04-02")
DISAGREEMENT = Answer(
    question="Combien a coûté le pont ?",
    language="fr",
    text=(
        "Les articles divergent : 14 millions d’euros selon Le Courrier [1], 17 millions d’euros "
        "selon River Post, l’article le plus récent [2]. Le maire parle de « grand pont » [1]."
    ),
    refused=False,
    citations=(ONE, TWO),
    positions=(
        CitedPosition("Le pont a coûté 14 millions d’euros.", (1,), revised=True),
        CitedPosition("Le pont a coûté 17 millions d’euros.", (2,), latest=True),
    ),
    sentences=(
        Sentence(
            "Les articles divergent : 14 millions d’euros selon Le Courrier [1], 17 millions "
            "d’euros selon River Post, l’article le plus récent [2].",
            (1, 2),
            "supported",
        ),
        Sentence(
            "Le maire parle de « grand pont ».",
            (1,),
            "partly",
            ("quotation: grand pont",),
            (Quotation("grand pont", 21, 31, "not found"),),
        ),
    ),
    hits=(AnsweredHit("bridge-0000", 0.1 + 0.2, 1, 0.9), AnsweredHit("quay-0000", 0.25, 2, None)),
    dropped=("Le pont est bleu.",),
    models={"llm": "small"},
    timings={"total": 1.25},
)
REFUSAL = Answer(
    question="Who paid?",
    language="en",
    text="The articles in this dossier do not answer this question. Closest passages [1].",
    refused=True,
    citations=(cite(1, QUAY, "The bridge cost 17 million euros.", "2024-04-02"),),
)


def turn(
    answer: Answer, number: int = 1, standalone: str = "", rating: Rating | None = None
) -> Turn:
    """A turn asked at noon of a day."""
    asked = datetime(2024, 5, number, 12, 30, tzinfo=UTC)
    return Turn(number, "c0ffee", asked, answer.question, standalone, answer, rating)
