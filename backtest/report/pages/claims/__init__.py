"""The page of judged claims."""
