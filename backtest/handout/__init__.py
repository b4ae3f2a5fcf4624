"""What leaves the workspace: a record's tables and its finding, as files for other programs."""
