"""What was asked of a dossier and answered: conversations, kept in a file beside its articles."""
