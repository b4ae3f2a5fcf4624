"""Check what someone said against the data."""
