"""Event studies on many assets: one detector on each, or a list of events, and what came next."""
