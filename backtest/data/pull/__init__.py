"""Pull: from providers on the internet to a dataset, whole or not at all; one adapter a file."""
