"""What page furniture says, in French and in English, one line at a time.

A line is recognised by its words alone (the rules are in furniture.toml); what becomes of it is
decided in `body`, which knows where the article begins and ends. The roles say how far a line's
meaning reaches:

    line     itself only
    box      a short insert (share bar, newsletter, advertisement); the article may go on after it
    section  a list of something else begins (related articles, most read, the outlet)
    end      nothing after it is the article (comments)
    weak     furniture around an article, but inside one it may be the journalist's own words
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from rag.ingest.datelines import is_date_line, masthead
from rag.ingest.lines import Line
from rag.language import fold, words

Reason = Literal[
    "removed.consent",
    "removed.navigation",
    "removed.share",
    "removed.follow",
    "removed.newsletter",
    "removed.advertisement",
    "removed.related",
    "removed.latest",
    "removed.tags",
    "removed.neighbours",
    "removed.author_box",
    "removed.comments",
    "removed.copyright",
    "removed.reading_time",
    "removed.credit",
    "removed.embed",
    "removed.outlet",
    "removed.symbols",
    "removed.date",
    # Not by its words, but by its place:
    "removed.title",
    "removed.byline",
    "removed.before",
    "removed.after",
]
Role = Literal["line", "box", "section", "end", "weak"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a line is furniture; `reason` is a key of messages.toml."""

    reason: Reason
    role: Role


@dataclass(frozen=True, slots=True)
class _Rule:
    mark: Mark
    pattern: re.Pattern[str]
    sentences: bool  # whether it also recognises lines that end like a sentence


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    rules: tuple[_Rule, ...]
    share: frozenset[str]
    share_anchors: frozenset[str]
    front_page: frozenset[str]


@cache
def _vocabulary() -> _Vocabulary:
    raw = tomllib.loads(files("rag.ingest").joinpath("furniture.toml").read_text(encoding="utf-8"))
    rules = (
        _Rule(
            Mark(rule["reason"], rule["role"]),
            re.compile("|".join(rule["lines"]).replace("ARTICLES", raw["articles"])),
            rule.get("sentences", False),
        )
        for rule in raw["rule"]
    )
    lists = ("share", "share_anchors", "front_page")
    return _Vocabulary(tuple(rules), *(frozenset(raw[name].split()) for name in lists))


DATE = Mark("removed.date", "weak")
AUTHOR_BOX = Mark("removed.author_box", "section")
OUTLET = Mark("removed.outlet", "line")
ABOUT_OUTLET = Mark("removed.outlet", "weak")
_SYMBOLS = Mark("removed.symbols", "line")
_NAVIGATION = Mark("removed.navigation", "line")
_SHARE = Mark("removed.share", "box")
_CREDIT = Mark("removed.credit", "line")
_RIGHTS = Mark("removed.copyright", "section")

_QUOTES = "\"'“”«‘"
_COPYRIGHT = re.compile(
    r"^\W*(?:©|(?:\(c\)|copyright)\W{1,3}(?:©|\(c\)|\d{4}))|©\s*(?:copyright\s*)?\d{4}"
    r"|^\W*copyright\b.{2,60}\d{4}\W*$",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\b(photo|image|credit|illustration|getty|afp|reuters|shutterstock|ap)\b")
_SENTENCE = re.compile(r"(?<!\.\.)[.;?!]\s?[\"'”’»)]*$")
_SEPARATED = re.compile(r"\s*[|•·/]\s*|\s{3,}|\t")
_STEP = re.compile(r"\s(?:>|›|→|/|::|»)\s")


def mark(line: Line) -> Mark | None:
    """What kind of furniture `line` is, None for what may belong to the article.

    A line that opens with a quotation mark is somebody's words, whatever they are.
    """
    if not line.bare:
        return _SYMBOLS
    if line.text[0] in _QUOTES:
        return None
    if len(line.text) < 250 and ("©" in line.text or _COPYRIGHT.search(line.text)):
        return _RIGHTS if _is_copyright(line) else _CREDIT
    if breadcrumb(line) or is_menu_row(line):
        return _NAVIGATION
    if is_share_bar(line):
        return _SHARE
    for rule in _vocabulary().rules:
        if (rule.sentences or not _is_sentence(line)) and rule.pattern.fullmatch(line.bare):
            return rule.mark
    return DATE if is_date_line(line) or masthead(line) else None


def _is_copyright(line: Line) -> bool:
    """The outlet's rights, and not a photographer's."""
    about_picture = _PICTURE.search(line.bare) and "reserve" not in line.bare
    return _COPYRIGHT.search(line.text) is not None and not about_picture


def _is_sentence(line: Line) -> bool:
    return _SENTENCE.search(line.text) is not None and len(line.text.split()) > 4


def breadcrumb(line: Line) -> list[str]:
    """The steps of a trail like `Home > World > Headline`, empty for any other line.

    Three steps at least, or two from the front page.
    """
    steps = [step.strip() for step in _STEP.split(line.text)]
    from_home = fold(steps[0]).strip(" •·-") in _vocabulary().front_page
    quoted = "«" in line.text and not from_home
    short = all(0 < len(step) <= 45 for step in steps[:-1])
    return steps if short and not quoted and len(steps) > 2 - from_home else []


def is_menu_row(line: Line) -> bool:
    """`Politics | Sport | Culture | World`: at least four short words between separators."""
    parts = [part for part in _SEPARATED.split(line.text) if part]
    return len(parts) >= 4 and all(len(part) <= 28 for part in parts) and not line.ends_sentence


def is_share_bar(line: Line) -> bool:
    """`Share this article on Facebook`, `Facebook Email Print`: no other words than these."""
    found = words(line.bare) if len(line.text) <= 200 else []
    known = _vocabulary()
    return (
        0 < len(found) <= 20
        and known.share.issuperset(found)
        and not known.share_anchors.isdisjoint(found)
    )
