"""Vary the parameters of a strategy, and account for every set tried."""
