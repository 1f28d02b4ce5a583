"""Several dossiers: nothing but a dossier of ours is ever renamed or deleted."""

import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import RecoupeError, SettingsError, StoreError
from rag.shelf import Shelf
from rag.store import Store


def names(shelf: Shelf) -> list[str]:
    return [one.name for one in shelf.dossiers()]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """That of a program started with `dossier`, beside which `Ports` and `élections` stand."""
    shelf = Shelf(tmp_path / "dossier")
    Store.open(shelf.started).close()
    shelf.create("Ports")
    shelf.create("élections")
    return shelf


def test_the_dossiers_are_the_one_of_the_start_and_those_beside_it(shelf: Shelf) -> None:
    assert names(shelf) == ["dossier", "élections", "Ports"]
    assert [one.started for one in shelf.dossiers()] == [True, False, False]
    assert [one.articles for one in shelf.dossiers()] == [0, 0, 0]
    assert shelf.find("Ports").path == shelf.started.parent / "dossiers" / "Ports"


def test_a_program_started_with_one_of_several_finds_its_siblings(shelf: Shelf) -> None:
    inside = Shelf(shelf.find("Ports").path)
    assert names(inside) == ["Ports", "élections"]


def test_other_folders_files_and_links_are_not_taken_for_dossiers(
    shelf: Shelf, tmp_path: Path
) -> None:
    (shelf.folder / "photos").mkdir()
    (shelf.folder / "faux").mkdir()
    (shelf.folder / "faux" / "dossier.db").write_text("not a database", encoding="utf-8")
    (shelf.folder / "note.txt").write_text("x", encoding="utf-8")
    (shelf.folder / "lien").symlink_to(shelf.started)
    assert names(shelf) == ["dossier", "élections", "Ports"]


@pytest.mark.parametrize(
    "name",
    ["../ailleurs", "a/b", "a\\b", ".caché", "-rf", "nul", "CON.txt", "a\x00b", "fin.", "x" * 81],
)
def test_a_name_that_leaves_the_folder_or_breaks_a_disk_is_refused(shelf: Shelf, name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        shelf.create(name)
    assert refused.value.key == "shelf.name"
    assert names(shelf) == ["dossier", "élections", "Ports"]


@pytest.mark.parametrize(("name", "key"), [("  ", "no_name"), ("ÉLECTIONS", "taken")])
def test_an_empty_name_and_one_that_differs_by_case_only_are_refused(
    shelf: Shelf, name: str, key: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        shelf.create(name)
    assert refused.value.key == f"shelf.{key}"


def test_a_folder_that_is_no_dossier_is_never_taken_over(shelf: Shelf) -> None:
    (shelf.folder / "photos").mkdir()
    with pytest.raises(SettingsError, match="something under the name"):
        shelf.create("photos")
    assert list((shelf.folder / "photos").iterdir()) == []


def test_a_renamed_dossier_keeps_what_it_holds(shelf: Shelf) -> None:
    (shelf.find("Ports").path / "recoupe.toml").write_text("top_k = 3\n", encoding="utf-8")
    assert shelf.rename("Ports", "  Ports   bretons ") == shelf.folder / "Ports bretons"
    assert names(shelf) == ["dossier", "élections", "Ports bretons"]
    assert (shelf.folder / "Ports bretons" / "recoupe.toml").read_text() == "top_k = 3\n"


def test_the_case_of_a_name_can_be_changed(shelf: Shelf) -> None:
    shelf.rename("Ports", "PORTS")
    assert names(shelf) == ["dossier", "élections", "PORTS"]


def test_a_dossier_is_deleted_whole_once_its_name_was_written(shelf: Shelf) -> None:
    folder = shelf.find("Ports").path
    (folder / "kv").mkdir()
    (folder / "kv" / f"{'0' * 64}.state").write_bytes(b"x")
    (folder / ".passages.faiss.abc").write_bytes(b"x")
    shelf.delete("Ports", " Ports ")
    assert sorted(path.name for path in shelf.folder.iterdir()) == ["élections"]


@pytest.mark.parametrize("written", ["", "ports", "élections"])
def test_without_its_name_nothing_is_deleted(shelf: Shelf, written: str) -> None:
    with pytest.raises(SettingsError, match="nothing was deleted"):
        shelf.delete("Ports", written)
    assert names(shelf) == ["dossier", "élections", "Ports"]


@pytest.mark.parametrize("where", ["notes.docx", "kv/photo.jpg", "archives/dossier.db"])
def test_files_that_are_not_recoupes_are_never_deleted_with_a_dossier(
    shelf: Shelf, where: str
) -> None:
    file = shelf.find("Ports").path / where
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"x")
    with pytest.raises(SettingsError) as refused:
        shelf.delete("Ports", "Ports")
    assert refused.value.key == "shelf.foreign"
    assert file.read_bytes() == b"x" and "Ports" in names(shelf)


def test_the_dossier_of_the_start_stays_for_the_next_start(shelf: Shelf) -> None:
    for attempt in (
        lambda: shelf.delete("dossier", "dossier"),
        lambda: shelf.rename("dossier", "autre"),
    ):
        with pytest.raises(SettingsError) as refused:
            attempt()
        assert refused.value.key == "shelf.started"
    assert names(shelf) == ["dossier", "élections", "Ports"]


def test_a_dossier_that_is_not_there_is_said_so(shelf: Shelf) -> None:
    with pytest.raises(SettingsError) as refused:
        shelf.delete("../dossier", "../dossier")
    assert refused.value.key == "shelf.unknown"


def test_a_dossier_that_another_program_has_open_stays_as_it_is(shelf: Shelf) -> None:
    program = (
        "import sys; from pathlib import Path; from rag.store import Store\n"
        "store = Store.open(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(shelf.find("Ports").path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None and other.stdin is not None
    assert other.stdout.readline() == "open\n"
    for attempt in (
        lambda: shelf.delete("Ports", "Ports"),
        lambda: shelf.rename("Ports", "Quais"),
    ):
        with pytest.raises(StoreError) as refused:
            attempt()
        assert refused.value.key == "shelf.in_use"
    other.stdin.close()
    other.wait()
    other.stdout.close()
    shelf.delete("Ports", "Ports")
    assert names(shelf) == ["dossier", "élections"]


def test_what_has_the_dossier_open_here_is_asked_to_leave_only_when_nothing_else_is_wrong(
    shelf: Shelf,
) -> None:
    store = Store.open(shelf.find("Ports").path)
    with pytest.raises(RecoupeError, match="nothing was deleted"):
        shelf.delete("Ports", "Port", store.close)
    assert store.revision == 0  # still open
    shelf.delete("Ports", "Ports", store.close)
    assert names(shelf) == ["dossier", "élections"]
