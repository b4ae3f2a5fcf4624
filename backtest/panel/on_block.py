"""Run a recipe on blocks of assets: the answer of each column is that of a study of its asset alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from backtest.detect.logic import Answer
from backtest.detect.tree import Recipe, Single, answers_of
from backtest.errors import DetectorFailed
from backtest.model import Account, Bools, Condition, Episodes, Floats, Ints, Note, Prices
from backtest.model.panel import OWN, Panel
from backtest.model.views import Changed
from backtest.panel.listed_events import ListedEvents

AT_ONCE = 16
"""Assets in a block: few, so that they stay in the processor's cache."""


class Block:
    """Some assets of a panel, as detectors see them: all at once, or one after the other.

    Parameters
    ----------
    panel : Panel
        The assets.
    first : int
        Column of the first; as many follow as a block has.
    """

    def __init__(self, panel: Panel, first: int) -> None:
        self.panel, self.columns = panel, range(first, min(first + AT_ONCE, len(panel)))
        self.read: list[set[str]] = [set() for _ in self.columns]
        """The series that were read for each asset."""

    @property
    def shape(self) -> tuple[int, int]:
        """Sessions and assets."""
        return len(self.panel.common), len(self.columns)

    @cached_property
    def together(self) -> Prices:
        """The history in which ``"close"`` has the shape (n_sessions, n_assets), one asset after another in memory."""
        some = slice(self.columns.start, self.columns.stop)
        own = {OWN if name == "close" else f"{OWN}.{name}": values for name, values in self.panel.fields.items()}
        columns = Changed(own, lambda _name, values: _sealed(np.asfortranarray(values[:, some])))
        return self.panel.common.beside({OWN: self.panel.info}, columns).published()

    @cached_property
    def alone(self) -> list[Prices]:
        """The history of each asset."""
        return [self.panel.prices(column).published() for column in self.columns]


class Detectors:
    """The detectors of a recipe on a panel; what does not depend on the asset runs once.

    Parameters
    ----------
    recipe : Recipe
        The detectors; the series ``"close"`` is the asset's own.
    lists : mapping of str to ListedEvents
        Events that are listed by asset, by table of the strategy: they answer for its detector.
    """

    def __init__(self, recipe: Recipe, lists: Mapping[str, ListedEvents]) -> None:
        self.recipe, self.lists = recipe, lists
        self.shared: dict[str, tuple[Condition, set[str]]] = {}
        self._compared: set[str] = set()

    def episodes(self, panel: Panel) -> Iterator[tuple[Block, Ints, Episodes]]:
        """Yield one block after another with the column of each episode in the panel, in order, and the episodes."""
        for first in range(0, len(panel), AT_ONCE):
            block = Block(panel, first)
            whole = answers_of(self.recipe, lambda one: self._condition(one, block))["detector"]  # noqa: B023  run at once
            column, found = _episodes(whole)
            yield block, column + first, found

    def _condition(self, one: Single, block: Block) -> Condition:
        """Return the answer of one detector, of the shape of the block."""
        if one.key in self.lists:
            return self.lists[one.key].condition(block.columns, block.shape[0])
        if one.key not in self.shared:
            found = self._together(one, block) if one.detector.by_block else self._one_by_one(one, block)
            if found is not None:
                return found
        condition, read = self.shared[one.key]
        for names in block.read:
            names.update(read)
        return _as_block([condition], block.shape)

    def _together(self, one: Single, block: Block) -> Condition | None:
        prices = block.together
        prices.read.clear()
        found = one.detector.condition(prices, one.values, block.shape[1])
        if OWN not in prices.read and not one.detector.own:
            self.shared[one.key] = found, set(prices.read)
            return None
        for names in block.read:
            names.update(prices.read)
        if not one.detector.own:
            return found
        whole = found if found.met.ndim == 2 else _as_block([found], block.shape)
        if one.key not in self._compared:
            self._compared.add(one.key)
            self._compare(one, block, whole)
        return whole

    def _compare(self, one: Single, block: Block, whole: Condition) -> None:
        """Compare what a user's own detector says of a block with what it says of each of its assets alone.

        Raises
        ------
        DetectorFailed
            They differ.
        """
        alone = self._one_by_one(one, block)
        assert alone is not None  # a user's own is never taken for one that all assets share
        differs = (whole.met != alone.met) | (whole.known != alone.known) | (_begins(whole) != _begins(alone))
        if differs.any():
            column, session = np.argwhere(differs.T)[0]
            asset, day = block.panel.assets[block.columns[column]], block.panel.common.sessions[session]
            raise DetectorFailed(
                f"detector '{one.detector.name}': BY_BLOCK = True, but its answer for {asset} on {day} is another one "
                f"in a block of {block.shape[1]} assets than alone.",
                "Each column must follow its own sessions (axis 0) alone; or leave BY_BLOCK out.",
            )

    def _one_by_one(self, one: Single, block: Block) -> Condition | None:
        found = []
        for prices, names in zip(block.alone, block.read, strict=True):
            prices.read.clear()
            found.append(one.detector.condition(prices, one.values))
            if OWN not in prices.read and not one.detector.own:  # a user's own may look at the columns themselves
                self.shared[one.key] = found[0], set(prices.read)
                return None
            names.update(prices.read)
        return _as_block(found, block.shape)

    @property
    def dates(self) -> tuple[Account, ...]:
        """Accounts of dates that hold for all assets."""
        return tuple(one.at(key) for key, (condition, _) in self.shared.items() for one in condition.accounts)

    @property
    def told(self) -> tuple[Note, ...]:
        """Notes on what holds for all assets."""
        every = [
            Note("dates_of_every_asset", key, "The list names no assets: each date is an event of every asset.")
            for key, (condition, _) in self.shared.items()
            if condition.accounts
        ]
        return (*every, *(one for condition, _ in self.shared.values() for one in condition.notes))


def _sealed(values: Floats) -> Floats:
    """Return the values as an array that a detector cannot change."""
    values = values.view()
    values.flags.writeable = False
    return values


def _begins(condition: Condition) -> Bools:
    return np.zeros_like(condition.met) if condition.begins is None else condition.begins


def _as_block(found: list[Condition], shape: tuple[int, int]) -> Condition:
    """Return the answers of all assets, or the one that they share, of shape (n_sessions, n_assets)."""

    def side_by_side(flags: list[Bools]) -> Bools:
        return np.broadcast_to(np.array(flags).T, shape)

    return Condition(
        side_by_side([one.met for one in found]),
        side_by_side([one.known for one in found]),
        begins=side_by_side([_begins(one) for one in found]) if any(one.begins is not None for one in found) else None,
    )


def _episodes(whole: Answer) -> tuple[Ints, Episodes]:
    """Return the column of each run, in order, and the runs, as `find_episodes` finds those of one column."""
    met, known, begins = whole.condition.met.T, whole.condition.known.T, whole.condition.begins
    goes_on = met[:, 1:] & met[:, :-1]
    if begins is not None:
        goes_on &= ~begins.T[:, 1:]
    first, last = met.copy(), met.copy()
    first[:, 1:] &= ~goes_on
    last[:, :-1] &= ~goes_on
    column, trigger = np.divmod(np.flatnonzero(first), met.shape[1])
    end = np.flatnonzero(last) % met.shape[1]
    start = np.maximum(trigger - (whole.length.T[column, trigger] - 1), 0)
    behind = met.shape[1] - 1
    ongoing = (end == behind) | ~known[column, np.minimum(end + 1, behind)]
    return column, Episodes(start, trigger, end, ongoing)
