import ctypes
import errno
import os
import shutil
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import states
from rag.config import PROJECT
from rag.states import PAYLOAD_START, States, state_key

A, B, C, D = (state_key(name) for name in "abcd")
PAYLOAD = bytes(range(256)) * 4  # 1,024 bytes
FILE = PAYLOAD_START + len(PAYLOAD)
TEXTS = st.lists(st.text(st.characters()), max_size=4)


@pytest.fixture(autouse=True)
def _a_roomy_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests pass on a machine whose own disk is nearly full."""
    monkeypatch.setattr(states, "RESERVE_BYTES", 0)


@pytest.fixture
def kept(tmp_path: Path) -> States:
    """Room for three states, none there yet."""
    return States(tmp_path / "dossier" / "kv", 3 * FILE)


def file_of(kept: States, key: str) -> Path:
    return kept.folder / f"{key}.state"


def read(kept: States, key: str) -> bytes | None:
    found = kept.get(key)
    return None if found is None else bytes(found)


def names(kept: States) -> list[str]:
    return sorted(path.name for path in kept.folder.iterdir())


def test_a_state_comes_back_as_it_was_in_another_run(kept: States) -> None:
    assert kept.put(A, PAYLOAD)
    assert read(States(kept.folder, kept.limit_bytes), A) == PAYLOAD
    assert (A in kept, B in kept, kept.get(B)) == (True, False, None)
    assert (kept.count, kept.size_bytes) == (1, FILE)
    assert names(kept) == [f"{A}.state"]


@pytest.mark.parametrize(
    "state",
    [b"", bytearray(b"12"), memoryview(b"12"), (ctypes.c_uint8 * 2)(1, 2), np.arange(6.0)],
    ids=lambda state: type(state).__name__,
)
def test_any_buffer_is_kept(kept: States, state: bytes) -> None:
    assert kept.put(A, state)
    assert read(kept, A) == memoryview(state).tobytes()


def test_a_new_state_replaces_the_old_one(kept: States) -> None:
    kept.put(A, b"old")
    kept.put(A, b"newer")
    assert (read(kept, A), kept.count) == (b"newer", 1)


def test_a_state_goes_to_the_model_without_a_copy_and_aligned(kept: States) -> None:
    kept.put(A, PAYLOAD)
    found = kept.get(A)
    assert found is not None
    pointer = (ctypes.c_uint8 * len(found)).from_buffer(found)
    assert bytes(pointer) == PAYLOAD
    assert ctypes.addressof(pointer) % 4096 == 0
    assert ctypes.addressof(pointer) == np.frombuffer(found, np.uint8).ctypes.data


def test_what_a_reader_writes_to_its_copy_does_not_reach_the_file(kept: States) -> None:
    kept.put(A, PAYLOAD)
    found = kept.get(A)
    assert found is not None
    found[0] = 99
    assert read(kept, A) == PAYLOAD


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is mapped")
def test_a_state_in_use_stays_readable_when_it_is_replaced_or_evicted(kept: States) -> None:
    kept.put(A, b"old")
    old = kept.get(A)
    kept.put(A, b"newer")
    newer = kept.get(A)
    kept.clear()
    assert old is not None and newer is not None
    assert (A in kept, bytes(old), bytes(newer)) == (False, b"old", b"newer")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_state_is_never_given_to_the_model(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        kept = States(Path(folder), 10 * FILE)
        kept.put(A, PAYLOAD)
        path = file_of(kept, A)
        content = bytearray(path.read_bytes())
        header = st.integers(0, 127)  # where something is written; the rest is sampled too
        place = data.draw(header | st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        assert kept.get(A) is None
        assert not path.exists()


@pytest.mark.parametrize("length", [0, 1, 113, PAYLOAD_START - 1, PAYLOAD_START, FILE - 1])
def test_a_state_cut_off_is_dropped(kept: States, length: int) -> None:
    kept.put(A, PAYLOAD)
    os.truncate(file_of(kept, A), length)
    assert kept.get(A) is None
    assert names(kept) == []


def test_a_state_with_bytes_behind_it_is_dropped(kept: States) -> None:
    kept.put(A, PAYLOAD)
    with file_of(kept, A).open("ab") as file:
        file.write(b"\0")
    assert kept.get(A) is None
    assert names(kept) == []


def test_a_foreign_or_renamed_file_is_not_taken_for_a_state(kept: States) -> None:
    kept.put(A, PAYLOAD)
    os.replace(file_of(kept, A), file_of(kept, B))
    file_of(kept, C).write_bytes(b"what somebody put here" * 1000)
    assert (kept.get(B), kept.get(C)) == (None, None)
    assert names(kept) == []


def test_a_state_of_another_version_is_computed_again(
    kept: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "_FORMAT", 2)
    kept.put(A, PAYLOAD)
    monkeypatch.undo()
    assert kept.get(A) is None
    assert names(kept) == []


def test_a_link_is_removed_and_what_it_points_to_is_not(kept: States, tmp_path: Path) -> None:
    kept.put(A, PAYLOAD)
    outside = tmp_path / "outside.state"
    os.replace(file_of(kept, A), outside)
    file_of(kept, A).symlink_to(outside)
    assert (A in kept, kept.get(A)) == (False, None)
    assert (names(kept), outside.stat().st_size) == ([], FILE)


def test_a_folder_in_the_place_of_a_state_is_removed_only_if_empty(kept: States) -> None:
    file_of(kept, A).mkdir(parents=True)
    file_of(kept, B).mkdir()
    (file_of(kept, B) / "notes.txt").touch()
    assert (A in kept, kept.get(A), kept.get(B)) == (False, None, None)
    assert names(kept) == [f"{B}.state"]
    assert not kept.put(B, PAYLOAD)
    assert (kept.count, names(kept)) == (0, [f"{B}.state"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_place_of_a_state_does_not_make_a_question_wait(kept: States) -> None:
    kept.folder.mkdir(parents=True)
    os.mkfifo(file_of(kept, A))
    assert kept.get(A) is None


def test_the_state_unused_for_longest_makes_room(kept: States) -> None:
    for key in (A, B, C):
        kept.put(key, PAYLOAD)
    kept.get(A)
    kept.put(D, PAYLOAD)
    assert [key in kept for key in (A, B, C, D)] == [True, False, True, True]
    assert kept.size_bytes == 3 * FILE


def test_to_ask_whether_a_state_is_there_does_not_make_it_younger(kept: States) -> None:
    for key in (A, B, C):
        kept.put(key, PAYLOAD)
    assert A in kept
    kept.put(D, PAYLOAD)
    assert A not in kept


def test_a_large_state_makes_room_for_itself_and_one_too_large_costs_nothing(kept: States) -> None:
    for key in (A, B, C):
        kept.put(key, PAYLOAD)
    assert not kept.put(D, bytes(3 * FILE - PAYLOAD_START + 1))
    assert kept.count == 3
    assert kept.put(D, bytes(3 * FILE - PAYLOAD_START))
    assert names(kept) == [f"{D}.state"]


def test_a_clock_set_back_does_not_keep_old_states_for_ever(kept: States) -> None:
    for key in (A, B, C):
        kept.put(key, PAYLOAD)
    next_century = 4_000_000_000
    os.utime(file_of(kept, B), (next_century, next_century))
    kept.put(D, PAYLOAD)
    assert [key in kept for key in (A, B, C, D)] == [True, False, True, True]


def test_a_lower_limit_holds_from_the_next_state_on(kept: States) -> None:
    for key in (A, B, C):
        kept.put(key, PAYLOAD)
    lower = States(kept.folder, 2 * FILE)
    lower.put(D, PAYLOAD)
    assert [key in lower for key in (A, B, C, D)] == [False, False, True, True]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcde"), st.integers(0, 3)), max_size=9))
def test_what_is_kept_is_what_was_used_last_and_fits(
    steps: list[tuple[bool, str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        kept = States(Path(folder), 3 * FILE)
        model: OrderedDict[str, bytes] = OrderedDict()
        for is_put, name, thousands in steps:
            if is_put:
                model[name] = bytes(thousands * 1000)
                assert kept.put(state_key(name), model[name])
            else:
                assert kept.get(state_key(name)) == model.get(name)
            if name in model:
                model.move_to_end(name)
            while sum(PAYLOAD_START + len(state) for state in model.values()) > 3 * FILE:
                model.popitem(last=False)
            assert {name for name in "abcde" if state_key(name) in kept} == set(model)


def test_with_no_room_allowed_nothing_is_kept_read_or_made(kept: States) -> None:
    off = States(kept.folder, 0)
    assert (off.put(A, b""), off.get(A), A in off) == (False, None, False)
    assert (off.count, off.size_bytes, off.clear()) == (0, 0, 0)
    assert not kept.folder.parent.exists()
    kept.put(A, PAYLOAD)
    assert (off.get(A), A in off) == (None, False)


def test_clearing_frees_what_an_earlier_limit_kept_and_nothing_else(kept: States) -> None:
    for key in (A, B):
        kept.put(key, PAYLOAD)
    (kept.folder / "notes.txt").touch()
    off = States(kept.folder, 0)
    assert (off.count, off.size_bytes, off.clear()) == (2, 2 * FILE, 2 * FILE)
    assert names(kept) == ["notes.txt"]


@pytest.mark.parametrize("call", ["fsync", "replace", "utime", "scandir"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS])
def test_a_full_disk_costs_no_question_and_no_earlier_state(
    kept: States, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    kept.put(A, PAYLOAD)

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, call, refuse)
    assert kept.put(B, PAYLOAD) is (call == "scandir")
    assert read(kept, A) == PAYLOAD
    monkeypatch.undo()
    assert names(kept) == sorted(f"{key}.state" for key in (A, B) if key in kept)


def test_a_disk_with_little_room_left_gets_nothing_more(
    kept: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "RESERVE_BYTES", 1_000_000)
    free = SimpleNamespace(free=1_000_000 + FILE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: free)
    assert kept.put(A, PAYLOAD)
    free.free -= 1
    assert not kept.put(B, PAYLOAD)
    assert names(kept) == [f"{A}.state"]


def test_a_folder_that_cannot_be_made_is_only_a_cache_without_states(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = States(tmp_path / "file" / "kv", 3 * FILE)
    assert (kept.put(A, PAYLOAD), kept.get(A), A in kept) == (False, None, False)
    assert (kept.count, kept.size_bytes, kept.clear()) == (0, 0, 0)


def test_states_that_cannot_be_removed_cost_no_question_and_no_more_disk(
    kept: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in (A, B, C):
        kept.put(key, PAYLOAD)
    unlink = Path.unlink
    held = [file_of(kept, A)]

    def open_elsewhere(path: Path, missing_ok: bool = False) -> None:
        if path in held:
            raise PermissionError(errno.EACCES, "in use by another process")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", open_elsewhere)
    assert kept.put(D, PAYLOAD)
    assert [key in kept for key in (A, B, C, D)] == [True, False, True, True]
    held += [file_of(kept, C), file_of(kept, D)]
    assert (kept.put(B, PAYLOAD), B in kept, kept.size_bytes) == (False, False, 3 * FILE)
    held.pop()
    assert kept.clear() == FILE


def test_a_file_that_is_in_the_list_but_gone_is_room_made(
    kept: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in (A, B, C):
        kept.put(key, PAYLOAD)
    files = states._files

    def evicted_by_another(folder: Path) -> tuple[list[states._File], list[states._File]]:
        listed = files(folder)
        file_of(kept, A).unlink(missing_ok=True)
        return listed

    monkeypatch.setattr(states, "_files", evicted_by_another)
    kept.put(D, PAYLOAD)
    assert [key in kept for key in (A, B, C, D)] == [False, True, True, True]


def run(program: str, *arguments: str) -> subprocess.Popen[str]:
    start = "import os, sys\nfrom pathlib import Path\nfrom rag import states\n"
    start += "states.RESERVE_BYTES = 0\nkept = states.States(Path(sys.argv[1]), int(sys.argv[2]))\n"
    command = [sys.executable, "-c", start + program, *arguments]
    return subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True)


def test_a_write_that_is_killed_leaves_no_state_and_is_cleaned_up(kept: States) -> None:
    program = "os.fsync = lambda _: os._exit(9)\nkept.put(states.state_key('a'), b'half')"
    with run(program, str(kept.folder), str(kept.limit_bytes)) as killed:
        assert killed.wait() == 9
    (left,) = kept.folder.iterdir()
    assert (left.suffix, A in kept, kept.get(A), kept.count) == (".part", False, None, 0)

    kept.put(B, PAYLOAD)  # another process may still be writing it
    kept.clear()
    assert names(kept) == [left.name]

    an_hour_ago = left.stat().st_mtime - 3601
    os.utime(left, (an_hour_ago, an_hour_ago))
    kept.put(B, PAYLOAD)
    assert names(kept) == [f"{B}.state"]


def test_the_page_and_a_command_share_one_folder(kept: States) -> None:
    program = """
hits = 0
for round in range(60):
    for name in "aabbccdd":
        key, state = states.state_key(name), name.encode() * 1024
        found = kept.get(key)
        assert found is None or found == state
        hits += found is not None
        if found is None:
            kept.put(key, state)
    if round % 20 == 10:
        kept.clear()
assert hits > 0
"""
    arguments = (str(kept.folder), str(kept.limit_bytes))
    with run(program, *arguments) as page, run(program, *arguments) as command:
        assert (page.communicate()[1], command.communicate()[1]) == ("", "")
    assert (page.returncode, command.returncode) == (0, 0)
    assert kept.size_bytes <= kept.limit_bytes
    assert [name for name in names(kept) if not name.endswith(".state")] == []
    assert kept.put(A, PAYLOAD)
    assert read(kept, A) == PAYLOAD


@given(TEXTS, TEXTS)
def test_no_two_passages_share_a_key(one: list[str], other: list[str]) -> None:
    assert (state_key(*one) == state_key(*other)) is (one == other)


def test_where_a_part_ends_counts() -> None:
    assert state_key("ab", "c") != state_key("a", "bc")
    assert state_key("\ud83d\ude00") != state_key("\U0001f600")  # JSON writes both alike


def test_a_key_stays_the_same_from_one_version_to_the_next() -> None:
    assert A == "3b196fd4907bedf51c3090e9835f2f7cb61e7ee1b2299ea3b8fed9b4183a822a"


@pytest.mark.parametrize("key", ["", "a", "../" * 21 + "a", A.upper(), A + "\n"])
def test_what_is_not_a_key_never_becomes_a_path(kept: States, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        kept.get(key)
    with pytest.raises(ValueError, match="not a key"):
        kept.put(key, PAYLOAD)
