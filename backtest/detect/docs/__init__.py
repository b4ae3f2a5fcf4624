"""Read what a detector's source says of it, without running it."""
