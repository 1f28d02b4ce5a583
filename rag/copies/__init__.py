"""Articles and passages that are one source: reprints, wire copies, translations."""
