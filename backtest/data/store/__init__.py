"""Keep a dataset on disk: Parquet beside a lock file, replaced whole or not at all."""
