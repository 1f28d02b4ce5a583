"""Questions for all that the articles have on a topic: an overview, or what they disagree on."""

import re

from rag.language import fold

_OVERVIEW = re.compile(  # asks for all that there is on something
    r"^\W*(?:peux-tu |pouvez-vous |can you |could you |please )?(?:me |nous )?"
    r"(?:(?:fai\w+|donne\w*|give)\W(?:moi |nous |me |us )?)?"
    r"(?:(?:une? |le |la |an? |the )?(?:short |brief |quick |petite? |rapide )?"
    r"(?:resume\w*|synthese|synthetise\w*|summar\w+|overview|recap|point (?:complet )?sur)"
    r"|que (?:sait-on|sait on|savons-nous)|qu'est-ce qu(?:e l)?'?on sait"
    r"|(?:que|qu'est-ce que) disent (?:les|nos) (?:articles|sources|journaux)|ou en est\b"
    r"|tell me (?:about|all|everything)|what is known|what do we know"
    r"|what do (?:the )?(?:articles?|sources?|papers?) say)\b"
)
_DIFFERENCES = re.compile(  # asks on what the articles disagree
    r"^\W*(?:(?:sur|en) (?:quoi|quels? (?:\w+ )?points?|quels chiffres)|ou|where|how"
    r"|(?:on |in |about )?what"
    r"|quels (?:articles|chiffres)|which (?:articles|figures|sources|numbers)|est-ce que|do|does|"
    r"(?=les (?:articles|sources|journaux)))\b[^?]*?"
    r"\b(?:diverg\w+|se contredi\w+|desaccord|contradictions?|(?:sont-(?:ils|elles) )?d'accord"
    r"|disagree\w*|contradict\w*|differ|conflict|at odds|discrepanc\w+)\b"
    r"|^\W*(?:y a-t-il|are there|quelles sont|what are|list\w*) (?:\w+ ){0,2}"
    r"(?:divergences?|contradictions?|desaccords?|disagreements?|discrepancies|differences)\b"
)
_PAPERS = re.compile(
    r"\b(?:articles?|sources?|journaux|medias?|chiffres|papers?|newspapers?|outlets?|figures|accounts"
    r"|versions?|divergences?|contradictions?|discrepanc\w+|disagreements?)\b"
)
_WORD = re.compile(r"[^\W_]+")
_BEFORE_TOPIC = frozenset(  # words between that and what the overview is of
    "moi nous for me us ce que qu quoi l on sait disent dit les la le un une de d du des a au "
    "aux en sur concernant propos sujet affaire dossier enquete articles article journaux sources "
    "the an of about with regarding what is known we know all everything that there say said "
    "and in each other story they them ils elles entre between se eux".split()
)


def asks_for_overview(question: str) -> bool:
    """Whether it asks for all that the articles say of something: a summary, what is known."""
    return _OVERVIEW.match(fold(question)) is not None


def asks_for_differences(question: str) -> bool:
    """Whether it asks on what the articles disagree."""
    asked = fold(question)
    return _DIFFERENCES.match(asked) is not None and _PAPERS.search(asked) is not None


def about_what(question: str) -> str:
    """What an overview or what differs is asked of, empty where that is anything: "cheese recall"
    of "Summarise the cheese recall"."""
    asked = _OVERVIEW.match(fold(question)) or _DIFFERENCES.match(fold(question))
    asking = len(_WORD.findall(asked[0])) if asked else 0
    every = list(_WORD.finditer(question))
    for word in every[asking:]:
        if fold(word[0]) not in _BEFORE_TOPIC:
            return question[word.start() :].strip(" ?.!")
    # "Sur quoi les articles sur le naufrage divergent-ils ?": before the verb, behind who does
    papers = _PAPERS.search(asked[0]) if asked else None
    first = len(_WORD.findall(asked[0][: papers.end()])) if asked and papers else asking
    inside = [word for word in every[first : asking - 1] if fold(word[0]) not in _BEFORE_TOPIC]
    return question[inside[0].start() : inside[-1].end()] if inside else ""
