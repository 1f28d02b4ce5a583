"""Nothing is told that rests only on a sentence that gives an assistant an order.

Orders that an article gives are not read at all (`rag.asides`); those that it quotes are.
"""

from dataclasses import replace

from rag.evidence import evidence_of
from rag.orders import is_about_assistants, orders
from rag.quoted import links
from rag.types import Language, Reading
from rag.verify import check


def is_told_to_say(reading: Reading, question: str, language: Language) -> bool:
    """Whether `reading` says what its article tells an assistant to say, and not what it reports.

    It does if the rest of the words it quotes does not support it, or if it has an address that
    these words have not. A question about assistants or their instructions may be answered by
    them.
    """
    if any(link not in links(reading.quote) for link in links(reading.text)):
        return True
    hit, source = reading.hit, reading.hit.document.language
    rest = _without_orders(reading.quote, source)
    if rest == reading.quote or is_about_assistants(question):
        return False
    if not rest.strip():
        return True
    evidence = evidence_of(hit, rest)
    evidence = replace(evidence, around=_without_orders(evidence.around, source))
    return check(reading.text, language, evidence, question)[0] == "unsupported"


def _without_orders(text: str, language: Language) -> str:
    for start, end in reversed(orders(text, language)):
        text = text[:start] + text[end:]
    return text
