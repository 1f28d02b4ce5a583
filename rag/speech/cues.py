"""The verbs of speech in a text: where they stand, and how they are used.

The words themselves are in `words.toml`; this module knows how French and English inflect them.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rag.types import Language

_CLASSES = ("says", "bare", "plain", "weak", "object", "voices", "calls")
_FRENCH_ENDINGS = "e ent ait aient a èrent era eront erait eraient"
_DOUBLED = {"rappeler": "rappell", "rejeter": "rejett"}  # before a mute e
_DAY = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|hier"
_MENT = (  # lundi prochain, le gouvernement affirme: no adverb
    r"(?<!\b[Ll]e )(?<!\b[Uu]n )(?<!\b[Cc]e )(?<!\b[Dd]u )(?<!\b[Aa]u )(?<!['’])"
    r"\b(?!(?:gouverne|parle|départe|mouve|docu|établisse|régi|juge|règle)ment\b)[a-zà-ÿ]\w*ment"
)
_LY = (
    r"(?<!\b[Tt]he )(?<!\b[Aa] )(?<!\b[Aa]n )(?<!\b[Hh]is )(?<!\b[Hh]er )(?<!\b[Ii]ts )"
    r"(?<!\b[Tt]heir )(?<!\b[Oo]ur )"
    r"\b(?!(?:fami|assemb|al|ral|dai|week|month|bul|elder|monopo|rep|supp)ly\b)[a-z]\w*ly"
)
_ADVERB = {
    "fr": rf"(?:{_MENT}|aussi|également|déjà|encore|toujours|ensuite|alors|ainsi|enfin|même|bien"
    rf"|d['’]abord|(?:lui|elle|eux)(?:-mêmes?| aussi)|de nouveau|en outre|par ailleurs|pourtant"
    rf"|cependant|toutefois|jamais|pas|plus|souvent|longtemps|depuis|à son tour|(?:{_DAY})"
    rf"(?: (?:matin|soir))?|pour sa part|de son côté|, [^,;:]{{2,60}},)",
    "en": rf"(?:{_LY}|also|later|then|once|never|not|always|often|still|now|already|even|ever"
    r"|himself|herself|itself|themselves|just|again|previously|since|long)",
}
_FRENCH_PRONOUN = r"(?:il|elle|ils|elles|on)\b"
_CLITIC = (
    r"(?:\b(?:n['’]|ne |l['’]|le |la |les |lui |leur |en |y |nous |vous |me |m['’]|se |s['’]))*"
)
_AUXILIARY = {
    "fr": re.compile(
        rf"{_CLITIC}\b(?:a|ont|avait|avaient|aura|auront|aurait|auraient|eut|ait)"
        rf"(?:(?:-t)?-(?P<pronoun>{_FRENCH_PRONOUN}))?(?:(?: |(?=,)){_ADVERB['fr']})* $"
    ),
    "en": re.compile(rf"(?:\b(?:has|have|had)|['’](?:s|ve|d)) (?:{_ADVERB['en']} )*$"),
}
_MODAL = re.compile(
    rf"\b(?:will|would|did|does|do|can|could|may|might|must)(?: not|n['’]t)? "
    rf"(?:{_ADVERB['en']} )*$"
)
_BEFORE = {
    "fr": re.compile(rf"(?: (?:{_ADVERB['fr']}))* ?{_CLITIC}$"),
    "en": re.compile(rf"(?: {_ADVERB['en']})* ?$"),
}
_PASSIVE = {
    "fr": re.compile(r"\b(?:est|sont|était|étaient|été|être|fut|sera|soit|ayant)(?: \w+ment)? $"),
    "en": re.compile(
        r"(?:\b(?:is|are|was|were|be|been|being|get|got|to|so|as|the|a|an|his|her|its|their"
        rf"|no|any|such|of)|n['’]t)(?: {_LY})? $"
    ),
}
_NEGATED = {  # who does not say a thing has not said it
    "fr": re.compile(r"^(?:n['’]|ne )"),
    "en": re.compile(r"\bnot\b|\bnever\b|n['’]t\b"),
}
_WORD = re.compile(r"(?:[sS]['’])?[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Cue:
    """A verb of speech at `start:end`, what stands with it included ("n'a jamais dit").

    `kinds` are the classes of `words.toml`. `pronoun` is its subject where that is part of it
    ("a-t-elle ajouté"), as offsets. A `participle` ("ajoutant") has another verb's subject.
    """

    start: int
    end: int
    kinds: frozenset[str]
    participle: bool = False
    bare: bool = False  # the dictionary form: in English it may well be a noun
    pronoun: tuple[int, int] | None = None

    @property
    def plain(self) -> bool:
        """Whether it takes a clause without "that" and hardly anything else: "said it would"."""
        return "plain" in self.kinds


_Forms = dict[str, dict[str, set[str]]]  # form -> how it is used -> kinds


@cache
def vocabulary() -> dict[str, Any]:
    """What `words.toml` says."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def cues(text: str, language: Language) -> Iterator[Cue]:
    """The verbs of speech in `text`, in order. A past participle counts with its auxiliary only."""
    forms = _forms(language)
    known = _first_words(language)
    taken = 0
    for match in _WORD.finditer(text):
        if match.start() < taken or not match[0].islower() or _key(match[0]) not in known:
            continue
        end, uses = _longest(text, match, forms)
        cue = _cue(text, match.start(), end, uses, language) if uses else None
        if cue:
            taken = cue.end
            if not _NEGATED[language].search(text[cue.start : end]):
                yield cue


def is_passive(text: str, end: int, language: Language) -> bool:
    """Whether a past participle of a verb of speech ends at `end`: "qualifié", "described"."""
    last = re.search(r"[^\W\d_]+$", text[max(end - 30, 0) : end])
    return last is not None and "past" in _forms(language).get(last[0].casefold(), {})


@cache
def _first_words(language: Language) -> frozenset[str]:
    return frozenset(form.split()[0] for form in _forms(language))


def _longest(
    text: str, match: re.Match[str], forms: _Forms
) -> tuple[int, dict[str, set[str]] | None]:
    found = match.end(), forms.get(_key(match[0]))
    if "" not in forms.get(_key(match[0]) + " ", {}):
        return found
    end = match.end()
    for _ in range(2):
        following = _WORD.match(text, end + 1)
        if following is None:
            break
        end = following.end()
        found = (end, forms[key]) if (key := _key(text[match.start() : end])) in forms else found
    return found


def _key(word: str) -> str:
    return word.casefold().replace("’", "'")


def _cue(
    text: str, start: int, end: int, uses: dict[str, set[str]], language: Language
) -> Cue | None:
    offset = max(start - 110, 0)
    before = text[offset:start]
    auxiliary = _AUXILIARY[language].search(before) if "past" in uses else None
    if auxiliary:
        pronoun = auxiliary.span("pronoun") if "pronoun" in auxiliary.re.groupindex else (-1, -1)
        inside = None if pronoun[0] < 0 else (offset + pronoun[0], offset + pronoun[1])
        return Cue(offset + auxiliary.start(), end, frozenset(uses["past"]), pronoun=inside)
    if "present" in uses:
        return Cue(start, end, frozenset(uses["present"]), participle=True)
    modal = _MODAL.search(before) if language == "en" and "bare" in uses else None
    if modal:
        return Cue(offset + modal.start(), end, frozenset(uses["bare"]))
    if "finite" not in uses or _PASSIVE[language].search(before):
        return None
    return _finite(text, start, end, uses, language)


def _finite(text: str, start: int, end: int, uses: dict[str, set[str]], language: Language) -> Cue:
    offset = max(start - 110, 0)
    before = _BEFORE[language].search(text[offset:start])
    begin = offset + before.start() if before else start
    while begin < start and text[begin] == " ":
        begin += 1
    inverted = re.compile(rf"-(?:t-)?({_FRENCH_PRONOUN})").match(text, end)
    kinds = frozenset(uses["finite"])
    if inverted and language == "fr":
        return Cue(begin, inverted.end(), kinds, pronoun=inverted.span(1))
    return Cue(begin, end, kinds, bare="bare" in uses)


@cache
def _forms(language: Language) -> _Forms:
    table: _Forms = {}
    verbs = vocabulary()[language]
    for kind in _CLASSES:
        regular = _french if language == "fr" else _english
        for infinitive in re.findall(r"(?:se |s')?\S+", verbs.get(kind, "")):
            for use, forms in regular(infinitive).items():
                _enter(table, forms, use, kind)
        for line in verbs["irregular"].get(kind, ()):
            for use, written in zip(("finite", "past", "present"), line.split("|"), strict=True):
                forms = written.split("," if "," in written else None)
                _enter(table, [form.strip() for form in forms], use, kind)
                if use == "finite" and language == "en":
                    _enter(table, [f for f in forms if f in ("say", "tell", "think")], "bare", kind)
    return table


def _enter(table: _Forms, forms: list[str], use: str, kind: str) -> None:
    for form in filter(None, forms):
        table.setdefault(form, {}).setdefault(use, set()).add(kind)
        if " " in form:
            table.setdefault(form.split()[0] + " ", {})[""] = set()


def _french(infinitive: str) -> dict[str, list[str]]:
    """The forms of a regular verb in -er, its reflexive pronoun with them."""
    reflexive, verb = "", infinitive
    if match := re.match(r"s'|se ", infinitive):
        reflexive, verb = match[0], infinitive[match.end() :]
    stem = verb[:-2]
    mute = _DOUBLED.get(verb) or re.sub(r"[ée](?=[^aeiouyé]u?$)", "è", stem)
    soft = stem + "e" if stem.endswith("g") else re.sub(r"c$", "ç", stem)
    finite = []
    for ending in _FRENCH_ENDINGS.split():
        base = mute if ending in ("e", "ent") else soft if ending[0] == "a" else stem
        finite.append(reflexive + base + ending)
    past = [stem + ending for ending in ("é", "ée", "és", "ées")]
    present = [reflexive + soft + "ant"]
    before = f"{reflexive}{verb}"
    present.append(f"avant d'{before}" if before[0] in "aeiouyéèêh" else f"avant de {before}")
    if not reflexive:
        return {"finite": finite, "past": past, "present": present}
    finite += [f"{be} {form}" for be in ("s'est", "s'était", "se sont") for form in past]
    return {"finite": finite, "present": present}


def _english(verb: str) -> dict[str, list[str]]:
    """The forms of a regular verb: -s, -ed, -ing, with their spelling."""
    stem = verb[:-1] if verb.endswith("e") else verb
    if verb.endswith("y") and verb[-2] not in "aeiou":
        third, past, stem = verb[:-1] + "ies", verb[:-1] + "ied", verb
    elif verb in ("quip", "snap", "admit", "slam", "dub"):
        third, past, stem = verb + "s", verb + verb[-1] + "ed", verb + verb[-1]
    else:
        third, past = verb + ("es" if verb.endswith(("sh", "ch", "s")) else "s"), stem + "ed"
    return {
        "finite": [verb, third, past],
        "bare": [verb],
        "past": [past],
        "present": [stem + "ing"],
    }
