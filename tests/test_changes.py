import pytest

from rag.changes import asks_for_change, tells_of_change


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("De combien les ventes ont-elles augmenté ?", True),
        ("de combien la ligne est-elle plus longue ?", True),
        ("By how much did sales outpace those of Aubrac?", True),
        ("How much longer is the new line?", True),
        ("De combien de personnes se compose le conseil ?", False),
        ("De combien d’étages est la tour ?", False),
        ("Combien coûte la ligne ?", False),
        ("How much did the line cost?", False),
        ("What share of Aubrac was sold?", False),
    ],
)
def test_a_question_that_asks_what_changed_or_differs(question: str, wanted: bool) -> None:
    assert asks_for_change(question) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Les ventes ont progressé de 12 %.", True),
        ("Aubrac vend 27 % de plus que l’an dernier.", True),
        ("La ligne est plus longue qu’annoncé.", True),
        ("Sales rose 12% in May.", True),
        ("Shares were up 7% at noon.", True),
        ("The line is 3 kilometres longer than planned.", True),
        ("Its trains run 27% faster.", True),
        ("Vasseur entre à hauteur de 49 % au capital d’Aubrac.", False),
        ("Plus de 49 % du capital est à Vasseur.", False),
        ("Vasseur holds 49% of Aubrac.", False),
        ("The tower stands up to the wind.", False),
    ],
)
def test_a_sentence_that_says_what_changed_or_differs(text: str, wanted: bool) -> None:
    assert tells_of_change(text) is wanted
