"""Dates and periods in a text, as days that can be compared across French and English."""

from datetime import date

from rag.dates.periods import When, about, asked_period, asks_for_latest, dates, is_open, same

ANY_DAY = date(2000, 1, 1)  # a reference for where a date stands, whichever it is

__all__ = [
    "ANY_DAY",
    "When",
    "about",
    "asked_period",
    "asks_for_latest",
    "dates",
    "is_open",
    "same",
]
