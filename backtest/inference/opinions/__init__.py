"""Second opinions: classical tests of the same events, each labelled with what it takes for granted."""
