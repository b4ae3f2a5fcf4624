"""Read a detector's documentation from its source, without running it."""
