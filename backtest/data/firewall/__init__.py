"""The firewall: what no dataset may contain, and what the reader of a result must know about the data."""
