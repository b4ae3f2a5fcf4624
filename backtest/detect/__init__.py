"""Flag sessions: one detector per file, and the episodes that their conditions form."""
