"""Store a run on disk: one schema per table, complete or not at all."""
