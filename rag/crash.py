"""A crash inside llama.cpp, torch or faiss, told in one line that says what to do.

Such a crash runs no Python code any more: whoever crashed may hold the interpreter's lock, or
the allocator's. So only C code acts in the program, and a child made at the start speaks for it:

    the program   faulthandler writes what happened into a pipe,
                  then the C function `sleep` holds the crashed thread where it is;
    the child     reads the pipe, prints the line, sends SIGHUP;
    the program   ends by the C function `_exit`, which takes the signal's number as the
                  status: SIGHUP is 1.

`sleep` and `_exit` are installed as signal handlers themselves. POSIX allows both there
(https://pubs.opengroup.org/onlinepubs/9699919799/functions/V2_chap02.html#tag_15_04_03).
The child ends when the pipe closes, that is with the program, however that ends.
Python's own report in place of all this: PYTHONFAULTHANDLER=1.
"""

import atexit
import ctypes
import faulthandler
import json
import os
import signal
import time
from contextlib import suppress

from rag.messages import message

# Those that faulthandler reports. By name: Windows, where nothing is done, lacks some.
CRASHES = ("SIGSEGV", "SIGILL", "SIGBUS", "SIGFPE", "SIGABRT")
# What faulthandler calls them. One write each: threads that crash together mix no letters.
CALLED = (
    "Illegal instruction",
    "Segmentation fault",
    "Bus error",
    "Floating point exception",
    "Aborted",
)
# What may reach the program's whole group: the program decides whether it ends by them.
NOT_FOR_THE_CHILD = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
PATIENCE = 1.0  # seconds for SIGHUP to work; nohup makes the program ignore it
# On a terminal a progress bar may stand in the line, and have hidden the cursor.
CLEAR_LINE_SHOW_CURSOR = b"\r\x1b[K\x1b[?25h"


def explain_crashes(as_json: bool = False) -> None:
    """From here to the end of this program, a native crash prints one line and exits with 1.

    The line is English text, or with `as_json` the object {"error": text}. To be called once,
    in the main thread, before others are started. Does nothing on Windows, nor where
    faulthandler is on already, nor where no process can be made.
    """
    if os.name != "posix" or faulthandler.is_enabled():
        return
    reader, writer = os.pipe()
    program = os.getpid()
    try:
        child = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        return
    if child == 0:
        os.close(writer)
        _watch(reader, program, as_json)
    os.close(reader)
    _report_crashes(writer)
    atexit.register(_dismiss, child, writer)
    # A process forked from the program must not have the program ended for it.
    os.register_at_fork(after_in_child=lambda: _let_go(writer))


def _report_crashes(writer: int) -> None:
    """Have C code alone write each crash into `writer`, and wait for the child's SIGHUP."""
    libc = ctypes.CDLL(None)
    libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    libc.signal.restype = ctypes.c_void_p
    # Not `pause`, which would never end: this one comes back after as many seconds as the
    # signal's number, so that an abort() that nobody was told of goes on. It stays installed
    # for the other threads: often all those of the engine crash together.
    sleep = ctypes.cast(libc.sleep, ctypes.c_void_p)
    for name in CRASHES:
        libc.signal(getattr(signal, name), sleep)
    faulthandler.enable(writer, all_threads=False)  # goes on to the handler found here: `sleep`
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        libc.signal(signal.SIGHUP, ctypes.cast(libc._exit, ctypes.c_void_p))


def _dismiss(child: int, writer: int) -> None:
    """At the end of the program: leave no process behind, not even a dead one."""
    if not faulthandler.is_enabled():
        return  # let go of in a forked process, whose child it is not
    _let_go(writer)
    with suppress(ChildProcessError):  # gone already, where SIGCHLD is ignored
        os.waitpid(child, 0)


def _let_go(writer: int) -> None:
    """Crashes end this process as if nothing had been set up."""
    faulthandler.disable()
    for name in CRASHES:
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    os.close(writer)


def _watch(reader: int, program: int, as_json: bool) -> None:
    """The child: wait for the end of `program`, or for its crash. Never returns."""
    try:
        for name in NOT_FOR_THE_CHILD:
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        report = _first_line(reader)
        if report:
            try:
                os.write(2, _line(report, as_json))
            finally:
                _end(program)
    finally:
        os._exit(0)


def _first_line(reader: int) -> str:
    """What faulthandler writes first: "Fatal Python error: Segmentation fault"; "" at the end."""
    written = b""
    while b"\n" not in written and (more := os.read(reader, 1024)):
        written += more
    return written.partition(b"\n")[0].decode(errors="replace")


def _line(report: str, as_json: bool) -> bytes:
    what = next((name for name in CALLED if name in report), report)
    if what == "Illegal instruction":
        text = message("crash.processor", "en")
    else:
        text = message("crash.library", "en", what=what)
    line = json.dumps({"error": text}, ensure_ascii=False) if as_json else text
    return (CLEAR_LINE_SHOW_CURSOR if os.isatty(2) else b"") + line.encode() + b"\n"


def _end(program: int) -> None:
    """End the parent `program`: by SIGHUP, else by SIGKILL."""
    deadline = time.monotonic() + PATIENCE
    os.kill(program, signal.SIGHUP)
    while os.getppid() == program:  # a number may be given to another process, a parent's not
        if time.monotonic() > deadline:
            os.kill(program, signal.SIGKILL)
        time.sleep(0.01)
