"""Dates and periods in a text, as days that can be compared across French and English."""

from rag.dates.periods import When, asked_period, asks_for_latest, dates, same

__all__ = ["When", "asked_period", "asks_for_latest", "dates", "same"]
