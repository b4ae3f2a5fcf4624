"""What the market expects of the Fed: the implied path, the calendar of meetings, and the odds of each outcome."""
