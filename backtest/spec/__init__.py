"""Strategy files: TOML in, checked values out."""
