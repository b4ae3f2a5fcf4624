"""What Ctrl-C does: while the program starts it ends the process at once, afterwards it stops the command."""

from __future__ import annotations

import _thread
import os
import sys
import time

TYPE_CHECKING = False  # not of typing, and not signal, which imports enum: meanwhile Ctrl-C would print a traceback
if TYPE_CHECKING:
    import signal
    from sys import UnraisableHookArgs
    from types import FrameType
else:
    import _signal as signal

STOPPED = 130
"""The exit status of an interrupted command, as shells have it: 128 and the number of the signal."""
SAYS = b"Stopped.\n"

AGAIN_SECONDS = 0.01
"""After what time an interrupt that was lost comes again."""

_came = False
_command = False


def stop_at_once() -> None:
    """Let an interrupt end the process without a traceback: nothing has been begun, so there is nothing to clean up.

    Python would raise KeyboardInterrupt within an import, and a library that catches every exception there would lose
    it. An interrupt that is ignored already, as under ``nohup``, stays ignored.
    """
    global _command  # noqa: PLW0603  a process is one or not
    _command = True
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def is_command() -> bool:
    """Return whether this process is a command, which has nothing to lose but itself, and not a notebook."""
    return _command


def stop_the_command() -> None:
    """Let an interrupt raise KeyboardInterrupt from now on, so that the command cleans up; see `came`.

    Where Python can raise nothing, as in a finalizer, it would print a traceback and go on: then it comes again.
    """
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, _stop)
        sys.unraisablehook = _not_raised


def stop_nothing() -> None:
    """Ignore interrupts: the command is over, and its status is known."""
    if signal.getsignal(signal.SIGINT) in (_end, _stop):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def came() -> bool:
    """Return whether the command was interrupted, even if a library made another exception of it."""
    return _came


def leave_waiting(status: int) -> None:
    """End an interrupted command at once if a thread still waits for another machine: Python would wait for it, too.

    Everything has been cleaned up and printed by then.
    """
    waits = sys.modules.get("backtest.far_away")
    if status == STOPPED and waits and waits.anybody_waits():
        os._exit(status)


def _not_raised(lost: UnraisableHookArgs) -> None:
    if issubclass(lost.exc_type, KeyboardInterrupt):
        _thread.start_new_thread(_again, ())
    else:
        sys.__unraisablehook__(lost)


def _again() -> None:
    time.sleep(AGAIN_SECONDS)
    if os.name == "nt":  # there, kill() would end the process
        _thread.interrupt_main()
    else:
        os.kill(os.getpid(), signal.SIGINT)  # wakes the command if it waits


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  signal's signature
    os.write(2, SAYS)
    os._exit(STOPPED)


def _stop(number: int, frame: FrameType | None) -> None:
    global _came  # noqa: PLW0603  a process has one
    _came = True
    signal.default_int_handler(number, frame)
