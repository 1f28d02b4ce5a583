"""Packages that only the evaluation needs, or only a comparison."""

from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import SettingsError


@contextmanager
def needs_extra(name: str) -> Iterator[None]:
    """Raises SettingsError, naming the extra to install, where an import inside fails."""
    try:
        yield
    except ImportError as error:
        raise SettingsError("eval.extra", name=name) from error


def check_installed() -> None:
    """Raises SettingsError where what every run needs at its end is missing."""
    with needs_extra("eval"):
        import ir_measures  # noqa: F401
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
