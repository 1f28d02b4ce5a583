from rag.locate import locate
from rag.types import Language
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
