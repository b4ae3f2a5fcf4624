"""One interface for work in pieces, whatever computes it: this process, several processes, or a cluster."""
