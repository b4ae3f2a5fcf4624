"""A result as a picture of 1200 by 675 points: the finding in words; of a run, every event beside ordinary sessions."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from backtest.handout.handout import Handout
from backtest.handout.in_picture import Finding, finding_of
from backtest.handout.look import Look, alarms_of, look_of, refuse_without_matplotlib, stamp
from backtest.handout.outcome_axes import axis_words, draw_events, draw_ordinary
from backtest.handout.sheet import BOTTOM, RIGHT, Words, sheet_of
from backtest.untyped import Json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG_SIZE = re.compile(rb'width="[^"]*pt" height="[^"]*pt"')
"""What matplotlib gives in points, which a browser draws a third larger."""


def picture_bytes(handout: Handout, form: str, *, dark: bool = False) -> bytes:
    """Draw a run, a comparison or a search as ``"png"`` or ``"svg"``; the same record gives the same bytes.

    Raises
    ------
    ExportRefused
        matplotlib is not installed, or there is nothing to draw.
    """
    said, figure = _drawn(handout, look_of(dark=dark))
    from backtest.handout.canvas import own_style

    buffer = io.BytesIO()
    with own_style():
        figure.savefig(buffer, format=form, metadata=_metadata(said, form))
    content = buffer.getvalue()
    return content if form == "png" else SVG_SIZE.sub(b'width="1200" height="675"', content, count=1)


def _drawn(handout: Handout, look: Look) -> tuple[Words, Figure]:
    if handout.kind == "comparison":
        from backtest.handout.comparison_picture import draw_comparison

        return draw_comparison(handout, look)
    if handout.kind == "search":
        from backtest.handout.search_picture import draw_search

        return draw_search(handout, look)
    found = finding_of(handout)
    refuse_without_matplotlib()
    alarms = alarms_of(simulated=handout.simulated, leaks=found.leaks)
    said = Words(found.title, found.sentence, axis_words(found), found.source, alarms)
    return said, figure_of(found, look, simulated=handout.simulated)


def _metadata(said: Words, form: str) -> Json:
    """Say in the file what it shows, without the time at which it was drawn."""
    about = " ".join([*said.alarms.values(), said.sentence])
    if form == "png":
        return {"Title": said.title, "Description": about, "Source": said.source, "Software": None}
    return {"Title": said.title, "Description": about, "Source": said.source, "Date": None, "Creator": None}


def figure_of(found: Finding, look: Look, *, simulated: bool, worded: bool = True) -> Figure:
    """Draw a finding.

    Parameters
    ----------
    found : Finding
        What it shows.
    look : Look
        Its colours.
    simulated : bool
        Whether it must say that the data are simulated.
    worded : bool
        Whether title and sentence stand above, where nothing around the picture says them.
    """
    from backtest.handout.canvas import own_style

    alarms = alarms_of(simulated=simulated, leaks=found.leaks)
    title, sentence = (found.title, found.sentence) if worded else ("", "")
    with own_style():
        figure, height = sheet_of(Words(title, sentence, axis_words(found), found.source, alarms), look)
        events = figure.add_axes((0.085, BOTTOM, 0.6, height))
        beside = figure.add_axes((0.695, BOTTOM, RIGHT - 0.695, height), sharey=events)
        draw_events(events, found, look)
        draw_ordinary(beside, found, look)
        stamp(events, look, alarms)
    return figure
