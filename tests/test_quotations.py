from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from rag.speech.quotations import Quotation, check_quotations, quoted_spans, without_unfound
from rag.types import Document, Language
from tests.fakes import HashEmbedder

COUNCIL = Document(
    "fr-1",
    "fr-1.md",
    "Le conseil de Lornac s’est réuni mardi. Le maire, Yves Carnac, a ouvert la séance : "
    "«\u00a0Nous n’avons pas vendu “la rivière”. Nous l’avons louée, pour douze ans, à 4,2\u202f"
    "millions d’euros\u00a0», a-t-il lancé.\n\nL’avocate Lise Ombredane juge le contrat "
    "« illisible » et regrette qu’il n’y ait eu « ni vote, ni débat ». La salle a hué.",
    "fr",
    title="La rivière de Lornac",
    outlet="Le Courrier de Lornac",
)
PORT = Document(
    "en-1",
    "en-1.md",
    "The port reopened. “We lost a valve, not a year,” said its director, Tom Ashdown. “The "
    "workers’ money is safe.” Delia Crane, a docker, called the delay “a bad joke”.",
    "en",
)


class GlossaryEmbedder(HashEmbedder):
    """Words of the glossary have the same direction in both languages."""

    WORDS = (("vanne", "valve"), ("perdu", "lost"), ("année", "year"), ("argent", "money"),
             ("travailleurs", "workers"), ("sûreté", "safe"), ("blague", "joke"),
             ("mauvaise", "bad"))  # fmt: skip

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        meanings = []
        for text in texts:
            known = [en for fr, en in self.WORDS if fr in text or en in text]
            meanings.append(" ".join(known) or text)
        return super().encode_passages(meanings)


def checked(
    text: str,
    document: Document = COUNCIL,
    language: Language = "fr",
    others: Sequence[Document] = (),
) -> list[tuple[str, str, str | None]]:
    """Each quotation with its status and the words of the source that it was found as."""
    documents = {d.id: d for d in (document, *others)}
    return [
        (
            q.text,
            q.status,
            q.document_id and documents[q.document_id].text[q.source_start : q.source_end],
        )
        for q in check_quotations(text, language, [document], others, GlossaryEmbedder())
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("« Oui », dit-il, “non” et \"si\".", [("Oui", 0), ("non", 0), ("si", 0)]),
        ("« Il a dit “non” à ‹ tout ›. »",
         [("Il a dit “non” à ‹ tout ›.", 0), ("non", 1), ("tout", 1)]),
        ("‘It’s the workers’ fault,’ he said.", [("It’s the workers’ fault,", 0)]),
        ("He wrote 'yes' in the '90s; the dogs' bowl.", [("yes", 0)]),
        ("L'eau d'Anna n'est qu'à l'étang.", []),
        ("Un « reste ouvert.", []),
        ("a 5\" pipe and \"x\"", [("x", 0)]),
        ("“One.\n\n“Two.”", [("One.", 0), ("Two.", 0)]),
        ("« un « deux » trois »", [("un « deux » trois", 0), ("deux", 1)]),
        ("Il crie \" au feu \" puis \"à l'aide\".", [("au feu", 0), ("à l'aide", 0)]),
    ],
)  # fmt: skip
def test_an_apostrophe_opens_no_quotation_and_no_mark_is_overlooked(
    text: str, found: list[tuple[str, int]]
) -> None:
    assert [(text[q.start : q.end], q.depth) for q in quoted_spans(text)] == found


@pytest.mark.parametrize(
    ("quotation", "source"),
    [
        ("« nous n'avons pas vendu la rivière »", "Nous n’avons pas vendu “la rivière”"),
        ("“Nous l’avons louée, pour douze ans, à 4,2 millions d’euros.”",
         "Nous l’avons louée, pour douze ans, à 4,2\u202fmillions d’euros"),
        ("« Nous n’avons pas vendu […] à 4,2 millions d’euros »",
         "Nous n’avons pas vendu “la rivière”. Nous l’avons louée, pour douze ans, à 4,2\u202f"
         "millions d’euros"),
        ("« [n]ous l’avons louée… à 4,2 millions d’euros »",
         "Nous l’avons louée, pour douze ans, à 4,2\u202fmillions d’euros"),
        ("\"illisible\"", "illisible"),
    ],
)  # fmt: skip
def test_what_was_really_said_is_found_at_its_exact_place(quotation: str, source: str) -> None:
    words = quotation.strip('«»“”" ')
    assert checked(f"Il a été dit ceci : {quotation}.") == [(words, "found", source)]


@pytest.mark.parametrize(
    "words",
    [
        "Nous n’avons pas donné la rivière",  # another word
        "nous n’avons vendu la rivière",  # one word less
        "Nous l’avons Louée",  # a capital inside
        "isible",  # part of a word
        "pour douze ans […] vendu",  # not in this order
        "à 42 millions d’euros",
        "Nous l’avons louée, pour douze ans ?",  # no question was asked
    ],
)
def test_words_that_were_never_said_lose_their_marks(words: str) -> None:
    text = f"Il a été dit « {words} » au conseil."
    quotations = check_quotations(text, "fr", [COUNCIL], [], None)
    assert [(q.text, q.status, q.document_id) for q in quotations] == [(words, "not found", None)]
    assert without_unfound(text, quotations) == (
        f"Il a été dit {words} au conseil.",
        (f"quotation: {words}",),
    )


def test_only_the_marks_of_what_was_not_said_come_off() -> None:
    text = "Le contrat est « illisible », dit l’une, et “scandaleux”, dit l’autre."
    quotations = check_quotations(text, "fr", [COUNCIL], [], None)
    assert quotations == [
        Quotation("illisible", 17, 26, "found", "fr-1", 243, 252, "illisible"),
        Quotation("scandaleux", 45, 55, "not found"),
    ]
    assert COUNCIL.text[243:252] == "illisible"
    assert without_unfound(text, quotations) == (
        "Le contrat est « illisible », dit l’une, et scandaleux, dit l’autre.",
        ("quotation: scandaleux",),
    )


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("« Nous n’avons pas vendu la rivière », affirme Yves Carnac.", "found"),
        ("« Nous n’avons pas vendu la rivière », affirme le maire.", "found"),
        ("« Nous n’avons pas vendu la rivière », affirme M. Carnac.", "found"),
        ("« Nous n’avons pas vendu la rivière », affirme-t-il.", "found"),
        ("« Nous n’avons pas vendu la rivière », rapporte Le Courrier de Lornac.", "found"),
        ("Le contrat ne dit pas tout : « Nous n’avons pas vendu la rivière. »", "found"),
        ("« Nous n’avons pas vendu la rivière », affirme Lise Ombredane.", "elsewhere"),
        ("« Nous n’avons pas vendu la rivière », affirme l’avocate.", "elsewhere"),
        ("Selon Mme Ombredane, « nous n’avons pas vendu la rivière ».", "elsewhere"),
        ("Yves Carnac juge le contrat « illisible ».", "elsewhere"),
        ("Lise Ombredane juge le contrat « illisible ».", "found"),
    ],
)
def test_nobodys_words_are_put_into_somebody_elses_mouth(text: str, status: str) -> None:
    assert [s for _, s, _ in checked(text)] == [status]


def test_what_the_outlet_says_itself_is_no_statement_of_somebody_it_does_not_name() -> None:
    article = Document("x", "x", "La route est fermée.\n\nLe préfet Luc Arnal est absent.", "fr")
    said = "« La route est fermée », affirme Luc Arnal."
    assert checked(said, article) == [("La route est fermée", "elsewhere", "La route est fermée")]


def test_words_of_another_article_are_told_from_invented_ones() -> None:
    text = "He spoke of “a bad joke” and “a good joke”."
    assert checked(text, Document("z", "z", "Nothing.", "en"), "en", [COUNCIL, PORT]) == [
        ("a bad joke", "elsewhere", "a bad joke"),
        ("a good joke", "not found", None),
    ]


def test_other_articles_are_not_read_where_the_cited_one_says_it() -> None:
    def others() -> Iterator[Document]:
        raise AssertionError("read")
        yield

    (quotation,) = check_quotations("“A bad joke”.", "en", [PORT], others(), None)
    assert quotation.status == "found"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("« Nous avons perdu une vanne, pas une année », dit Tom Ashdown.",
         ("translated", "We lost a valve, not a year,")),
        ("« L’argent des travailleurs est en sûreté », dit Tom Ashdown.",
         ("translated", "The workers’ money is safe.")),
        ("« Nous avons perdu une vanne, pas une année », dit Delia Crane.", ("not found", None)),
        ("« Nous avons perdu 12 vannes, pas une année », dit Tom Ashdown.", ("not found", None)),
        ("« Nous avons perdu une vanne à Verlande, pas une année », dit Tom Ashdown.",
         ("not found", None)),
        ("« Le port est fermé », dit Tom Ashdown.", ("not found", None)),
    ],
)  # fmt: skip
def test_a_translated_quotation_leads_to_the_original_words(
    text: str, result: tuple[str, str | None]
) -> None:
    assert [(status, source) for _, status, source in checked(text, PORT)] == [result]


def test_without_an_embedder_nothing_passes_for_a_translation() -> None:
    text = "« Nous avons perdu une vanne, pas une année », dit Tom Ashdown."
    (quotation,) = check_quotations(text, "fr", [PORT], [], None)
    assert quotation.status == "not found"


def test_soft_hyphens_and_decomposed_accents_hide_no_quotation() -> None:
    article = Document("x", "x", "Il a dit : « L’e\u0301te\u0301 sera pre\u00admier. »", "fr")
    assert checked("« l'été sera premier »", article) == [
        ("l'été sera premier", "found", "L’e\u0301te\u0301 sera pre\u00admier")
    ]
