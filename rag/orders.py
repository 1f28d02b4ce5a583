"""Sentences of an article that give an assistant orders: nothing is told that rests on them alone.

What is meant for people stays: the patterns ask for an order, at a place where a sentence can
give one, and for somebody who answers questions to give it to. They miss orders rather than take
news for one: eval/README.md says how often.
"""

import re
from dataclasses import replace

from rag.chunk import sentences
from rag.evidence import evidence_of
from rag.language import fold
from rag.quoted import links
from rag.types import Language, Reading
from rag.verify import check

_ASSISTANT = (
    r"(?:ai|ia|llms?|chatgpt|gpt|(?:ai |ia )?(?:assistants?|chatbots?|bots?)(?: ai| ia)?"
    r"|ai (?:systems?|models?)|language models?|systemes? d'ia|modeles? de langage"
    r"|intelligences? artificielles?)"
)
_RULES = (
    r"(?:instructions?|prompts?|guidelines|directives?|consignes?|rules|regles|commands|safeguards)"
)
# Where an order can begin: nobody stands before its verb who would be doing it.
_HERE = (
    r"(?:^\W*|[:;!?.,…\"«“(>}\]]\s*|\b(?:please|now|and|then|simply|just|donc|et|puis|alors)\s+)"
)
_ORDERS = re.compile(
    "|".join(
        (
            rf"{_HERE}(?:ignore|disregard|forget|overlook|bypass|override)s?\b[^.!?]{{0,40}}?"
            rf"\b(?:{_RULES}|(?:the )?(?:above|foregoing)|you(?:'ve| have| were| are)?"
            r" (?:been )?(?:told|instructed|given))\b",
            r"(?<!vous )(?<!nous )(?<!tu )"
            rf"{_HERE}(?:(?:ignore|oublie)[zs]?|(?:ne )?(?:tiens|tenez) pas compte|fai(?:s|tes) "
            rf"abstraction)\b[^.!?]{{0,40}}?\b(?:{_RULES}|ce qui precede|tout ce qu['e])",
            rf"\b(?:notes?|messages?|attention|instructions?|consignes?|dear|hey|hello)\b[ ,:]*"
            rf"(?:(?:to|for|a|aux?|des?|du|pour|all|les|l'|any|the|attention|intention) ?)*"
            rf"\b{_ASSISTANT}\b\W*:",
            rf"(?:^|[\n.!?])\W*{_ASSISTANT}\s*:",
            rf"\b(?:as an? |en tant qu(?:e |')(?:une? )?)(?!assistants?\b(?! (?:ai|ia)\b))"
            rf"{_ASSISTANT}\b",
            r"^\W*(?:in|dans) (?:your|ta|votre) (?:answer|reply|response|output|reponse)\b",
            r"\b(?:you are|tu es|vous etes) (?:now|desormais|maintenant|from now on)\b"
            rf"[^.!?]{{0,40}}\b(?:{_ASSISTANT}|mode|dan)\b",
            r"\bwhen (?:you(?:'re| are) )?asked [^.!?]{1,80}, (?:always )?"
            r"(?:say|answer|reply|respond|state|tell)\b",
            r"\b(?:quand|lorsque|si) on (?:te|vous) (?:demande|interroge)[^.!?]{1,80}"
            r"\b(?:dis|dites|reponds|repondez|affirmez|affirme)\b",
            r"^\W*(?:(?:please|can you|could you)\s+)?[a-z]+\b[^.!?]{0,60}"
            r"\b(?:in|to|into|with|of|for|from) your (?:answer|repl(?:y|ies)|responses?|output)\b",
            r"^\W*(?:(?:please|can you|could you)\s+)?(?:provide|give|use|encode|encrypt|reverse|"
            r"express|render|modify|write|enhance|replace|scramble|translate|spell|format|end|begin|start)\b"
            r"[^.!?]{0,40}\byour (?:answer|reply|response|output|message)\b",
            r"^\W*(?:please )?(?:respond|reply|answer)\b (?:only|exclusively|always|in|with|by)\b",
            r"^\W*(?:reponds|repondez) "
            r"(?:uniquement|seulement|exclusivement|toujours|en|par|que)\b",
            r"\bdans (?:ta|votre) reponse\b",
            rf"{_HERE}(?:reveal|print|repeat|show|output|affiche[zs]?|revele[zs]?|repete[zs]?)\b"
            r"[^.!?]{0,30}\b"
            r"(?:system prompt|your instructions|(?:tes|vos) (?:consignes|instructions))",
        )
    )
)
_ABOUT_THEM = re.compile(rf"\b(?:{_ASSISTANT}|{_RULES})\b")


def orders(text: str, language: Language) -> list[tuple[int, int]]:
    """`(start, end)` of each sentence of `text` that gives an assistant an order."""
    return [
        (start, end)
        for start, end in sentences(text, language)
        if _ORDERS.search(fold(text[start:end]))
    ]


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
    if rest == reading.quote or _ABOUT_THEM.search(fold(question)):
        return False
    if not rest.strip():
        return True
    around = replace(hit.passage, text=_without_orders(hit.passage.text, source))
    evidence = evidence_of(replace(hit, passage=around), rest)
    return check(reading.text, language, evidence, question)[0] == "unsupported"


def _without_orders(text: str, language: Language) -> str:
    for start, end in reversed(orders(text, language)):
        text = text[:start] + text[end:]
    return text
