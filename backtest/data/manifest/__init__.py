"""Describe a dataset: the manifest, its rules, and a guessed first version."""
