"""The page of one detector, and the list of all."""
