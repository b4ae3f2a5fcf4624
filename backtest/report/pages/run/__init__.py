"""The report of one recorded run."""
