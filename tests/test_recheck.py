from dataclasses import asdict, replace

from rag.compose import Part, compose
from rag.crosscheck import group
from rag.recheck import recheck
from tests.fakes import hit_on, reading_of

HIT = hit_on("The bridge cost 14 million euros.", title="A bridge")
DOCUMENT = HIT.document
(CITATION,) = compose(
    [Part("How much?", group([reading_of(HIT, "It cost 14 million euros.")], "How much?", "en"))],
    [HIT],
    "en",
).citations


def state(text: str | None) -> str:
    """What becomes of the citation if its article now says `text`, or is gone."""
    known = {} if text is None else {DOCUMENT.path: replace(DOCUMENT, id="newer", text=text)}
    (found,) = recheck([asdict(CITATION)], known)
    assert (found.n, found.quote) == (1, DOCUMENT.text)
    return f"{found.state}, {'holds' if found.holds else 'no longer holds'}"


def test_a_saved_answer_whose_evidence_was_corrected_or_removed_is_known() -> None:
    assert state(DOCUMENT.text) == "same, holds"
    assert state(f"Rivenac, Monday. {DOCUMENT.text}") == "moved, holds"
    assert state("The bridge cost 17 million euros.") == "changed, no longer holds"
    assert state(None) == "gone, no longer holds"
