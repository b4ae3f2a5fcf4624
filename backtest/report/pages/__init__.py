"""One folder a page kind: figures, template and script."""
