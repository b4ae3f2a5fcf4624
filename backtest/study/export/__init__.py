"""Turn a study into the tables and the summary of a record."""
