"""What a run was: enough to tell whether two runs may be compared, and to continue one."""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from eval.data import fingerprint, questions_fingerprint
from eval.types import Collection
from rag.config import PROJECT, Settings, physical_cores
from rag.embed import Embedder
from rag.models import find_model

PACKAGES = (
    "recoupe llama-cpp-python sentence-transformers torch faiss-cpu langchain llama-index-core"
).split()
WRITTEN = (".py", ".md", ".toml")  # what decides what a system answers
DECIDING = ("data", "markers", "refusals", "sample", "spoken")  # modules beside the systems
PLACES = ("dossier", "models")  # settings that say where, not what


def identity(
    settings: Settings,
    collections: Sequence[Collection],
    embedder: Embedder,
    plan: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that the figures of a run depend on; `plan` is what was asked for."""
    return {
        "commit": commit(),
        "code": code_fingerprint(),
        "settings": _sha256(settings.model_dump_json(exclude=set(PLACES))),
        "corpora": {one.dataset: fingerprint(one) for one in collections},
        "questions": {one.dataset: questions_fingerprint(one) for one in collections},
        "models": {
            "embedder": {"name": settings.embedder, "fingerprint": embedder.fingerprint},
            "llm": {
                "name": settings.llm,
                "fingerprint": "+".join(file.sha256 for file in find_model(settings.llm).files),
            },
        },
        "machine": {
            "cpu": cpu_name(),
            "cores": physical_cores(),
            "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        },
        "versions": {"python": platform.python_version(), **_versions(PACKAGES)},
        **plan,
    }


def key(what: Mapping[str, Any]) -> str:
    """Eight hexadecimal digits that two runs share if all that is in `identity` is the same."""
    return _sha256(json.dumps(what, sort_keys=True))[:8]


def commit() -> str:
    """The commit checked out, with "+" where files differ from it; empty without git."""
    try:
        head = _git("rev-parse", "HEAD")[:12]
        return head + ("+" if _git("status", "--porcelain", "--", "rag", "eval") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def code_fingerprint() -> str:
    """The SHA-256 of the code and prompts that decide what is kept of an answer."""
    digest = hashlib.sha256()
    deciding = [PROJECT / "eval" / f"{name}.py" for name in DECIDING]
    for path in (*_sources(PROJECT / "rag", PROJECT / "eval" / "systems"), *deciding):
        digest.update(f"{path.relative_to(PROJECT).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cpu_name() -> str:
    """The processor as it calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def peak_memory_mb() -> float | None:
    """The most memory this process ever held, in MB; None where the system does not tell."""
    if os.name == "nt":
        return float(getattr(psutil.Process().memory_info(), "peak_wset", 0)) / 1e6
    import resource

    unit = 1 if platform.system() == "Darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _sources(*folders: Path) -> list[Path]:
    return sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in WRITTEN
    )


def _versions(packages: Iterable[str]) -> dict[str, str]:
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # an extra that is not installed
    return found


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
