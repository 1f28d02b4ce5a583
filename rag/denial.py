"""Does a text say that something is not so? A small model denies what its source affirms.

Asked what somebody did not do, it turns the sentence of the article round: the figures and the
names are right, the words are the article's, and the answer is its contrary.
"""

import re

from rag.language import fold, words
from rag.types import Language

# All read folded text: lower case, no accents, plain apostrophes. A number is "no. 5".
_DENIES: dict[Language, str] = {
    "en": r"\b(?:not|never|cannot|neither|none|nobody|nothing)\b|\bno\b(?!\.? ?\d)|n't\b",
    "fr": r"\bne (?!\w+ que )|\bn'(?!\w+ que )|\b(?:pas|aucune?|jamais)\b",
}
_BORN = re.compile(r"\bné(?=\s)", re.IGNORECASE)  # which is "ne" without its accent
# How words begin that make a sentence negative without "not", or all but.
_NEGATIVE: dict[Language, str] = {
    "en": "without nor non unable unlikely unwilling unavailab unknown unsuccess impossib "
    "inactiv incapab insuffic ineligib incompatib invalid refus fail denie deny denia reject lack "
    "absen avoid prevent prohibit forb ban exempt exclu except instead rather only hardly few "
    "little less stop ceas lost lose losing miss oppos against declin withdr abandon cancel "
    "contrary unlike differ disagre disallow disappro disput far beyond too off",
    "fr": "sans ni non nul rien personne echapp impossib impuissan incapab insuffisan incompatib "
    "interdi invalid refus rejet dement manqu absen evit empech exclu sauf hormis except plutot "
    "seul peu moins faute cess arret perd oppos contre retir abandon annul contrair differen loin "
    "trop",
}
_SOURCE = r"\b(?:excerpt|passage|extrait)\b"


def denies(text: str, language: Language) -> bool:
    """Whether `text` says that something is not so."""
    return re.search(_DENIES[language], fold(_BORN.sub("born", text))) is not None


def denies_alone(text: str, language: Language, quote: str, written_in: Language) -> bool:
    """Whether `text` denies and the words that it rests on have nothing negative in them."""
    return denies(text, language) and not (
        denies(quote, written_in) or _is_negative(quote, written_in)
    )


def speaks_of_nothing(text: str, language: Language) -> bool:
    """Whether `text` only says that the excerpt does not say."""
    return denies(text, language) and re.search(_SOURCE, fold(text)) is not None


def _is_negative(text: str, language: Language) -> bool:
    return any(word.startswith(tuple(_NEGATIVE[language].split())) for word in words(text))
