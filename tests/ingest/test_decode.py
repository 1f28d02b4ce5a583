"""Whatever encoding a newsroom saved its article in, its accents are right."""

import pytest

from rag.errors import ArticleError
from rag.ingest.decode import decode, tidy

FRENCH = (
    "L’été dernier, à Sablonges, un âne nommé « Cœur » a gagné la régate : neuf mètres d’avance, "
    "et déjà trois élèves ont demandé où l’on achète un âne. Coût prévu : 40 € par tête.\n"
)
WESTERN = FRENCH.replace("’", "'").replace("œ", "oe").replace("€", "euros")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_accents_quotes_and_the_euro_survive(encoding: str) -> None:
    assert decode(FRENCH.encode(encoding), "a.txt") == FRENCH


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le", "utf-16-be", "mac_roman", "cp850"])
def test_older_and_unmarked_encodings_are_recognised(encoding: str) -> None:
    assert decode(WESTERN.encode(encoding), "a.txt") == WESTERN


def test_english_with_typographic_quotes_is_recognised() -> None:
    text = "“It’s late,” she said – and the café closed its doors for good on Friday evening.\n"
    assert decode(text.encode("cp1252"), "a.txt") == text


def test_a_declared_encoding_is_believed_where_utf_8_is_impossible() -> None:
    assert decode("Prix : 40 €".encode("iso8859-15"), "a.html", "iso-8859-15") == "Prix : 40 €"


def test_a_wrong_declaration_is_not_believed() -> None:
    assert decode(FRENCH.encode(), "a.html", "latin-1") == FRENCH
    assert decode(FRENCH.encode("cp1252"), "a.html", "no-such-encoding") == FRENCH


def test_a_file_cut_in_the_middle_of_a_character_keeps_its_accents() -> None:
    cut = (FRENCH * 3).encode()
    cut = cut[: cut.rindex("é".encode()) + 1]
    assert decode(cut, "a.txt").startswith(FRENCH)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("a\u2028b\x0cc", "a\nb\nc"),
        ("mil\u00adliard", "milliard"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\u202eb\u2066c", "abc"),
        ("hid\U000e0041den", "hidden"),
        ("bell\x07", "bell"),
        ("« 14,3\u00a0% »\u202f!", "« 14,3\u00a0% »\u202f!"),
        ("e\u0301", "e\u0301"),
        ("tab\tulé", "tab\tulé"),
    ],
)
def test_what_is_invisible_goes_and_what_is_written_stays(raw: str, clean: str) -> None:
    assert tidy(raw) == clean


@pytest.mark.parametrize("magic", [b"%PDF-1.4 text", b"PK\x03\x04word", b"\x89PNG\r\n", b"GIF89a"])
def test_a_document_of_another_kind_is_not_shown_as_noise(magic: bytes) -> None:
    with pytest.raises(ArticleError) as caught:
        decode(magic + b" some text that could be read" * 20, "a.txt")
    assert caught.value.key == "ingest.binary"
