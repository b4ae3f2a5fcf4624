"""Measure what came after: forward returns, paths, base rates, the simulated trade."""
