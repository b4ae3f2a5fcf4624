"""The datasets and panels of a comparison, each read once."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.data.store.read import load_dataset
from backtest.errors import StudyRefused
from backtest.model import Dataset
from backtest.model.panel import Panel
from backtest.panel.panel_run import panel_of
from backtest.workspace import Workspace


class Sources:
    """What the studies of a comparison are run on.

    Parameters
    ----------
    workspace : Workspace
        Where names are looked up.
    data : sequence of Dataset
        Datasets that are loaded already.

    Raises
    ------
    StudyRefused
        Two of them have the same name.
    """

    def __init__(self, workspace: Workspace, data: Sequence[Dataset] = ()) -> None:
        self._workspace = workspace
        self._loaded = {one.name: one for one in data}
        self._panels: dict[str, Panel] = {}
        if len(self._loaded) < len(data):
            raise StudyRefused(
                "two datasets have the same name.", "Give each its own, as in Dataset.from_frame(…, name=…)."
            )

    def dataset(self, name: str) -> Dataset:
        """Return a dataset by its name."""
        if name not in self._loaded:
            self._loaded[name] = load_dataset(self._workspace.dataset(name))
        return self._loaded[name]

    def panel(self, dataset: Dataset) -> Panel:
        """Return the panel of a dataset; one without is refused."""
        if dataset.name not in self._panels:
            self._panels[dataset.name] = panel_of(dataset)
        return self._panels[dataset.name]
