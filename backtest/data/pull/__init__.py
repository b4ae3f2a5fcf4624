"""Pull: fetch a dataset from providers on the internet, all of it or nothing; one adapter per file."""
