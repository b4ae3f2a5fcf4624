"""Move the parameters of a strategy, and tell the truth about having tried many."""
