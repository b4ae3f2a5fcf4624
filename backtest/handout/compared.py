"""The tables of a comparison, with the units that the records of its studies give their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.model.measured import ALONE, SPREAD, Measured
from backtest.record.fields import a_field
from backtest.record.panel_schema import panel_schemas
from backtest.record.schema import schemas

STUDY = a_field("study", pa.string(), "1", "the study, as the comparison names it")
OF_STUDIES = (
    STUDY,
    a_field("strategy", pa.string(), "1", "its strategy"),
    a_field("title", pa.string(), "1", "its title"),
    a_field("run_id", pa.string(), "1", "the recorded run; empty where the study was run for the comparison"),
    a_field("dataset", pa.string(), "1", "the dataset"),
    a_field("dataset_sha256", pa.string(), "1", "SHA-256 of its data"),
    a_field("first", pa.string(), "session", "first session of the sample window"),
    a_field("last", pa.string(), "session", "last session of the sample window"),
    a_field("n_events", pa.int32(), "events", "number of events"),
)
OF_PANELS = (
    a_field("assets", pa.int32(), "assets", "assets of the panel"),
    a_field("n_assets", pa.int32(), "assets", "assets with an event"),
    a_field("n_dates", pa.int32(), "dates", "dates with an event"),
)
"""What the table of studies on panels has besides."""
DOUBT = a_field("doubt", pa.string(), "1", "why a look that stands out does not hold; empty: nothing speaks against it")
ADJUSTED = "two-sided p, adjusted for all looks of the comparison"


def comparison_tables(studies: Sequence[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """Return what was compared, one row a study, and how, one row a study and horizon.

    Parameters
    ----------
    studies : sequence of mapping
        As the JSON of a comparison has them; a number that is missing is null.
    """
    listed = [
        {
            **{key: one[key] for key in ("strategy", "title", "run_id", "first", "last", "n_events")},
            "study": one["label"],
            "dataset": one["dataset"]["name"],
            "dataset_sha256": one["dataset"]["sha256"],
            **one.get("panel", {}),
        }
        for one in studies
    ]
    rows = [{"study": one["label"], **row} for one in studies for row in one["horizons"]]
    on_panels = any("panel" in one for one in studies)
    known = {field.name: field for of in (ALONE, SPREAD) for field in _of_horizons(of, panel=on_panels)}
    return {
        "studies": _table((*OF_STUDIES, *(OF_PANELS if on_panels else ())), listed),
        "horizons": _table(_fields(rows, known), rows),
    }


def _of_horizons(of: Measured, *, panel: bool) -> pa.Schema:
    return (panel_schemas if panel else schemas)(of)["horizons"]


def _fields(rows: Sequence[Mapping[str, Any]], of_records: Mapping[str, pa.Field]) -> list[pa.Field]:
    """Return a field for each number of the rows, in the order in which they first appear."""
    known = {**of_records, "p_adjusted": a_field("p_adjusted", pa.float64(), "probability", ADJUSTED)}
    if any(isinstance(row["horizon"], str) for row in rows):
        known["horizon"] = a_field("horizon", pa.string(), "sessions, or a length of time", "forward length")
    names = dict.fromkeys(key for row in rows for key in row)
    return [STUDY, *(known[name] for name in names if name in known), DOUBT]


def _table(fields: Sequence[pa.Field], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    arrays = [_column(field, [row.get(field.name) for row in rows]) for field in fields]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _column(field: pa.Field, values: Sequence[Any]) -> pa.Array:
    if field.type == pa.string():
        return arrow.texts(["" if value is None else str(value) for value in values])
    if field.type == pa.int32():
        return arrow.ints(np.array(values))
    return arrow.floats(np.array([np.nan if value is None else value for value in values]))
