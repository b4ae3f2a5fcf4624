"""``python -m backtest.data.sample [FOLDER]``: simulate the samples, by default into their own folders."""

from __future__ import annotations

import sys
from pathlib import Path

from backtest.data.sample.output import write_sample, write_sample_panel
from backtest.errors import BacktestError
from backtest.workspace import builtin

WRITERS = {"sample": write_sample, "sample-panel": write_sample_panel}
"""Each simulated dataset, in the order in which one is made of the other."""


def main(arguments: list[str]) -> int:
    """Write the samples and say what was written; return the exit status."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.stderr.write("Usage: python -m backtest.data.sample [FOLDER]\n")
        return 2
    folders = [Path(one) for one in arguments] or [builtin("datasets") / name for name in WRITERS]
    for folder in folders:
        try:
            lock = WRITERS.get(folder.resolve().name, write_sample)(folder.resolve())
        except BacktestError as error:
            sys.stderr.write(f"Error: {error}\n")
            return 1
        for name, file in lock.files.items():
            sys.stdout.write(f"{folder / name}: {file.rows} rows, {file.bytes} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
