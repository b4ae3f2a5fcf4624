"""What the market expects of the Fed: the implied path, the meeting calendar, and the odds of each outcome."""
