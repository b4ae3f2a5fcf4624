"""What futures priced: at a close, around events, for the meetings ahead."""
