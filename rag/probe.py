"""What a language model knows before it says it: whether a passage answers a question.

Asked for yes or no, a small model says yes too often; a layer in its middle tells the two apart
better than its own word does. One logistic regression over that layer's output (a linear probe:
Alain & Bengio 2016, "Understanding intermediate layers using linear classifier probes"), fitted
by `python -m eval.probing` on public questions and kept with its origin in `probe.json`.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np


@dataclass(frozen=True, slots=True)
class Probe:
    """A direction in the output of `layer` (from 0) of the model whose fingerprint is `model`."""

    model: str
    layer: int
    weights: np.ndarray  # (width,) float32
    intercept: float

    def log_odds(self, state: np.ndarray) -> float:
        """Of yes against no, for the state (width,) at the last token of the question."""
        return float(self.weights @ state) + self.intercept


def probe_of(model: str) -> Probe | None:
    """The probe of the model with this fingerprint, None where it has none."""
    probe = _fitted()
    return probe if probe.model == model else None


@cache
def _fitted() -> Probe:
    data = json.loads(files("rag").joinpath("probe.json").read_text(encoding="utf-8"))
    weights = np.array(data["weights"], dtype=np.float32)
    return Probe(data["model"], data["layer"], weights, data["intercept"])
