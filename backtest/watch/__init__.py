"""The state of every study at the last session: in an episode, close to one, or with horizons not over."""
