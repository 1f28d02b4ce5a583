"""A question that leans on the one before it, put so that it can be understood alone.

"And who founded it?" finds nothing by itself. The model proposes a wording; it is taken only
where it keeps what was asked and names nothing that the conversation has not named. Else the
names of the conversation are put before the question as it stands.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.asked import refers_back
from rag.engine import Engine, Prompt, Turn
from rag.language import fold, words
from rag.names import full_names, names
from rag.read import prompt_text
from rag.types import Language
from rag.values import figures, missing_figures
from rag.verify import content_stems

TOKENS = 64  # of a question put anew, at most
ANSWER_CHARACTERS = 400  # of the answer before, shown to the model
KEPT_SHARE = 0.5  # of the content words of a question, that its new wording must keep
PREFIX = 4  # letters by which stems are compared: « fondée », « fondé »
SPARSE = 1  # content words up to which a question that names nothing cannot stand alone
_MARKERS = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_GOES_ON = {"fr": ("et", "mais", "alors", "donc"), "en": ("and", "but", "so", "then")}


@dataclass(frozen=True, slots=True)
class Previous:
    """What was asked before, as it was understood, and the answer that was given."""

    question: str
    answer: str = ""


def leans(question: str, language: Language) -> bool:
    """Whether `question` cannot be understood without the one before it."""
    said = words(fold(question))
    if not said:
        return False
    if said[0] in _GOES_ON[language]:
        return True
    if names(question):
        return False
    return refers_back(question, language) or len(content_stems(question, language)) <= SPARSE


def with_topic(question: str, previous: Sequence[Previous], language: Language) -> str:
    """`question` behind the names that it may be about: known at once, enough to search with."""
    last = previous[-1]
    known = full_names(last.question) or full_names(last.answer)
    topic = ", ".join(known) if known else last.question.rstrip(" ?")
    return f"{topic}{' : ' if language == 'fr' else ': '}{question}"


def standalone(
    question: str, previous: Sequence[Previous], language: Language, engine: Engine
) -> str:
    """`question` as it is understood after `previous`, of which the last counts.

    Raises EngineError.
    """
    last = previous[-1]
    told = "".join(
        piece.text for piece in engine.generate([_prompt(question, last, language)], TOKENS)
    )
    told = told.strip().strip('«»"“” ')
    if _keeps(told, question, last, language):
        return told
    return with_topic(question, previous, language)


def _prompt(question: str, last: Previous, language: Language) -> Prompt:
    answer = _MARKERS.sub("", " ".join(last.answer.split()))[:ANSWER_CHARACTERS]
    asked = prompt_text(f"{language}/following")
    for blank, text in (("before", last.question), ("answer", answer), ("question", question)):
        asked = asked.replace(f"{{{blank}}}", text)
    return Prompt((Turn("system", prompt_text("following")),), "", asked)


def _keeps(told: str, question: str, last: Previous, language: Language) -> bool:
    """Whether `told` is a question that adds nothing but what was said before."""
    before = f"{last.question} {last.answer} {question}"
    wanted = content_stems(question, language)
    kept = {stem[:PREFIX] for stem in content_stems(told, language)}
    return (
        told.endswith("?")
        and not leans(told, language)
        and set(words(" ".join(names(told)))) <= set(words(before))
        and not missing_figures(figures(told, language), figures(before, language))
        and sum(stem[:PREFIX] in kept for stem in wanted) >= KEPT_SHARE * len(wanted)
    )
