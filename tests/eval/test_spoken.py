"""An answer is not said to be in the wrong language for what it quotes or for being short."""

import pytest

from eval.spoken import spoken
from rag.types import Language


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("14.3 billion dollars", "en", "en"),
        ("49 %", "fr", "fr"),
        ("Nina Vasseur, Tom Ashdown, Ruth Dole [1].", "fr", "fr"),
        ("The mayor closed the bridge on Monday evening.", "fr", "en"),
        ("Le maire a fermé le pont lundi soir.", "en", "fr"),
        ("The mayor said: « Nous avons fermé le pont lundi soir » [1].", "en", "en"),
        ("La maire a dit hier soir aux habitants : “We had to close the bridge”.", "fr", "fr"),
    ],
)
def test_only_its_own_words_count(text: str, expected: Language, language: Language) -> None:
    assert spoken(text, expected) == language
