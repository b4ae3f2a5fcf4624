"""The charts of a tuned grid's page."""
