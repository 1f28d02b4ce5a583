"""Figures in a text, as values that can be compared across French and English."""

from rag.values.figures import Figure, figures, missing_figures, near, start_of_rounding
from rag.values.own_words import as_exact, in_digits, in_own_words, in_pounds

__all__ = [
    "Figure",
    "as_exact",
    "figures",
    "in_digits",
    "in_own_words",
    "in_pounds",
    "missing_figures",
    "near",
    "start_of_rounding",
]
