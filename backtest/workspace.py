"""Where things are: strategies, datasets and reports of the workspace, and the built-ins of the package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backtest.errors import BacktestError, NotFound, WorkspaceInvalid, did_you_mean
from backtest.files import read_text, why_no_file
from backtest.untyped import Parameters, read_toml

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Allowed names of strategies and datasets: a name becomes a folder and a word on the command line."""

DEVICE = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.I)
"""Names that Windows keeps for devices, in every folder and with every suffix."""

RESERVED = {"claims", "compare", "detectors"}
"""Names already used for folders in reports/."""

DEFAULT_DATASET = "sample"
"""The dataset that a study is run on where neither the command nor the workspace names one."""
KEYS = ("dataset",)
"""What a workspace's marker may set."""
MARKER, PYPROJECT = "backtest.toml", "pyproject.toml"
PUBLISHED = "published"
"""The folder within strategies/ for what others have published; its strategies are found by name, like the others."""

MANIFEST = "manifest.toml"
"""The file that every dataset folder has."""
PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Workspace:
    """A folder with ``strategies/``, ``datasets/`` and ``reports/``.

    Names are looked up here first, then among the built-ins.
    """

    root: Path
    marked: bool
    """Whether the folder has a marker; without one, it is simply the current folder."""

    @classmethod
    def find(cls, start: Path | None = None) -> Workspace:
        """Walk up from `start` (by default the current folder) to the nearest marker; without one, use `start`."""
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if is_marked(folder):
                return cls(folder, marked=True)
        return cls(start, marked=False)

    @property
    def reports(self) -> Path:
        """The folder of recorded runs."""
        return self.root / "reports"

    def default_dataset(self) -> str:
        """Return the dataset that studies are run on where none is named: the marker's, or the sample.

        Raises
        ------
        WorkspaceInvalid
            The marker cannot be read, or has an unknown key or a value of the wrong type.
        NotFound
            There is no such dataset; the message names file and key.
        """
        name, place = self.dataset_setting()
        if not place or name in self.datasets():
            return name
        try:
            self.dataset(name)
        except NotFound as error:
            raise error.at(f"{place} = '{name}'") from error
        return name

    def dataset_setting(self) -> tuple[str, str]:
        """Return the name of the default dataset, and the file and key that set it; empty where nothing does.

        Raises
        ------
        WorkspaceInvalid
            As `default_dataset`.
        """
        path, table = _marker(self.root)
        key = "[tool.backtest] dataset" if path.name == PYPROJECT else "dataset"
        unknown = next((one for one in table if one not in KEYS), None)
        if unknown is not None:
            hint = did_you_mean(unknown, KEYS)
            raise WorkspaceInvalid(f"{path}: {key.replace('dataset', unknown)}: unknown key.", hint)
        if "dataset" not in table:
            return DEFAULT_DATASET, ""
        name = table["dataset"]
        if not isinstance(name, str) or not name:
            raise WorkspaceInvalid(f"{path}: {key} = {name!r}: must be a dataset's name.", 'As dataset = "sample".')
        return name, f"{path}: {key}"

    def strategies(self) -> dict[str, Path]:
        """Strategy files by name; those of the workspace take precedence over built-ins.

        They lie in ``strategies/`` or in ``strategies/published/``.
        """
        found: dict[str, Path] = {}
        for folder in self._folders("strategies"):
            for path in (*sorted(folder.glob("*.toml")), *sorted(folder.glob(f"{PUBLISHED}/*.toml"))):
                found.setdefault(path.stem, path)
        return dict(sorted(found.items()))

    def datasets(self) -> dict[str, Path]:
        """Dataset folders (those with a manifest) by name; those of the workspace take precedence over built-ins."""
        found: dict[str, Path] = {}
        for folder in self._folders("datasets"):
            for path in sorted(folder.glob(f"*/{MANIFEST}")):
                found.setdefault(path.parent.name, path.parent)
        return dict(sorted(found.items()))

    def strategy(self, name: str) -> Path:
        """Return a strategy's file, by name or by path to a ``.toml`` file.

        Raises
        ------
        NotFound
            There is no such strategy.
        """
        if name.endswith(".toml") or "/" in name or "\\" in name:
            return _usable(_strategy_file(name))
        return _usable(self._lookup("strategy", name, self.strategies()))

    def dataset(self, name: str) -> Path:
        """Return a dataset's folder.

        Raises
        ------
        NotFound
            There is no such dataset.
        """
        return self._lookup("dataset", name, self.datasets())

    def own_dataset(self, name: str) -> Path:
        """Return the folder in this workspace to which a dataset is written; it need not exist yet."""
        check_name("dataset", name)
        return self.root / "datasets" / name

    def _folders(self, kind: str) -> list[Path]:
        folders = [self.root / kind, builtin(kind)]
        return [folder for folder in folders if folder.is_dir()]

    def _lookup(self, kind: str, name: str, known: dict[str, Path]) -> Path:
        if name in known:
            return known[name]
        plural = "strategies" if kind == "strategy" else "datasets"
        searched = ", ".join(str(folder) for folder in self._folders(plural)) or "no folder"
        raise NotFound(f"{kind} '{name}' is not in {searched}.", did_you_mean(name, known))


def _strategy_file(name: str) -> Path:
    path = Path(name)
    if path.is_file() and path.suffix == ".toml":
        return path
    what = "does not end with .toml" if path.is_file() else why_no_file(path)
    whole = path.with_name(f"{path.name}.toml")
    hint = f"Did you mean '{whole}'?" if whole.is_file() else "'backtest list' shows the strategies known here."
    raise NotFound(f"strategy file '{name}' {what}.", hint)


def _usable(path: Path) -> Path:
    check_name("strategy", path.stem)
    if path.stem in RESERVED:
        raise NotFound(f"strategy name '{path.stem}' is reserved: reports/{path.stem}/ is taken.", "Rename the file.")
    return path


@cache
def builtin(kind: str) -> Path:
    """Return the folder of built-ins of a kind: inside the wheel, or in the development repository."""
    carried = PACKAGE / "_builtin" / kind
    if carried.is_dir():
        return carried
    repository = PACKAGE.parent
    # Without this guard, a broken wheel would read site-packages/datasets, which belongs to another package.
    if is_marked(repository):
        return repository / kind
    raise BacktestError(
        f"the installed package carries no built-in {kind}.",
        "Reinstall it: pip install --force-reinstall episode-backtest",
    )


def is_marked(folder: Path) -> bool:
    """Return whether a folder has ``backtest.toml``, or ``[tool.backtest]`` in its ``pyproject.toml``.

    Raises
    ------
    WorkspaceInvalid
        The ``pyproject.toml`` cannot be parsed.
    """
    if (folder / MARKER).is_file():
        return True
    pyproject = folder / PYPROJECT
    tool = _toml(pyproject).get("tool", {}) if pyproject.is_file() else {}
    return isinstance(tool, dict) and "backtest" in tool


def _marker(folder: Path) -> tuple[Path, Parameters]:
    """Return the marker of a workspace and what it sets; ``backtest.toml`` comes before ``pyproject.toml``."""
    path = folder / MARKER
    if path.is_file():
        return path, _toml(path)
    path = folder / PYPROJECT
    tool = _toml(path).get("tool", {}) if path.is_file() else {}
    table = tool.get("backtest", {}) if isinstance(tool, dict) else {}
    return path, table if isinstance(table, dict) else {}


def _toml(path: Path) -> Parameters:
    try:
        return read_toml(read_text(path))
    except (ValueError, OSError) as error:
        raise WorkspaceInvalid(f"{path}: cannot be read: {error}.", "Fix it, or run in another folder.") from error


def is_device(name: str) -> bool:
    """Tell whether Windows takes a name for a device; a workspace can be moved there, so no system uses it."""
    return DEVICE.fullmatch(name.partition(".")[0].rstrip()) is not None


def check_name(kind: str, name: str) -> None:
    """Refuse a name that cannot be both a folder and a word on the command line.

    Raises
    ------
    NotFound
        The name has other characters than letters, digits, ``-`` and ``_``, or more than 64 of them, or Windows keeps
        it for a device.
    """
    if is_device(name):
        raise NotFound(f"{kind} name '{name}' is not allowed: Windows keeps it for a device.", "Choose another name.")
    if not NAME.fullmatch(name):
        raise NotFound(
            f"{kind} name '{name}' is not allowed.",
            "Use up to 64 letters, digits, '-' and '_', starting with a letter or digit.",
        )
