"""A native crash is told in one line, and nothing else about how the program ends changes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from rag.config import PROJECT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="on Windows nothing is done")

# `recoupe` with one command replaced, after which the program is over.
PROGRAM = """
import atexit, ctypes, os, signal, sys, threading, time
import rag.cli, rag.doctor

libc = ctypes.CDLL(None)
locked = ctypes.PyDLL(None)  # its functions are called with the interpreter's lock held

def work(settings):
    {work}
    return iter(())

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever the tests were started with
signal.signal(signal.SIGINT, signal.default_int_handler)
{before}
rag.doctor.diagnose = work
rag.cli.main()
"""
SEGV, ABRT, FPE = "Segmentation fault", "Aborted", "Floating point exception"
SECONDS = 120  # far more than any of them takes; only a program that hangs reaches it

CRASHES = {
    "in a library": ("ctypes.string_at(0)", SEGV),
    "with the lock released": ("libc.strlen(None)", SEGV),
    "with the lock held": ("locked.strlen(None)", SEGV),
    "in another thread": (
        "thread = threading.Thread(target=libc.strlen, args=(None,)); thread.start()"
        "; thread.join()",
        SEGV,
    ),
    "in another thread, with the lock held": (
        "thread = threading.Thread(target=locked.strlen, args=(None,)); thread.start()"
        "; thread.join()",
        SEGV,
    ),
    "in a thread that Python does not know": (
        "libc.pthread_create(ctypes.byref(ctypes.c_void_p()), None, libc.strlen, None)"
        "; time.sleep(600)",
        SEGV,
    ),
    "in eight threads at once": (
        "[libc.pthread_create(ctypes.byref(ctypes.c_void_p()), None, libc.strlen, None)"
        " for _ in range(8)]; time.sleep(600)",
        SEGV,
    ),
    "by an assertion": ("libc.abort()", ABRT),
    "by an assertion, with the lock held": ("locked.abort()", ABRT),
    "by a division": ("os.kill(os.getpid(), signal.SIGFPE)", FPE),
    "by lost storage": ("os.kill(os.getpid(), signal.SIGBUS)", "Bus error"),
}
ILLEGAL = "os.kill(os.getpid(), signal.SIGILL)"
OTHER_PROCESSOR = (
    "A library was compiled for another processor than this one (Illegal instruction). The "
    "dossier is intact: compile it again here with 'make clean', then 'make run'."
)


def crashed(what: str) -> str:
    return (
        f"A library crashed ({what}), and Recoupe with it. "
        "The dossier is intact: try again; if that comes back, run 'recoupe doctor'."
    )


@contextmanager
def started(work: str, *options: str, before: str = "") -> Iterator[subprocess.Popen[str]]:
    """`recoupe doctor` whose work is `work`, in a process group of its own."""
    program = PROGRAM.format(work=work, before=before)
    environment = {key: value for key, value in os.environ.items() if "FAULT" not in key}
    process = subprocess.Popen(
        [sys.executable, "-c", program, "doctor", *options],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)  # ends once none of its processes is left


def ended(work: str, *options: str, before: str = "") -> tuple[int, str]:
    """The exit status of `work`, and what it wrote on the standard error."""
    with started(work, *options, before=before) as process:
        error = process.communicate(timeout=SECONDS)[1]
        return process.returncode, error


WAIT = "print('ready', flush=True); time.sleep(600)"


def children_once_ready(process: subprocess.Popen[str]) -> list[psutil.Process]:
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_says_what_to_do_and_exits_1(crash: str) -> None:
    work, what = CRASHES[crash]
    assert ended(work) == (1, crashed(what) + "\n")


def test_an_engine_made_for_another_processor_is_to_be_compiled_again() -> None:
    assert ended(ILLEGAL) == (1, OTHER_PROCESSOR + "\n")


def test_a_crash_is_an_object_where_json_is_wanted() -> None:
    status, error = ended(ILLEGAL, "--json")
    assert (status, error.count("\n")) == (1, 1)
    assert json.loads(error) == {"error": OTHER_PROCESSOR}


def test_a_crash_under_nohup_is_told_too() -> None:
    before = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    assert ended("ctypes.string_at(0)", before=before) == (-signal.SIGKILL, crashed(SEGV) + "\n")


def test_a_crash_that_nobody_can_tell_does_not_hang() -> None:
    work = "os.kill(child.pid, signal.SIGKILL); child.wait(); libc.abort()"
    find = "import psutil; child = psutil.Process().children()[0]; "
    assert ended(find + work) == (-signal.SIGABRT, "")


def test_a_crash_while_the_program_is_leaving_does_not_hang() -> None:
    # Registered before, so that it runs after all that the command line registers.
    before = "atexit.register(ctypes.string_at, 0)"
    assert ended("pass", before=before) == (-signal.SIGSEGV, "")


def test_a_crash_of_a_forked_process_does_not_end_the_program() -> None:
    fork = "child = os.fork() or ctypes.string_at(0)"
    work = f"{fork}; os._exit(os.waitpid(child, 0)[1] & 127)"
    assert ended(work) == (signal.SIGSEGV, "")


def test_the_report_of_python_can_still_be_had() -> None:
    before = "import faulthandler; faulthandler.enable()"
    status, error = ended("ctypes.string_at(0)", before=before)
    assert status == -signal.SIGSEGV
    assert error.startswith("Fatal Python error: Segmentation fault\n")
    assert "A library crashed" not in error


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["the program", "its group"])
def test_ctrl_c_still_exits_130_without_a_word(send) -> None:
    with started(WAIT) as process:
        children_once_ready(process)
        send(process.pid, signal.SIGINT)
        assert process.communicate(timeout=SECONDS) == ("", "")
        assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_ends_the_program_leaves_no_process_behind(number: int) -> None:
    with started(WAIT) as process:
        (child,) = children_once_ready(process)
        process.send_signal(number)
        assert process.communicate(timeout=SECONDS) == ("", "")
        assert process.returncode == -number
        assert is_gone(child)


def test_a_program_that_ends_by_itself_leaves_no_process_behind() -> None:
    find = "import psutil; print(psutil.Process().children()[0].pid, flush=True)"
    with started(f"{find}; sys.exit(3)") as process:
        child = int(process.communicate(timeout=SECONDS)[0])
        assert process.returncode == 3
        assert not psutil.pid_exists(child)


def is_gone(process: psutil.Process) -> bool:
    """Whether it ends; where process 1 collects no dead, it stays as a zombie."""
    deadline = time.monotonic() + SECONDS
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
