"""Several studies in one command: one that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

from backtest.cli.console import print_text
from backtest.errors import BacktestError, LacksSeries, OtherKind, printable
from backtest.untyped import Json


@dataclass
class Several:
    """The studies asked for, and those that were refused or left out.

    Attributes
    ----------
    names : sequence of str
        The studies. Where there is only one, its refusal is that of the command.
    given : collection of str
        The names as the user gave them. A study that is not among them was added by a pattern, a tag or ``--all``: it
        is skipped where the dataset lacks what it reads.
    failed : dict of str to str
        Why each of the others was refused.
    skipped : dict of str to str
        What the dataset lacks for each study that was skipped.
    apart : list of str
        The studies of single series that were left out of a comparison of studies on panels.
    """

    names: Sequence[str]
    given: Collection[str] = ()
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    apart: list[str] = field(default_factory=list)

    @contextmanager
    def attempt(self, name: str) -> Iterator[None]:
        """Run one study; print its refusal on stderr, and go on."""
        try:
            yield
        except BacktestError as error:
            if len(self.names) == 1:
                raise
            if isinstance(error, LacksSeries) and self.skip(name, error):
                return
            self.failed[name] = str(error)
            click.echo(f"{printable(name)}: failed: {error}", err=True)

    def skip(self, name: str, error: LacksSeries) -> bool:
        """Return whether a study that cannot be among the others is left out, which is then told at the end."""
        if name in self.given:
            return False
        if isinstance(error, OtherKind):
            self.apart = [*self.apart, name] if name not in self.apart else self.apart
        else:
            self.skipped[name] = error.series
        return True

    def skipped_words(self, dataset: str) -> str:
        """Say which studies were skipped, and what the dataset lacks for each."""
        which = ", ".join(f"{name} ({series})" for name, series in self.skipped.items())
        reads = "it reads" if len(self.skipped) == 1 else "they read"
        of = f"{len(self.skipped):,} of {len(self.names):,} strategies"
        return f"Skipped {of}, as {dataset} lacks what {reads}: {which}."

    def apart_words(self) -> str:
        """Say which studies were left out of a comparison of studies on panels."""
        measure = "it measures" if len(self.apart) == 1 else "they measure"
        return f"Left out, as {measure} single series and not the assets of a panel: {', '.join(self.apart)}."

    def print_skipped(self, dataset: str, *, quietly: bool = False) -> None:
        """Print which studies were skipped, if any; on stderr where stdout is for results alone."""
        if self.skipped and quietly:
            click.echo(self.skipped_words(dataset), err=True)
        elif self.skipped:
            print_text(self.skipped_words(dataset))

    def to_json(self, key: str, contents: list[Json]) -> Json:
        """Return the object that a command prints: the content of the only study, or all under `key`."""
        if len(self.names) == 1:
            return contents[0]
        refused = [{"strategy": name, "refused": why} for name, why in self.failed.items()]
        return {"schema": 1, key: contents, "failed": refused, "skipped": self.skipped_json()}

    def skipped_json(self) -> list[Json]:
        """Return each skipped study with the series that is missing."""
        lacking = [{"strategy": name, "lacks": series} for name, series in self.skipped.items()]
        return lacking + [{"strategy": name, "measures": "single series"} for name in self.apart]

    def raise_if_failed(self) -> None:
        """Refuse the command as a whole if any study was refused, or all were skipped, after all that could be done.

        Raises
        ------
        BacktestError
            With the names of those that failed.
        """
        if self.failed:
            which = ", ".join(self.failed)
            raise BacktestError(f"{len(self.failed)} of {len(self.names)} studies failed: {which}.", "See above.")
        if len(self.skipped) == len(self.names):
            raise BacktestError("no strategy can run on this dataset.", "Name another with --dataset.")
