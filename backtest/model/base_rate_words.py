"""Where a base rate is from, in a sentence: how many sessions, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.format import plural

LEFT_OUT = {
    "not_judged": "{} could not be judged",
    "not_dated": "{} could not be day 0, because what follows is not known",
    "not_covered": "{} come before a leg begins",
    "no_level": "{} lack the entry level of a leg",
}
"""Why sessions are not in the base rate, by the key under which a record counts them."""


def base_rate_from(sample: Mapping[str, Any]) -> str:
    """Say how many sessions of the sample window the base rate and the test use, and why not the others.

    Parameters
    ----------
    sample : mapping
        The counts of the sample window in ``run.json``; records of earlier versions have fewer reasons.
    """
    sessions, eligible = sample["sessions"], sample["eligible"]
    if eligible == sessions:
        return f"Base rate: all {plural(sessions, 'session')} of the sample window."
    text = f"Base rate: the {eligible:,} of {plural(sessions, 'session')} on which an event could have been seen"
    if sample.get("not_covered") or sample.get("no_level"):
        text += " and measured"
    reasons = [words.format(f"{sample[key]:,}") for key, words in LEFT_OUT.items() if sample.get(key)]
    return f"{text}; {', '.join(reasons)}." if reasons else f"{text}."


def base_rates_from(samples: Mapping[str, Mapping[str, Any]]) -> str:
    """Say the same for several assets, by name; if all use the same number of sessions, as for one."""
    texts = dict.fromkeys(base_rate_from(sample) for sample in samples.values())
    if len(texts) == 1:
        return next(iter(texts))
    order = sorted(samples, key=lambda name: int(samples[name]["eligible"]))
    fewest, most = (f"{samples[name]['eligible']:,} ({name})" for name in (order[0], order[-1]))
    sessions = plural(samples[order[0]]["sessions"], "session")
    return (
        f"Base rate: one for each asset, from {fewest} to {most} of {sessions}: those on which an event could have "
        "been seen and measured."
    )
