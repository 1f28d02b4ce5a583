"""Where in a sentence the words are that a verb of speech reports: a clause, a thing, a quotation.

The sentences come with their quotations hidden (see `rag.speech.phrases.HIDDEN`): a quotation is
a run of that one character, so that nothing that is quoted is read as the outlet's own grammar.
"""

import re
from dataclasses import dataclass

from rag.speech.cues import Cue, cues
from rag.speech.phrases import (
    HIDDEN,
    could_speak,
    is_apposition,
    is_described,
    is_name,
    oblique_at,
    phrase_at,
    role_of,
    subject_before,
)
from rag.types import Language

Span = tuple[int, int]

ADJUNCT = {  # when, where and to whom it is said
    "fr": r"(?:,? ?\b(?:à|au|aux|dans|sur|devant|lors|en|ce|le \d|par|alors|après|auprès|depuis|via"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|hier|également|aussi|ainsi|notamment"
    r"|toutefois|ensuite|pour sa part|de son côté|avec|encore|l['’]an|la semaine)\b"
    r"[^,:;.]{0,60}?,?){0,3}",
    "en": r"(?:,? (?:(?:(?:late|early|earlier) )?(?:on |this |last |in |by )?(?:Mon|Tues|Wednes"
    r"|Thurs|Fri|Satur|Sun)day(?: (?:morning|afternoon|evening|night))?|yesterday|today|earlier"
    r"|(?:on|in|by) (?:\d+ )?(?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December)(?: \d+)?(?:,? \d{4})?|(?:last|this) (?:week|month|year|morning)"
    r"|(?:in|via|through|on|during|at|after|to|before) (?:an?|his|her|its|their|the) "
    r"(?:[\w’'-]+ ){0,3}?(?:statement|interview|tweet|post|letter|report|speech|e?-?mail|filing"
    r"|conference|briefing|meeting|call|hearing|court|council|broadcast|radio|television"
    r"|reporters|newspaper|press|study|paper)|in \d{4}|at the time)(?: (?:on|to|with) "
    r"(?:the )?[A-Z][\w’'-]*(?: [A-Z]\w*)*)?,?){0,3}",
}
_DAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|hier)(?: matin| soir| après-midi)?"
_TO = re.compile(rf" (?:(?:à|au|aux|devant|dans|sur|en) |(?P<when>{_DAY}))")
_THAT = {"fr": r"\s*\b(?:que |qu['’]|si |à ce que |combien |pourquoi )", "en": r" that "}
_QUOTES = rf"{HIDDEN}+(?:,? ?(?:et|ou|mais|and|or|but)? ?{HIDDEN}+)*"
_LEADS_TO_QUOTE = {
    "fr": r"[^.:;]{0,140}?\s?:\s*|(?: (?:un|une|le|la|les|des|du|de|comme|en|être|avoir|ne pas"
    r"|vouloir|ce|son|sa|ses|leur|leurs)| ?d['’](?:une? )?| l['’]| que| qu['’](?:il|elle|une?)?"
    r"| à)*\s?|,\s",
    "en": r"[^.:;]{0,140}?\s?:\s*|[^.:;,]{0,80},\s"
    r"|(?: (?:that|of|an?|the|as|was|is|it|this|to))*\s",
}
_INFINITIVE = re.compile(
    r" (?:ne pas |ne plus |n['’]|l['’]|s['’]|se |y |en |le |la |les |lui )*"
    r"(?:(?:avoir|être)\b|(?!(?:premier|dernier|hier|hiver|janvier|février|maire|pour|par)\b)"
    r"[a-zà-ÿ]{2,}(?:er|ir|oir|dre|tre|ire|vre)\b)"
)
_DE_INFINITIVE = re.compile(r" (?:de ne (?:pas|plus) |de |d['’])(?=[a-zà-ÿ]{2,}(?:er|ir|oir|re)\b)")
_TELLS = re.compile(r"\b(?:tell|tells|told|telling)$")
_THING = {
    "fr": re.compile(
        rf"(?: (?:{_DAY}(?: \d+ \w+)?|également|aussi|notamment|ainsi))? (?=\S)"
        rf"(?!à |de |au |{_DAY}|également)"
    ),
    "en": re.compile(r" (?=\S)(?!on |in |at |to )"),
}
_NEXT = {
    "fr": re.compile(
        r";\s|,? (?:mais |tandis que |tandis qu['’]|alors que |alors qu['’]|quand )"
        r"|,(?: et| puis)? (?=\w+ant\b)| (?:et|puis) |, et "
    ),
    "en": re.compile(
        r";\s|,? (?:but|while|whereas|although) |,(?: and)? (?=\w+ing\b)|,? and |, as "
    ),
}
FINITE = {  # verbs of a clause, which an apposition or a thing has not
    "fr": re.compile(
        r"\b(?:a|ont|est|sont|était|étaient|avait|avaient|sera|seront|aurait|serait|doit|peut|va"
        r"|vont)\b"
    ),
    "en": re.compile(
        r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|did|does|should)\b"
    ),
}
_SEMICOLON = re.compile(r";(?!\s*(?:que\b|qu['’]|that\b))")
_CONTRASTS = (", but", ", while", ", mais", ", tandis", ", alors")
_THAT_TOO = re.compile(r"(?:que\b|qu['’]|that\b)")
_LATER = 6  # verbs behind one that may end what it reports
_DATELINE = re.compile(r"[^.;,:«“\"]{2,40}(?:, [^.;:,]{2,30})?(?: \(\w+\))?\.? [—–-] ")
_LINK = re.compile(r"\b(?:que|qui|dont|où|car|mais|which|that|who|because|but|and|et|ou|or)$")
_COMMA = {"fr": r"\s?,", "en": ",?"}
# Behind a quotation and who says it: when, where and how it is said, and no more of it.
_CIRCUMSTANCE = {
    "fr": re.compile(r"(?:après|avant|pendant|lors|à|au|aux|devant|dans|sur|en|par)\b"),
    "en": re.compile(
        r"(?:after|before|during|when|while|at|in|on|outside|inside|ahead|following|by|through|from|to"
        r"|about|with|without|as|amid|over|via|near|until)\b"
    ),
}
_RELATIVE = {  # "The man, who police say is 24, was arrested"
    "fr": re.compile(r", (?:qui|que|dont) (?:[^,]{1,60} )?$"),
    "en": re.compile(r", (?:who|which|whom) (?:[^,]{1,60} )?$"),
}
_AS = re.compile(r"(?:As|Comme)(?: [a-zà-ÿ]\w*)? ?")
_KICKER = re.compile(rf"[^:{HIDDEN}]{{1,60}}:\s*(?={HIDDEN}+[,.]?\s*$)")
_NEITHER = re.compile(r"\b(?:[Nn]either|[Nn]or|[Nn]i) $")
_ENDS = re.compile(r"[\s.!?…,;:]*$")


@dataclass(frozen=True, slots=True)
class Statement:
    """Who says what, as offsets into a sentence; `subject` None where another verb has it."""

    spans: tuple[Span, ...]
    subject: Span | None
    cue: Span
    quotes_only: bool = False


def statements(text: str, language: Language) -> list[Statement]:
    """What the verbs of speech of a sentence report, in order."""
    found: list[Statement] = []
    verbs = list(cues(text, language))
    for number, cue in enumerate(verbs):
        statement = _statement(text, cue, verbs[number + 1 : number + 1 + _LATER], language)
        if statement:
            found.append(statement)
    return found


def _statement(text: str, cue: Cue, later: list[Cue], language: Language) -> Statement | None:
    if cue.pronoun:
        spans = around(text, cue.start, cue.end, language) or _after(text, cue, later, language)
        return Statement(spans, cue.pronoun, (cue.start, cue.end)) if spans else None
    inverted = _inverted(text, cue, language)
    if inverted:
        return inverted
    spans = _after(text, cue, later, language)
    subject = _subject(text, cue, language)
    if subject and _NEITHER.search(text[: subject[0]]):
        return None
    if spans and (subject or _shares_subject(text[: cue.start])):
        if subject and not cue.participle:
            quoted = re.search(rf"{HIDDEN}+,? $", text[: subject[0]])
            if quoted and _CIRCUMSTANCE[language].match(text, spans[0][0]):
                spans = ()
            spans = (quoted.span(), *spans) if quoted else spans
        return Statement(spans, subject, (cue.start, cue.end), "voices" in cue.kinds)
    likely = not cue.bare or ("says" in cue.kinds and subject and text[: subject[0]].strip())
    if subject and language == "en" and likely and _closes(text, subject, cue, language):
        spans = around(text, _behind_quote(text, subject[0]), cue.end, language)
        alone = not text[: subject[0]].strip()
        return Statement(spans, subject, (cue.start, cue.end)) if spans or alone else None
    return None


def _behind_quote(text: str, start: int) -> int:
    """Where who says it begins: `“…,” its director, Tom Ashdown, said` begins at "its"."""
    between = re.search(rf"{HIDDEN}([,.]? [^.;:,{HIDDEN}]{{1,80}}, )$", text[:start])
    return between.start(1) if between else start


def _subject(text: str, cue: Cue, language: Language) -> Span | None:
    if cue.participle and _shares_subject(text[: cue.start]):
        return None
    subject = subject_before(text[: cue.start], language)
    if subject is None:
        return None
    a_thing = "object" in cue.kinds and not re.match(_THAT[language], text[cue.end :])
    certain = cue.kinds & {"says", "voices"} and not cue.bare and not a_thing
    return subject if certain or could_speak(text[slice(*subject)], language) else None


def _shares_subject(before: str) -> bool:
    """Whether a verb behind `before` goes on with the subject of an earlier one."""
    return (
        re.search(r"(?:\b(?:et|puis|mais|en|and|but|then|while|whilst)|,)\s*$", before) is not None
    )


def _inverted(text: str, cue: Cue, language: Language) -> Statement | None:
    """`« … », lance le maire`, `…, a indiqué à la presse la mairie`: the subject comes last."""
    before = text[: cue.start].rstrip()
    quoted = before.rstrip(" ,—–-").endswith(HIDDEN) or not before
    if _TELLS.search(text[: cue.end]):
        return None
    told_as = before == "Comme"
    if cue.participle or not (quoted or told_as or before.endswith((",", "—", "–"))):
        return None
    subject = _behind(text, cue.end, language)
    if subject is None:
        return None
    who = text[slice(*subject)]
    after_quote = re.search(rf"{HIDDEN}{_COMMA[language]}\s*$", text[: cue.start]) is not None
    if not (could_speak(who, language) or (after_quote and is_described(who, language))):
        return None
    rest = text[subject[1] :]
    if re.match(rf"{ADJUNCT[language]}{_THAT[language]}", text[cue.end :]) or (
        not quoted and _reads_on(before, rest, cue, language)
    ):
        return None
    if "says" not in cue.kinds and "weak" not in cue.kinds and not quoted:
        return None
    spans = around(text, cue.start, subject[1], language)
    return Statement(spans, subject, (cue.start, cue.end)) if spans or not before else None


def _behind(text: str, end: int, language: Language) -> Span | None:
    """The subject behind the verb, or behind whom it is said to: `a indiqué à l’AFP la mairie`."""
    subject = phrase_at(text, end + 1, language)
    to = _TO.match(text, end)
    if subject or to is None or language == "en":
        return subject
    heard = phrase_at(text, to.end(), language)
    end = heard[1] if heard else to.end("when")
    return phrase_at(text, end + 1, language) if end > 0 else None


def _reads_on(before: str, rest: str, cue: Cue, language: Language) -> bool:
    """Whether the verb behind the comma has its subject before an apposition, not behind it."""
    if re.match(rf"\s*(?:[:«]|{HIDDEN}|que\b|qu['’])", rest):
        return True
    if language == "en":
        return re.match(r"[,.;]|$| (?:on|in|at|after|during|who|to|of)\b", rest) is None
    head, comma, last = before.rstrip(",").rpartition(",")
    named = is_name(last.strip()) and role_of(" ".join(head.split()[:4])) is not None
    return bool(comma) and (named or is_apposition(last, language))


def _closes(text: str, subject: Span, cue: Cue, language: Language) -> bool:
    """Whether nothing but when and to whom comes behind the verb: "…, the mayor said on Monday"."""
    rest, before = text[cue.end :], text[: subject[0]].rstrip()
    if before and not before.endswith((",", HIDDEN)) and not _AS.fullmatch(before):
        return False
    quoted = text[: _behind_quote(text, subject[0])].rstrip(" ,").endswith(HIDDEN)
    if quoted and HIDDEN not in rest:
        return True
    if _TELLS.search(text[: cue.end]):
        heard = phrase_at(rest, 1, language)
        rest = rest[heard[1] :] if heard else rest
    return (
        re.match(rf"{ADJUNCT[language]}(?:\s*[,.;!?]| as | when | after |\s*$)", rest) is not None
    )


def around(text: str, start: int, end: int, language: Language) -> tuple[Span, ...]:
    """What is said where who says it stands at `start:end`: before it, or on both sides of it."""
    head = text[:start]
    if _AS.fullmatch(head):  # "As Heald told the paper, …"
        comma = text.find(",", end)
        only = trim(text, comma, len(text)) if comma > 0 else None
        return (only,) if only else ()
    before = trim(text, _opening(head), start)
    if before is None:
        return ()
    behind = re.match(r"\s*,\s", text[end:])
    after = trim(text, end + behind.end(), len(text)) if behind else None
    if after is None or is_apposition(text[slice(*after)].partition(",")[0], language):
        return (before,)
    said = text[slice(*before)]
    if _LINK.search(said):
        return (after,)  # "a policy which, according to …"
    if is_clause(said, language):
        return (before,)
    subject = subject_before(f"{said} ", language)
    return (before, after) if subject or len(said.split()) > 2 else (after,)


def _opening(head: str) -> int:
    """Where the clause begins that ends where `head` does, behind a dateline."""
    dateline = _DATELINE.match(head)
    kicker = _KICKER.match(head)
    colon = kicker.end() if kicker else head.rfind(":") + 1 if HIDDEN not in head else 0
    return max(head.rfind(";") + 1, colon, dateline.end() if dateline else 0)


def is_clause(text: str, language: Language) -> bool:
    """Whether `text` says something, and is more than a subject or "hier"."""
    if HIDDEN in text or len(text.split()) > 9:
        return True
    return subject_before(f"{text} ", language) != (0, len(text)) and len(text.split()) > 2


def _after(text: str, cue: Cue, later: list[Cue], language: Language) -> tuple[Span, ...]:
    start, quotes_only = _begins(text, cue, language)
    if start is None:
        return ()
    if quotes_only:
        quotes = re.compile(_QUOTES).match(text, start)
        return ((quotes.start(), quotes.end()),) if quotes else ()
    stop = _stop(text, start, later, language)
    if re.search(r"\b(?:qui|who) $", text[: cue.start]):
        stop = min([stop, *(c.start for c in later if text[: c.start].endswith(", "))])
    if (
        _RELATIVE[language].search(text[: cue.start])
        and (comma := text.find(", ", start, stop)) > 0
    ):
        stop = comma
    colon = re.compile(rf"[^{HIDDEN};:]+?(\s?:\s*)(?={HIDDEN})").match(text, start, stop)
    edges = [(start, colon.start(1)), (colon.end(), stop)] if colon else [(start, stop)]
    return tuple(span for edge in edges if (span := trim(text, *edge)))


def _begins(text: str, cue: Cue, language: Language) -> tuple[int | None, bool]:
    """Where what the verb reports begins, and whether only words in quotation marks count."""
    rest, kinds = text[cue.end :], cue.kinds
    if _TELLS.search(text[: cue.end]):
        heard = oblique_at(rest, 1, language)
        if heard is None or re.match(r"\s*to\b", rest[heard[1] :]):
            return None, False
        return _shift(_english(rest[heard[1] :], cue), cue.end + heard[1]), False
    quote = re.match(rf"(?:{_LEADS_TO_QUOTE[language]})(?={HIDDEN})", rest)
    clause = _french(rest, cue) if language == "fr" else _english(rest, cue)
    if clause is not None and not (quote and quote.end() <= clause):
        return cue.end + clause, False
    if quote:
        return cue.end + quote.end(), not (kinds & {"says", "weak", "object"})
    if "calls" in kinds:
        quote = re.match(rf"[^.;:]{{0,80}}?(?={HIDDEN})", rest)
        return (cue.end + quote.end(), True) if quote else (None, False)
    return None, False


def _shift(place: int | None, by: int) -> int | None:
    return None if place is None else place + by


def _french(rest: str, cue: Cue) -> int | None:
    if cue.kinds & {"says", "weak"}:
        that = re.match(rf"{ADJUNCT['fr']}{_THAT['fr']}", rest)
        if that:
            return that.end()
        infinitive = _INFINITIVE.match(rest) or _DE_INFINITIVE.match(rest)
        if infinitive and "says" in cue.kinds:
            return 1
    if "object" in cue.kinds and (thing := _THING["fr"].match(rest)):
        return thing.end()
    return None


def _english(rest: str, cue: Cue) -> int | None:
    if not cue.kinds & {"says", "weak", "object"}:
        return None
    that = re.match(rf"{ADJUNCT['en']}{_THAT['en']}", rest)
    if that:
        return that.end()
    adjunct = re.match(ADJUNCT["en"], rest)
    bare = re.match(
        r" (?=[\w$€£])(?!(?:to|about|of|with|for|on|in|at|as|against)\b)",
        rest[adjunct.end() if adjunct else 0 :],
    )
    if bare and adjunct and cue.kinds & {"object", "bare", "plain"} and _may_be_bare(rest, cue):
        return adjunct.end() + bare.end()
    promise = re.match(r" (?=to [a-z])", rest)
    return promise.end() if promise and "says" in cue.kinds else None


def _may_be_bare(rest: str, cue: Cue) -> bool:
    """ "Claimed the road was safe" is a clause, "claimed a prize" is not."""
    return (
        "object" in cue.kinds
        or cue.plain
        or FINITE["en"].search(" ".join(rest.split()[:6])) is not None
    )


def _stop(text: str, start: int, later: list[Cue], language: Language) -> int:
    """Where what is said ends: with the sentence, or before somebody else, or the same, goes on."""
    semicolon = _SEMICOLON.search(text, start)
    end = semicolon.start() if semicolon else len(text)
    breaks = list(_NEXT[language].finditer(text, start, end))
    for cue in later:
        for match in reversed([m for m in breaks if m.end() <= cue.start]):
            between = text[match.end() : cue.start]
            own = subject_before(between, language)
            goes_on = not between.strip() or cue.participle or own == (0, len(between.strip()))
            if match[0].startswith(_CONTRASTS) or (
                goes_on and not _THAT_TOO.match(text, match.end())
            ):
                return match.start()
    return end


def trim(text: str, start: int, end: int) -> Span | None:
    """The span without spaces, commas and full stops around it; None where nothing is left."""
    ending = _ENDS.search(text, start, end)
    end = ending.start() if ending else end
    while start < end and text[start] in " \u00a0\u202f,;:—–-\t":
        start += 1
    return (start, end) if start < end else None
