"""What is wrong with a sentence of an answer: what `rag.verify` found, told to readers."""

from rag.messages import colon, message
from rag.types import Language, Sentence

STATUSES = {"partly": "page.partly", "unsupported": "page.unsupported"}
PROBLEMS = {
    "figure": "page.problem_figure",
    "date": "page.problem_date",
    "name": "page.problem_name",
    "words": "page.problem_words",
    "length": "page.problem_length",
    "quotation": "page.problem_quotation",
    "translation": "page.problem_translation",
}


def doubt(sentence: Sentence, language: Language) -> str:
    """What is wrong with a sentence that is not `supported`, as plain text."""
    label = message(STATUSES[sentence.status], language)
    why = " ; ".join(problem(one, language) for one in sentence.problems)
    return f"{label}{colon(language)} {why}" if why else label


def problem(found: str, language: Language) -> str:
    """What a check found, `kind: words`, in words; as it is where the kind is unknown."""
    kind, _, words = found.partition(": ")
    return message(PROBLEMS[kind], language, words=words) if kind in PROBLEMS else found
