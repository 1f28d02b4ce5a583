"""The page: what it shows, and what happens when somebody acts on it."""
