"""How often each test is wrong, measured where nothing can be predicted, and how much it finds where something can."""
