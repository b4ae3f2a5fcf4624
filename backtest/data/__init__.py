"""Datasets: manifests, import, checks, what is kept on disk, and loading it."""
