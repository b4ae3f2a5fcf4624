"""Several studies in one command: one that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

from backtest.errors import BacktestError, printable
from backtest.untyped import Json


@dataclass
class Several:
    """The studies asked for, and those that were refused.

    Attributes
    ----------
    names : sequence of str
        The studies. Where there is only one, its refusal is that of the command.
    failed : dict of str to str
        Why each of the others was refused.
    """

    names: Sequence[str]
    failed: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def attempt(self, name: str) -> Iterator[None]:
        """Run one study; print its refusal on stderr, and go on."""
        try:
            yield
        except BacktestError as error:
            if len(self.names) == 1:
                raise
            self.failed[name] = str(error)
            click.echo(f"{printable(name)}: failed: {error}", err=True)

    def to_json(self, key: str, contents: list[Json]) -> Json:
        """Return the object that a command prints: the content of the only study, or all under `key`."""
        if len(self.names) == 1:
            return contents[0]
        refused = [{"strategy": name, "refused": why} for name, why in self.failed.items()]
        return {"schema": 1, key: contents, "failed": refused}

    def raise_if_failed(self) -> None:
        """Refuse the command as a whole if any study was refused, after all that could be done.

        Raises
        ------
        BacktestError
            With the names of those that failed.
        """
        if self.failed:
            which = ", ".join(self.failed)
            raise BacktestError(f"{len(self.failed)} of {len(self.names)} studies failed: {which}.", "See above.")
