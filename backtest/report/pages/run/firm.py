"""How firm a finding is: other tests of it, other base rates, parts of the sample, and single events left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backtest.model import Record, measured_by
from backtest.model.by_asset import spoken_of
from backtest.model.significance import stands_out
from backtest.report.pages.run.without_one import Influences, influences, left_out_rows
from backtest.untyped import Json

LOOKS = 21
"""Assets times horizons that fit a page; the look of the verdict and those of its asset first."""
DOTS = 1_500
"""Dots in all strips of a page."""

OWN = "circular shift"
TAKES_FOR_GRANTED = "the events might as well have come at any other time, with the volatility of that time"


@dataclass(frozen=True)
class Firm:
    """How firm each look of a page is."""

    looks: list[Json]
    """One an asset and horizon with a test, in the order of assets and horizons."""
    n_looks: int
    """How many there are, on the page or not."""

    @property
    def chosen(self) -> Json:
        """The look that the verdict speaks of."""
        return next(look for look in self.looks if look["chosen"])

    @property
    def by_asset(self) -> list[tuple[str, list[tuple[int, Json]]]]:
        """The looks of each asset, each with its position."""
        names = dict.fromkeys(look["name"] for look in self.looks)
        return [(name, [(i, one) for i, one in enumerate(self.looks) if one["name"] == name]) for name in names]


def firm_figures(records: Sequence[Record], names: Sequence[str]) -> Firm | None:
    """Collect what each look rests on.

    Parameters
    ----------
    records : sequence of Record
        The run as each asset has it.
    names : sequence of str
        What the assets are called.

    Returns
    -------
    Firm or None
        None for an older record, and where there is no test.
    """
    runs = [record.run for record in records]
    spoken = spoken_of(runs)
    if spoken is None or any(run.get("robustness") is None for run in runs):
        return None
    tested = [
        (asset, at) for asset, run in enumerate(runs) for at, row in enumerate(run["horizons"]) if _is_tested(row)
    ]
    order = sorted(tested, key=lambda look: (look != spoken, look[0] != spoken[0], *look))
    shown = sorted(order[:LOOKS])
    tables = {asset: influences(records[asset].tables.get("influence")) for asset in {asset for asset, _ in shown}}
    dots = DOTS // len(shown)
    looks = [
        {
            "asset": asset,
            "name": names[asset],
            "chosen": (asset, at) == spoken,
            **_look(runs[asset], tables[asset], at, dots),
        }
        for asset, at in shown
    ]
    return Firm(looks, len(tested))


def _is_tested(row: Mapping[str, Any]) -> bool:
    return row.get("p_value") is not None and row.get("excess") is not None


def _look(run: Mapping[str, Any], found: Influences, at: int, dots: int) -> Json:
    row = run["horizons"][at]
    return {
        **{key: row[key] for key in ("horizon", "n", "excess", "p_value", "kept", "variance_ratio", "variance_p")},
        "doubt": row.get("doubt"),
        "remarks": list((row.get("remarks") or {}).values()),
        "opinions": _opinions(run, at),
        "ways": _ways(run, at),
        "left_out": left_out_rows(run, found, at, dots),
    }


def _opinions(run: Mapping[str, Any], at: int) -> list[Json]:
    """Return what each test says, the verdict's own first."""
    own = run["horizons"][at]["p_value"]
    first = {"name": OWN, "takes_for_granted": TAKES_FOR_GRANTED, "p_value": own, "own": True, "disagrees": False}
    rows = [(one, one["by_horizon"][at]) for one in run["robustness"]["opinions"]]
    return [
        first,
        *(
            {
                "name": one["name"],
                "takes_for_granted": one["takes_for_granted"],
                **said,
                "own": False,
                "disagrees": said["p_value"] is not None and stands_out(said["p_value"]) is not stands_out(own),
            }
            for one, said in rows
        ),
    ]


def _ways(run: Mapping[str, Any], at: int) -> list[tuple[str, list[Json]]]:
    """Return the excess as the verdict has it and measured in other ways, in groups."""
    row, rests, of = run["horizons"][at], run["robustness"], measured_by(run["legs"])
    plain = {
        "what": "beside all sessions of the base rate",
        "n": row["n"],
        "base": row[of.base_mean],
        "excess": row["excess"],
        "p_value": row["p_value"],
    }
    scaled = {
        "what": "the same, each by the volatility of its time",
        "n": row["n"],
        "excess": row["standardised_excess"],
        "p_value": row["standardised_p"],
    }
    like = [
        {
            "what": one["text"].removeprefix("sessions "),
            "base": one[of.base_mean][at],
            **{key: one[key][at] for key in ("n", "unmatched", "excess")},
        }
        for one in rests["matched"]
        if one["matching"] != "all"
    ]
    groups = [("All events", [plain, scaled]), ("Beside sessions", like)]
    for title, parts in (("Halves of the sample", rests["halves"]), ("Sides of a seam of the data", rests["sides"])):
        rows = [
            {
                "what": f"{part['first']} to {part['last']}",
                "base": part[of.base_mean][at],
                **{key: part[key][at] for key in ("n", "excess", "p_value")},
            }
            for part in parts
        ]
        groups.append((title, rows))
    return [(title, rows) for title, rows in groups if rows]
