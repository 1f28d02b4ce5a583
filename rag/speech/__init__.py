"""Who says what in a text, and whether quotations are really there."""
