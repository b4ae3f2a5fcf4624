"""What there is: recorded runs, where their data come from, detector pages."""
