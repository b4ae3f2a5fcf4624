"""Charts as SVG, drawn in Python: one picture for every width, the dark, paper, and a browser without scripts."""
