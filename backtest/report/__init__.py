"""Reports: self-contained HTML pages, drawn from what a run recorded and from nothing else."""
