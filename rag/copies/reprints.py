"""Whether a passage is a reprint of another: the same text, with edits that change no fact.

Cosine and overlap of words cannot tell a reprint from a contradiction: "a deficit of 15 billion"
and "a deficit of 14.3 billion" are nearer to each other than most reprints. So the two texts are
aligned word by word (Ratcliff and Obershelp, as in difflib), and what differs is looked at: a
figure, a name, a negation, or a word such as "more" or "rose" keeps both.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from rag.language import words
from rag.types import Document, Passage

OVERLAP = 0.5  # of the copy's triples of words, found in the other passage
EDITED = 0.15  # of the copy's words, at most

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
# Folded as `words` folds. Not names and not figures, but another one makes another fact.
_DECISIVE = frozenset(
    "ne n pas non ni sans jamais aucun aucune not no nor never without t cannot none neither "
    "oui yes vrai faux true false plus moins more less fewer most least over under hausse "
    "baisse augmente augmentation diminue diminution monte recule recul progresse chute rise "
    "rises rose risen fall falls fell fallen up down increase increased decrease decreased grew "
    "gained lost avant apres before after pour contre for against accepte refuse adopte rejette "
    "approuve adopted rejected approved accepted refused un deux trois quatre cinq six sept "
    "huit neuf dix onze douze quinze vingt trente quarante cinquante soixante cent cents mille "
    "million millions milliard milliards moitie tiers quart one two three four five seven eight "
    "nine ten eleven twelve fifteen twenty thirty forty fifty hundred thousand billion billions "
    "trillion half third quarter double triple lundi mardi mercredi jeudi vendredi samedi "
    "dimanche monday tuesday wednesday thursday friday saturday sunday janvier fevrier mars "
    "avril mai juin juillet aout septembre octobre novembre decembre january february march "
    "april may june july august september october november december hier demain yesterday "
    "tomorrow".split()
)


class Candidate(NamedTuple):
    """A passage prepared for being compared with many others."""

    passage: Passage
    document: Document
    triples: frozenset[tuple[str, ...]]  # of words that follow each other

    @classmethod
    def of(cls, passage: Passage, document: Document) -> "Candidate":
        found = tokens(passage.text.lower())
        triples = zip(found, found[1:], found[2:], strict=False)
        return cls(passage, document, frozenset(triples) or frozenset([tuple(found)]))


def is_reprint(copy: Candidate, kept: Candidate) -> bool:
    """Whether `copy` adds nothing to `kept` and what stands around it in its article.

    The two may be cut at different places, so long as they share half of the copy's words.
    """
    if copy.document.id == kept.document.id:
        return False
    if len(copy.triples & kept.triples) < OVERLAP * len(copy.triples):
        return False
    new, old = tokens(copy.passage.text), tokens(_around(kept, copy))
    if not new:
        return copy.passage.text == kept.passage.text
    changes = edits(old, new)
    if sum(j2 - j1 for _, _, _, j1, j2 in changes) > EDITED * len(new):
        return False
    common = {token for token in (*new, *old) if token.islower()}
    for tag, i1, i2, j1, j2 in changes:
        # a place or an agency put in front of the same text is no other fact; a figure is
        at_edge = tag == "insert" and (j1 == 0 or j2 == len(new))
        changed = [*old[i1:i2], *new[j1:j2]]
        if any(decides(token, common, names=not at_edge) for token in changed):
            return False
    return True


def _around(kept: Candidate, copy: Candidate) -> str:
    """The passage `kept`, and as much text on each side as `copy` is long."""
    reach = len(copy.passage.text)
    passage = kept.passage
    return kept.document.text[max(passage.start - reach, 0) : passage.end + reach]


def tokens(text: str) -> list[str]:
    """The words and numbers of `text` as they are written, in order."""
    return _TOKEN.findall(text)


def edits(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """What differs between `tokens`, as difflib's opcodes, capitals and accents set aside.

    Without the text of `old` before and after what it shares with `new`.
    """
    folded = (list(map(_folded, old)), list(map(_folded, new)))
    blocks = SequenceMatcher(None, *folded, autojunk=False).get_opcodes()
    if blocks and blocks[0][0] == "delete":
        del blocks[0]
    if blocks and blocks[-1][0] == "delete":
        del blocks[-1]
    return [block for block in blocks if block[0] != "equal"]


@lru_cache(16_384)
def _folded(token: str) -> str:
    return "".join(words(token))


def decides(token: str, common: set[str], names: bool) -> bool:
    """Whether another `token` makes another fact; `common` are words written in lower case."""
    if token[0].isdigit() or _folded(token) in _DECISIVE:
        return True
    return names and token[0].isupper() and token.lower() not in common
