"""Charts of the page of a study on a panel."""
