"""Compute a recorded run again, and say whether it comes out the same."""
