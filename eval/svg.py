"""From a figure of matplotlib to the text of an SVG that a page holds.

A page shows it in light and in dark, so no colour is fixed: each is drawn in a stand-in, which
is replaced by a CSS variable of the page. The same figure gives the same text.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SERIES = 7  # colours of the page, `--s1` to `--s7`
INK, SOFT, LINE, PAPER = "#010203", "#010204", "#010205", "#010206"  # stand-ins
COLOURS = tuple(f"#0102{16 + n:02x}" for n in range(SERIES))
VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", PAPER: "--paper"}
VARIABLES |= {colour: f"--s{n}" for n, colour in enumerate(COLOURS, 1)}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "recoupe",
    "text.parse_math": False,  # names come from data: a dollar sign is a dollar sign
    "font.family": "DejaVu Sans",  # measures the text; the page's own font shows it
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.color": INK,
    "hatch.color": PAPER,
    "hatch.linewidth": 0.9,
    "legend.frameon": False,
}
_SVG = "http://www.w3.org/2000/svg"
_HREF = "{http://www.w3.org/1999/xlink}href"


@contextmanager
def drawn(width: float, height: float) -> "Iterator[tuple[Figure, Axes]]":
    """A figure of these inches with one pair of axes, outside of pyplot's state."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def inline(figure: "Figure", title: str, said: Mapping[str, str]) -> str:
    """The figure as SVG, its ids its own, `title` its name; `said` is read out after it."""
    out = StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    root = ElementTree.fromstring(out.getvalue())
    for child in list(root):
        if child.tag == f"{{{_SVG}}}metadata" or child.find(f"{{{_SVG}}}style") is not None:
            root.remove(child)  # a style inside the picture would hold for the whole page
    own = "p" + sha256((title + out.getvalue()).encode()).hexdigest()[:8]
    for element in root.iter():
        _adapt(element, own)
    spoken = "; ".join(f"{key}: {value}" for key, value in said.items())
    return _named(root, title, spoken)


def _named(root: ElementTree.Element, title: str, spoken: str) -> str:
    for unused in ("width", "height", "version"):
        root.attrib.pop(unused, None)
    text = f"{title}. {spoken}" if spoken else title
    root.attrib |= {"class": "plot", "role": "img", "aria-label": text}
    named = ElementTree.Element(f"{{{_SVG}}}title")
    named.text = title
    root.insert(0, named)
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _adapt(element: ElementTree.Element, own: str) -> None:
    for key, value in list(element.attrib.items()):
        if key == "id":
            element.set(key, f"{own}-{value}")
        elif key == _HREF:
            del element.attrib[key]
            element.set("href", f"#{own}-{value[1:]}")
        else:
            element.set(key, _adapted(value, own))


def _adapted(value: str, own: str) -> str:
    value = re.sub(r"url\(#([^)]+)\)", rf"url(#{own}-\1)", value)
    value = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--sans)", value)
    return re.sub(r"#0102[0-9a-f]{2}", lambda match: f"var({VARIABLES[match[0]]})", value)
