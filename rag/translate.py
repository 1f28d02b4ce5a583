"""Words of an article in the reader's language: a machine translation, checked.

The original stays what is cited. A translation is shown beside it, marked as one, with every
figure and name that the original does not bear out.
"""

from dataclasses import dataclass

from rag.engine import Engine, Prompt, Turn
from rag.evidence import Evidence
from rag.names import missing_names
from rag.quoted import quoted
from rag.read import prompt_text
from rag.types import Language
from rag.values import figures, in_own_words, missing_figures

TOKENS = 256  # of a translation, at most
WHOLE = '.!?…»”"'  # how a translation ends that was not cut


@dataclass(frozen=True, slots=True)
class Translation:
    """`problems` are what the original does not bear out, as `kind: words`."""

    text: str
    problems: tuple[str, ...]


def translate(text: str, source: Language, target: Language, engine: Engine) -> Translation:
    """`text`, which is in `source`, in `target`. Raises EngineError."""
    told = "".join(piece.text for piece in engine.generate([_prompt(text, target)], TOKENS)).strip()
    told = in_own_words(told, target, figures(text, source))
    return Translation(told, _problems(told, text, source, target))


def _problems(told: str, original: str, source: Language, target: Language) -> tuple[str, ...]:
    evidence = Evidence(original, original, original, source)
    ours, theirs = figures(told, target), figures(original, source)
    added = [told[f.start : f.end] for f in missing_figures(ours, theirs)]
    lost = [original[f.start : f.end] for f in missing_figures(theirs, ours)]
    unknown = missing_names(told, target, evidence)
    return tuple(
        [f"figure: {words}" for words in (*added, *lost)]
        + [f"name: {words}" for words in unknown]
        + ([] if told.endswith(tuple(WHOLE)) else ["length: the end was not translated"])
    )


def _prompt(text: str, target: Language) -> Prompt:
    asked = prompt_text(f"{target}/translate").replace("{text}", quoted(text).replace("\n", " "))
    return Prompt((Turn("system", prompt_text("translating")),), "", asked)
