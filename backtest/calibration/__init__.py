"""How often each test is wrong, measured where nothing is predictable, and how much it finds where something is."""
