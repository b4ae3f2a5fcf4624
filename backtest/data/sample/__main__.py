"""``python -m backtest.data.sample [FOLDER]``: simulate the sample and write it, by default into its own folder."""

from __future__ import annotations

import sys
from pathlib import Path

from backtest.data.sample.output import write_sample
from backtest.errors import BacktestError
from backtest.workspace import builtin


def main(arguments: list[str]) -> int:
    """Write the sample and say what was written; return the exit status."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.stderr.write("Usage: python -m backtest.data.sample [FOLDER]\n")
        return 2
    try:
        folder = Path(arguments[0]) if arguments else builtin("datasets") / "sample"
        lock = write_sample(folder.resolve())
    except BacktestError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    for name, file in lock.files.items():
        sys.stdout.write(f"{folder / name}: {file.rows} rows, {file.bytes} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
