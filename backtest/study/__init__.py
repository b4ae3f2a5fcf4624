"""Compose the stages into a study."""
