"""What a number counts, where the next words say it: 860,000 accounts, 5 000 mètres cubes."""

import re

# A plural after a number, in either language, perhaps after one adjective; small words that end
# like plurals are none, nor are a month and what shares are counted in.
SMALL = (
    "mars|livres|points|dans|sous|plus|vers|mais|après|sans|puis|depuis|moins|dès|alors|jamais|avec|pour|selon|contre"
    "|was|were|has|less|as|is|this|its|always|perhaps|across|towards|from|with|that|than|when|which"
    "|after|before|over|under|into|according"
)
_COUNTED = re.compile(
    rf"[ \u00a0\u202f-](?!(?:{SMALL})\b)(?:[^\W\d_]{{4,}} (?!(?:{SMALL})\b))?"
    r"(?P<noun>[^\W\d_]{2,}[sx]|people|children|(?:wo)?men)\b"
)


def counted(text: str, end: int) -> re.Match[str] | None:
    """What the number counts that ends at `end` in `text`; its group "noun" is the plural."""
    return _COUNTED.match(text, end)
