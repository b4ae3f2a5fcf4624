"""Panels of assets: read as one long table, checked in bulk, and stored by blocks of assets."""
