"""What stands around a number and tells its size and kind: magnitudes, currencies, percent, time.

14,3 Md€, €14.3bn and 14.3 billion euros are the same; 5 m is a length and $5m is money.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from babel.numbers import get_currency_name

from rag.language import fold
from rag.types import LANGUAGES, Language
from rag.values.counted import SMALL

SPACE = "[ \u00a0\u202f\u2009]"


class Number(NamedTuple):
    """A number in a text, what follows it not read yet, and its offsets.

    `unit` is "ordinal", "%" and so on where the number's own form says it. `about`: it rounds by
    nature, as a dozen does. `loose`: it points back to what was counted (the two, both) or hardly
    counts (first).
    """

    number: float
    unit: str
    start: int
    end: int
    about: bool = False
    loose: bool = False


# An article may borrow the other language's word, but "billion" means what it says here.
_BOTH = {
    "mille": 1e3, "thousand": 1e3, "million": 1e6, "milliard": 1e9, "trillion": 1e12,
    "md": 1e9, "mds": 1e9, "mrd": 1e9, "mrds": 1e9, "bn": 1e9, "tn": 1e12, "trn": 1e12,
}  # fmt: skip
MAGNITUDES: dict[Language, dict[str, float]] = {
    "fr": {**_BOTH, "billion": 1e12, "millier": 1e3},
    "en": {**_BOTH, "billion": 1e9, "mn": 1e6, "hundred": 1e2, "lakh": 1e5, "crore": 1e7},
}
# … beside a currency only; k and m also stuck to a number of things: 17m people, 350k copies
_OF_MONEY = {"k": 1e3, "m": 1e6, "b": 1e9}
# Currencies by the names that the Unicode locale data (CLDR, by Babel) has for them, "couronnes
# suédoises" and "South African rand"; below it, what newspapers write besides.
_NAMED = (
    "USD EUR GBP CAD AUD NZD CHF JPY CNY INR RUB BRL ZAR SEK NOK DKK ISK PLN CZK HUF RON BGN TRY "
    "UAH ILS KRW MXN ARS CLP COP SGD HKD TWD THB IDR MYR PHP VND PKR SAR AED QAR KWD EGP MAD DZD "
    "TND NGN KES GHS XOF XAF IRR IQD LBP"
).split()
_CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "us dollar": "USD",
    "american dollar": "USD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "canadian dollar": "CAD",
    "a$": "AUD", "au$": "AUD", "aud": "AUD", "australian dollar": "AUD", "nz$": "NZD",
    "hk$": "HKD", "s$": "SGD", "r$": "BRL", "nzd": "NZD", "hkd": "HKD", "sgd": "SGD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "£": "GBP", "gbp": "GBP",
    "pound": "GBP", "livre sterling": "GBP", "livres sterling": "GBP", "pound sterling": "GBP",
    "chf": "CHF", "franc suisse": "CHF", "francs suisse": "CHF", "swiss franc": "CHF",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "cny": "CNY", "yuan": "CNY", "₹": "INR", "inr": "INR",
    "rupee": "INR", "roupie": "INR", "rouble": "RUB", "ruble": "RUB", "₽": "RUB",
    "franc cfa": "XOF", "francs cfa": "XOF", "cfa franc": "XOF", "bitcoin": "BTC", "rs": "INR",
    "nt$": "TWD", "mx$": "MXN", "zloty": "PLN", "hryvnia": "UAH", "shekel": "ILS", "forint": "HUF",
    "naira": "NGN", "kronor": "SEK", "reai": "BRL", "baht": "THB", "lei": "RON",
    "dollar americain": "USD", "dollar neo-zelandais": "NZD", "dollar singapourien": "SGD",
    "dollar taiwanais": "TWD", "dollar de hong kong": "HKD",
    "dollars de hong kong": "HKD",
}  # fmt: skip
_SHARES = {
    "%": "%", "percent": "%", "per cent": "%", "pour cent": "%", "pct": "%",
    "percentage point": "pp", "percentage-point": "pp", "point de pourcentage": "pp",
    "points de pourcentage": "pp", "point de %": "pp", "points de %": "pp",
}  # fmt: skip
_TIMES = {
    "an": "year", "annee": "year", "year": "year", "yr": "year", "mois": "month",
    "month": "month", "semaine": "week", "week": "week", "jour": "day", "journee": "day",
    "day": "day", "heure": "hour", "h": "hour", "hour": "hour", "hr": "hour", "minute": "minute",
    "min": "minute", "mn": "minute", "seconde": "second", "second": "second",
}  # fmt: skip

CURRENCIES = frozenset((*_CURRENCIES.values(), *_NAMED))
TIMES = frozenset(_TIMES.values())

CODES = "|".join(_NAMED)
_ACCENTS = {"a": "[aâà]", "c": "[cç]", "e": "[eéèêë]", "i": "[iîï]", "o": "[oôö]", "u": "[uûü]"}
_SIGN_BEFORE = re.compile(
    rf"(?:(?<!\w)(?:US|CA|C|AU|A|NZ|HK|S|R|NT|MX)?\$|[€£¥₹]|\b(?:{CODES}|Rs))"
    rf"{SPACE}?$"
)
_MAGNITUDE = re.compile(rf"[{SPACE[1:-1]}-]?(?:de{SPACE}|d['’])?(?P<word>[^\W\d_]+)")
_SIGN_WORDS = (
    r"(?:(?:us|ca?|au?)?\$|[€£¥₹₽])(?!\d)"
    rf"|(?:usd|eur|gbp|cad|aud|chf|jpy|cny|inr|(?-i:{CODES}))(?!\w)"
)
_SHARE_WORDS = (
    rf"points?{SPACE}de{SPACE}(?:pourcentage|%)|percentage[ -]points?|%(?!\w)"
    rf"|(?:percent|per{SPACE}cent|pour{SPACE}cent|pct)\b"
)


@cache
def _currencies() -> dict[str, str]:
    """The codes of currencies by their signs and names, folded, plurals among them."""
    named = dict(_CURRENCIES)
    named |= {f"{name}s": code for name, code in _CURRENCIES.items() if name.isalpha()}
    for code in _NAMED:
        for language in LANGUAGES:
            for number in (1, 2):
                named[fold(get_currency_name(code, number, language))] = code
    return named


@cache
def _money_word() -> str:
    """A regular expression for a currency after a number."""
    words = {name for name in _currencies() if name.isascii() and name[-1].isalpha()}
    longest_first = sorted(words, key=len, reverse=True)
    names = "|".join(_with_accents(name) for name in longest_first if len(name) > 2)
    return rf"(?:{_SIGN_WORDS}|(?:{names})(?!\w))"


def _with_accents(name: str) -> str:
    """A pattern for a folded name, whatever accents it is written with."""
    pattern = re.escape(name).replace(r"\ ", SPACE)
    return re.sub("[aceiou]", lambda letter: _ACCENTS[letter[0]], pattern)


@cache
def _unit_after() -> re.Pattern[str]:
    return re.compile(
        rf"[{SPACE[1:-1]}-]*(?:(?:de|d['’]|of){SPACE}*)?(?P<unit>{_money_word()}|{_SHARE_WORDS})",
        re.IGNORECASE,
    )


@cache
def _money_next() -> re.Pattern[str]:
    return re.compile(rf"{SPACE}?(?:de{SPACE}|d['’])?(?:{_money_word()})", re.IGNORECASE)


_WHICH = (
    r"(?:prochaine?s|derni(?:er|ère)s|premi(?:er|ère)s|longue?s|pleine?s|more|next|last|past|first|full"
    r"|whole|long|straight|consecutive|extra|additional|further)"
)
_TIME = re.compile(
    rf"[{SPACE[1:-1]}-]*(?:de{SPACE}|d['’])?(?:{_WHICH}{SPACE})?(?P<time>ans?|ann[ée]es?|years?|yrs?|mois|months?|semaines?|weeks?|jours?"
    r"|journ[ée]es?|days?|heures?|hours?|hrs?|h|minutes?|mins?|mn|secondes?|seconds?)(?![\w])",
    re.IGNORECASE,
)
_HALF = re.compile(
    rf"{SPACE}?(?P<sign>[½¼¾])|{SPACE}(?P<fraction>[13])/(?P<of>[24])(?!\d)|[{SPACE[1:-1]}-]and[{SPACE[1:-1]}-]a[{SPACE[1:-1]}-]half\b"
)
# 2 millions 300 000 habitants, 9 million, 400 thousand; 3 euros 50
_THOUSANDS_NEXT = re.compile(rf"{SPACE}(?P<rest>\d{{1,3}}(?:{SPACE}\d{{3}})+)(?!\d|[.,]\d)")
_CENTS_NEXT = re.compile(
    rf"{SPACE}(?P<cents>\d\d)(?![\w%€$]|[.,]\d|{SPACE}(?!centimes|de\b|l[ae]s?\b|par\b|à\b|au\b)[\w%€$])"
)
_AND_A_HALF = re.compile(rf"(?:{SPACE}\w+)?{SPACE}et{SPACE}demie?\b")
_SIGNS = {"½": 0.5, "¼": 0.25, "¾": 0.75}


# 400m hurdles are run over metres
_LENGTHS = (
    r"hurdles|runs?|races?|sprints|relays|heats|finals?|swims?|waves|walls|cables|boats|yachts|ships"
    r"|towers|trees|statues|poles|fences|cliffs|pools|haies|brasses|courses"
)
_THINGS_NEXT = re.compile(
    rf"(?:{SPACE}|-strong{SPACE})(?!(?:{SMALL}|{_LENGTHS})\b)"
    rf"(?:[a-z]{{4,}}{SPACE}(?!(?:{SMALL}|{_LENGTHS})\b))?(?:[^\W\d_]{{3,}}s|people|children|(?:wo)?men)\b"
    r"|-strong\b"
)
_OF_THINGS_NEXT = re.compile(rf"{SPACE}(?:de{SPACE}|d['’])[^\W\d_]{{3,}}[sx]\b")


class Tail(NamedTuple):
    """What follows a number: what it is multiplied by, its unit, and where that ends.

    `more` is to be added to the number before (two and a half: 0.5). Words for what is counted
    (years, tonnes) stay outside, though years and other times are known as a `unit`.
    """

    factor: float
    unit: str
    end: int
    more: float = 0.0


def tail(text: str, end: int, language: Language, currency: str | None) -> Tail:
    """What stands after a number that ends at `end`, `currency` being the sign before it."""
    more, end = _half(text, end)
    factor, end = _factor(text, end, language, bool(currency))
    if (rest := _THOUSANDS_NEXT.match(text, end)) and factor in (1e6, 1e9):
        thousands = float(re.sub(r"\D", "", rest["rest"]))
        if thousands < factor:
            more, end = more + thousands / factor, rest.end()
    time = _TIME.match(text, end)
    unit = time_unit(time["time"]) if time else ""
    if demi := _AND_A_HALF.match(text, end):
        more, end = 0.5, demi.end()
    if found := _unit_after().match(text, end):
        unit, end = _unit(found), found.end()
        if unit in _NAMED and factor == 1.0 and (cents := _CENTS_NEXT.match(text, end)):
            more, end = more + int(cents["cents"]) / 100, cents.end()
        return Tail(factor, unit, end, more)
    return Tail(factor, currency_of(currency) if currency else unit, end, more)


def sign_before(text: str, start: int) -> re.Match[str] | None:
    """The currency sign that stands before a number that starts at `start`."""
    return _SIGN_BEFORE.search(text, max(0, start - 5), start)


def currency_of(sign: str) -> str:
    """The ISO 4217 code of a currency sign or name; "" for an unknown one."""
    return sign if sign in _NAMED else _currencies().get(fold(sign), "")


@lru_cache(4096)
def magnitude(word: str, language: Language) -> float | None:
    """What a word multiplies a number by, None where it is no such word."""
    word = fold(word)
    if word == "milles":
        return None  # nautical miles: the thousand has no plural
    return MAGNITUDES[language].get(word) or MAGNITUDES[language].get(word.removesuffix("s"))


def _half(text: str, end: int) -> tuple[float, int]:
    found = _HALF.match(text, end)
    if not found:
        return 0.0, end
    if found["sign"]:
        return _SIGNS[found["sign"]], found.end()
    return (int(found["fraction"]) / int(found["of"]) if found["of"] else 0.5), found.end()


def _factor(text: str, end: int, language: Language, money: bool) -> tuple[float, int]:
    """The magnitudes after a number, multiplied (trois mille milliards), and where they end."""
    factor = 1.0
    while found := _MAGNITUDE.match(text, end):
        word = found["word"]
        size = magnitude(word, language)
        if size is None and word.lower() in _OF_MONEY:
            stuck = found.start("word") == end
            if (
                money
                or _money_next().match(text, found.end())
                or (word == "M" and stuck)
                or (word != "b" and stuck and _THINGS_NEXT.match(text, found.end()))
                or (word == "M" and _OF_THINGS_NEXT.match(text, found.end()))
            ):
                size = _OF_MONEY[word.lower()]
        if size is None:
            break
        factor, end = factor * size, found.end()
    return factor, end


def _unit(found: re.Match[str]) -> str:
    if found["unit"] in _NAMED:
        return found["unit"]
    written = fold(re.sub(SPACE, " ", found["unit"]))
    for known in (_currencies(), _SHARES):
        if unit := known.get(written) or known.get(written.removesuffix("s")):
            return unit
    raise KeyError(written)


def is_time(word: str) -> bool:
    """Whether a word, whatever its number, is one for a time."""
    return bool({fold(word), fold(word).removesuffix("s")} & set(_TIMES))


def time_unit(word: str) -> str:
    """The unit that a word for a time is, whatever its number: "year" for an, ans and years."""
    word = fold(word)
    return _TIMES.get(word) or _TIMES[word.removesuffix("s")]
