"""Reports: self-contained HTML pages, drawn only from what a run recorded."""
