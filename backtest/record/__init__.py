"""Keep a run on disk: one schema a table, whole or not at all."""
