"""The picture of a search at its horizon: a cell for each set of two parameters, or else the first sets in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from backtest import format as words
from backtest.errors import ExportRefused
from backtest.handout.comparison_picture import row_of
from backtest.handout.effect_rows import MOST, draw_rows
from backtest.handout.handout import Handout
from backtest.handout.look import Look, alarms_of, refuse_without_matplotlib, stamp, whole_sentences
from backtest.handout.set_cells import Cell, Grid, draw_heat
from backtest.handout.sheet import LONG, Words, sheet_of
from backtest.untyped import Json

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_search(handout: Handout, look: Look) -> tuple[Words, Figure]:
    """Draw the excess of the sets of a search; return what is written around it, too.

    Raises
    ------
    ExportRefused
        No set has an event with a complete window at its horizon; or matplotlib is not installed.
    """
    content = handout.content
    found = {one["set"]: (one["parameters"], _at(one, content["horizon"])) for one in content["sets"]}
    if all(row["excess"] is None for _, row in found.values()):
        raise ExportRefused(
            f"search '{handout.name}': no set has a complete window after {words.period(content['horizon'])}.",
            "Search again with another --horizon.",
        )
    refuse_without_matplotlib()
    from backtest.handout.canvas import own_style

    varied = [key for key, values in content["grid"].items() if len(values) > 1]
    heat = len(varied) == 2
    said = _words(handout, heat=heat)
    with own_style():
        figure, height = sheet_of(said, look)
        if heat:
            axes = draw_heat(figure, height, _grid(content, found.values(), varied), look)
        else:
            chosen = [found[number] for number in content.get("order", list(found))[:MOST]]
            names = [words.settings_inline({key: of[key] for key in varied or of}) for of, _ in chosen]
            rows = [row_of(name, row, marked=_own(content, of)) for name, (of, row) in zip(names, chosen, strict=True)]
            axes = draw_rows(figure, height, rows, look)
        stamp(axes, look, said.alarms)
    return said, figure


def _at(one: Json, horizon: int | str) -> Json:
    return next(dict(row) for row in one["horizons"] if row["horizon"] == horizon)


def _own(content: Json, parameters: Json) -> bool:
    """Return whether a set is the strategy as it was searched."""
    return all(content["parameters"].get(key) == value for key, value in parameters.items())


def _grid(content: Json, found: Iterable[tuple[Json, Json]], varied: Sequence[str]) -> Grid:
    down, across = varied
    rows, columns = content["grid"][down], content["grid"][across]
    cells = [
        Cell(
            rows.index(of[down]), columns.index(of[across]), row["n"], row["excess"], row["p_adjusted"],
            own=_own(content, of),
        )
        for of, row in found
    ]  # fmt: skip
    names = [[words.parameter(value) for value in values] for values in (rows, columns)]
    return Grid(down.partition(".")[2], across.partition(".")[2], names[0], names[1], cells)


def _words(handout: Handout, *, heat: bool) -> Words:
    content, data = handout.content, handout.content["dataset"]
    what = f"Excess {words.period(content['horizon'])} after, in percentage points"
    if heat:
        axis = f"{what}, with the number of events; framed: the strategy's own set; *: adjusted p at most 0.05."
    else:
        order = words.objective_words(content["objective"])
        many = content["n_sets"]
        shown = f"the first {MOST} of {many:,} sets by {order}" if many > MOST else f"the sets by {order}"
        axis = f"{what}: {shown}. The strategy's own set is in another colour. A search keeps no intervals."
    return Words(
        title=words.plain(handout.title),
        sentence=whole_sentences(words.plain(handout.verdict), *LONG[1:3]),
        axis=axis,
        source=words.plain(
            f"Data: {data['title']} ({data['name']}, sha256 {data['sha256'][:12]}). Search {handout.name}, "
            f"episode-backtest {content.get('version', '')}."
        ),
        alarms=alarms_of(simulated=handout.simulated, leaks=bool(content.get("lookahead"))),
    )
