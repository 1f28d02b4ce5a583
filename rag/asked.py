"""What a question asks for: a figure, a person, several things at once."""

import re
from itertools import takewhile

from rag.language import fold, words
from rag.names import full_names, names
from rag.topics import asks_for_overview
from rag.types import Language

_ASKS = {
    "fr": r"(?:(?:à|a|de|en|depuis|dans|par|pour|sur|avec|chez|jusqu['’]à)\s+)?"
    r"(?:combien|quel(?:le)?s?|qui|quand|où|pourquoi|comment|lequel|laquelle|qu['’]est-ce)\b",
    "en": r"(?:(?:in|on|at|by|for|from|since|to|with|of|until)\s+)?"
    r"(?:how|what|who|whom|whose|when|where|which|why)\b",
}
# What a bare "and why?" asks about is the clause after one of these.
_HOW = {"fr": r"(?:quand|où|comment|pourquoi)\b", "en": r"(?:when|where|why)\b"}
_AND = {"fr": r"(?:,\s*)?(?:\bet|;)\s+", "en": r"(?:,\s*)?(?:\band|;)\s+"}
_REFERS = {
    "fr": r"\b(?:il|elle|ils|elles|lui|leur|leurs|son|sa|ses|y|celui-ci|celle-ci)\b|\bl['’]a"
    r"|\b(?:qui|combien)\s+en\s+(?:a|ont|est|sont|était|étaient|sera|seront|reste|restent)\b",
    "en": r"\b(?:he|she|it|they|him|her|his|its|their|them|this|that)\b",
}
# What a bare "in which year?" may ask for, without a verb.
_OF_WHAT = (
    r"(?:\s+(?:année|an|mois|jour|date|ville|pays|endroit|lieu|prix|montant|raison|year|month|day"
    r"|city|country|town|place|price|amount|reason)s?|\s+(?:much|many|long))?"
)
_COUNTS = {
    "fr": r"combien de ([a-zà-ÿ-]+[sx])\b",
    "en": r"how many ([a-z-]+s|people|children|women|men)\b",
}
_ACTS = r"\b(?:did|do|does|is|was|are|were|will|would|has|have|had|can|could|should) "
_ACTING = re.compile(r"\b(?:he|she|it|they)\b")
_SEVERAL = re.compile(
    r"\bque disent\b|\bresume|\bsynthese\b|\bquels sont\b|\bquelles sont\b|\benumere|\bliste"
    r"|\bcompare|\bsummar|\bwhat do (?:the )?(?:articles|sources|papers)\b|\blist\b"
    r"|\bwhat are\b|\bwho are\b|\bqui sont\b"
)

_MEASURES_FR = (
    r"montant|pourcentage|chiffre|prix|taux|nombre|age|cout|budget|volume|poids|bilan|effectif"
    r"|part|somme|valeur|annee|date|proportion|valorisation|quantite|profondeur|distance|longueur"
    r"|hauteur|largeur|superficie|surface|duree|taille|population|vitesse|temperature|amende"
)
_MEASURES_EN = (
    r"share|percentage|year|amount|price|date|age|sum|number|value|rate|proportion|valuation|cost"
    r"|budget|toll|total|quantity|depth|distance|length|height|width|weight|size|volume|speed"
    r"|population|temperature|fine|fee"
)
_FIGURE = re.compile(
    rf"\bcombien\b|\bquand\b|\bquel(?:le)?s? (?:{_MEASURES_FR})s?\b"
    rf"|\bquel(?:le)? (?:est|etait|sera|fut|a ete) l(?:e |a |')(?:{_MEASURES_FR})\b"
    r"|\bhow (?:much|many|old|long|far|high|big|large|deep|tall|wide|heavy|fast|hot)\b|\bwhen\b"
    rf"|\b(?:what|which) (?:{_MEASURES_EN})\b"
    rf"|\bwhat (?:is|was|are|were|will be) the (?:\w+ ){{0,2}}(?:{_MEASURES_EN})s?\b"
    r"|\bwhat did\b.*\b(?:pay|cost|spend|invest)\b"
    rf"|^\W*(?:l(?:e |a |'))?(?:{_MEASURES_FR})s? (?:d(?:e|u|es)\b|d'|propose|verse|paye|total)"
    rf"|^\W*(?:the )?(?:\w+ )?(?:{_MEASURES_EN})s? (?:of|for|paid|offered)\b"
)
_DATE = re.compile(
    r"\bquand\b|\bquel(?:le)?s? (?:date|jour|annee|mois)s?\b"
    r"|\bquel(?:le)? (?:est|etait|sera|fut|a ete) l(?:e |a |')(?:date|jour|annee|mois)\b"
    r"|\bwhen\b|\b(?:what|which) (?:date|day|year|month)\b"
    r"|\bwhat (?:is|was|will be) the (?:\w+ ){0,2}(?:date|day|year|month)\b"
    r"|^\W*(?:l(?:e |a |'))?(?:date|annee) (?:d(?:e|u)\b|d')"
    r"|^\W*(?:the )?(?:date|year) (?:of|for)\b"
)
_ALL = re.compile(
    r"\bcombien d(?:e |')\w+ (?:compte|comptent|a|ont|y a-t-il|avait|possede)\b"
    r"|\bhow many \w+ (?:does|do|did|are there|is there|has|have)\b"
    r"|\bnombre (?:de |d')\w+ d(?:e|u|es)\b"
)
_SHARE = re.compile(
    r"\bquels? (?:pourcentage|taux)\b|\bquelles? (?:part|proportion)s?\b|\bpour cent\b"
    r"|\b(?:what|which) (?:share|percentage|rate|proportion|part)\b|\bper ?cent\b"
)
_MONEY = re.compile(
    r"\b(?:combien|que) (?:\w+ ){0,2}(?:val(?:ent|ait|aient|oir)|vaut|vaudra|cout\w+)\b"
    r"|\bhow much .*\b(?:cost|costs|worth|pay|pays|paid|paying)\b|\bwhat .*\b(?:cost|costs|worth)\b"
    r"|\bhow much (?:money|cash)\b|\bcombien d'argent\b"
)
_SINCE = re.compile(
    r"\bdepuis (?:quand|combien|quel)\b|\bsince (?:when|what)\b|\bhow long (?:has|have)\b"
)
_PERSON = re.compile(
    r"^(?:\W|\w+ : )*(?:(?:a|de|par|avec|pour|chez) )?qui\b|\b(?:who|whom|whose)\b"
)
_WHO_DID = re.compile(
    r"^\W*(?:who|qui) (?!is\b|was\b|are\b|were\b|est\b|etait\b|sont\b|etaient\b|fut\b|a ete\b)"
)
_PAST = re.compile(r"\b(?:a|ont|avait|avaient|etait|etaient|fut|was|were|had|did|\w{3,}ed)\b")
_BEHIND_DEED = frozenset(  # begins what it was done to, with or to whom
    "l la le les un une des du de d au aux par pour dans sur avec the an in on at to of for from "
    "with by".split()
)
_WHY = re.compile(
    r"\bpourquoi\b|\bpour quelles? raisons?\b|\bwhy\b|\b(?:what|which) reasons?\b"
    r"|\bwhat (?:is|was|were) the reasons?\b"
)
_YES_OR_NO = re.compile(
    r"^(?:est-ce|(?:n')?a-t|(?:n')?ont-|(?:n')?est-|(?:ne )?sont-|(?:n')?avait-|(?:ne )?peut-"
    r"|(?:ne )?doit-|(?:ne )?va-t)"
    r"|^(?:did|does|do|is|are|was|were|has|have|had|can|could|will|would|should)(?:n't)?\b"
)
# « Le pont n'a-t-il pas rouvert ? »: turned round, and no word that asks for something.
_TURNED = re.compile(r"-(?:t-)?(?:ils?|elles?|on)\b")
_OPEN = re.compile(
    r"\b(?:combien|quel(?:le)?s?|qui|que|quoi|quand|ou|pourquoi|comment|lequel|laquelle"
    r"|les?quel(?:le)?s)\b|\bqu'"
)


def split(question: str, language: Language) -> list[str]:
    """The questions that `question` is made of, in order; itself alone where it is one.

    "When was it built, and who paid?" is two: a passage that answers one half does not answer the
    question, and a small model says so; asked for that half, it answers. What stands before a
    colon is kept for each. A part that only refers to what was named before gets those names in
    front, or, where "it" does what a name did, the name in its place; a bare "why?" asks about
    what the first part does.
    """
    before = re.match(r".*[^\W\d]\s?:\s", question)
    topic, asked = (before[0], question[before.end() :]) if before else ("", question)
    parts = re.split(f"{_AND[language]}(?={_ASKS[language]})", asked, flags=re.IGNORECASE)
    parts = [part.strip(" ,;?") for part in parts]
    if len(parts) < 2 or not re.search(_ASKS[language], parts[0], re.IGNORECASE):
        return [question]
    stop = " ?" if language == "fr" else "?"
    whole = [parts[0], *(_standing_alone(part, parts[0], language) for part in parts[1:])]
    return [f"{topic}{part}{stop}" for part in whole]


def _standing_alone(part: str, first: str, language: Language) -> str:
    """`part` with what it takes from the `first` part of its question."""
    colon = " : " if language == "fr" else ": "
    if re.fullmatch(rf"{_ASKS[language]}{_OF_WHAT}", part, re.IGNORECASE):
        how = re.match(_HOW[language], first, re.IGNORECASE)
        return f"{part}{first[how.end() :]}" if how else f"{first}{colon}{part}"
    things = counted_in(first, language)
    the = {"fr": "les", "en": "the"}[language]
    known = full_names(first) or ([f"{the} {things}"] if things else [])
    if not known or names(part) or not refers_back(part, language):
        return part
    if language == "en" and re.search(rf"{_ACTS}{re.escape(known[0])}\b(?!['’])", first):
        named, times = _ACTING.subn(lambda _: known[0], part, count=1)
        if times:
            return named
    return f"{', '.join(known)}{colon}{part}"


def counted_in(question: str, language: Language) -> str:
    """What a question asks the number of, empty where none: "how many tickets remain unused" is
    about the tickets."""
    counted = re.match(_COUNTS[language], question, re.IGNORECASE)
    return counted[1] if counted else ""


def refers_back(text: str, language: Language) -> bool:
    """Whether a pronoun of `text` may stand for something that was named before it."""
    return re.search(_REFERS[language], text, re.IGNORECASE) is not None


def asks_for_several(question: str) -> bool:
    """Whether the answer is a list, a summary or a comparison: what each source has to say."""
    return asks_for_overview(question) or _SEVERAL.search(fold(question)) is not None


def asks_for_figure(question: str) -> bool:
    """Whether an answer must hold a figure: an amount, a share, a count, a date."""
    return _FIGURE.search(fold(question)) is not None


def asks_for_date(question: str) -> bool:
    """Whether an answer must hold a date or a period."""
    return _DATE.search(fold(question)) is not None


def asks_since_when(question: str) -> bool:
    """Whether it asks when something began that goes on."""
    return _SINCE.search(fold(question)) is not None


def asks_for_all(question: str) -> bool:
    """Whether it asks how many of something there are, not how many do something."""
    return _ALL.search(fold(question)) is not None


def asks_for_share(question: str) -> bool:
    """Whether an answer must hold a percentage or a fraction."""
    return _SHARE.search(fold(question)) is not None


def asks_for_money(question: str) -> bool:
    """Whether it asks what something costs, is worth or was paid for."""
    return _MONEY.search(fold(question)) is not None


def asks_for_age(question: str) -> bool:
    """Whether it asks how old somebody is."""
    return re.search(r"\bhow old\b|\bquel age\b|\bl'age d|\bage of\b", fold(question)) is not None


def asks_for_person(question: str) -> bool:
    """Whether an answer must hold a name."""
    return _PERSON.search(fold(question)) is not None


def asks_who_did(question: str) -> bool:
    """Whether it asks who did something, not who somebody is."""
    return _WHO_DID.search(fold(question)) is not None


def asks_who_once_did(question: str) -> bool:
    """Whether it asks who did or was something, not who does or is it."""
    return asks_for_person(question) and _PAST.search(fold(question)) is not None


def deed_of(question: str) -> list[str]:
    """The words of a question for who did something that say what: "Who shut down the plant?"."""
    asked = _WHO_DID.match(fold(question))
    named = {word for name in names(question) for word in words(name)}
    said = words(question[asked.end() :]) if asked else []
    return list(takewhile(lambda word: word not in _BEHIND_DEED and word not in named, said))


def asks_why(question: str) -> bool:
    """Whether the answer is a reason."""
    return _WHY.search(fold(question)) is not None


def offers_a_choice(question: str) -> bool:
    """Whether the answer may be one of the things that the question names: A or B?"""
    return re.search(r"\b(?:or|ou)\b", question, re.IGNORECASE) is not None


def asks_yes_or_no(question: str) -> bool:
    """Whether yes or no is an answer."""
    asked = fold(question)
    turned = _TURNED.search(asked) is not None and _OPEN.search(asked) is None
    return turned or _YES_OR_NO.search(asked) is not None
