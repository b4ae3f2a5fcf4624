"""The tradable version of a study, simulated."""
