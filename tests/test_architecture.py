"""Two rules that keep the code easy to follow: which way imports point, and who loads what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import PROJECT

# A module may import only those before it.
ORDER = """
    types messages errors crash config language values dates denial sentences marks orders asides
    evidence names meaning opposites topics ingest chunk models encoder embed database store
    bm25 index copies retrieve dossier shelf claims engine sequences states probe llama llm
    completions calls server speech asked events verify verbatim asked_dates changes places contrary
    locate confidence quoted obeyed read warm crosscheck rivals closest compose conflicts translate
    overview differences finding followup suggested recheck objects doubts archive export assistant
    doctor page terminal cli app
""".split()
HEAVY = {
    "torch": "rag/encoder.py",
    "sentence_transformers": "rag/encoder.py",
    "faiss": "rag/index.py",
    "llama_cpp": "rag/llama.py",
    "gradio": "rag/page/",
}
# All but the package's front door, which names what lies behind it.
FILES = sorted(set((PROJECT / "rag").rglob("*.py")) - {PROJECT / "rag" / "__init__.py"})
FILES.append(PROJECT / "app.py")
each_file = pytest.mark.parametrize(
    "path", FILES, ids=lambda path: path.relative_to(PROJECT).as_posix()
)


def imported(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(module: str) -> int | None:
    """Where a module of ours stands in the order; None for what is not ours."""
    parts = module.split(".")
    if parts[0] == "app":
        return ORDER.index("app")
    return ORDER.index(parts[1]) if parts[0] == "rag" and len(parts) > 1 else None


@each_file
def test_imports_point_one_way(path: Path) -> None:
    module = path.relative_to(PROJECT).with_suffix("").as_posix().replace("/", ".")
    own = place(module)
    for name in imported(path):
        if (module, name.split(".")[0]) == ("rag.cli", "app"):
            continue  # `recoupe serve` opens the page
        other = place(name)
        assert other is None or other < own or name.startswith(".".join(module.split(".")[:2])), (
            f"{module} imports {name}"
        )


@each_file
def test_each_heavy_library_has_one_home(path: Path) -> None:
    for name in imported(path):
        home = HEAVY.get(name.split(".")[0], "")
        assert path.relative_to(PROJECT).as_posix().startswith((home, "app.py")), name


@pytest.mark.parametrize("module", ["rag", "rag.cli"])
def test_importing_it_is_quick_because_no_heavy_library_is_loaded(module: str) -> None:
    program = f"import sys, {module}; print(*sorted(set(sys.modules) & set({list(HEAVY)})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("", "")
