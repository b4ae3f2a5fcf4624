"""One folder per kind of page: figures, template and script."""
