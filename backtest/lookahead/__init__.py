"""Find detectors that know what came later."""
