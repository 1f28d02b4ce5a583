"""A turn whose every word tries to be more than text."""

from dataclasses import replace

from rag.archive.records import Turn
from tests.archive.conversations import DISAGREEMENT, ONE, turn

ATTACK = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) "
    "![x](http://evil.example/x.png) `code` **bold** # head | cell | \x00\x1b[31m\u202e"
    "</style></title>&lt;b&gt; www.evil.example http://evil.example\n\n# Heading\n---\n- item"
)


def hostile_turn() -> Turn:
    citation = replace(
        ONE,
        title=ATTACK,
        author=ATTACK,
        outlet=ATTACK,
        published=ATTACK,
        path=ATTACK,
        quote=ATTACK,
        url='https://evil.example/">)<script>\n`x`',
        copies=(ATTACK,),
    )
    answer = replace(
        DISAGREEMENT,
        question=ATTACK,
        text=f"{ATTACK} {DISAGREEMENT.text}",
        citations=(citation,),
        dropped=(ATTACK,),
    )
    return turn(answer, standalone=f"{ATTACK} again")
