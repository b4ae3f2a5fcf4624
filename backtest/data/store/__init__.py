"""Store a dataset on disk: Parquet beside a lock file, replaced completely or not at all."""
