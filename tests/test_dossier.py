"""What a journalist loses if adding fails: articles twice, articles gone, an old version cited."""

import threading

import pytest

from rag.dossier import Dossier, find_document
from rag.errors import ArticleError, SettingsError, StoreError
from rag.store import FILE
from tests.fakes import HashEmbedder

PORT = "Le port de Valmont sera agrandi l'an prochain, a annoncé la préfète devant les pêcheurs."
STADIUM = "Le stade municipal de Valmont sera couvert, et le chantier durera deux ans au moins."
MUSEUM = "The museum of Valmont will open a new room for the sailors who were lost at sea."


class CountingEmbedder(HashEmbedder):
    """Counts the passages it was given."""

    def __init__(self, fingerprint: str = HashEmbedder.fingerprint) -> None:
        self.fingerprint = fingerprint
        self.embedded = 0

    def encode_passages(self, texts):
        self.embedded += len(texts)
        return super().encode_passages(texts)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "port.txt").write_text(PORT)
    (folder / "stadium.txt").write_text(STADIUM)
    return folder


@pytest.fixture
def embedder():
    return CountingEmbedder()


@pytest.fixture
def dossier(settings, embedder):
    dossier = Dossier.open(settings, embedder)
    yield dossier
    dossier.close()


def outcomes(changes):
    return {change.path.rpartition("/")[2]: change.outcome for change in changes}


def texts(dossier):
    return [document.text for document in dossier.documents()]


def answers(dossier, question):
    return [hit.document.text for hit in dossier.retriever.retrieve(question, "fr", top_k=1)]


def test_articles_of_a_folder_are_added_and_found(dossier, folder):
    assert outcomes(dossier.add([folder])) == {"port.txt": "added", "stadium.txt": "added"}
    assert answers(dossier, "le port des pêcheurs") == [PORT]


def test_each_change_is_reported_when_it_is_on_disk(dossier, folder):
    reported = []

    def on_change(change, done, total):
        other = Dossier.open(dossier.settings, HashEmbedder())
        reported.append((done, total, change.path in other.store.source_hashes()))
        other.close()

    changes = dossier.add([folder], on_change)
    assert reported == [(1, 2, True), (2, 2, True)]
    assert [change.outcome for change in changes] == ["added", "added"]


def test_adding_the_same_articles_again_changes_nothing(dossier, folder, embedder):
    dossier.add([folder])
    revision, embedded = dossier.store.revision, embedder.embedded
    assert outcomes(dossier.add([folder])) == {"port.txt": "unchanged", "stadium.txt": "unchanged"}
    assert (dossier.store.revision, embedder.embedded) == (revision, embedded)


def test_a_changed_file_replaces_its_older_version(dossier, folder):
    dossier.add([folder])
    (folder / "port.txt").write_text(PORT.replace("agrandi", "fermé"))
    assert outcomes(dossier.add([folder])) == {"port.txt": "replaced", "stadium.txt": "unchanged"}
    assert sorted(texts(dossier)) == sorted([PORT.replace("agrandi", "fermé"), STADIUM])
    assert answers(dossier, "le port des pêcheurs") == [PORT.replace("agrandi", "fermé")]


def test_an_article_whose_file_is_gone_is_removed_with_its_folder_s_next_addition(dossier, folder):
    dossier.add([folder])
    (folder / "port.txt").unlink()
    assert outcomes(dossier.add([folder])) == {"port.txt": "removed", "stadium.txt": "unchanged"}
    assert texts(dossier) == [STADIUM]


def test_a_file_of_a_folder_alone_removes_nothing_else(dossier, folder):
    dossier.add([folder])
    (folder / "port.txt").unlink()
    dossier.add([folder / "stadium.txt"])
    assert texts(dossier) == [PORT, STADIUM]


def test_a_folder_beside_it_with_a_longer_name_is_left_alone(dossier, folder, tmp_path):
    beside = tmp_path / "articles-2"
    beside.mkdir()
    (beside / "museum.txt").write_text(MUSEUM)
    dossier.add([beside])
    (beside / "museum.txt").unlink()
    dossier.add([folder])
    assert MUSEUM in texts(dossier)


def test_a_folder_that_is_missing_removes_nothing(dossier, folder, tmp_path):
    dossier.add([folder])
    folder.rename(tmp_path / "elsewhere")
    (change,) = dossier.add([folder])
    assert change.outcome == "failed"
    assert isinstance(change.error, ArticleError)
    assert texts(dossier) == [PORT, STADIUM]


def test_a_file_that_cannot_be_looked_at_is_not_taken_for_gone(dossier, folder, monkeypatch):
    dossier.add([folder])
    (folder / "port.txt").unlink()

    def denied(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("rag.dossier.os.stat", denied)
    dossier.add([folder])
    assert texts(dossier) == [PORT, STADIUM]


def test_a_renamed_file_is_the_same_article_once(dossier, folder):
    dossier.add([folder])
    (folder / "port.txt").rename(folder / "harbour.txt")
    changes = outcomes(dossier.add([folder]))
    assert changes == {"port.txt": "removed", "harbour.txt": "added", "stadium.txt": "unchanged"}
    assert sorted(texts(dossier)) == sorted([PORT, STADIUM])


def test_the_same_bytes_under_another_path_are_no_second_article(dossier, folder):
    (folder / "copy.txt").write_text(PORT)
    changes = dossier.add([folder])
    assert sorted(change.outcome for change in changes) == ["added", "added", "unchanged"]
    assert sorted(texts(dossier)) == sorted([PORT, STADIUM])


def test_one_bad_article_does_not_stop_the_others(dossier, folder):
    (folder / "empty.txt").write_text("")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    changes = {change.path.rpartition("/")[2]: change for change in dossier.add([folder])}
    assert changes["port.txt"].outcome == changes["stadium.txt"].outcome == "added"
    for name in ("empty.txt", "photo.jpg"):
        assert changes[name].outcome == "failed"
        assert isinstance(changes[name].error, ArticleError)
    assert texts(dossier) == [PORT, STADIUM]


def test_an_older_version_stays_while_the_newer_cannot_be_read(dossier, folder):
    dossier.add([folder])
    (folder / "port.txt").write_text("")
    assert outcomes(dossier.add([folder]))["port.txt"] == "failed"
    assert PORT in texts(dossier)


def test_an_upload_is_recorded_under_its_own_name(dossier, tmp_path):
    upload = tmp_path / "tmp1234.txt"
    upload.write_text(PORT)
    (change,) = dossier.add([upload], names=["port.txt"])
    assert (change.path, change.outcome) == ("port.txt", "added")
    upload.write_text(STADIUM)
    (change,) = dossier.add([upload], names=["port.txt"])
    assert (change.path, change.outcome) == ("port.txt", "replaced")
    assert texts(dossier) == [STADIUM]


def test_a_name_may_be_left_out(dossier, folder, tmp_path):
    upload = tmp_path / "tmp1234.txt"
    upload.write_text(MUSEUM)
    changes = outcomes(dossier.add([upload, folder / "port.txt"], names=["museum.txt", None]))
    assert changes == {"museum.txt": "added", "port.txt": "added"}


def test_a_page_whose_bytes_change_but_not_its_article_is_unchanged(dossier, folder, embedder):
    page = "<html><title>Port</title><!-- {} --><body><article><p>{}</p></article></body></html>"
    (folder / "page.html").write_text(page.format("seen 1 time", MUSEUM))
    dossier.add([folder])
    embedded = embedder.embedded
    (folder / "page.html").write_text(page.format("seen 2 times", MUSEUM))
    assert outcomes(dossier.add([folder]))["page.html"] == "unchanged"
    assert embedder.embedded == embedded


def test_an_article_is_removed_by_path_id_or_part_of_its_title(dossier, folder):
    (folder / "a.md").write_text(f"---\ntitle: Le port agrandi\n---\n\n{PORT}")
    (folder / "b.md").write_text(f"---\ntitle: Le stade couvert\n---\n\n{STADIUM}")
    for name in ("STADE", str(folder / "b.md"), None):
        dossier.add([folder / "b.md"])
        found = next(one for one in dossier.documents() if one.title == "Le stade couvert")
        assert dossier.remove(name or found.id) == found
        assert dossier.documents() == []


def test_an_ambiguous_title_removes_nothing(dossier, folder):
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text(f"---\ntitle: Le port {name}\n---\n\n{PORT} {name}")
    dossier.add([folder])
    with pytest.raises(SettingsError):
        dossier.remove("le port")
    with pytest.raises(StoreError):
        find_document(dossier.store, "la piscine")
    assert len(dossier.documents()) == 4


def test_another_embedder_is_refused_and_reembed_takes_it(dossier, settings, folder):
    dossier.add([folder])
    other = CountingEmbedder("another")
    with pytest.raises(StoreError, match="recoupe reindex"):
        Dossier.open(settings, other)
    progress = []
    again = Dossier.reembed(settings, other, lambda *counts: progress.append(counts))
    assert progress == [(1, 2), (2, 2)]
    assert answers(again, "le port des pêcheurs") == [PORT]
    again.close()
    Dossier.open(settings, other).close()


def test_another_passage_size_is_refused_and_reembed_takes_it(dossier, settings, embedder, folder):
    (folder / "long.txt").write_text(" ".join(f"{PORT} Numéro {i}." for i in range(30)))
    dossier.add([folder])
    smaller = settings.model_copy(update={"passage_tokens": 60})
    with pytest.raises(StoreError, match="passage_tokens"):
        Dossier.open(smaller, embedder)
    before = len(dossier.store.passage_ids())
    again = Dossier.reembed(smaller, embedder)
    assert len(again.store.passage_ids()) > before
    again.close()


def test_a_reembed_that_is_stopped_changes_nothing(dossier, settings, embedder, folder):
    dossier.add([folder])

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Dossier.reembed(settings, CountingEmbedder("another"), stop)
    again = Dossier.open(settings, embedder)
    assert answers(again, "le port des pêcheurs") == [PORT]
    again.close()


def test_two_additions_at_once_lose_and_double_nothing(settings, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(20):
        (folder / f"{i:02}.txt").write_text(f"{PORT} Voici la nouvelle numéro {i} de la semaine.")
    dossiers = [Dossier.open(settings, HashEmbedder()) for _ in range(2)]
    threads = [threading.Thread(target=dossier.add, args=([folder],)) for dossier in dossiers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    documents = dossiers[0].documents()
    assert len({one.path for one in documents}) == len(documents) == 20
    assert len(dossiers[0].store.passage_ids()) == 20
    for dossier in dossiers:
        dossier.close()


def test_an_index_file_waits_for_the_next_opening(dossier, folder):
    dossier.add([folder])
    stamp = dossier.store.index_stamp()
    assert stamp is not None and stamp.revision == dossier.store.revision
    assert (dossier.settings.dossier / "passages.faiss").exists()


def test_a_damaged_dossier_is_told_at_opening(settings, embedder):
    settings.dossier.mkdir()
    (settings.dossier / FILE).write_bytes(b"nonsense" * 1000)
    with pytest.raises(StoreError, match="damaged"):
        Dossier.open(settings, embedder)
