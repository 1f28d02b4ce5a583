"""What is installed is what is used, each package at the version that was tested."""

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rag.config import PROJECT

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(line) for line in PYPROJECT["dependencies"]]
EXTRAS = {
    extra: [Requirement(line) for line in lines]
    for extra, lines in PYPROJECT["optional-dependencies"].items()
}
FOR_EVALUATION = EXTRAS["eval"]
FOR_TESTS = [one for one in EXTRAS["dev"] if one.name != "recoupe"]
COMPARED_WITH = [*EXTRAS["langchain"], *EXTRAS["llamaindex"]]  # not installed by set-up
AT_A_SWITCH = EXTRAS["mcp"]
IN_A_BROWSER = {"playwright"}  # asked for by the tests; the page's speed is measured with it too
TOOLS = {"mypy", "ruff", "pytest-socket", "types-psutil", "types-pyyaml"}  # run, never imported
IMPORTED_FOR_US = {"lxml-html-clean", "pytrec-eval-terrier"}


def pins() -> dict[str, str]:
    text = (PROJECT / "constraints.txt").read_text(encoding="utf-8")
    lines = re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in lines}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def imported(*places: str) -> set[str]:
    """The distributions that the files under these places import."""
    of_module = packages_distributions()
    files = [path for place in places for path in PROJECT.glob(place)]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    tops = {module.split(".")[0] for module in modules}
    known = {name for top in tops - set(sys.stdlib_module_names) for name in of_module.get(top, [])}
    return {canonicalize_name(name) for name in known} - {"recoupe"}


def test_everything_imported_is_asked_for_and_the_reverse() -> None:
    used = imported("rag/**/*.py", "app.py", "eval/**/*.py") - names(COMPARED_WITH)
    asked_for = names([*NEEDED, *FOR_EVALUATION, *AT_A_SWITCH]) | IN_A_BROWSER
    assert asked_for - IMPORTED_FOR_US == used
    assert names(NEEDED) >= imported("rag/**/*.py", "app.py") - names(AT_A_SWITCH)
    in_tests = imported("tests/**/*.py") - used
    assert names(FOR_TESTS) - TOOLS - IN_A_BROWSER == in_tests


def closure(requirements: list[Requirement]) -> set[str]:
    """The names of these and of all that they need, as installed here."""
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = list(requirements)
    while todo:
        wanted = todo.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        try:
            needed = map(Requirement, distribution(wanted.name).requires or [])
        except PackageNotFoundError:
            continue  # of another system, or of an extra that this pip did not follow
        seen.add(key)
        extras = wanted.extras or {""}
        todo += [
            one
            for one in needed
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return {name for name, _ in seen}


def test_every_package_is_pinned() -> None:
    assert sorted(closure([*NEEDED, *FOR_EVALUATION, *AT_A_SWITCH, *FOR_TESTS]) - set(pins())) == []


@pytest.mark.parametrize(
    "requirement",
    [*NEEDED, *FOR_EVALUATION, *AT_A_SWITCH, *FOR_TESTS, *COMPARED_WITH],
    ids=lambda one: one.name,
)
def test_a_pin_is_within_what_the_code_was_written_for(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def test_the_build_is_pinned_too() -> None:
    build = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    (backend,) = map(Requirement, build["requires"])
    assert str(backend.specifier) == f"=={pins()[backend.name]}"
