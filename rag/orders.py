"""Sentences of an article that give an assistant orders.

What is meant for people stays: the patterns ask for an order, at a place where a sentence can
give one, and for somebody who answers questions to give it to. They miss orders rather than take
news for one: eval/README.md says how often.
"""

import re

from rag.language import fold
from rag.sentences import sentences
from rag.types import Language

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
            rf"(?:^|[\n.!?])\W{{0,8}}{_ASSISTANT}\s*:",
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
    return [(a, b) for a, b in sentences(text, language) if is_order(text[a:b])]


def is_order(sentence: str) -> bool:
    """Whether it gives an assistant an order."""
    return bool(_ORDERS.search(fold(sentence)))


def is_about_assistants(question: str) -> bool:
    """Whether a question is about assistants or their instructions."""
    return bool(_ABOUT_THEM.search(fold(question)))
