"""The charts of a run's page, drawn from its record."""
