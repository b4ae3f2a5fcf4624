"""Find detectors that use data from after the session they answer for."""
