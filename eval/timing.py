"""What every measurement of time shares: a clock, quantiles of a few values, columns of figures.

Machines are shared and noisy: what is compared is done in turn, and what is told is a median.
"""

import time
from collections.abc import Callable, Sequence

import numpy as np


def seconds(call: Callable[..., object], *arguments: object) -> float:
    """How long `call(*arguments)` takes."""
    started = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` of them lie, interpolated; None without values."""
    return float(np.quantile(values, share)) if values else None


def median(values: Sequence[float]) -> float | None:
    """None without values."""
    return quantile(values, 0.5)


def ratio(a: float | None, b: float | None) -> float | None:
    """`a` / `b`; None where one is missing or `b` is 0."""
    return a / b if a is not None and b else None


def shown(value: float | None, form: str = ".2f") -> str:
    """`value` in the format `form`, a dash where there is none."""
    return "-" if value is None else format(value, form)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of as many cells each as lines of text: the first column to the left, others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
