"""Does a free answer say that it cannot answer? Rules for French and English.

Systems other than Recoupe do not mark their refusals: they write "I don't know" or "le texte ne
précise pas la date". What decides is the first sentence that says something. An answer that
gives a fact and then hedges is an answer; so is "the exact figure is not given, but about 300".
"""

import re

from rag.language import fold
from rag.sentences import sentences
from rag.types import Language

# All patterns read folded text: lower case, no accents, plain apostrophes.

_SOURCE = (
    r"\b(?:context|text|passage|article|document|source|excerpt|extract|dossier|information"
    r"|texte|contexte|extrait)s?\b"
)
# Words between "the articles" and what they do not say; after "says" it is about someone else.
_GAP = (
    r"(?:(?!\b(?:says?|said|states?|reports?|explains?|that|which|who|dit|indique|explique"
    r"|rapporte|que|qui)\b)[^,;]){0,60}?"
)
_UP_TO_SOURCE = rf"[^,;]{{0,40}}?\b(?:in|by|from|within|dans|par|sur) [^,;]{{0,30}}?{_SOURCE}"
_ADVERB = r"(?: (?:explicit|direct|clear|specific|exact|precis|clair)\w*)?"
_TOLD = (  # stems of what texts do, in both languages
    r"(?:mention|specif|stat|provid|giv|indic|indiqu|includ|contain|discuss|detail|say|address"
    r"|tell|answer|reveal|name|describ|list|identif|refer|explain|precis|fourni|donn|di[ts]\b"
    r"|contien|parl|comport|evoqu|repon|revel|perme|abord|figur|explicit|offr|nomm|cit)\w*"
)
_MATTER = r"(?:information|mention|indication|reference|detail|precision|element)s?\b"
_MATTER_ON = (  # "no information about": but "no information was leaked" is a fact
    rf"{_MATTER}(?:\W*$| (?:\S+ ){{0,3}}?(?:about|on|regarding|concerning|in|as to|given|provided"
    r"|available|found|sur|concernant|quant|dans|relati\w+|donnee?s?|fournie?s?|disponibles?)\b)"
)
_FIND_OUT = (
    r"(?:answer|determine|provide|find|say|tell|identify|give|confirm|assist|help|know|infer"
    r"|conclude|repondre|determiner|savoir|dire|donner|preciser|identifier|fournir|trouver"
    r"|connaitre|confirmer|aider)\b"
)

_AT_THE_START = (
    r"(?:i|we) (?:simply |really )?(?:do not|don't|did not|didn't) (?:know|have|see|find)\b",
    rf"(?:i|we) (?:can ?not|can't|could not|couldn't){_ADVERB} {_FIND_OUT}",
    rf"(?:i am |i'm |we are |we're )?(?:unable|not able) to {_FIND_OUT}",
    r"(?:i am|i'm|we are|we're) not (?:sure|certain|aware)\b",
    rf"(?:it is |it's )?(?:impossible|not possible|difficult) to {_FIND_OUT}",
    r"(?:it is|it's|it remains) (?:unclear|not clear|not known|unknown)\b",
    rf"(?:unclear|not clear|not known|unknown)(?:\W*$|{_UP_TO_SOURCE})",
    r"(?:je|j') ?(?:ne |n')(?:sais|connais|peux|ai|dispose|trouve|vois)\b[^,;]{0,15}? pas\b",
    r"je n'ai (?:trouve )?aucune?\b",
    r"je ne (?:dispose|trouve|vois)\b[^,;]{0,10}? aucune?\b",
    r"je (?:ne suis pas|suis) (?:en mesure|sure?|certaine?|capable|incapable|dans l'incapacite)\b",
    r"(?:on|nous) (?:ne |n')(?:sait|savons|connait|connaissons|dispose|disposons) pas\b",
    rf"(?:on|nous) ne (?:peut|pouvons) pas {_FIND_OUT}",
    rf"(?:il est |il n'est |c'est )?(?:impossible|pas possible|difficile) (?:de |d'){_FIND_OUT}",
    r"there (?:is|are|was|were) (?:no|not enough|not any|insufficient)\b[^,;]*?"
    rf"(?:{_MATTER}|answer)",
    rf"there (?:isn't|aren't) (?:any|enough)\b[^,;]*?(?:{_MATTER}|answer)",
    rf"il (?:n'y a|n'existe) (?:pas|aucune?)\b[^,;]*?(?:{_MATTER}|reponse)",
    rf"(?:no|not enough|insufficient|pas|aucune?)\b[^,;]{{0,40}}?\b{_MATTER_ON}",
    rf"(?:no|none of|neither of|aucune?)\b[^,;]{{0,30}}?{_SOURCE}{_GAP}\b{_TOLD}",
    rf"(?:not|non|pas){_ADVERB} {_TOLD}",
    r"(?:inconnue?|n/a|empty response)\W*$",
)
_ANYWHERE = (
    rf"{_SOURCE}{_GAP} (?:do not|does not|don't|doesn't|did not|didn't){_ADVERB} {_TOLD}",
    rf"{_SOURCE}{_GAP} (?:has|have|contains?|provides?|gives?|includes?|makes?|offers?)"
    rf" (?:no|not any|insufficient)\b[^,;]{{0,30}}?(?:{_MATTER}|answer)",
    rf"{_SOURCE}{_GAP} (?:is|are) (?:not sufficient|insufficient|not enough|silent)\b",
    rf"{_SOURCE}{_GAP}\b(?:ne |n')(?:\w+ )?{_TOLD}[^,;]{{0,25}}?"
    r"\b(?:pas|aucune?|rien|nulle part)\b",
    rf"{_SOURCE}{_GAP} (?:ne suffisent pas|n'est pas suffisant|ne sont pas suffisant)",
    r"^(?:it|they|this) (?:do not|does not|don't|doesn't)(?: \w+ly)? (?:mention|specify|state"
    r"|provide|say|indicate)\b",
    r"^(?:il|elle|ils|elles|cela) ne (?:mentionn|precis|indiqu|fourni|specifi)\w* pas\b",
    rf"\b(?:(?:is|are|was|were|been) (?:not|never)|isn't|aren't|wasn't|weren't){_ADVERB}"
    rf" (?:(?:mentioned|specified|stated|provided|given|indicated|available)\W*$"
    rf"|{_TOLD}{_UP_TO_SOURCE})",
    rf"\b(?:n'est|ne sont|n'a|n'ont|n'etait|n'etaient)(?: pas| jamais)(?: ete)?{_ADVERB}"
    rf" (?:(?:mentionne|precise|indique|specifie|fourni|donne|disponible)e?s?\W*$"
    rf"|{_TOLD}{_UP_TO_SOURCE})",
    r"\b(?:can ?not|can't|could not) be (?:determined|answered|inferred)\b",
    rf"\b(?:can ?not|can't|could not) be (?:found|known|identified|established){_UP_TO_SOURCE}",
    r"\bne peut (?:pas )?etre (?:pas )?(?:determine|deduit)e?\b",
)
_REFUSES = re.compile("^(?:" + "|".join(_AT_THE_START) + ")|" + "|".join(_ANYWHERE))
# What may stand before the part that decides: courtesies, and where it was looked for.
_OPENER = re.compile(
    r"(?:(?:answer|reponse)\s*(?=:)"
    r"|(?:i'?m |i am |we are |je suis |nous sommes )?(?:very |so |vraiment )?(?:sorry|desolee?s?)\b"
    r"|(?:i apologi[sz]e|je m'excuse)\b[^,.;]*|unfortunately|malheureusement|however|cependant"
    r"|(?:based on|according to|from|given|in|d'apres|selon|dans|sur la base d\w+|a partir d\w+)\b"
    rf"[^,:]{{0,60}}?{_SOURCE}[^,:]{{0,60}}?(?=[,:])"
    r"|(?:although|though|while|bien qu\w+|quoiqu\w+|meme s\w+)\b[^,]*(?=,)"
    r")(?:[\s,.;:!]+(?:but |mais )?|$)"
)
# Sources and documents that are not those that were read.
_FOREIGN = re.compile(
    r"\b(?!(?:the|these|those|all|any|of|your|my|and|or|no|other|provided|given|supplied|available"
    r"|retrieved|listed|cited|news|context|in|from|by|les|ces|vos|mes|des|aucune|de|dans|par|et"
    r"|both|two|three|four|five|deux|trois|quatre|cinq)\b)[a-z]+ sources\b"
    r"|\bsources? (?:(?:tres )?proches? d|close to\b|familiar with\b"
    r"|(?:polici|judici|diplomat|gouvernement|militair|hospital|syndical|officiel)\w*)"
    r"|\b(?:court|police|government|official|legal|internal|tax|leaked|company|bank|planning)"
    r" (?:documents?|texts?)\b"
    r"|\bdocuments? (?:judiciaires?|officiels?|internes?|fiscaux|administratifs?|comptables?)\b"
)
# What attributes a sentence to somebody: then it tells what this one says.
_SOMEBODY = (
    rf"(?:(?!{_SOURCE}|\b(?:elements?|donnees|what|ce|who|whom|which|that|qui|que|dont|when|whether"
    r"|as|if|comme|quand|mon|ma|mes|moi|my|me|provided|given|available|above|no"
    r"|not|nothing|none|never|is|are|was|were|been|be)\b)[^,;:])"
)
_SAID = (
    r"(?:said|says|found|finds|ruled|rules|told|added|adds|stated|claimed|claims|argued|argues"
    r"|concluded|concludes|announced|wrote|writes|explained|insisted|testified|declared|held"
    r"|warned|admitted|acknowledged|replied)\b"
)
_A_DIT = (
    r"(?:a|ont|avait|avaient)(?:-t)?(?:-(?:il|elle|on|ils|elles))? (?:declare|juge|dit|affirme"
    r"|explique|conclu|constate|indique|estime|precise|ajoute|repondu|assure|reconnu|annonce"
    r"|rappele|tranche|releve|note|confie|admis|soutenu|souligne|ecrit|prevenu)\b"
)
_DIT = (
    r"(?:dit|declare|juge|affirme|explique|estime|assure|precise|ajoute|indique|constate|conclut"
    r"|reconnait|souligne|soutient|releve|note|previent|repond)"
)
_WHEN = r"(?: (?:on|in|at|to|after|during|last|this|yesterday|today|[a-z]+day|reporters)\b[^,;]*)?"
_END = r"(?:\W*$|[,;])"
_TOLD_BY = re.compile(
    rf", (?:{_SOMEBODY}{{1,60}} {_SAID}(?: (?:reporters|journalists|lawmakers|the \w+))?"
    rf"{_WHEN}{_END}"
    rf"|{_SAID} {_SOMEBODY}{{1,80}}{_END}"
    rf"|(?:{_SOMEBODY}{{1,60}} )?{_A_DIT}{_SOMEBODY}{{0,80}}{_END}"
    rf"|{_DIT}(?:(?:-t)?-(?:il|elle|on|ils|elles)\b| ){_SOMEBODY}{{0,80}}{_END}"
    rf"|(?:according to|selon|d'apres) {_SOMEBODY}{{1,80}}{_END})"
    rf"|^(?:according to|selon|d'apres) {_SOMEBODY}{{1,60}},"
    rf"|^(?!(?:i|we|je|j'|nous|on|there|aucune?)\b){_SOMEBODY}{{1,60}} (?:{_SAID}|{_A_DIT})"
    r" (?:that|que|qu')"
)
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
_MARKS = re.compile(r"[«»“”\"]")
_BUT = re.compile(r"[,;]\s*(?:but|however|though|although|mais|cependant|toutefois)\b\s*,?")
_INEXACT = re.compile(r"\b(?:exact|precise|specific|explicit|precis|specifique)")


def is_refusal(text: str, language: Language) -> bool:
    """Whether `text`, an answer in `language`, says that it cannot answer; so does an empty one.

    The words of both languages count, since short answers are easily taken for the other one.
    """
    for start, end in sentences(text, language):
        sentence = text[start:end]
        told = _without_openers(_QUOTED.sub(" … ", sentence))
        # nothing but a quotation: that is the answer, or a refusal copied with its marks
        told = told or _without_openers(_MARKS.sub(" ", sentence))
        if told:
            return _refuses(told)
    return True


def _without_openers(sentence: str) -> str:
    """What is left of a sentence, folded, without courtesies and the like; perhaps nothing."""
    sentence = fold(sentence).strip(" \n\t*_-–—.…'")
    while opener := _OPENER.match(sentence):
        sentence = sentence[opener.end() :]
    return sentence


def _refuses(sentence: str) -> bool:
    """The part before "but" decides, unless only exactness is refused there and more follows.

    What somebody is reported to say, or sources that were not read, is no refusal.
    """
    if _TOLD_BY.search(sentence):
        return False
    head, *tails = _BUT.split(_FOREIGN.sub("…", sentence))
    if not _REFUSES.search(head):
        return False
    told_after_all = any(tail.strip(" .") and not _REFUSES.search(tail.strip()) for tail in tails)
    return not (told_after_all and _INEXACT.search(head))
