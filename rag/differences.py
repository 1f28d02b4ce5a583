"""Questions for what the articles disagree on: figures of theirs that do, on the topic asked about.

No passage says that another article disagrees with it. The conflicts between the articles do
(`rag.conflicts`), each told in the words of both.
"""

from collections.abc import Sequence
from dataclasses import replace

from rag.claims import Claim
from rag.conflicts import conflicts
from rag.embed import Embedder
from rag.engine import Engine
from rag.meaning import clause_at
from rag.overview import on_topic
from rag.retrieve import Retriever
from rag.store import Store
from rag.topics import about_what
from rag.types import Document, Filters, Hit, Language, Reading

SEARCHED = 40  # passages, for the articles on a topic
COMPARED = 24  # pairs of figures that the model looks at, a second each

Difference = tuple[Reading, Reading]


def articles_on(
    question: str, language: Language, filters: Filters, retriever: Retriever, store: Store
) -> list[Document]:
    """The articles whose differences are asked for: all where no topic is named."""
    if not about_what(question):
        wanted = {one.document_id for one in store.passages(store.passage_ids(filters))}
        return [document for document in store.documents() if document.id in wanted]
    hits = retriever.retrieve(question, language, SEARCHED, filters)
    about = on_topic(hits, question, language)
    return list({hit.document.id: hit.document for hit in about}.values())


def differences(
    documents: Sequence[Document], embedder: Embedder, engine: Engine, store: Store
) -> list[Difference]:
    """What each of two articles says where their figures disagree, the likeliest first; the
    earlier article first. Raises EngineError, StoreError."""
    found = []
    for one in conflicts(documents, embedder, engine, most=COMPARED):
        pair = sorted((one.one, one.other), key=_day)
        first, second = (_reading(claim, one.likelihood, store) for claim in pair)
        found.append((first, second))
    ranked: dict[str, int] = {}
    for pair_of in found:
        for reading in pair_of:
            ranked.setdefault(reading.hit.passage.id, len(ranked) + 1)

    def placed(reading: Reading) -> Reading:
        hit = replace(reading.hit, rank=ranked[reading.hit.passage.id])
        return replace(reading, hit=hit)

    return [(placed(one), placed(other)) for one, other in found]


def _reading(claim: Claim, likelihood: float, store: Store) -> Reading:
    """The clause of a claim, as what its passage says."""
    document = claim.document
    ids = store.passage_ids(Filters(document_ids=(document.id,)))
    passage = next(
        one for one in store.passages(ids) if one.start <= claim.start < max(one.end, claim.end)
    )
    text = clause_at(claim.quote, claim.figure.start).strip(" ,;:—–.")
    return Reading(Hit(passage, document, 0.0, 1), likelihood, text, claim.start, claim.end)


def _day(claim: Claim) -> str:
    return claim.document.published.isoformat() if claim.document.published else ""
