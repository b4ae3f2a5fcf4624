"""What a search says outside its own years, in sentences."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from backtest.format import (
    joined,
    objective_words,
    period,
    plural,
    points,
    probability,
    settings_inline,
    share,
    share_of_cases,
)
from backtest.model.significance import LEVEL
from backtest.report.pages.run.command import literal
from backtest.tuning.evidence_of_search import Evidence
from backtest.tuning.overfitting import Overfitting
from backtest.tuning.plateau import ENOUGH
from backtest.tuning.searched import Searched
from backtest.tuning.superior_ability import DRAWS, Superior
from backtest.tuning.walk_forward import WalkForward

NAMED = 10


def finding(walked: WalkForward, horizon: int | str) -> str:
    """Say in one sentence whether what was chosen holds outside the years that chose it."""
    of = walked.outside
    if of.excess is None:
        return (
            "Whether the choice holds outside the years that made it is open: no event of a chosen set follows in a "
            "later block."
        )
    over, then = f"over {period(horizon)} (n = {of.n:,})", _points(walked.inside)
    if of.p_value is None:
        return f"Outside the years that chose them, the sets gave {_points(of.excess)} points {over}: {of.reason}."
    chance = f"chance gives as much in {share_of_cases(of.p_value)} of cases"
    if of.excess <= 0:
        return (
            f"The effect is gone outside the years that chose it: {_points(of.excess)} points {over}, after {then} "
            f"when chosen; {chance}."
        )
    if of.p_value > LEVEL:
        return (
            f"Outside the years that chose it, the effect is within what chance gives: {_points(of.excess)} points "
            f"{over}, after {then} when chosen; {chance}."
        )
    return (
        f"The effect holds outside the years that chose it: {_points(of.excess)} points {over}, after {then} when "
        f"chosen; {chance}."
    )


def losses_counted(walked: WalkForward) -> list[str]:
    """Say in how many blocks a set was chosen for its loss: outside, such figures have their sign turned."""
    chosen = [step for step in walked.steps if step.chosen is not None]
    losses = sum(step.sign < 0 for step in chosen)
    if not losses or walked.outside.excess is None:
        return []
    return [
        f"In {losses} of {plural(len(chosen), 'block')} a set was chosen for its loss, which counts as a gain here."
    ]


def recommended_outside(of: Evidence) -> list[str]:
    """Say what the recommended set itself gave in the blocks that it was chosen for; nothing without such a set."""
    if of.recommended is None:
        return []
    at, walked = of.recommended.chosen, of.walked
    blocks = sum(step.chosen == at for step in walked.steps)
    if walked.recommended is None:
        return [f"No block's past chose the recommended set {at + 1}: what it is worth outside is not known."]
    of_blocks = f"The recommended set {at + 1} was chosen for {blocks} of {plural(len(walked.steps), 'block')}"
    gave, n = walked.recommended.excess, walked.recommended.n
    if gave is None:
        return [f"{of_blocks} and had no event there."]
    # All blocks have recommended it, these among them: a p would not count that.
    return [f"{of_blocks} and gave {_points(gave)} points there (n = {n:,}); named in hindsight, it has no p."]


def walked_words(walked: WalkForward) -> str:
    """Say how the walk-forward was made."""
    rules, blocks = walked.rules, len(walked.steps)
    past = f"the {plural(rules.rolling, 'block')} before it" if rules.rolling else "all of the past"
    gap = f", and {plural(rules.embargo, 'session')} lie between" if rules.embargo else ""
    text = (
        f"For each of {plural(blocks, 'block')} the rule that recommends a set is applied to {past}, among sets with "
        f"at least {ENOUGH} events there, and what it takes is measured in the block. Only windows that ended before "
        f"the block count in the choice{gap}."
    )
    if walked.unchosen:
        text += f" For {walked.unchosen} of the blocks no set had enough events."
    return text


def overfitting_words(found: Overfitting) -> str:
    """Say how often the best of one half of the history is below the median in the other."""
    if found.pbo is None:
        return f"The probability of overfitting is not known: {found.reason}."
    left = []
    if found.unchosen:
        left.append(f"no set with {ENOUGH} events to choose in {found.unchosen:,}")
    if found.untested:
        left.append(f"no event of the choice to test in {found.untested:,}")
    more = f" Left out: {joined(left)} of the splits." if left else ""
    return (
        f"The best set of one half of the history is below the median set in the other half in {share(found.pbo)} of "
        f"{found.halves:,} splits of {found.blocks} blocks (the probability of backtest overfitting; noise gives about "
        f"50%).{more}"
    )


def recommended_words(found: Searched, of: Evidence) -> str:
    """Say which set to take if one must be taken, and why."""
    taken = of.recommended
    if taken is None:
        return f"No set is recommended: none has {ENOUGH} events with a complete window."
    name = f"Set {taken.chosen + 1} ({settings_inline(found.trials[taken.chosen].parameters)})"
    by = objective_words("t" if of.objective == "p_adjusted" else of.objective)
    if int((found.n[:, of.column] >= ENOUGH).sum()) == 1:
        return f"{name}: the only set with at least {ENOUGH} events."
    if not any(of.neighbours.of):
        return (
            f"{name}: the best by {by} alone. No two sets differ in one parameter by one step, so that it has no "
            "neighbours: whether it lies on a plateau or is a peak is not known."
        )
    if not taken.neighbours and taken.chosen == taken.best:
        return f"{name}: the best by {by}; it has no neighbour with an event."
    near = (
        f"with its {plural(taken.neighbours, 'neighbour')} it averages {_points(taken.together)} points"
        if taken.neighbours
        else "it has no neighbour with an event"
    )
    if taken.chosen == taken.best:
        return f"{name}: the best by {by} alone and together with its neighbours; {near}, alone {_points(taken.alone)}."
    beside = (
        f"{_points(taken.best_together)} with its {plural(taken.best_neighbours, 'neighbour')}"
        if taken.best_neighbours
        else "no neighbour of it has an event"
    )
    return (
        f"{name}: the best by {by} together with its neighbours; {near}, alone {_points(taken.alone)}. Set "
        f"{taken.best + 1} is the best alone ({_points(taken.best_alone)}; {beside}). Together, a neighbour that is "
        f"missing or has fewer than {ENOUGH} events counts as the median set."
    )


def superior_words(of: Superior, horizons: int, *, of_panel: bool) -> str:
    """Say what the bootstrap finds, and what it takes for granted; how often it errs, docs/tuning.md counts."""
    if of.p_value is None:
        return f"A second opinion by bootstrap is not given: {of.reason}."
    gains = "gains or loses more than" if of.two_sided else "gains more than"
    found = f"finds {sets_named(of.winners)}" if of.winners else "finds none"
    others = "the other horizon" if horizons == 2 else f"the other {horizons - 1} horizons"
    many = f", and leaves {others} uncounted" if horizons > 1 else ""
    searches = f"200 searches of simulated noise it was never at most {share(LEVEL)}: it errs on the side of caution"
    if of_panel:
        searches = f"160 searches of simulated panels in which nothing can be found, it was at most {share(LEVEL)} in 6"
    return (
        f"A second opinion, by bootstrap: p {probability(of.p_value)} for the hypothesis that no set "
        f"{gains} an ordinary session, of {plural(of.sets, 'set')} with at least {ENOUGH} events (Hansen's test of "
        f"superior predictive ability); the stepwise test of Romano and Wolf at {share(LEVEL)} {found}. It draws "
        f"{of.sessions:,} sessions {DRAWS:,} times in blocks of {of.block} on average, returns and events together. It "
        f"takes the base rate as known and needs many events{many}. In {searches}."
    )


def sets_named(positions: Sequence[int]) -> str:
    """Name sets by their numbers, ten at most."""
    numbers = [str(at + 1) for at in positions[:NAMED]]
    more = len(positions) - len(numbers)
    return f"{'set' if len(positions) == 1 else 'sets'} {joined([*numbers, *([f'{more:,} more'] if more else [])])}"


def importance_words(shares: Mapping[str, float | None], objective: str) -> str:
    """Say how much of the variance between the sets each parameter explains by itself."""
    known = sorted(((value, key) for key, value in shares.items() if value is not None), reverse=True)
    if not known:
        return "The sets do not differ."
    parts = [f"{key.partition('.')[2]} {share(min(value, 1.0))}" for value, key in known]
    rest = ""
    if len(known) > 1:  # a sum above one: the grid is unbalanced
        over = sum(value for value, _ in known) > 1 + 1e-9
        rest = (
            f" {'They overlap: not every combination is there.' if over else 'What they leave is due to combinations.'}"
        )
    return f"{joined(parts)} of the variance of the sets' {objective_words(objective)} (main effects).{rest}"


def command_for(found: Searched, at: int, holdout: dt.date | None = None) -> str:
    """Return the command that runs one set, for a POSIX shell; with a holdout, on the sessions that were set aside."""
    plan = found.plan
    values = {**plan.overrides, **found.trials[at].parameters}
    if holdout is not None:
        values.pop("episodes.since", None)  # the holdout says where the sample begins
    sets = [part for key, value in values.items() for part in ("--set", f"{key}={_written(value)}")]
    opens = [] if holdout is None else ["--holdout", holdout.isoformat()]
    return shlex.join(["backtest", "run", plan.strategy.name, "--dataset", plan.dataset.name, *sets, *opens])


def _written(value: Any) -> str:  # noqa: ANN401  any TOML value
    return value.isoformat() if hasattr(value, "isoformat") else literal(value)


def _points(value: float) -> str:
    return points(value).removesuffix(" pp")
