"""What a study draws, whether it has just been run or was read from disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest.model import Asked, Record
from backtest.study.export.notebook import record_html

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Pictures:
    """Figures of a record, and how a notebook shows it.

    Figures are matplotlib's, which is imported by the first of them. Each says what it shows, and that data are
    simulated. A figure of its own belongs to no window: a notebook shows it, `savefig` writes it.
    """

    @property
    def record(self) -> Record:
        """The record that everything is drawn from."""
        raise NotImplementedError

    def plot_outcomes(
        self, horizon: Asked | None = None, *, asset: str | None = None, ax: Axes | None = None, dark: bool = False
    ) -> Figure:
        """Draw what came after every event over one horizon: a dot each, in percent, beside ordinary sessions.

        Events without a complete window have no dot, and the figure says how many they are.

        Parameters
        ----------
        horizon : int or str, optional
            One of the study's horizons: sessions, or by the calendar, such as ``"1y"``; by default, the one that the
            verdict speaks of.
        asset : str, optional
            Of several assets, which; by default, the one that the verdict speaks of.
        ax : matplotlib.axes.Axes, optional
            Draw the events here, without ordinary sessions.
        dark : bool
            Draw on dark ground.

        Returns
        -------
        matplotlib.figure.Figure
            Of 1200 by 675 points or, with `ax`, its figure.

        Raises
        ------
        NotFound
            The study has no such horizon or asset.
        ExportRefused
            matplotlib is not installed, or `ax` is in no figure.
        """
        from backtest.handout.plot_outcomes import plot_outcomes

        return plot_outcomes(self.record, horizon, asset=asset, ax=ax, dark=dark)

    def plot_path(
        self, leg: str | None = None, *, asset: str | None = None, ax: Axes | None = None, dark: bool = False
    ) -> Figure:
        """Draw cumulative returns around day 0: each event's, their mean and quartiles, and the base rate.

        Where a path runs out of the data, it ends.

        Parameters
        ----------
        leg : str, optional
            ``"asset"``, ``"benchmark"`` or ``"spread"``; by default, what is judged.
        asset, ax, dark
            As in `plot_outcomes`.

        Raises
        ------
        NotFound
            The study has no such leg or asset.
        ExportRefused
            matplotlib is not installed, or `ax` is in no figure.
        """
        from backtest.handout.plot_path import plot_path

        return plot_path(self.record, leg, asset=asset, ax=ax, dark=dark)

    def plot_episodes(self, *, asset: str | None = None, ax: Axes | None = None, dark: bool = False) -> Figure:
        """Draw the series that the detector watched, its episodes, day 0 of each event, and the indicator.

        A detector that watches no level is drawn over the legs, from a common start of 100. A dot is hollow where a
        window of the event ends after the data.

        Parameters
        ----------
        asset : str, optional
            Of several assets, the one whose windows and legs are meant.
        ax : matplotlib.axes.Axes, optional
            Draw the history here, without the indicator.
        dark : bool
            Draw on dark ground.

        Raises
        ------
        NotFound
            The study has no such asset.
        ExportRefused
            matplotlib is not installed, or `ax` is in no figure.
        """
        from backtest.handout.plot_episodes import plot_episodes

        return plot_episodes(self.record, asset=asset, ax=ax, dark=dark)

    def _repr_html_(self) -> str:
        return record_html(self.record)
