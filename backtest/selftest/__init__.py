"""Check that this installation computes correctly: each figure against an independent witness."""
