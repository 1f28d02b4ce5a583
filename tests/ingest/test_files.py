"""Files and folders: every file is found, and one bad file never stops the others."""

import os
import stat
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import ArticleError
from rag.ingest import document_id, find_sources, read_article

SENTENCE = (
    "Le bac de Sablonges reprendra samedi ses traversées, après six semaines de réparations.\n"
)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n"


def write(path: Path, text: str = SENTENCE) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path.resolve())


def error_of(source: Path | str, name: str | None = None) -> ArticleError:
    with pytest.raises(ArticleError) as caught:
        read_article(str(source), Settings(), name)
    return caught.value


def test_a_folder_gives_all_its_files_sorted_and_below(tmp_path: Path) -> None:
    wanted = [write(tmp_path / name) for name in ("a.txt", "b.md", "photo.jpg", "sub/c.html")]
    assert find_sources([tmp_path]) == wanted


def test_hidden_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    wanted = write(tmp_path / "a.txt")
    for name in (".hidden.txt", ".git/b.txt"):
        write(tmp_path / name)
    assert find_sources([tmp_path]) == [wanted]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    assert find_sources([tmp_path, path, Path(path)]) == [path]


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt")
    monkeypatch.chdir(tmp_path)
    assert find_sources(["a.txt"]) == [path]


def test_an_address_is_kept_as_it_is() -> None:
    assert find_sources(["https://journal.example/une"]) == ["https://journal.example/une"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "sub" / "a.txt")
    (tmp_path / "sub" / "again").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert find_sources([tmp_path])[-1] == path
    assert error_of(tmp_path / "self").key in ("ingest.unreadable", "ingest.unsupported")


def test_a_linked_folder_is_walked_once(tmp_path: Path) -> None:
    path = write(tmp_path / "elsewhere" / "a.txt")
    (tmp_path / "dossier").mkdir()
    for name in ("one", "two"):
        (tmp_path / "dossier" / name).symlink_to(tmp_path / "elsewhere")
    assert find_sources([tmp_path / "dossier"]) == [path]


@pytest.mark.parametrize("names", [(), ("photo.jpg", "notes.pdf")])
def test_a_folder_without_articles_says_so(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        write(tmp_path / name)
    assert find_sources([tmp_path]) == [str(tmp_path.resolve())]
    assert error_of(tmp_path).key == "ingest.no_articles"


@pytest.mark.parametrize("path", ["a\0b.txt", "x" * 5000 + ".txt"])
def test_a_path_that_no_file_can_have_is_reported(path: str) -> None:
    assert error_of(find_sources([path])[0]).key == "ingest.missing"


def test_a_missing_file_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    sources = find_sources([tmp_path / "gone.txt", path])
    assert error_of(sources[0]).key == "ingest.missing"
    assert read_article(sources[1], Settings()).document.text == SENTENCE.strip()


@pytest.mark.parametrize("name", ["tract.pdf", "note.docx", "photo.jpg", "sans-suffixe"])
def test_an_unsupported_file_names_what_is_supported(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    error = error_of(tmp_path / name)
    assert error.key == "ingest.unsupported"
    assert name in str(error) and ".txt" in str(error) and ".html" in str(error)


@pytest.mark.parametrize("name", ["A.TXT", "a.Markdown", "a.HTM"])
def test_capitals_in_a_suffix_do_not_matter(tmp_path: Path, name: str) -> None:
    body = f"<html><body><p>{SENTENCE}</p></body></html>" if name.endswith("HTM") else SENTENCE
    write(tmp_path / name, body)
    assert read_article(str(tmp_path / name), Settings()).document.text == SENTENCE.strip()


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "ingest.empty"),
        (b" \n\t\r\n", "ingest.empty"),
        (b"\xef\xbb\xbf", "ingest.empty"),
        (PDF, "ingest.binary"),
        (bytes(range(256)) * 4, "ingest.binary"),
        (b"Un texte\x00 avec un octet nul.", "ingest.binary"),
        ("Accueil\n© 2024 Le Phare\nMentions légales\n".encode(), "ingest.nothing_to_read"),
    ],
)
def test_a_file_without_an_article_says_why(tmp_path: Path, data: bytes, key: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    error = error_of(tmp_path / "a.txt")
    assert error.key == key
    assert "a.txt" in str(error) and "\n" not in str(error)


def test_a_file_over_the_limit_is_refused_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", SENTENCE * 50)
    with pytest.raises(ArticleError) as caught:
        read_article(path, Settings(fetch_bytes=2000))
    assert caught.value.key == "ingest.too_big"
    assert "0.002 MB" in str(caught.value)


def test_a_pipe_named_like_an_article_blocks_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    os.mkfifo(tmp_path / "b.txt")
    assert error_of(tmp_path / "b.txt").key == "ingest.not_a_file"
    assert find_sources([tmp_path]) == [str((tmp_path / "a.txt").resolve())]


def test_a_device_is_not_read() -> None:
    assert error_of("/dev/zero", name="zero.txt").key == "ingest.not_a_file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_reported(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "a.txt"))
    path.chmod(0)
    error = error_of(path)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert error.key == "ingest.unreadable"


def test_an_unreadable_file_names_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "a.txt")
    monkeypatch.setattr("rag.ingest.files.os.open", refuse)
    error = error_of(path)
    assert error.key == "ingest.unreadable"
    assert "Permission denied" in str(error)


def test_an_upload_is_recorded_under_its_own_name(tmp_path: Path) -> None:
    source = write(tmp_path / "x9d2.txt")
    document = read_article(source, Settings(), name="bac.txt").document
    assert document.path == "bac.txt"
    assert document.id == document_id("bac.txt") != document_id(source)


def test_the_same_bytes_have_the_same_hash_wherever_they_lie(tmp_path: Path) -> None:
    one, two = (read_article(write(tmp_path / name), Settings()) for name in ("a.txt", "b.txt"))
    assert one.sha256 == two.sha256
    assert one.document.id != two.document.id


def test_a_name_that_is_not_text_is_reported_readably(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        with open(path, "wb") as file:
            file.write(SENTENCE.encode())
    except OSError:
        pytest.skip("this file system keeps names as Unicode")
    error = error_of(os.fsdecode(path))
    assert error.key == "ingest.name"
    assert str(error).encode("utf-8")
