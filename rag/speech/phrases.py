"""Which words before or after a verb of speech name the one who speaks.

A small grammar of French and English noun phrases: names ("Mme Aubin", "Jean-Paul Ferrand"),
pronouns, and an article with its noun and what belongs to it ("le maire de Rivenac", "the
company’s chief executive").
"""

import re
from functools import cache, lru_cache

from rag.language import fold
from rag.speech.cues import vocabulary
from rag.types import Language

_WORD_START = re.compile(r"(?<![\w’'-])\w")
_GOVERNED = re.compile(r"\b(?:by|against|par|contre) $")
_LONGEST = 250  # characters before a verb among which its subject is looked for
HIDDEN = "\ue000"  # stands for every character of a quotation, so that its words are not read

_DAYS = (
    "[Ll]undi|[Mm]ardi|[Mm]ercredi|[Jj]eudi|[Vv]endredi|[Ss]amedi|[Dd]imanche"
    "|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
    "|January|February|March|April|May|June|July|August|September|October|November|December"
)
TITLES = {
    "fr": r"(?:MM?\.|M(?=\s[A-Z])|Mmes?|Mlles?|Mes?|Drs?|Pr|Mgr|Monsieur|Madame|Maître)",
    "en": r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Lord|Lady|Sgt|Capt|Gen|Col|Lt|Rev|Sen|Rep|Gov)\.?",
}
_LOWER_CASE = {  # words that only begin a sentence when they are written with a capital
    "fr": r"Le|La|Les|Un|Une|Des|Du|De|Ce|Cet|Cette|Ces|Mais|Et|Or|Car|Pour|Selon|Dans|Par|Sur"
    r"|Avec|Si|Au|Aux|En|À|Il|Elle|Ils|Elles|On|Nous|Vous|Je|Que|Qui|Quand|Son|Sa|Ses|Leur|Leurs"
    r"|Puis|Après|Avant|Depuis|Ainsi|Aussi|Hier|Enfin|Pourtant|Cependant|Toutefois|Ensuite"
    r"|Interrogée?|Contactée?|Comme|Plusieurs|Certaine?s|Quelques|Chez|Sans|Là|Ici|Parmi|Face"
    r"|Malgré|Suite|Lors|Dès|Vers|Sous|Entre|Grâce|Outre|Contre|Pendant|Afin|Tous|Toutes|Tout|Rien"
    r"|Cela|Ceci|Celui|Celle|Dont|Où|Alors|Bien|Très|Plus|Moins|Aucune?|Jamais|Désormais",
    "en": r"Let|The|A|An|But|And|In|On|At|By|For|From|With|After|Before|When|While|As|If|He|She|It"
    r"|They|We|I|You|This|That|These|Those|His|Her|Its|Their|Our|My|There|Then|However|Yet|So|Or"
    r"|Nor|Since|Although|Though|Because|Asked|Last|Also|Now|Earlier|Later|Meanwhile|Today"
    r"|Yesterday|According|Some|Many|Most|One|Two|Both|Several|Another|No|Not|Speaking|During"
    r"|Following|Despite|Under|Among|Over|Through|Until|Between|Unlike|Like|Of|To|Into|About|All"
    r"|Only|Even|What|Who|Which|Where|Why|How|Such|More|Less|Other|Others|Each|Every|While|Nobody"
    r"|Will|Is|Are|Do|Does|Did|Can|Could|Should|Would|Has|Have|Nothing|Everyone|Everything|Someone|Something|Instead|Thus|Therefore|Nevertheless|Yes",
}
_CAPITAL = {
    language: rf"(?!(?:{words}|{_DAYS})(?![\w’'-])|[LDJNSMTC]['’])"
    r"(?:[A-Z]\.(?:-?[A-Z]\.)*(?= ?[A-Z])"
    r"|[A-ZÀ-ÖØ-Þ]\w*(?:(?:-|(?<=[OD])['’]|\.(?=com|org|net))\w+|&\w+)*|[a-z][A-Z]\w+)"
    for language, words in _LOWER_CASE.items()
}
_PARTICLE = (
    r"(?:de la |de l['’]|de |du |des |d['’]|van der |van |von |der |den |el |al-|ben |bin |di |da "
    r"|dos |le |la |Le |La |De |Du |Des |Van |Von |Ben |El |of the |of |& )"
)
_NAME = {
    language: rf"(?:{TITLES[language]} )?{capital}(?: (?:{_PARTICLE}){{0,2}}{capital}){{0,6}}"
    for language, capital in _CAPITAL.items()
}
_ANY_NAME = re.compile(  # in either language
    rf"(?<![\w-])(?:(?:{TITLES['fr']}|{TITLES['en']}) )?"
    rf"(?!(?:{_LOWER_CASE['fr']}|{_LOWER_CASE['en']})(?![\w’'-])){_CAPITAL['en']}"
    rf"(?: (?:{_PARTICLE}){{0,2}}{_CAPITAL['en']}){{0,6}}"
)
_DETERMINER = {
    "fr": r"(?i:\b(?:le|la|les|un|une|des|ce|cet|cette|ces|son|sa|ses|leurs?|notre|nos|mon|ma|mes"
    r"|plusieurs|certaine?s|quelques|deux|trois|quatre|cinq|six|dix|chaque|nombre de|beaucoup de"
    r"|de nombreu(?:x|ses)|la plupart des|une partie des|\d+) |\bl['’])",
    "en": r"(?i:\b(?:the|an?|this|that|these|those|his|her|its|their|our|my|some|many|several|most"
    r"|few|one|two|three|four|five|six|both|another|each|every|one of the|some of the|\d+) )",
}
_OF = {
    "fr": r"(?:de la |de l['’]|du |des |de |d['’]|aux? |à la |à l['’]|à |en |pour |chez |contre )",
    "en": r"(?:of |for |at |from |in |with |to |on |against |behind )",
}
_OF_AFTER = {  # behind the verb, the other prepositions begin something else
    "fr": r"(?:de la |de l['’]|du |des |de |d['’]|aux |à la |à l['’](?!A)"
    r"|en charge |chargée? |chez )",
    "en": r"(?:of |for |at )",
}
_STOP = {
    "fr": "qui|que|qu|dont|où|et|ou|mais|donc|or|ni|car|si|comme|quand|lorsque|puisque|a|ont|est"
    "|sont|était|étaient|avait|avaient|sera|seront|serait|aurait|avoir|être|été|fut|va|vont|ne|se"
    "|il|elle|ils|elles|on|je|nous|vous|ce|cela|après|avant|pendant|depuis|dès|lors|hier|demain"
    "|aujourd|par|sur|sous|dans|avec|sans|entre|vers|selon|devant|auprès|malgré|aussi|déjà|encore"
    "|notamment|ainsi|puis|ensuite|alors|le|la|les|un|une|des|du|de|au|aux|à|en|pour|chez|contre"
    "|y|lui|leur|leurs|son|sa|ses|cet|cette|ces|pas|plus|très|tout|jusqu|via|lundi|mardi|mercredi"
    "|jeudi|vendredi|samedi|dimanche|soit|doit|doivent|peut|peuvent|fait|font|afin|tandis|face"
    "|suite|grâce|à|également|toutefois|pourtant|cependant|interrogé|interrogée",
    "en": "who|which|that|whom|whose|and|or|but|as|if|when|while|after|before|since|because|is|are"
    "|was|were|be|been|being|has|have|had|will|would|can|could|should|may|might|must|do|does|did"
    "|not|also|then|later|now|today|yesterday|tomorrow|however|there|here|the|an|a|this|these"
    "|those|his|her|its|their|our|my|your|he|she|it|they|we|you|i|him|them|us|of|for|at|from|in"
    "|with|to|on|against|behind|by|during|about|over|into|through|than|so|too|up|out|off|down"
    "|where|how|why|what|whether|although|though|until|under|between|among|without|via|earlier"
    "|last|next|again|already|still|even|ahead|following|amid|around|told|said|says|whilst",
}
_PRONOUN = {
    "fr": r"(?i:\b(?:je|nous|vous|tu|il|elle|ils|elles|ce dernier|cette dernière"
    r"|ces derniers|ces dernières|celui-ci|celle-ci|ceux-ci|celles-ci|l['’]intéressée?"
    r"|(?:certaine?s|d['’]autres|beaucoup|tous|toutes|l['’]une?|l['’]autre)(?! [a-zà-ÿ]))\b)",
    "en": r"(?i:\b(?:he|she|they|it|we|I|you|me|us|the latter|the former"
    r"|(?:some|many|others|both|most)(?! [a-z]))\b)",
}
_OBLIQUE = {
    "fr": re.compile(
        r"\b(?:lui|elle|eux|elles|moi|nous|ce dernier|cette dernière|celui-ci|celle-ci)\b", re.I
    ),
    "en": re.compile(r"\b(?:him|her|them|it|the latter)\b", re.I),
}


def subject_before(text: str, language: Language) -> tuple[int, int] | None:
    """The noun phrase that `text`, which ends where a verb begins, has as the verb's subject.

    `X, l’architecte,` and `X, who …,` give X.
    """
    stripped = text.rstrip()
    if stripped.endswith((",", ")")):
        return _before_apposition(stripped, language)
    cut = max(stripped.rfind(mark) for mark in ",;:(—–…\n") + 1
    cut = max(cut, len(stripped) - _LONGEST)
    found = _at_end(stripped[cut:], language)
    span = (cut + found[0], cut + found[1]) if found else None
    return _relative(stripped, span, language) or span


def phrase_at(text: str, start: int, language: Language) -> tuple[int, int] | None:
    """The noun phrase that begins at `start` of `text`, behind a verb or "selon"."""
    patterns = _patterns(language)
    match = patterns["after"].match(text, start)
    bare = patterns["bare after"].match(text, start) if language == "en" else None
    if bare and _has_role(bare[0]) and (match is None or bare.end() > match.end()):
        match = bare
    return match.span() if match else None


def oblique_at(text: str, start: int, language: Language) -> tuple[int, int] | None:
    """The same, where it may be a pronoun such as "lui" or "them"."""
    match = _OBLIQUE[language].match(text, start)
    return match.span() if match else phrase_at(text, start, language)


@lru_cache(maxsize=8192)
def is_pronoun(words: str, language: Language) -> bool:
    """Whether `words` are a pronoun, and nothing else."""
    return bool(re.fullmatch(_PRONOUN[language], words) or _OBLIQUE[language].fullmatch(words))


@lru_cache(maxsize=8192)
def is_described(words: str, language: Language) -> bool:
    """Whether `words` begin with an article or the like: "un passant", "her bishop"."""
    return re.match(_DETERMINER[language], words) is not None


@lru_cache(maxsize=8192)
def is_named(words: str) -> bool:
    """Whether there is a name in `words`."""
    bare = re.sub(r"\b[LlDd]['’]", "", words)
    return all(re.search(capital, bare) for capital in _CAPITAL.values())


@lru_cache(maxsize=8192)
def is_name(words: str) -> bool:
    """Whether `words` are a name, with or without a title, and nothing else."""
    return _ANY_NAME.fullmatch(words) is not None


@lru_cache(maxsize=256)
def names_in(text: str) -> tuple[tuple[int, str], ...]:
    """The names in `text` as written, titles too, each behind where it begins, in order."""
    return tuple((match.start(), match[0]) for match in _ANY_NAME.finditer(text))


@lru_cache(maxsize=8192)
def role_of(words: str) -> str | None:
    """The first role in `words` ("le maire de Rivenac": "mayor"), None where there is none."""
    roles = roles_by_word()
    found = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", fold(re.sub(r"\b[LlDd]['’]", "", words)))
    return next((roles[word] for word in found if word in roles), None)


def could_speak(words: str, language: Language) -> bool:
    """Whether `words` are surely somebody or some body: a pronoun, a role, or a name."""
    return is_pronoun(words, language) or role_of(words) is not None or is_named(words)


def is_apposition(text: str, language: Language) -> bool:
    """Whether `text`, between commas behind a name, tells who that is."""
    text = text.strip()
    if re.match(r"\d{1,3}(?: ans)?$|(?:qui|dont|who|whose|which|où|from|of|de|du)\b", text):
        return True
    head = " ".join(re.split(r"[ '’]", text)[:5])
    return role_of(head) is not None


@cache
def roles_by_word() -> dict[str, str]:
    """The words for roles in both languages, folded, to the key that they share."""
    lines = "\n".join(vocabulary()["roles"].values()).split("\n")
    return {word: line.split()[0] for line in lines for word in line.split()}


@cache
def _patterns(language: Language) -> dict[str, re.Pattern[str]]:
    name, stop = _NAME[language], _STOP[language]
    possessive = r"(?:['’]s|s['’])?" if language == "en" else ""
    noun = rf"(?!(?:{stop})\b|[cdjlmnst]['’]|qu['’])[a-zà-öø-ÿœæ][\w-]*{possessive}"
    # no whole names here: each word one way only, or long titles take for ever
    capital = rf"(?:{TITLES[language]} )?{_CAPITAL[language]}{possessive}"
    word = rf"(?:{noun}|{capital}|\d+(?:[.,]\d+)*)"
    words = rf"{word}(?: {word}| {HIDDEN}+){{0,12}}"
    determiner = _DETERMINER[language]
    also = r" (?:et|and) "

    def phrases(of: str) -> tuple[str, str]:
        more = rf"{words}(?: {of}(?:{determiner})?{words}){{0,5}}"
        possessor = rf"{name}['’]s? {words}|" if language == "en" else ""
        return rf"(?:{determiner}{more}|{possessor}{name})", more

    before, bare_before = phrases(_OF[language])
    after, bare_after = phrases(_OF_AFTER[language])
    return {
        "end": re.compile(rf"(?:{before}(?:{also}{before})?|{_PRONOUN[language]})$"),
        "after": re.compile(rf"(?:{_PRONOUN[language]}|{after}(?:{also}{after})?)"),
        "bare end": re.compile(rf"{bare_before}$"),
        "bare after": re.compile(bare_after),
    }


def _has_role(phrase: str) -> bool:
    """Whether one of the first three words is a role, as in "local mayor": no article is needed."""
    return any(role_of(word.removesuffix("s")) or role_of(word) for word in phrase.split()[:3])


def _at_end(text: str, language: Language) -> tuple[int, int] | None:
    """The longest noun phrase that ends where `text` does."""
    patterns = _patterns(language)
    for match in _WORD_START.finditer(text):
        found = patterns["end"].match(text, match.start())
        if found is None and language == "en":
            found = patterns["bare end"].match(text, match.start())
            if found and text[: match.start()].strip() and not _has_role(found[0]):
                found = None
        if found:
            return None if _GOVERNED.search(text[: found.start()]) else found.span()
    return None


def _relative(
    text: str, span: tuple[int, int] | None, language: Language
) -> tuple[int, int] | None:
    """The phrase before "qui" or "who", where the verb or its apparent subject is behind one."""
    clause = text[max(text.rfind(mark) for mark in ";:(—–\n") + 1 :]
    offset = len(text) - len(clause)
    relative = "qui" if language == "fr" else "who|which"
    match = re.search(rf",? (?:{relative})(?= |$)(?!.*,)", clause)
    if match is None or (span is not None and offset + match.start() > span[0]):
        return None
    if language == "en" and span is not None and not clause[match.end() : span[0] - offset].strip():
        return None  # "which the Church describes"
    before = clause[: match.start()]
    cut = before.rfind(",") + 1
    found = _at_end(before[cut:], language)
    is_whole = found is not None and not before[cut : cut + found[0]].strip()
    if cut and not is_whole and is_apposition(before[cut:], language):
        return _before_apposition(f"{text[: offset + len(before)]},", language)
    if found is None:
        return None
    start, end = offset + cut + found[0], offset + cut + found[1]
    return _who_of(text, start, end, language), end


def _who_of(text: str, start: int, end: int, language: Language) -> int:
    """Where in a phrase somebody begins: "the group" of "the plans of the group, who say"."""
    if role_of(" ".join(text[start:end].split()[:2])) or is_name(text[start:end]):
        return start
    for match in re.finditer(_DETERMINER[language], text[start:end]):
        if match.start() and role_of(" ".join(text[start + match.end() : end].split()[:1])):
            return start + match.start()
    return start


def _before_apposition(text: str, language: Language) -> tuple[int, int] | None:
    """The name, or else the furthest noun phrase, before what stands between two commas."""
    limit = max(text.rfind(mark) for mark in ";:—–…\n") + 1
    text = re.sub(r"\([^()]*\)$", lambda m: "," * len(m[0]), text)
    ends = [m.start() for m in re.finditer(r",+", text[limit:])][-4:]
    best: tuple[int, int] | None = None
    for place in ends:
        start = max(text.rfind(",", 0, limit + place), limit - 1) + 1
        found = _at_end(text[start : limit + place].rstrip(), language)
        if found is None:
            continue
        span = (start + found[0], start + found[1])
        opens = not text[start : span[0]].strip()
        if opens and is_name(text[slice(*span)]) and role_of(text[slice(*span)]) is None:
            return span
        best = best or span
    return best
