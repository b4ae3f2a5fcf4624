"""Describe a dataset: the manifest, its rules, and a first one guessed."""
