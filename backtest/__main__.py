"""``python -m backtest``: the command line."""

from backtest.cli import main

main()
