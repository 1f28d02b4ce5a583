"""By how much: figures that say what something grew, fell or differs by, not what it is.

"De combien les ventes ont-elles augmenté ?" is not answered by what share of a firm was sold,
though both are percentages of one story.
"""

import re

from rag.language import fold

_ASKS = re.compile(
    r"\bde combien (?!de |d')|\bby (?:how much|what (?:percentage|share|amount|margin))\b"
    r"|\bhow (?:much|many) (?:\w+er|more|less|fewer)\b"
)
_TELLS = re.compile(
    r"\bde (?:plus|moins)\b|\b(?:plus|moins) (?!de\b|d')\w+ qu|\b(?:hausse|baisse|ecart)s?\b"
    r"|\b(?:accr|augment|diminu|croi|progress|grimp|bondi|bais|recul|chut|doubl|tripl|redui|rallong"
    r"|raccourc|ralenti|accele|depass|surpass|gagn|perd|perte|retrec|elargi|releve|encheri)\w*"
    r"|\b(?:more|less|fewer|further|\w{2,}er) than\b|\b\w+(?:st|fast|slow|high|low|long|short)er\b"
    r"|\b(?:grow|grew|ris|rose|rais|increas|climb|fall|fell|drop|declin|jump|gain|los[est]|decreas"
    r"|cut|doubl|tripl|exceed|outpac|outstrip|surg|soar|shr[aiu]nk|widen|narrow|slow|lengthen"
    r"|shorten|reduc|plung|slump)\w*\b|\b(?:up|down) (?:by )?[\d$€£]"
)


def asks_for_change(question: str) -> bool:
    """Whether the answer is what something changed or differs by."""
    return _ASKS.search(fold(question)) is not None


def tells_of_change(text: str) -> bool:
    """Whether `text`, in either language, compares one thing with another, or with what it was."""
    return _TELLS.search(fold(text)) is not None
