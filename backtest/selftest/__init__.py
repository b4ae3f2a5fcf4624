"""Whether this installation computes what it should: each figure beside a witness of its own."""
