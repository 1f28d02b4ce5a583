"""What the model knows: read off its layers, of the right model only, and of the right token."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from rag.config import Settings
from rag.engine import Prompt, Turn
from rag.llm import LlamaEngine
from rag.models import fingerprint, model_path
from rag.probe import Probe, probe_of

WIDTH = 1536  # of the default model, that has 28 layers
TEXT = "The bridge of Rivenac cost 14.3 million euros. It opened on Tuesday."


def asking(question: str, text: str = TEXT) -> Prompt:
    return Prompt((Turn("system", "Reply Yes or No."),), text, f"\n\n{question}")


def test_log_odds_are_those_of_the_line() -> None:
    probe = Probe("m", 3, np.array([2.0, -1.0], dtype=np.float32), 0.5)
    assert probe.log_odds(np.array([1.0, 4.0], dtype=np.float32)) == -1.5


def test_a_model_that_no_line_was_drawn_for_has_no_probe() -> None:
    assert probe_of("another model") is None
    probe = probe_of(fingerprint(Settings().llm))
    assert probe is not None
    assert probe.weights.shape == (WIDTH,)


@pytest.fixture(scope="module")
def watched(request: pytest.FixtureRequest) -> Iterator[LlamaEngine]:
    settings = Settings()
    probe = Probe("", 12, np.ones(WIDTH, dtype=np.float32), 0.0)
    path = model_path(settings.llm, settings.models)
    with closing(LlamaEngine(path, 1024, probe=probe)) as engine:
        yield engine


@pytest.mark.model
def test_the_state_is_that_of_the_question_whatever_is_beside_it(watched: LlamaEngine) -> None:
    cost, rain = asking("How much did it cost?"), asking("Who?", "It rained on Harlow all day.")
    together = watched.states([cost, rain])
    watched.drop()
    alone = [watched.states([one])[0] for one in (cost, rain)]
    assert together[0].shape == (WIDTH,)
    for one, other in zip(together, alone, strict=True):
        assert np.corrcoef(one, other)[0, 1] > 0.999
    assert np.corrcoef(*alone)[0, 1] < 0.99


@pytest.mark.model
def test_looking_changes_nothing_of_what_is_said(watched: LlamaEngine) -> None:
    prompts = [asking("How much did it cost?"), asking("On which day did it open?")]
    settings = Settings()
    with closing(LlamaEngine(model_path(settings.llm, settings.models), 1024)) as plain:
        for ours, theirs in zip(watched.logits(prompts), plain.logits(prompts), strict=True):
            assert np.array_equal(ours, theirs)
        with pytest.raises(ValueError, match="no probe"):
            plain.probe(prompts)
    expected = [float(state.sum()) for state in watched.states(prompts)]
    assert watched.probe(prompts) == pytest.approx(expected, rel=1e-3)


@pytest.mark.model
def test_a_layer_that_is_not_there_is_a_mistake_told_at_once() -> None:
    settings = Settings()
    path = model_path(settings.llm, settings.models)
    with pytest.raises(ValueError, match="no layer 27"):
        LlamaEngine(path, 256, probe=Probe("", 27, np.ones(WIDTH, dtype=np.float32), 0.0))
