"""The ``backtest data`` commands, one a file."""
