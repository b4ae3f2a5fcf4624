"""From delivered files to one checked, aligned dataset."""
