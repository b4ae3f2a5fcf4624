"""A user's own Python is a stranger: whatever it raises is a refusal of that detector, and it may not take for ever."""

from __future__ import annotations

import faulthandler
import math
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import NoReturn

from backtest.errors import BacktestError, DetectorFailed
from backtest.interrupts import is_command

SETTING = "BACKTEST_DETECTOR_SECONDS"
"""The environment variable that sets the limit of one answer; 0 is none."""
SECONDS = 300.0
"""The limit where nothing sets it."""
AGAIN = 0.5
"""Seconds after which a detector that catches the first stop is stopped again."""
GRACE = 10.0
"""Seconds after the limit at which a detector that Python cannot stop ends the process, see `limited`."""
WATCHABLE = 1e6
"""Limits of so many seconds are no limit, and the system's clocks do not take them."""
LONGEST = 500
"""Characters of a stranger's message that are shown."""


class TooLong(BaseException):
    """A detector has used up its time; no `except Exception` of its own catches it."""


def seconds_allowed() -> float:
    """Return the limit of one answer in seconds; infinite if there is none.

    Raises
    ------
    DetectorFailed
        The environment variable is not a number of seconds.
    """
    text = os.environ.get(SETTING, "")
    try:
        seconds = float(text) if text else SECONDS
    except ValueError:
        seconds = math.nan
    if not seconds >= 0:
        raise DetectorFailed(f"{SETTING}={text}: is not a number of seconds.", "Write e.g. 60, or 0 for no limit.")
    return seconds if 0 < seconds < WATCHABLE else math.inf


@contextmanager
def stranger(what: str, place: str, hint: str, *, own: bool = True) -> Iterator[None]:
    """Run a detector: whatever it raises is a refusal. The output of a user's own Python goes to stderr.

    Parameters
    ----------
    what : str
        The detector, and what it does: ``"detector 'mine' failed"``.
    place : str
        Its source file: the message names the line.
    hint : str
        What to do about it.
    own : bool
        Whether it is the user's own Python, which is stopped after `seconds_allowed` and cannot end the process; ours
        needs neither.

    Raises
    ------
    DetectorFailed
        It raised anything but a refusal or KeyboardInterrupt, which is the user's own, or took too long.
    """
    seconds = seconds_allowed() if own else math.inf
    try:
        if not own:
            yield
            return
        with limited(seconds), _staying(), redirect_stdout(sys.stderr):  # its output must not end up in our JSON
            yield
    except (BacktestError, KeyboardInterrupt):
        raise
    except TooLong as error:
        raise DetectorFailed(
            f"{what}: it was stopped after {seconds:g} seconds.", f"Fix it, or set {SETTING} to more seconds."
        ) from error
    except BaseException as error:
        raise DetectorFailed(f"{what}: {said_by(error)}{_where(error, place)}.", hint) from error


def said_by(error: BaseException) -> str:
    """Return the kind and the text of an exception, whose own text may raise."""
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001  as above
        text = "(its text cannot be read)"
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
    return f"{type(error).__name__}: {text}"


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TooLong` in the block after some seconds.

    A signal stops it, so this works in the main thread of a system that has timers (not on Windows), and between two
    steps of Python. A call into compiled code that does not return is ended from outside some seconds later, with the
    whole process, status 1 and the line on stderr: only the command line has that, not a notebook.
    """
    able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not able or math.isinf(seconds) or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    watched = is_command()
    if watched:
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if watched:
            faulthandler.cancel_dump_traceback_later()


@contextmanager
def _staying() -> Iterator[None]:
    """Raise SystemExit in the block where it would end the process at once, with a status of its own choice."""
    end, process = os._exit, os.getpid()

    def stay(status: int) -> NoReturn:
        if os.getpid() != process:  # a process that it has forked ends as it must
            end(status)
        raise SystemExit(status)

    vars(os)["_exit"] = stay
    try:
        yield
    finally:
        vars(os)["_exit"] = end


def _too_long(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  signal's signature
    raise TooLong


def _where(error: BaseException, own: str) -> str:
    """Name the last line of the detector's file in the traceback or, if there is none, the last line of all."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((frame for frame in reversed(frames) if frame.filename == own), frames[-1] if frames else None)
    return "" if frame is None else f" ({Path(frame.filename).name}, line {frame.lineno})"
