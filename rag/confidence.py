"""How likely it is that a passage answers: signs of it, weighed by a fitted model.

Three logistic regressions, fitted by `python -m eval.fit` on public questions and kept with their
origin in `confidence.json`: one knows how a passage was found, and decides whether it is worth the
seconds that reading it takes; one knows what the reader makes of it, and decides whether it is
worth an answer; the last also knows the answer, and decides whether it is told.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from rag.asides import own_words
from rag.asked import asks_for_figure, asks_for_person, asks_yes_or_no
from rag.denial import denies
from rag.evidence import evidence_of
from rag.language import stems, words
from rag.names import missing_names, names
from rag.types import Hit, Language, Reading
from rag.values import figures, missing_figures
from rag.verify import content_stems

ASKING_STEMS = frozenset(  # words of more than three letters that only ask
    "quel quell quels quelle quoi quand combien pourquoi comment lequel laquel what when which "
    "whom whos where mani much does year anne".split()
)
ACROSS = {  # shares of words across languages, where they tell nothing: what a passage that
    # answers has on average within one language, in the readings of the fit
    "words": 0.72,
    "topic_words": 0.67,
    "asked_in_quote": 0.67,
    "said_in_quote": 0.87,
}
LEAST = 1e-4  # probabilities are kept this far from 0 and 1
Signs = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Confidence:
    """The fitted models: `{sign: weight}`, with an "intercept", and what follows from them.

    `worth_asking`: the probability from which a passage is asked for its answer. `thresholds`:
    that from which an answer is told, in the language of the question. `worth_reading`: that from
    which a passage is read at all beside one that answers.
    """

    before: Mapping[str, float]
    after: Mapping[str, float]
    worth_asking: float
    thresholds: Mapping[str, float]
    found: Mapping[str, float] = field(default_factory=lambda: {"intercept": 0.0})
    worth_reading: float = 0.0

    def promised(self, signs: Signs) -> float:
        """P(the passage answers), nothing known but how it was found."""
        return _logistic(self.found, signs)

    def expected(self, signs: Signs) -> float:
        """P(the passage answers), its answer not known yet."""
        return _logistic(self.before, signs)

    def final(self, signs: Signs) -> float:
        """P(the passage answers, and with these words)."""
        return _logistic(self.after, signs)


@cache
def fitted(probed: bool = False) -> Confidence:
    """The models as they were fitted last; `probed`: for a reader that has a `rag.probe`."""
    data = json.loads(files("rag").joinpath("confidence.json").read_text(encoding="utf-8"))
    own = data["probed" if probed else "plain"]
    return Confidence(**own)


def signs_before(
    hit: Hit, hits: Sequence[Hit], question: str, language: Language, reader: Signs
) -> dict[str, float]:
    """What can be known of a passage before it answers; `reader` is what its reader tells.

    That is `heard` of its yes, `{"inner": log-odds}` as `rag.probe` reads them, or nothing. Shares
    of words mean something within one language only: across, they are ACROSS.
    """
    across = language != hit.document.language
    scores = [other.score for other in hits]
    asked = _asked(question, language)
    topic = asked - _stems_of_names(question, language)
    said = own_words(hit.document, hit.passage)
    there = set(stems(f"{hit.document.title} {said}", language))
    own = figures(question, language)
    unknown = missing_names(question, language, evidence_of(hit, said))
    wrong = missing_figures(own, figures(said, hit.document.language))
    return {
        **reader,
        "behind_best": (hit.score - max(scores)) * 100,
        "first": float(hit.rank == 1),
        "words": ACROSS["words"] if across else _share(asked & there, asked),
        "topic_words": ACROSS["topic_words"] if across else _share(topic & there, topic),
        "no_topic_word": float(not across and bool(topic) and not topic & there),
        "missing_figures": len(wrong) / max(1, len(own)),
        "missing_names": float(bool(unknown)),
        "across": float(across),
    }


def heard(says_yes: float) -> dict[str, float]:
    """The sign that a reader gives that says yes with this probability."""
    return {"says_yes": _logit(says_yes)}


def signs_after(
    reading: Reading,
    question: str,
    language: Language,
    logprob: float,
    says_exactly: float | None = None,
) -> dict[str, float]:
    """The signs of `reading` and what its answer tells.

    `logprob` is the mean over the answer's tokens; `says_exactly` the reader's probability that
    the passage says exactly what is asked, where it was asked that.
    """
    document = reading.hit.document
    across = language != document.language
    asked = _asked(question, language)
    quoted = set(stems(reading.quote, document.language))
    said = content_stems(reading.text, language)
    exactly = {} if says_exactly is None else {"says_exactly": _logit(says_exactly)}
    return {
        **reading.signs,
        **exactly,
        "logprob": logprob,
        "asked_in_quote": ACROSS["asked_in_quote"] if across else _share(asked & quoted, asked),
        "said_in_quote": ACROSS["said_in_quote"] if across else _share(said & quoted, said),
        "asked_in_answer": _share(asked & said, asked),
        "news": min(1.0, len(said - asked) / 5),
        "quote_share": (reading.end - reading.start) / max(1, len(reading.hit.passage.text)),
        "denies": float(denies(reading.text, language)),
        "denies_alone": float(
            denies(question, language) != denies(reading.quote, document.language)
        ),
        "other_kind": float(_is_of_another_kind(reading, question, language)),
    }


def _asked(question: str, language: Language) -> set[str]:
    return content_stems(question, language) - ASKING_STEMS


def _stems_of_names(question: str, language: Language) -> set[str]:
    return {stem for name in names(question) for stem in stems(name, language)}


def _is_of_another_kind(reading: Reading, question: str, language: Language) -> bool:
    """Whether a figure, a name, or something else than yes or no was asked for and is not there."""
    if asks_for_figure(question):
        return not figures(reading.text, language)
    if asks_for_person(question):
        return not set(names(reading.text)) - set(names(question))
    said = next(iter(words(reading.text)), "")
    return said in ("yes", "no", "oui", "non") and not asks_yes_or_no(question)


def _share(part: set[str], whole: set[str]) -> float:
    return len(part) / len(whole) if whole else 1.0


def _logit(probability: float) -> float:
    probability = min(max(probability, LEAST), 1 - LEAST)
    return math.log(probability / (1 - probability))


def _logistic(weights: Mapping[str, float], signs: Signs) -> float:
    total = weights["intercept"] + sum(
        weight * signs[name] for name, weight in weights.items() if name != "intercept"
    )
    return 1 / (1 + math.exp(-min(max(total, -30.0), 30.0)))
