"""The ``backtest data`` commands, one per file."""
