"""What was said, set against what the data say."""
