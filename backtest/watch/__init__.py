"""Where every study stands at the last session: in an episode, close to one, or waiting for its horizons."""
