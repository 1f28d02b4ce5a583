"""Title, author, outlet and date as the lines around an article give them away."""

import re
from collections import defaultdict
from collections.abc import Sequence

from rag.ingest.datelines import is_outlet, masthead
from rag.ingest.dates import has_date
from rag.ingest.furniture import Mark, breadcrumb
from rag.ingest.lines import Line
from rag.language import fold

Marks = Sequence[Mark | None]
NOT_A_HEADLINE = (".", ":", ",", ";")
NEAR = 5  # lines after the headline, up to which one names the outlet beside the day
TITLE_SCORE = 2.5  # what a line must gather below to be the headline

_BYLINE = re.compile(
    r"^\W*(?:(?:[ée]crit|publi[ée]|r[ée]dig[ée]|sign[ée]|un article|propos recueillis|texte|"
    r"reportage|written|posted|published|reported|story|reporting|words)\s+)?"
    r"(?:par|by)\b\s*:?\s*(.+)$"
    r"|^\W*(?:auteure?s?|autrice|authors?|texte|journaliste|r[ée]dact(?:eur|rice))\s*:\s*(.+)$",
    re.IGNORECASE,
)
_POSTED_BY = re.compile(r"^.*\d.*\s(?:by|par)\s+(\S.*)$", re.IGNORECASE)  # `Posted on … by …`
_NAME_ENDS = re.compile(
    r"\s*(?:[|•·–—,(@:/\d]|\s-\s|\b(?:publi[ée]|mis à jour|updated|posted|laisser|leave)\b"
    r"|\b(?:on|à|in) (?=[A-Z])|\bl[ea]s? (?=\d)).*$",
    re.IGNORECASE,
)
_NAME_WORD = re.compile(r"(?:[dlDLO]['’])?[A-ZÀ-ÖØ-Þ][\w.'’-]*$")
_PARTICLES = frozenset(
    "de du des da di dos la le van von der den ten ter el al ben bin ibn y et and with avec & "
    "pour for".split()
)
_NOT_NAMES = frozenset(
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre "
    "january february march april may june july august september october november december "
    "lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday wednesday thursday "
    "friday saturday sunday accueil home politique politics economie economy business "
    "affaires sport sports culture monde world news actualites actualite technologie "
    "technology tech science sciences sante health environnement environment societe society "
    "opinion opinions local locale regions region international internationale faits divers "
    "breaking video videos photos magazine france canada europe quebec justice education "
    "media medias energie climat climate lifestyle entertainment arts finance the les un "
    "une".split()
)
_NOT_FIRST_NAMES = frozenset({"le", "la", "l'"})
_COMPANY = re.compile(
    r"\s+(?:ltd|limited|inc|company|group|llc|plc|gmbh|sas|sarl|s\.a\.|sa)\.?$", re.IGNORECASE
)
_ABOUT_ITSELF = re.compile(r"^(.{3,50}?)\s+(?:est|is)\s")
_COPYRIGHT_NAME = re.compile(
    r"^\W*(?:©|\(c\)|copyright)[\s©]*(?:\(c\)\s*)?(?:copyright\s*)?"
    r"(?:\d{4}(?:\s*[-–]\s*\d{4})?)?[\s,:–-]*(?:by |par )?(?P<after>.*)$"
    r"|^(?P<before>[^©]{2,60}?)\s*[-–|,]?\s*©\s*(?:copyright\s*)?\d{4}",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"[\s.,–|-]*(?:tous (?:les )?droits|all rights|droits r[ée]serv|rights reserved|mentions l|"
    r"powered by|propuls[ée]|\d{4}).*$",
    re.IGNORECASE,
)
_RIGHTS_FIRST = re.compile(
    r"^\W*(?:tous (?:les )?droits (?:de reproduction )?r[ée]serv[ée]s|all rights reserved)\W*",
    re.IGNORECASE,
)
_REPEATED = re.compile(r"(?=.*[^\W\d_])(.{3,40}?)(?:\s*\1)+")  # a logo, its label and its link
_FRONT_PAGE = _NOT_NAMES | {"homepage", "page d'accueil", "info", "infos", "blog", "articles"}
_TITLE_SEPARATOR = re.compile(r"\s+[|–—-]\s+")


def find_title(lines: Sequence[Line], marks: Marks, first_prose: int) -> int | None:
    """The index of the headline among the lines up to `first_prose`, None where there is none.

    A headline stands just above the article, is repeated by breadcrumbs and window titles, and
    is followed by who wrote it and when.
    """
    ranked = [
        (score, index)
        for index in range(min(first_prose + 1, len(lines)))
        if marks[index] is None
        and not byline(lines[index])
        and (score := _title_score(lines, marks, index, first_prose)) >= TITLE_SCORE
    ]
    return max(ranked)[1] if ranked else None


def is_repeated(lines: Sequence[Line], index: int, until: int) -> bool:
    """Whether another line up to `until` is this one, ends with it, or adds the outlet to it."""
    wanted = lines[index].bare
    return len(wanted) >= 20 and any(
        other != index
        and len(line.bare) <= len(wanted) + 100
        and (line.bare.endswith(wanted) or fold(_partition(line.text)[0]) == wanted)
        for other, line in enumerate(lines[: until + 1])
    )


def _title_score(lines: Sequence[Line], marks: Marks, index: int, first_prose: int) -> float:
    line = lines[index]
    repeated = is_repeated(lines, index, first_prose)
    signed = _signed(lines, marks, index)
    count = len(line.text.split())
    if line.bullet or len(line.text) > (250 if repeated else 160):
        return 0
    unfit = line.prose or line.text.endswith(NOT_A_HEADLINE)
    if not (repeated or signed) and (unfit or _leads_short_lines(lines, marks, index)):
        return 0
    score = 3.0 * repeated + signed + (count >= 4) + (15 <= len(line.text) <= 160)
    opens = index == 0 and not any(map(_is_of_a_page, marks[: first_prose + 1]))
    score += _alone(lines, index) + 3 * opens - 0.05 * (first_prose - index)
    score -= 3 * line.text.endswith(NOT_A_HEADLINE) * (not repeated) + 2 * (count < 3)
    next_is_prose = index + 1 < len(lines) and lines[index + 1].prose and marks[index + 1] is None
    return score + next_is_prose


def _is_of_a_page(mark: Mark | None) -> bool:
    return mark is not None and mark.reason not in ("removed.date", "removed.credit")


def _leads_short_lines(lines: Sequence[Line], marks: Marks, index: int) -> bool:
    """Whether the line opens a block of others like it: verse, or a menu."""
    if len(lines[index].text) > 60 or index + 1 == len(lines) or marks[index + 1] is not None:
        return False
    following = lines[index + 1]
    return following.block == lines[index].block and not following.prose


def _alone(lines: Sequence[Line], index: int) -> bool:
    around = [lines[i] for i in (index - 1, index + 1) if 0 <= i < len(lines)]
    return all(other.block != lines[index].block for other in around)


def _signed(lines: Sequence[Line], marks: Marks, index: int) -> float:
    """2 where a signature or a date comes next, less where lines stand between, 0 without."""
    for below in range(1, min(6, len(lines) - index)):
        if _is_reason(marks[index + below], "removed.date") or byline(lines[index + below]):
            return 2.2 - 0.2 * below
    return 0.0


def _is_reason(mark: Mark | None, reason: str) -> bool:
    return mark is not None and mark.reason == reason


def byline(line: Line) -> str:
    """The author that a line like `Par Jeanne Exemple, à Lyon` names, else an empty string."""
    if len(line.text) > 140:
        return ""
    parts = re.split(r"\s+[|•·—–]\s+", line.text)
    if len(parts) > 1 and has_date(line.text):
        return next((part for part in parts if _is_full_name(part) and not is_outlet(part)), "")
    found = _BYLINE.match(line.text) or _POSTED_BY.match(line.text)
    name = _NAME_ENDS.sub("", found[found.lastindex or 1].strip()).strip(" .-") if found else ""
    return name if _is_signature(name) else ""


def _is_signature(name: str) -> bool:
    found = name.split()
    named = [word for word in found if word.casefold() not in _PARTICLES]
    return (
        0 < len(named) <= 10
        and len(name) <= 80
        and all(_NAME_WORD.match(word) for word in named)
        and not (len(named) == 1 and fold(name) in _NOT_NAMES)
    )


def _is_full_name(text: str) -> bool:
    found = [fold(word) for word in text.split()]
    named = [word for word in found if word not in _PARTICLES]
    return (
        2 <= len(named) <= 4
        and len(text) <= 45
        and found[0] not in _NOT_FIRST_NAMES
        and _NOT_NAMES.isdisjoint(found)
        and _is_signature(text)
    )


def name_line(lines: Sequence[Line], marks: Marks, index: int) -> str:
    """A line that is only a person's name, beside a date or another signature."""
    line = lines[index]
    if line.bullet or marks[index] or not _is_full_name(line.text):
        return ""
    beside = [i for i in (index - 1, index + 1, index + 2) if 0 <= i < len(lines)]
    dated = any(
        _is_reason(marks[i], "removed.date") or _is_reason(marks[i], "removed.reading_time")
        for i in beside
    )
    return line.text if dated else ""


def find_outlet(lines: Sequence[Line], marks: Marks, title: int | None) -> str:
    """The outlet that copyright lines, breadcrumbs and headers agree on, or an empty string."""
    votes: defaultdict[str, float] = defaultdict(float)
    spelled: dict[str, tuple[float, str]] = {}
    head = lines[: title or 0]
    for index, line in enumerate(lines):
        found = _outlets_in(line, marks[index]) if marks[index] else []
        if index <= len(head) + NEAR and (name := masthead(line)) and fold(name) not in _FRONT_PAGE:
            found = [*found, (name, 2)]
        if index < len(head):
            found = [*found, *_outlets_in_header(line, head, lines[len(head)].text)]
        for name, weight in found:
            if 2 <= len(name) <= 60 and any(char.isalpha() for char in name):
                votes[fold(name)] += weight
                spelled[fold(name)] = max((weight, name), spelled.get(fold(name), (0.0, "")))
    return spelled[max(votes, key=lambda name: votes[name])][1] if votes else ""


def _outlets_in(line: Line, mark: Mark | None) -> list[tuple[str, float]]:
    if _is_reason(mark, "removed.copyright"):
        return [(_copyright_holder(line), 3)]
    if steps := breadcrumb(line):
        root = steps[0].strip(" •·-")
        return [] if fold(root) in _FRONT_PAGE else [(root, 2)]
    itself = _ABOUT_ITSELF.match(line.text) if _is_reason(mark, "removed.outlet") else None
    return [(itself[1], 1)] if itself and itself[1][0].isupper() else []


def _outlets_in_header(line: Line, head: Sequence[Line], title: str) -> list[tuple[str, float]]:
    """`Headline | Outlet`, `OutletOutlet`, and `Outlet - its slogan` beside `Outlet`."""
    first, separator, last = _partition(line.text)
    if separator and fold(title).startswith(fold(first)):
        return [(last, 2)]
    if separator and any(other.bare == fold(first) for other in head):
        return [(first, 1)]
    match = _REPEATED.fullmatch(line.text) if len(line.text) <= 200 else None
    return [(match[1].strip(), 1)] if match else []


def _partition(text: str) -> tuple[str, str, str]:
    """`text` around the last of the separators that window titles use."""
    found = list(_TITLE_SEPARATOR.finditer(text))
    return (text[: found[-1].start()], "|", text[found[-1].end() :]) if found else (text, "", "")


def _copyright_holder(line: Line) -> str:
    found = _COPYRIGHT_NAME.match(_RIGHTS_FIRST.sub("© ", line.text))
    name = _RIGHTS.sub("", found["after"] or found["before"] or "") if found else ""
    name = re.split(r"\.\s|\s[|•·–—-]\s|,", name)[0]
    return _COMPANY.sub("", name.strip(" .-–—|©·"))


def without_outlet(title: str, outlet: str) -> str:
    """A window's title without the outlet's name at its end."""
    first, _, last = _partition(title)
    return first if outlet and fold(last) == fold(outlet) else title
