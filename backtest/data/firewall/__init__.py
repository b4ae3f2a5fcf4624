"""The firewall: what no dataset may contain, and what a reader of any result on it must know."""
