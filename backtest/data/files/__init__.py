"""Read the files that people bring: tables, numbers and dates."""
