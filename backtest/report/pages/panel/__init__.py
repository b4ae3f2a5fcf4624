"""The page of a study on a panel."""
