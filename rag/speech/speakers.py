"""Which names, titles and pronouns of one article are one and the same person.

Nothing is guessed: a description is a person's only where the article puts the two side by side,
and a pronoun only where one person fits. Whoever is not told apart stays as written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.language import fold
from rag.speech.cues import vocabulary
from rag.speech.phrases import (
    TITLES,
    is_name,
    is_pronoun,
    names_in,
    role_of,
    roles_by_word,
    subject_before,
)
from rag.types import LANGUAGES, Language

_TITLE = re.compile(rf"^(?:{TITLES['fr']}|{TITLES['en']}) (?=\S)")
_ARTICLE = re.compile(r"^(?:(?:le|la|les|un|une|the|an?|its|his|her|son|sa|leur) |l['’])", re.I)
_MALE = re.compile(
    r"^(?:M|MM|Mr|Sir|Lord|Monsieur)\b|\b(?:spokesman|chairman|brother|father|husband|frère|père"
    r"|mari)\b"
)
_FEMALE = re.compile(
    r"^(?:Mme|Mmes|Mlle|Mrs|Ms|Miss|Dame|Lady|Madame)\b|\b(?:spokeswoman|chairwoman|sister|mother"
    r"|wife|daughter|sœur|mère|épouse|\w+(?:trice|euse|ière|esse)|présidente|avocate|adjointe"
    r"|conseillère|députée|étudiante|habitante|gérante|patronne|préfète|procureure|ingénieure"
    r"|historienne|riveraine)\b"
)
_BEHIND = re.compile(r", ([^,.;:\n]{2,60})")
_BESIDE = re.compile(r"(?:, | \(| (?:est|était|is|was) )([^,.;:()«»“”\"\n]{2,90})")
_OF = re.compile(r"\b(?:de|du|des|dans|of|in|at|for|from)\b|\bd['’]")
_WIRE = re.compile(r"[A-Z]{3,} \S+ \S")  # "a indiqué à l’AFP Marie Dupont"
_HE = frozenset(("he", "him", "il", "lui", "ce dernier", "celui-ci"))
_SHE = frozenset(("she", "her", "elle", "cette derniere", "celle-ci"))
_LITTLE = frozenset(
    "le la les l un une des du de d the a an of for at s in en au aux a et and its son sa".split()
)
_NEARBY = 1500  # characters before a pronoun among which the person it stands for is looked for


@dataclass(frozen=True, slots=True)
class _Person:
    """A mention of somebody by name at `start`: `name` without title; `gender` "" if unsure."""

    start: int
    name: str
    gender: str
    sure: bool  # that it is a person, not a place or a company


def same_speaker(a: str, b: str, article_text: str) -> bool:
    """Whether two ways of naming a speaker are one person or body, as this article has it.

    A surname, with or without title, is the one full name in the article that ends in it. A
    description is a name's where they stand side by side ("Alexandr Wang, fondateur de Scale
    AI"); two descriptions are one where they have the same words, in either language.
    """
    if fold(a) == fold(b):
        return not any(is_pronoun(a, language) for language in LANGUAGES)
    if len({_gender_in(a, article_text), _gender_in(b, article_text)} - {""}) > 1:
        return False
    ours, theirs = name_in(a), name_in(b)
    if ours and theirs:
        return _same_name(ours, theirs, article_text)
    if not ours and not theirs:
        return _same_description(a, b, article_text)
    name, description = (ours, b) if ours else (theirs, a)
    return _is_called(str(name), description, article_text)


def other_speaker(a: str, b: str, article_text: str) -> bool:
    """Whether the two are surely not the same: nothing in the article says that they may be.

    A body and the one who speaks for it are no different; nor is a pronoun from anybody but the
    other sex.
    """
    if same_speaker(a, b, article_text):
        return False
    if any(is_pronoun(words, language) for words in (a, b) for language in LANGUAGES):
        return len({_gender_in(a, article_text), _gender_in(b, article_text)} - {""}) > 1
    if _keys(a) & _keys(b) - {"leader"}:
        ours, theirs = name_in(a), name_in(b)
        return bool(ours and theirs and _given_names_differ(ours, theirs))
    if name_in(a) and name_in(b):
        return True
    roles = role_of(a), role_of(b)
    if all(roles):
        return roles[0] != roles[1] and not {roles[0], roles[1]} & _bodies()
    description, name = (a, b) if name_in(b) else (b, a)
    return any(
        _is_called(other, description, article_text)
        for other in _full_names(article_text)
        if not _same_name(other, name, article_text)
    )


def resolved(
    text: str, hidden: str, language: Language, mentions: Sequence[tuple[int, int]]
) -> dict[int, str]:
    """The full name of each speaker at `mentions` by its start, or the words as written.

    `hidden` is `text` with its quotations hidden: whoever is named inside them is not meant.
    """
    pronouns = any(is_pronoun(text[start:end], language) for start, end in mentions)
    people = _people(hidden, mentions) if pronouns else []
    full = _full_names(text)
    names: dict[int, str] = {}
    for start, end in sorted(mentions):
        written = text[start:end]
        names[start] = written
        if is_pronoun(written, language):
            person = _meant(fold(written), start, people, mentions, text)
            names[start] = person or written
            continue
        known = [name for name in full if same_speaker(name, written, text)]
        own = name_in(written)
        fullest = max([*known, *([own] if own and " " in own else [])], key=len, default=written)
        names[start] = fullest if own is None or len(fullest) >= len(own) else written
    return names


@lru_cache(maxsize=8192)
def name_in(words: str) -> str | None:
    """The name in the words for a speaker, without title or role; None for a mere description."""
    bare = _TITLE.sub("", words.strip())
    if is_name(bare):
        bare = _without_role(bare)
        head, of, _ = bare.partition(" of ")
        return head if of and len(head.split()) > 1 and role_of(head) is None else bare
    found = [name for _, name in names_in(bare)]
    if not found or not bare.endswith(found[-1]):
        return None
    before = bare[: -len(found[-1])].rstrip()
    previous = re.search(r"([\w’'-]+)$", before)
    if previous is None:
        return _without_role(found[-1])
    if fold(previous[1]) in _LITTLE or before.endswith(("’", "'")):
        return bare if re.fullmatch(r"(?i:the|le|la|les|l['’])", before) else None
    bodies = {roles_by_word().get(fold(previous[1])), role_of(words)} & _bodies()
    return None if bodies and _OF.search(before) else _without_role(found[-1])


def _without_role(name: str) -> str:
    """ "Prime Minister John Key" from "John" on; the Bank of Wessex stays as it is."""
    parts = name.split()
    roles = [roles_by_word().get(fold(part)) for part in parts]
    people = [i for i, role in enumerate(roles) if role and role not in _bodies()]
    rest = " ".join(parts[people[-1] + 1 :]) if people else ""
    return rest if rest and is_name(rest) and rest.split()[0][0].isupper() else name


@lru_cache(maxsize=8192)
def _gender(words: str) -> str:
    folded = fold(words)
    if folded in _HE or _MALE.search(words):
        return "m"
    return "f" if folded in _SHE or _FEMALE.search(words) else ""


def _gender_in(words: str, article: str) -> str:
    """The gender that the words show, or a title before the same surname in the article."""
    name = name_in(words)
    own = _gender(words)
    if own or not name:
        return own
    titled = [
        written
        for _, written in names_in(article)
        if _TITLE.match(written) and _tokens(written)[-1:] == _tokens(name)[-1:]
    ]
    genders = {_gender(written) for written in titled} - {""}
    return genders.pop() if len(genders) == 1 else ""


@lru_cache(maxsize=8192)
def _tokens(name: str) -> tuple[str, ...]:
    found = re.findall(r"[^\W_]+(?:-[^\W_]+)*", fold(_TITLE.sub("", name)))
    return tuple(token for token in found if token not in _LITTLE)


def _same_name(a: str, b: str, article: str) -> bool:
    ours, theirs = _tokens(a), _tokens(b)
    if ours == theirs:
        return True
    short, long = sorted((ours, theirs), key=len)
    if not short or not set(short) <= set(long) or short[-1] not in (long[-1], long[0]):
        return False
    namesakes = {
        tokens
        for name in _full_names(article)
        if len(tokens := _tokens(name)) > 1
        and set(short) <= set(tokens)
        and short[-1] in (tokens[-1], tokens[0])
    }
    longest = max(namesakes, key=len, default=())
    return set(long) <= set(longest) and all(set(other) <= set(longest) for other in namesakes)


def _given_names_differ(a: str, b: str) -> bool:
    ours, theirs = _tokens(a), _tokens(b)
    return len(ours) > 1 and len(theirs) > 1 and ours != theirs


@lru_cache(maxsize=8192)
def _keys(words: str) -> frozenset[str]:
    """The words of a description, roles by the key that both languages share."""
    roles = roles_by_word()
    found = re.findall(r"[^\W_]+(?:-[^\W_]+)*", fold(words).replace("'", " "))
    return frozenset(roles.get(word, word) for word in found) - _LITTLE


def _same_description(a: str, b: str, article: str) -> bool:
    ours, theirs = _keys(a), _keys(b)
    if ours == theirs:
        return True
    role = role_of(a)
    if role is None or role != role_of(b) or not (ours < theirs or theirs < ours):
        return False
    return len(_complements(role, article)) < 2


@lru_cache(maxsize=256)
def _complements(role: str, article: str) -> frozenset[str]:
    """What the article says people of a role are of: "Rivenac" for "le maire de Rivenac"."""
    words = "|".join(word for word, key in roles_by_word().items() if key == role)
    of = rf"\b(?:{words}) (?:de la |de |du |d['’]|of (?:the )?)(\w+)"
    return frozenset(match[1] for match in re.finditer(of, fold(article)))


def _is_called(name: str, description: str, article: str) -> bool:
    """Whether the article puts a name and a description side by side, and no other name with it."""
    wanted, wanted_role = _keys(description), role_of(description)
    if wanted_role is None or _are_several(description):
        return False
    called = {
        other
        for other in _full_names(article)
        if any(
            role == wanted_role and wanted <= keys for role, keys in _descriptions(other, article)
        )
    }
    return bool(called) and all(_same_name(name, other, article) for other in called)


def _are_several(description: str) -> bool:
    """Whether the role in a description is in the plural: "researchers", "les élus"."""
    roles = roles_by_word()
    return any(
        word in roles and roles.get(word.removesuffix("s")) == roles[word]
        for word in fold(description).split()
        if word.endswith("s")
    )


@lru_cache(maxsize=1024)
def _descriptions(name: str, article: str) -> tuple[tuple[str | None, frozenset[str]], ...]:
    """The descriptions on either side of a name: behind a comma or "is", or right before it."""
    found = []
    for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", article):
        lead = article[max(match.start() - 90, 0) : match.start()]
        before = re.split(r"[.;:,«»“”\"\n]", lead.rstrip(" ,"))[-1].strip()
        phrases = [
            before[slice(*span)]
            for language in LANGUAGES
            if before and (span := subject_before(before, language)) and span[1] == len(before)
        ]
        described = [phrase for phrase in phrases if role_of(phrase)]
        behind = _BESIDE.match(article, match.end())
        closed = described and lead.endswith(", ")  # "the director, Jane Doe, …"
        if behind and not closed and _tells_who(behind[1]):
            described.append(behind[1])
        found += [(role_of(phrase), _keys(phrase)) for phrase in described]
    return tuple(found)


def _tells_who(apposition: str) -> bool:
    return role_of(" ".join(apposition.split()[:5])) is not None and not re.match(
        r"(?:qui|dont|who|whose|which|où)\b", apposition
    )


@lru_cache(maxsize=256)
def _full_names(article: str) -> tuple[str, ...]:
    """The names of two words or more in an article, each once, without titles and roles."""
    found: dict[str, None] = {}
    for _, written in names_in(article):
        own = name_in(written)
        if own and _WIRE.match(own):
            own = own.partition(" ")[2]
        if own and len(_tokens(own)) > 1:
            found[own] = None
    return tuple(found)


def _people(hidden: str, mentions: Sequence[tuple[int, int]]) -> list[_Person]:
    """Who is named outside quotations, in order, and what is known of them."""
    genders: dict[str, str] = {}
    sure: dict[str, bool] = {}
    found: list[tuple[int, str]] = []
    speakers = {start for start, _ in mentions}
    for start, written in names_in(hidden):
        own = name_in(written)
        if own and _WIRE.match(own):
            own = own.partition(" ")[2]
        if own is None or ((role := role_of(own)) and role in _bodies()):
            continue
        key = _tokens(own)[-1] if _tokens(own) else ""
        title = _TITLE.match(written)
        beside = " " in own and _is_described(hidden, start, start + len(written))
        described = bool(title) or own != written or beside
        sure[key] = sure.get(key, False) or described or (start in speakers and " " in own)
        genders[key] = genders.get(key) or _gender(written) or _gender_beside(hidden, start)
        found.append((start, own if " " in own or not title else written))
    return [
        _Person(start, own, genders[key], sure[key])
        for start, own in found
        for key in [_tokens(own)[-1] if _tokens(own) else ""]
    ]


def _is_described(text: str, start: int, end: int) -> bool:
    behind = _BEHIND.match(text, end)
    if behind and (_tells_who(behind[1]) or behind[1][:2].isdigit()):
        return role_of(behind[1]) not in _bodies()
    before = re.search(r"([\w-]+),? $", text[max(start - 40, 0) : start])
    role = roles_by_word().get(fold(before[1])) if before else None
    return role is not None and role not in _bodies()


def _gender_beside(text: str, start: int) -> str:
    before = re.search(r"(\w+),? $", text[max(start - 40, 0) : start])
    return _gender(before[1]) if before else ""


def _meant(
    pronoun: str, at: int, people: Sequence[_Person], mentions: Sequence[tuple[int, int]], text: str
) -> str | None:
    """The person a pronoun stands for: the only one who fits, or the last of them to speak."""
    gender = "m" if pronoun in _HE else "f" if pronoun in _SHE else ""
    if not gender:
        return None
    near = [p for p in people if p.sure and at - _NEARBY < p.start < at]
    fitting = [p for p in near if p.gender in ("", gender)]
    if not fitting:
        return None
    last = fitting[-1]
    others = [p for p in fitting if not _same_person(p, last)]
    paragraph = text.rfind("\n", 0, at)
    speaks = any(start <= last.start < end for start, end in mentions)
    strangers = any(
        last.start < p.start < at
        and (" " in p.name or any(start <= p.start < end for start, end in mentions))
        and not _same_person(p, last)
        for p in people
    )
    if last.gender == gender or (
        not strangers and (not others or (speaks and last.start > paragraph))
    ):
        return max((p.name for p in people if _same_person(p, last)), key=len)
    return None


def _same_person(a: _Person, b: _Person) -> bool:
    ours, theirs = _tokens(a.name), _tokens(b.name)
    return bool(ours and theirs) and ours[-1] == theirs[-1]


@lru_cache(maxsize=1)
def _bodies() -> frozenset[str]:
    roles = vocabulary()["roles"]
    lines = f"{roles['bodies']}\n{roles['papers']}".strip().split("\n")
    return frozenset(line.split()[0] for line in lines if line.strip())
