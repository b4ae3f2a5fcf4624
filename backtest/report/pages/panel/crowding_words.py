"""How far the events of a panel crowd, in sentences."""

from __future__ import annotations

from backtest.format import count, long_day, plural, share
from backtest.untyped import Json


def crowding_words(run: Json) -> str:
    """Say how many events the busiest dates and assets hold; nothing that follows from their number alone."""
    dates, assets, n_events = run["panel"]["by"]["date"], run["panel"]["by"]["asset"], run["n_events"]
    sentences = [_of_dates(dates, n_events), _of_assets(assets, n_events)]
    if dates["events"] > 1 and dates["n"] > 1:
        sentences.append(
            "By the sum of their squared shares, the events are as concentrated as on "
            f"{plural(round(dates['effective']), 'date')} with equally many."
        )
    return " ".join(filter(None, sentences))


def _of_dates(dates: Json, n_events: int) -> str:
    if dates["n"] == 1:
        lie = {1: "The only event lies", 2: "Both events lie"}.get(n_events, f"All {count(n_events)} events lie")
        return f"{lie} on one date, {long_day(dates['busiest'])}."
    if dates["events"] == 1:
        return "No two events share a date."
    return f"The busiest date is {long_day(dates['busiest'])}, with {_held(dates, 'date')}."


def _of_assets(assets: Json, n_events: int) -> str:
    if assets["n"] == 1:
        return f"All of them are on one asset, {assets['busiest']}." if n_events > 1 else ""
    if assets["events"] == 1:
        return "No two events are on the same asset."
    return f"The asset with most is {assets['busiest']}, with {_held(assets, 'asset')}."


def _held(one: Json, kind: str) -> str:
    told = plural(one["events"], "event")
    if one["n"] <= one["top"]:
        return told
    return f"{told}; the busiest {one['top']} of {plural(one['n'], kind)} hold {share(one['top_share'])} of the events"
