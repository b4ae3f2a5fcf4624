"""A command does its work whatever happens to its output, and says what was lost."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backtest import interrupts
from backtest.cli import _with_output
from backtest.cli.console import print_path
from backtest.cli.standard_streams import Forgiving, Streams

FULL = "/dev/full"
needs_full = pytest.mark.skipif(not Path(FULL).exists(), reason="this system has no /dev/full")


@pytest.fixture
def full(monkeypatch):
    """Streams whose standard output is on a device that is full."""
    number = os.open(FULL, os.O_WRONLY)
    made = Streams()
    made.raw[1] = Forgiving(number)
    for module in ("backtest.cli", "backtest.cli.console", "backtest.cli.standard_streams"):
        monkeypatch.setattr(f"{module}.streams", made)
    yield made
    os.close(number)


@needs_full
def test_a_full_output_is_named_and_changes_the_status_only_of_a_command_that_is_done(
    full, capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(full.raw[1]), encoding="utf-8"))
    print_path("Report", tmp_path / "report.html")
    assert _with_output(0) == 1
    assert _with_output(3) == 3
    said = capsys.readouterr().err
    assert f"Report: {tmp_path}/report.html" in said
    assert "Error: standard output: No space left on device" in said


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EINVAL])
def test_a_reader_that_has_gone_is_no_fault(number):
    made = Streams()
    made.raw[1] = Forgiving(os.open(os.devnull, os.O_WRONLY), OSError(number, "gone"))
    assert made.raw[1].write(b"text") == 4
    assert made.lost(1) == ""


def test_a_stream_that_a_test_has_put_in_place_stays(monkeypatch):
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.StringIO())
    made = Streams()
    made.forgive()
    assert made.raw == {}


def test_a_closed_stream_gets_its_number_back():
    code = (
        "import os; from backtest.cli.standard_streams import streams; streams.forgive(); print('x');"
        "os.write(2, streams.refusal().encode()); os._exit(os.open(os.devnull, 0))"
    )
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" >&- <&-', sys.executable, code], capture_output=True, check=False
    )
    assert done.stderr.startswith(b"standard output: it is closed")
    assert done.returncode > 2  # the next file that is opened is none of the three


def test_an_interrupt_during_start_up_ends_the_process_without_a_traceback():
    code = (
        "import os, signal; from backtest import interrupts; interrupts.stop_at_once();\n"
        "try: os.kill(os.getpid(), signal.SIGINT)\nexcept BaseException: pass"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (interrupts.STOPPED, b"Stopped.\n")


def test_until_an_interrupt_ends_the_process_at_once_nothing_slow_is_imported():
    code = "import sys; before = set(sys.modules); import backtest.interrupts; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    # not signal, which imports enum: meanwhile an interrupt would print a traceback
    assert set(done.stdout.split()) == {"__future__", "backtest", "backtest.interrupts"}


def test_an_interrupt_within_a_finalizer_comes_again():
    code = (
        "import os, signal, time; from backtest import interrupts\n"
        "interrupts.stop_at_once(); interrupts.stop_the_command()\n"
        "class Dies:\n"
        "    def __del__(self): os.kill(os.getpid(), signal.SIGINT)\n"
        "one = Dies()\n"
        "try:\n    del one\n    time.sleep(30)\n"
        "except KeyboardInterrupt: print('came')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, "came\n", "")


def test_an_interrupt_that_a_library_turned_into_an_error_stays_an_interrupt(monkeypatch, capsys):
    from backtest.cli import status_of

    monkeypatch.setattr(interrupts, "_came", True)
    monkeypatch.setattr("backtest.cli.cli.main", lambda **_: 1 / 0)
    assert status_of(["list"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"
