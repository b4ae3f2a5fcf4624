"""What exists: recorded runs, the origin of their data, detector pages, stored calibrations."""
