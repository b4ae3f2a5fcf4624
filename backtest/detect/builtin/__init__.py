"""The built-in detectors, one per file; every module here is a detector."""
