"""``backtest tune`` on a terminal: how far it is, how fast, how long it will take; Ctrl-C keeps what is done."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pty", reason="this system has no pseudo-terminals")

COMMAND = (
    *("tune", "streak5", "--dataset", "sample", "--set", "measure.horizons=[5, 21, 63]", "--jobs", "1"),
    *("--grid", "threshold=0.002:0.012", "--grid", "sessions=3:6", "--random", "550"),
)
PATIENCE = 300.0


class Terminal:
    """A process whose input and outputs are a terminal of its own."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        import pty

        self.shown = ""
        self.child, self._end = pty.fork()
        if self.child == 0:
            os.execv(sys.executable, [sys.executable, "-m", "backtest", *arguments])

    def read(self) -> bool:
        """Read what it shows; return False at its end."""
        if select.select([self._end], [], [], 0.05)[0]:
            try:
                more = os.read(self._end, 65_536)
            except OSError:  # as Linux says that nobody writes any more
                return False
            self.shown += more.decode(errors="replace")
            return bool(more)
        return True

    def press(self, keys: bytes) -> None:
        os.write(self._end, keys)

    def status(self) -> int:
        """Read to the end, and return the exit status."""
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])


def kept(folder: Path) -> int:
    return len(list(folder.glob("reports/streak5/.unfinished-tune-*/blocks/*.sizes")))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "backtest.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def sets_of(folder: Path) -> pa.Table:
    (path,) = folder.glob("reports/streak5/tune-*/sets.parquet")
    return pq.read_table(path)


def test_it_shows_how_far_it_is_and_goes_on_after_ctrl_c(folder, tmp_path_factory, monkeypatch):
    terminal, begin = Terminal(COMMAND), time.monotonic()
    while kept(folder) < 2:
        assert terminal.read(), terminal.shown
        assert time.monotonic() < begin + PATIENCE
    terminal.press(b"\x03")
    assert terminal.status() == 130, terminal.shown
    assert "What is done is kept. The same command with --resume goes on." in terminal.shown
    bars = re.findall(r"Trying parameter sets.*?(\d+)%.*?(\d:\d\d:\d\d).*?([\d,]+) sets/s", terminal.shown)
    assert bars, terminal.shown
    assert [int(share) for share, _, _ in bars] == sorted(int(share) for share, _, _ in bars)
    assert kept(folder) >= 2
    resumed = subprocess.run([sys.executable, "-m", "backtest", *COMMAND, "--resume"], check=True, capture_output=True)
    assert not resumed.stderr.decode().count("sets/s")  # only a terminal is told
    assert kept(folder) == 0
    other = tmp_path_factory.mktemp("whole")
    (other / "backtest.toml").touch()
    monkeypatch.chdir(other)
    subprocess.run([sys.executable, "-m", "backtest", *COMMAND], check=True, capture_output=True)
    assert sets_of(folder).equals(sets_of(other))
