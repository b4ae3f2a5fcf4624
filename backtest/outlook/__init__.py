"""What futures said: at a close, at events, about meetings ahead."""
