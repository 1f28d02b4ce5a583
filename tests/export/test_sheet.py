"""An export says everything that the page said: statuses, refusals, versions, what was asked."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rag.archive.evidence import lost_of
from rag.export.sheet import Entry, Span, entries
from rag.types import Answer, CitedPosition, Language, Quotation, Sentence
from tests.archive.conversations import BRIDGE, DISAGREEMENT, REFUSAL, turn


@pytest.fixture(autouse=True)
def _clock_in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import time

    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def entry(answer: Answer, language: Language, standalone: str = "") -> Entry:
    (one,) = entries([turn(answer, 1, standalone)], language, {})
    return one


def test_a_sentence_that_was_not_verified_says_so_and_why() -> None:
    first, doubtful = entry(DISAGREEMENT, "fr").answer[0]
    assert first.text.startswith("Les articles divergent\N{NO-BREAK SPACE}: 14 millions")
    assert doubtful == Span(
        "Le maire parle de «\N{NO-BREAK SPACE}grand pont\N{NO-BREAK SPACE}» [1].",
        (
            "En partie vérifié\N{NO-BREAK SPACE}: mots entre guillemets absents de la source"
            "\N{NO-BREAK SPACE}: grand pont",
        ),
        True,
    )
    (note,) = entry(DISAGREEMENT, "en").answer[0][1].notes
    assert note == "Partly verified: words in quotation marks not in the source: grand pont"


def test_a_translated_quotation_comes_with_the_original() -> None:
    quotation = Quotation("grand pont", 0, 10, "translated", "quay", 0, 12, "great bridge")
    sentence = Sentence("Il dit « grand pont ».", (1,), "supported", (), (quotation,))
    answer = replace(DISAGREEMENT, text="Il dit « grand pont » [1].", sentences=(sentence,))
    ((span,),) = entry(answer, "en").answer
    assert span.notes == ("quotation translated; in the article: “great bridge”",)
    assert not span.doubtful


def test_versions_that_differ_are_listed_with_which_is_the_latest() -> None:
    assert entry(DISAGREEMENT, "en").positions == (
        "Le pont a coûté 14 millions d’euros. [1] (corrected since by another article)",
        "Le pont a coûté 17 millions d’euros. [2] (most recent article)",
    )
    told = replace(DISAGREEMENT, sentences=DISAGREEMENT.sentences[1:])
    assert entry(told, "en").positions == ()


def test_an_answer_to_another_part_of_the_question_is_not_listed_as_a_version() -> None:
    other = CitedPosition("Le pont ouvre mardi.", (1, 3))  # an article of the first is cited too
    told = replace(DISAGREEMENT, positions=(*DISAGREEMENT.positions, other))
    assert entry(told, "en").positions == entry(DISAGREEMENT, "en").positions


def test_a_refusal_is_told_as_one_with_the_closest_passages() -> None:
    refused = entry(REFUSAL, "fr", "Who paid for the bridge?")
    assert (refused.verdict, refused.heading) == (
        "Le dossier ne répond pas",
        "Passages les plus proches",
    )
    assert refused.understood == "Comprise ainsi\N{NO-BREAK SPACE}: Who paid for the bridge?"
    answered = entry(DISAGREEMENT, "fr", DISAGREEMENT.question)
    assert (answered.verdict, answered.understood) == ("", "")


def test_the_day_of_asking_is_kept() -> None:
    assert entry(REFUSAL, "fr").asked == "Question posée le 1er mai 2024 à 12:30 (UTC+00:00)"
    assert entry(REFUSAL, "en").asked == (
        "Asked on May 1, 2024 at 12:30\N{NARROW NO-BREAK SPACE}PM (UTC+00:00)"
    )


def test_a_source_is_told_in_full() -> None:
    copied = replace(DISAGREEMENT.citations[0], copies=("Le Relais (6 mars 2024)",))
    answer = replace(DISAGREEMENT, citations=(copied, DISAGREEMENT.citations[1]))
    first, second = entry(answer, "fr").sources
    assert first.origin == (
        "Le Courrier, Ana Rey, «\N{NO-BREAK SPACE}Le pont ouvre\N{NO-BREAK SPACE}», 5 mars 2024, "
        "paragraphe 2"
    )
    assert (first.quote, first.quote_language) == (("Le pont a coûté 14 millions d’euros",), "fr")
    assert (first.address, first.link) == ("/articles/bridge.txt", "")
    assert first.notes == (
        "Même article, compté une seule fois\N{NO-BREAK SPACE}: Le Relais (6 mars 2024)",
    )
    assert (second.link, second.quote_language) == ("https://example.org/quay", "en")


def test_evidence_that_no_longer_holds_is_marked() -> None:
    saved = turn(DISAGREEMENT)
    corrected = replace(BRIDGE, id="newer", text="Rien.")
    (one,) = entries([saved], "en", lost_of([saved], [corrected]))
    assert [source.notes for source in one.sources] == [
        ("Careful: the article has changed since, these words are no longer in it.",),
        ("Careful: the article is no longer in the dossier.",),
    ]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "http://", "//x"])
def test_only_addresses_of_the_web_become_links(address: str) -> None:
    citation = replace(DISAGREEMENT.citations[1], url=address, path=address)
    (source,) = entry(replace(DISAGREEMENT, citations=(citation,)), "en").sources
    assert (source.link, source.address) == ("", address)
