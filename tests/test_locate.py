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


CLUB = (
    "Maud Ferrant chairs Ardmoor Rowing. She trains daily. Rain fell. The lake rose. "
    "It has wooden boats painted green, moored beside empty mills."
)


def test_what_an_answer_adds_to_its_question_tells_more_than_what_it_repeats() -> None:
    hit = hit_on(CLUB, "en")
    text = "Ardmoor Rowing of Maud Ferrant has wooden boats painted green, moored beside mills."
    start, end = locate(text, hit, "en", HashEmbedder(), "Who has boats?")
    assert CLUB[start:end] == "Maud Ferrant chairs Ardmoor Rowing."
    asked = "What has Ardmoor Rowing of Maud Ferrant?"
    start, end = locate(text, hit, "en", HashEmbedder(), asked)
    assert CLUB[start:end].endswith("moored beside empty mills.")


def test_a_denial_is_where_something_is_denied() -> None:
    passage = (
        "Harlow United have signed Nell Orvane from Torval. The striker wears 34. “I came because "
        "the coach rang when nobody else did,” she said."
    )
    hit = hit_on(passage, "en")
    told = "Nell Orvane joined Harlow United because the coach rang when nobody else did."
    start, end = locate(told, hit, "en", HashEmbedder(), "Why did Nell Orvane join the club?")
    assert "nobody else did" in passage[start:end]


def test_a_quote_needs_no_more_sentences_for_the_names_of_its_title() -> None:
    first = "Construit en 1931, le pont voit passer 900 camions par jour."
    rest = " Un détour est conseillé. Un patron emploie vingt chauffeurs à Saint-Orry."
    text = "Le pont de Saint-Orry a été construit en 1931."
    question = "Quand le pont a-t-il été construit ?"
    for title, quote in (("Le pont de Saint-Orry fermé", first), ("Un pont fermé", first + rest)):
        hit = hit_on(first + rest, "fr", title)
        start, end = locate(text, hit, "fr", HashEmbedder(), question)
        assert hit.document.text[start:end] == quote
