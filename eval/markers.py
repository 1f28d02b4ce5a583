"""Citation markers in an answer's text: [1], [2, 3]."""

import re

MARKERS = re.compile(r"\s*\[\s*\d+(?:\s*[,;]\s*\d+)*\s*\]")


def without_markers(text: str) -> str:
    """`text` as it would be spoken: a number of a source is no figure of the answer."""
    return MARKERS.sub("", text)
