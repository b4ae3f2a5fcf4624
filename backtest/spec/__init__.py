"""What a strategy file says: TOML in, checked values out."""
