"""The built-in detectors, one a file; every module here is a detector."""
