"""Say what chance would give: the circular shift, and one p for many looks."""
