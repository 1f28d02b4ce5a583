"""Dates and periods in a text, as days that can be compared across French and English."""

from rag.dates.periods import When, about, asked_period, asks_for_latest, dates, is_open, same

__all__ = ["When", "about", "asked_period", "asks_for_latest", "dates", "is_open", "same"]
