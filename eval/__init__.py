"""Measurements: how well Recoupe finds, answers, cites and refuses, and how fast."""
