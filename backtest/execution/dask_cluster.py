"""Pieces of work on a Dask cluster, as futures; Dask computes again what a lost worker was computing."""

from __future__ import annotations

import importlib
import itertools
import logging
import pickle
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from backtest.errors import ExecutionRefused, cut
from backtest.execution.executor import Piece, Result, Shared
from backtest.far_away import far_away

ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^\s/]+:\d{1,5}/?")
REACHED_WITHIN = 10
"""Seconds in which a scheduler must answer."""
ANSWERS_WITHIN = 20
"""Seconds in which a scheduler that is connected must answer; one that does not may have stopped, or be none."""
GONE = "scheduler-connection-lost"
"""What Dask says in the error of a future whose scheduler has ended."""
CHECK_ADDRESS = "Check the address: 'dask scheduler' prints it."
WITHOUT_WORKERS = 60
"""Seconds that a cluster may be without any worker while work waits for one."""
AHEAD = 2
"""Pieces sent per worker thread: the next one is there when one is finished."""
NOISY = ("distributed", "tornado", "asyncio")
"""Loggers of what Dask needs."""
SAME_BYTES = ("episode-backtest", "numpy", "pyarrow", "distributed")
"""Packages whose versions must be the same everywhere, beside Python's own."""
ITS_MODULE = {"episode-backtest": "backtest._version"}
"""Older versions of Dask ask the module for its version, and not the package."""


class DaskCluster:
    """Computes pieces on the workers of a Dask cluster; `connected` makes one.

    Parameters
    ----------
    client : distributed.Client
        Connected to the scheduler.
    address : str
        The scheduler's, as given.
    """

    def __init__(self, client: Any, address: str) -> None:  # noqa: ANN401  a library that may not be installed
        self._client, self._address = client, address

    @property
    def workers(self) -> int:
        """Threads of all workers at this moment; at least 1."""
        return max(1, self._threads())

    def run(
        self, work: Callable[[Shared, Piece], Result], shared: Shared, pieces: Iterable[Piece]
    ) -> Iterator[tuple[Piece, Result]]:
        """Yield each piece with what `work` makes of it, as they are finished; see `Executor.run`."""
        waiting, begun, finished = iter(pieces), dict[Any, Piece](), SimpleQueue[Any]()
        # Not scattered: what a lost worker had been given is then known to the scheduler, which gives it to another.
        given = self._client.submit(_same, _Closed((work, shared)), pure=False)

        def begin(most: int) -> None:
            for piece in itertools.islice(waiting, most):
                future = self._client.submit(_of_closed, given, _Closed(piece), pure=False)
                begun[future] = piece
                future.add_done_callback(finished.put)

        try:
            try:
                begin(AHEAD * self.workers)
                while begun:
                    future = self._next(finished)
                    yield begun.pop(future), self._result(future)
                    begin(1)
            except KeyboardInterrupt:
                while begun:
                    future = self._next(finished)
                    yield begun.pop(future), self._result(future)
                raise
        finally:
            _left(partial(self._client.cancel, [given, *begun]))

    def _next(self, finished: SimpleQueue[Any]) -> Any:  # noqa: ANN401  a future
        while True:
            try:
                return finished.get(timeout=WITHOUT_WORKERS)
            except Empty:
                self._refuse_without_workers()

    def _refuse_without_workers(self) -> None:
        if not self._threads():
            raise ExecutionRefused(
                f"cluster {self._address}: it has had no worker for {WITHOUT_WORKERS} seconds.",
                f"Start some: dask worker {self._address}",
            )

    def _threads(self) -> int:
        try:
            return sum(int(threads) for threads in far_away(self._client.nthreads, ANSWERS_WITHIN).values())
        except Exception as error:
            raise self._lost(error) from error

    def _result(self, future: Any) -> Any:  # noqa: ANN401  whatever the function returns
        try:
            while True:
                try:
                    return future.result(timeout=WITHOUT_WORKERS)
                except TimeoutError:
                    if future.status == "error":
                        raise
                    self._refuse_without_workers()  # lost with its worker before it was fetched, and computed again
        except _distributed(self._address).KilledWorker as error:
            raise ExecutionRefused(
                f"cluster {self._address}: the workers of one piece of work were lost again and again: they were "
                "killed, most likely for lack of memory.",
                "Give each worker more memory, or fewer threads.",
            ) from error
        except CancelledError as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> ExecutionRefused:
        silent = isinstance(error, TimeoutError)
        why = f"no answer within {ANSWERS_WITHIN} seconds" if silent else f"{type(error).__name__}: {error}"
        why = "the scheduler is gone" if GONE in why else why
        return ExecutionRefused(
            f"cluster {self._address}: the connection was lost: {why.rstrip('.: ')}.",
            "Look whether the scheduler runs, and run the command again.",
        )


class _Closed:
    """Keeps Dask from looking for tasks and futures in what is sent.

    A worker passes it on to another as it came: what it has made of it since, such as files that it has opened, might
    not be sent.
    """

    def __init__(self, value: Any = None, sent: bytes = b"") -> None:  # noqa: ANN401  whatever is sent
        self._sent = sent
        if not sent:
            self.value = value

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever is sent
        if name != "value":
            raise AttributeError(name)
        self.value = pickle.loads(self._sent)
        return self.value

    def __reduce__(self) -> tuple[Any, ...]:
        pickled = importlib.import_module("distributed.protocol.pickle")  # also functions of a program's own file
        return _Closed, (None, self._sent or pickled.dumps(self.value))


def _same(closed: _Closed) -> _Closed:
    return closed


def _of_closed(given: _Closed, piece: _Closed) -> Any:  # noqa: ANN401  whatever the function returns
    work, shared = given.value
    return work(shared, piece.value)


@contextmanager
def connected(address: str) -> Iterator[DaskCluster]:
    """Connect to the scheduler of a Dask cluster.

    Parameters
    ----------
    address : str
        As ``tcp://10.0.0.1:8786``.

    Raises
    ------
    ExecutionRefused
        Dask is not installed, this is no address, nobody answers there, there is no worker, or a worker has another
        version of Python or of a package that the numbers depend on.
    """
    if not ADDRESS.fullmatch(address):
        raise ExecutionRefused(
            f"cluster '{cut(address, 100)}': must be the address of a Dask scheduler.", "As tcp://10.0.0.1:8786"
        )
    _distributed(address)  # which sets the levels of its loggers
    with _quiet():
        client = _client(address)
        try:
            _refuse_other_versions(client, address)
            yield DaskCluster(client, address)
        finally:
            _left(partial(client.close, timeout=REACHED_WITHIN))


def _left(say: Callable[[], object]) -> None:
    """Tell a scheduler that it is not needed any more; one that is gone, or does not answer, needs not be told."""
    with suppress(Exception):
        far_away(say, REACHED_WITHIN)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what Dask logs and warns of: a lost worker is replaced, and whatever cannot be helped is refused."""
    every = [*logging.root.manager.loggerDict, *NOISY]  # Dask gives some of its loggers a level of their own
    loggers = [logging.getLogger(name) for name in dict.fromkeys(every) if name.partition(".")[0] in NOISY]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def _distributed(address: str) -> Any:  # noqa: ANN401  a library that may not be installed
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise ExecutionRefused(
            f"cluster {address}: Dask is not installed.", "pip install 'episode-backtest[scale]'"
        ) from error


def _client(address: str) -> Any:  # noqa: ANN401  a library that may not be installed
    distributed = _distributed(address)
    connect = partial(distributed.Client, address, timeout=REACHED_WITHIN, set_as_default=False)
    try:
        return far_away(connect, ANSWERS_WITHIN)
    except Exception as error:
        raise _no_scheduler(address, error) from error


def _no_scheduler(address: str, error: Exception) -> ExecutionRefused:
    """Return the refusal of an address where no scheduler answers, or something else does."""
    if isinstance(error, TimeoutError):
        return ExecutionRefused(
            f"cluster {address}: no answer of a Dask scheduler within {ANSWERS_WITHIN} seconds.", CHECK_ADDRESS
        )
    if isinstance(error, OSError):
        return ExecutionRefused(
            f"cluster {address}: cannot be reached within {REACHED_WITHIN} seconds: {error}.",
            f"Start it: dask scheduler, and dask worker {address}",
        )
    said = cut(f"{type(error).__name__}: {error}", 200).rstrip(".")
    tls = " For tls://, Dask's configuration names the certificates." if address.startswith("tls") else ""
    return ExecutionRefused(f"cluster {address}: does not answer as a Dask scheduler: {said}.", CHECK_ADDRESS + tls)


def _refuse_other_versions(client: Any, address: str) -> None:  # noqa: ANN401  a library that may not be installed
    try:
        found = far_away(partial(client.get_versions, packages=[*SAME_BYTES, *ITS_MODULE.values()]), ANSWERS_WITHIN)
    except Exception as error:
        raise _no_scheduler(address, error) from error
    if not found["workers"]:
        raise ExecutionRefused(f"cluster {address}: it has no worker.", f"Start some: dask worker {address}")
    here = _versions(found["client"])
    for name, worker in sorted(found["workers"].items()):
        for what, version in _versions(worker).items():
            if version != here[what]:
                raise ExecutionRefused(
                    f"cluster {address}: worker {name} has {what} {version or 'no version'}, this machine "
                    f"{here[what]}: results could differ.",
                    "Install the same versions everywhere.",
                )


def _versions(of_one: Mapping[str, Any]) -> dict[str, str]:
    python = ".".join(str(of_one["host"]["python"]).split(".")[:2])
    told = of_one["packages"]
    own = {name: told.get(name) or told.get(ITS_MODULE.get(name)) for name in SAME_BYTES}
    return {"Python": python, **{name: str(version or "") for name, version in own.items()}}
