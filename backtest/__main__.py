"""``backtest`` and ``python -m backtest``: the command line."""

from __future__ import annotations

from backtest.interrupts import stop_at_once


def main() -> None:
    """Run the command line; an interrupt while it is imported ends it without a traceback."""
    stop_at_once()
    from backtest.cli import main as run

    run()


if __name__ == "__main__":
    main()
