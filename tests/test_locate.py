from rag.locate import introduction, locate
from rag.types import Language, Reading
from tests.fakes import HashEmbedder, hit_on

BRIDGE = (
    "Le pont de Rivenac a rouvert mardi. Les travaux ont coûté 14,3 millions d’euros, selon la "
    "mairie. Nina Vasseur, l’architecte, parle d’un « chantier sans accident »."
)


def quote(text: str, language: Language, passage: str, written_in: Language) -> str:
    hit = hit_on(passage, written_in)
    start, end = locate(text, hit, language, HashEmbedder())
    return hit.document.text[start:end]


def test_the_quote_is_the_sentence_that_holds_the_figure() -> None:
    found = quote("The works cost €14.3 million.", "en", BRIDGE, "fr")
    assert found == "Les travaux ont coûté 14,3 millions d’euros, selon la mairie."


def test_the_quote_is_widened_to_hold_all_that_the_sentence_says() -> None:
    text = "Le pont de Rivenac, rouvert mardi, a coûté 14,3 millions d’euros."
    assert quote(text, "fr", BRIDGE, "fr") == BRIDGE[: BRIDGE.index(" Nina")]


def test_the_quote_of_a_speaker_is_what_they_say() -> None:
    text = "Nina Vasseur dit que le chantier fut sans accident."
    assert quote(text, "fr", BRIDGE, "fr").startswith("Nina Vasseur, l’architecte")


SOLICITOR = (
    "Marta Kelvin claimed the canvas in 2021. The museum had owned it since the war. It was "
    "restored twice. A guide called it a treasure. The family wrote to the town. Visitors came. "
    "Her solicitor, Owen Tarrant, said the canvas was insured."
)


def test_a_quote_that_points_back_begins_with_what_it_points_to() -> None:
    passage = "The works lasted a year. The bridge reopened. It cost 14 million euros."
    assert quote("The bridge cost 14 million euros.", "en", passage, "en") == (
        "The bridge reopened. It cost 14 million euros."
    )
    passage = "Le pont a rouvert. Il coûte 14 millions d’euros."
    assert quote("Coût : 14 millions d’euros.", "fr", passage, "fr") == passage


def introduced(text: str, passage: str) -> str | None:
    hit = hit_on(passage, "en")
    start, end = locate(text, hit, "en", HashEmbedder())
    span = introduction(Reading(hit, 0.9, text, start, end), "en")
    return hit.document.text[span[0] : span[1]] if span else None


def test_who_a_quote_only_points_to_is_introduced_by_the_sentence_that_names_her() -> None:
    found = introduced("Owen Tarrant is the solicitor of Marta Kelvin.", SOLICITOR)
    assert found == "Marta Kelvin claimed the canvas in 2021."


def test_a_quote_that_names_everybody_or_a_name_that_nobody_gives_needs_no_introduction() -> None:
    assert introduced("Owen Tarrant said the canvas was insured.", SOLICITOR) is None
    assert introduced("Owen Tarrant is the solicitor of Zoe Quill.", SOLICITOR) is None
