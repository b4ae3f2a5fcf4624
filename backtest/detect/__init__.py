"""Flag sessions: one detector a file, and the episodes that their conditions form."""
