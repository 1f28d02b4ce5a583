"""Numbers that a text spells out: vingt-trois, two hundred and five, twenty-third.

Where a word is as often no number (un, one, neuf, second) it is one only where the words around
it say so: a number that is missed is still checked as a word, one invented is sought in vain.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from rag.types import Language
from rag.values.units import SPACE, Number

FIRST: dict[Language, str] = {  # words that a number begins with
    "fr": "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
    "|vingt|trente|quarante|cinquante|soixante|septante|huitante|octante|nonante|cent",
    "en": "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    "|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety",
}
_ONE_OF: dict[Language, str] = {  # "one" is among them only before these
    "fr": rf"mille|une?(?={SPACE}(?:millions?|milliards?|billions?|pour{SPACE}cent"
    rf"|euros?|dollars?|livre{SPACE}sterling)\b|{SPACE}?%)",
    "en": rf"(?:one|a)(?=[ -](?:hundred|thousand|million|billion|trillion)\b(?!{SPACE}*[,.;!?]))"
    rf"|one(?={SPACE}(?:per{SPACE}?cent|percentage|pound|euro|dollar|and{SPACE}a{SPACE}half)\b|{SPACE}?%)",
}
_FURTHER: dict[Language, str] = {"fr": "vingts|cents|une?", "en": "hundred|one"}
# At the end of a number these are left to be read as after digits: two to three million.
_INNER: dict[Language, str] = {"fr": "mille|millions?|milliards?", "en": "thousand|million|billion"}
_ORDINAL: dict[Language, str] = {
    "fr": "(?:un|deux|trois|quatr|cinqu|six|sept|huit|neuv|dix|onz|douz|treiz|quatorz|quinz|seiz"
    "|vingt|trent|quarant|cinquant|soixant|cent|mill)ième",
    "en": "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    "|(?:thir|four|fif|six|seven|eigh|nine)teenth|(?:twen|thir|for|fif|six|seven|eigh|nine)tieth"
    "|hundredth|thousandth",
}
_ALONE: dict[Language, str] = {"fr": "premi(?:er|ère)s?|seconde?|", "en": ""}
_JOIN: dict[Language, str] = {
    "fr": rf"(?:{SPACE}et{SPACE}(?=une?\b|onze\b|unième)|-et-|{SPACE}|-)",
    "en": rf"(?:(?:(?<=hundred)|(?<=thousand)|(?<=million)){SPACE}and{SPACE}|{SPACE}|-)",
}
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n«»“”\"•–—-])[\s«“\"(–—-]*$")
_POINTS_BACK = re.compile(
    rf"\b(?:les|ces|des|aux|tous|toutes|the|these|those){SPACE}$", re.IGNORECASE
)
_NO_NUMBER_AFTER = re.compile(rf"(?:\d[{SPACE[1:-1]}-]|\b(?:no|n°){SPACE})$", re.IGNORECASE)
_IDIOM: dict[Language, re.Pattern[str]] = {
    "fr": re.compile(
        rf"premi(?:er|ère)s?{SPACE}(?:vice-)?ministre|premier{SPACE}lieu|\w+{SPACE}de{SPACE}finale"
        rf"|(?:cent|mille){SPACE}(?:fois|mercis?)|mille{SPACE}et{SPACE}une|deux{SPACE}poids|septième{SPACE}art"
        rf"|onze{SPACE}(?:de{SPACE}départ|tricolore|titulaire)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"first(?:[ -](?:of all|aid|name|hand|lady|minister|class|place|and foremost)\b)"
        r"|second[ -](?:hand|guess\w*|thoughts?|nature|class)\b|third[ -]part(?:y|ies)\b",
        re.IGNORECASE,
    ),
}
_NAME_GOES_ON = {"fr": re.compile(r"-[^\W\d_]"), "en": re.compile(r"-(?:[A-Z]|something\b)")}
_WORD_BEFORE = re.compile(rf"(\w+){SPACE}$")
_WORD_AFTER = re.compile(rf"(?:{SPACE}|-)(\w+|%)")
_BEFORE_A_TIME = frozenset("per split par de dernière demi chaque every".split())
_AFTER_A_TIME = frozenset(
    "later ago or and before to of after that when he she it they we but if as for from in at on "
    "plus des d et ou avant après que qui pour aux en dans sur il elle à le la les".split()
)
_AFTER_RANKED = frozenset("finished finishing came coming placed ranked seeded in".split())
_COUNTED = re.compile(r"(?:[^\W\d_]{2,}[sx]|mille|pour|cent|million|milliard|%)$")
_NOT_COUNTED = frozenset(
    "dans sous vers mais puis plus moins sans pas depuis des les ses ces chez après très hors est "
    "alors mes tes nos vos".split()
)


def spelt(text: str, language: Language) -> Iterator[Number]:
    """The cardinals and ordinals that `text` spells out, in order.

    Left out: un, une, one and a by themselves, words that make no number together (two five),
    and words that are part of a name (Deux-Sèvres, the Big Four). An ordinal in a name is
    `loose`: one language may have it (the Seventh Fleet) where another has not.
    """
    for match in _pattern(language).finditer(same_length_lower(text)):
        number, ordinal, length = _value(match, language)
        start, end = match.start(), match.start() + length
        if not number or _is_no_number(text, start, end, language):
            continue
        before = text[max(0, start - 16) : start]
        named = text[start].isupper() and not _SENTENCE_START.search(before)
        if named and not ordinal:
            continue
        points_back = number == 2 and not ordinal and bool(_POINTS_BACK.search(before))
        loose = points_back or (ordinal and (named or number == 1))
        yield Number(number, "ordinal" if ordinal else "", start, end, loose=loose)


@lru_cache(4096)
def value_of(words: str, language: Language) -> tuple[float, bool]:
    """The number that `words` make, 0 where they make none, and whether it is an ordinal."""
    from text_to_num import alpha2digit, text2num

    plain = re.sub(SPACE, " ", words.lower()).replace("-et-", " et ")
    if language == "fr":
        plain = re.sub(r"^seconde?$", "deuxième", plain)
    elif plain.split("-")[0].split()[0] == "a":
        plain = f"one{plain[1:]}"
    try:
        return float(text2num(plain, language)), False
    except ValueError:
        ordinal = re.fullmatch(r"(\d+)[^\W\d_]+", alpha2digit(plain, language, threshold=0))
        return (float(ordinal[1]), True) if ordinal else (0.0, False)


@cache
def _pattern(language: Language) -> re.Pattern[str]:
    """A run of number words, an ordinal only at its end."""
    first, ordinal, join = FIRST[language], _ORDINAL[language], _JOIN[language]
    after_inner = rf"(?={join}(?:{first}|{_FURTHER[language]}|{ordinal})\b)"
    more = rf"(?:{_FURTHER[language]}|{first}|(?:{_INNER[language]}){after_inner})\b"
    return re.compile(
        rf"(?:(?<![\w-])|(?<=top-))(?:(?:(?:{first})\b|(?:{_ONE_OF[language]}))(?:{join}{more})*"
        rf"(?:{join}(?:{ordinal})\b)?|(?:{_ALONE[language]}{ordinal})\b)"
    )


def _value(match: re.Match[str], language: Language) -> tuple[float, bool, int]:
    """The number of a run, whether it is an ordinal, and how many characters make it."""
    words = match[0]
    if re.search(_INNER[language], words[1:], re.IGNORECASE):
        # After a million, a thousand belongs to the number and multiplies only its end.
        thousand = re.compile(rf"{SPACE}(?:mille|thousand)\b", re.IGNORECASE)
        if goes_on := thousand.match(match.string, match.end()):
            words += goes_on[0]
    number, ordinal = value_of(words, language)
    if number:
        return number, ordinal, len(words)
    # "the two second-half goals", "les deux une fois": its last word is no part of it.
    shorter = re.sub(rf"(?:{SPACE}|-)(?:{_ORDINAL[language]}|une?|one)$", "", words, flags=re.I)
    return (*value_of(shorter, language), len(shorter))


def _is_no_number(text: str, start: int, end: int, language: Language) -> bool:
    before = text[max(0, start - 16) : start]
    if _NO_NUMBER_AFTER.search(before) or _IDIOM[language].match(text, start):
        return True
    if _NAME_GOES_ON[language].match(text, end):
        return True
    word = text[start:end].lower()
    if word == "cent" and _last_word(before) in ("un", "pour"):
        return True  # a coin, or percent
    if word == "first" and text.startswith(",", end):
        return not _WORD_BEFORE.search(before)
    if word in ("second", "seconde"):
        return _is_a_time(before, _WORD_AFTER.match(text, end))
    return word == "neuf" and _is_new(before, _WORD_AFTER.match(text, end))


def _is_a_time(before: str, after: re.Match[str] | None) -> bool:
    """Whether "second", "seconde" is no rank: a second later, une seconde plus tard."""
    previous = _last_word(before)
    if previous in _AFTER_RANKED or (previous == "the" and after and after[1] in ("and", "of")):
        return False
    return previous in _BEFORE_A_TIME or after is None or after[1].lower() in _AFTER_A_TIME


def _is_new(before: str, after: re.Match[str] | None) -> bool:
    """Whether "neuf" is the adjective: un pont neuf, flambant neuf."""
    if _last_word(before) in ("flambant", "tout"):
        return True
    if after and re.match(r"['’]entre\b", after.string[after.end() :]):
        return False  # neuf d'entre eux
    if after and after[1] == "des" and not before.strip():
        return False  # Neuf des douze
    return not after or after[1] in _NOT_COUNTED or not _COUNTED.match(after[1])


def _last_word(before: str) -> str:
    found = _WORD_BEFORE.search(before)
    return found[1].lower() if found else ""


def same_length_lower(text: str) -> str:
    """`text` in lower case, character for character."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower()[0] for c in text)
