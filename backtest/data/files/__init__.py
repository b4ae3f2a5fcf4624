"""Read the files people bring: tables, numbers and dates."""
