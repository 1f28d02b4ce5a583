"""Figures in a text, as values that can be compared across French and English."""

from rag.values.figures import Figure, figures, in_own_words, missing_figures, near

__all__ = ["Figure", "figures", "in_own_words", "missing_figures", "near"]
