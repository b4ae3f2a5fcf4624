"""Searches on panels in pieces of the history, and outside: against loops over events, and against runs."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.errors import StudyRefused
from backtest.panel.panel_run import run_panel
from backtest.tuning.evidence_of_search import gather
from backtest.tuning.in_pieces import Cut
from backtest.tuning.objective import score
from backtest.tuning.panel_outside import measure_outside_on_panel
from backtest.tuning.panel_pieces import PanelPieces
from backtest.tuning.superior_ability import gains_of, superior_ability
from backtest.tuning.walk_forward import Rules, walk_forward

from .panel_cases import SESSIONS, panel_of, plan_for, searched

BY_DATE = "[study]\nweight = 'date'\n"


@pytest.fixture(scope="module")
def panel():
    return panel_of()


@pytest.fixture(scope="module", params=["", BY_DATE], ids=["event", "date"])
def found(request, panel):
    return searched(panel, more=request.param)


def spread_of(panel, h):
    close, market = panel.close, panel.common.close("market")
    spread = np.full(close.shape, np.nan)
    spread[:-h] = close[h:] / close[:-h] - (market[h:] / market[:-h])[:, None]
    return spread


def cut_at(day):
    piece = np.where(np.arange(SESSIONS) < day, 0, 1)
    return Cut(piece, piece, 2)


@pytest.mark.parametrize("column", [0, 1])
def test_what_a_set_gains_is_what_followed_its_events_less_the_base_rate(found, panel, column):
    """Session by session, and the sum over the events is the excess; on sessions without an event there is nothing."""
    by_date = found.trials[0].base.weight == "date"
    spread, h = spread_of(panel, found.lengths[column].sessions), found.lengths[column].sessions
    gains, sets, longest = gains_of(PanelPieces(found, column, "excess"))
    assert longest == h
    assert len(gains) == SESSIONS - h
    for at, gain in zip(sets, gains.T, strict=True):
        trial, expected, n = found.trials[at], np.zeros(SESSIONS - h), 0
        for day in sorted(set(trial.day0.tolist())):
            held = [spread[day, asset] for asset in trial.asset[trial.day0 == day] if np.isfinite(spread[day, asset])]
            if held:
                given = [np.mean(held)] if by_date else held
                expected[day] = sum(one - trial.forward.base[column] for one in given)
                n += len(given)
        np.testing.assert_allclose(gain, expected, atol=1e-12)
        assert gain.sum() / n == pytest.approx(found.excess[at, column], abs=1e-12)
    assert len(sets) >= 3


def test_the_bootstrap_finds_an_effect_on_a_panel_and_none_in_noise():
    pytest.importorskip("arch", reason="arch, of the extra 'search', is not installed")
    assert superior_ability(PanelPieces(searched(panel_of()), 1, "p_adjusted")).p_value > 0.05
    found = searched(panel_of(effect=0.02))
    answer = superior_ability(PanelPieces(found, 0, "excess"))
    assert answer.p_value < 0.05
    assert answer.winners


@pytest.mark.parametrize("column", [0, 1])
def test_sums_are_those_of_a_loop_over_events_and_asset_sessions(found, panel, column):
    pieces, by_date = PanelPieces(found, column, "excess"), found.trials[0].base.weight == "date"
    sums, spread = pieces.sums(cut_at(180)), spread_of(panel, found.lengths[column].sessions)
    for at in (0, 3, 6):
        trial = found.trials[at]
        for row, span in enumerate((range(180), range(180, SESSIONS))):
            days, every = {}, {}
            for day, asset in zip(trial.day0.tolist(), trial.asset.tolist(), strict=True):
                if day in span and np.isfinite(spread[day, asset]):
                    days.setdefault(day, []).append(spread[day, asset])
            for day in span:
                held = spread[day][np.isfinite(spread[day])]
                if len(held):
                    every[day] = held.tolist()
            values = [np.mean(of) for of in days.values()] if by_date else [one for of in days.values() for one in of]
            base = [np.mean(of) for of in every.values()] if by_date else [one for of in every.values() for one in of]
            expected = [len(values), sum(values), sum(value > 0 for value in values), len(base), sum(base)]
            assert sums[at, row] == pytest.approx(expected, rel=1e-9, abs=1e-12), trial.parameters


def test_t_is_the_excess_over_the_realised_variance_of_the_portfolio(found, panel):
    pieces = PanelPieces(found, 1, "t")
    everything = np.zeros(SESSIONS, dtype=np.int64)
    scores = score("t", pieces.sums(Cut(everything, everything, 1))[:, 0])
    trial, h, spread = found.trials[0], 5, spread_of(panel, 5)
    market = panel.common.close("market")
    of_date = {day: np.isfinite(spread[day, trial.asset[trial.day0 == day]]).sum() for day in set(trial.day0.tolist())}
    change, n = np.zeros(SESSIONS), 0.0
    for day, asset in zip(trial.day0.tolist(), trial.asset.tolist(), strict=True):
        if not np.isfinite(spread[day, asset]):
            continue
        weight = 1 / of_date[day] if trial.base.weight == "date" else 1.0
        n += weight
        last = day
        for t in range(day + 1, min(day + h + 1, SESSIONS)):
            if np.isfinite(panel.close[t, asset]):
                own = panel.close[t, asset] / panel.close[last, asset] - 1
                change[t] += weight * (own - (market[t] / market[t - 1] - 1))
                last = t
            elif np.isfinite(panel.close[t:, asset]).any():
                change[t] -= weight * (market[t] / market[t - 1] - 1)
    assert scores[0] == pytest.approx(n * found.excess[0, 1] / np.sqrt((change**2).sum()), rel=1e-9)


def test_one_block_of_all_sessions_is_the_run_itself(found, panel):
    for column in (0, 1):
        pieces = PanelPieces(found, column, "excess")
        for at in (0, 4):
            (whole, each), (other, _) = (
                measure_outside_on_panel(pieces, [(0, SESSIONS - 1, at, sign)]) for sign in (1, -1)
            )
            assert whole.p_value == other.p_value == found.p_value[at, column]
            assert whole.excess == pytest.approx(found.excess[at, column], abs=1e-12)
            assert other.excess == pytest.approx(-whole.excess, abs=1e-15)
            assert each == [(whole.n, pytest.approx(whole.excess))]


def test_a_block_is_a_run_of_its_sessions(panel):
    found, days = searched(panel), panel.common.sessions
    of, _ = measure_outside_on_panel(PanelPieces(found, 1, "excess"), [(100, 299, 0, 1)])
    plan = plan_for(panel).vary({"episodes.since": days[100].item(), "episodes.until": days[299].item()})
    run = run_panel(plan.vary(found.trials[0].parameters))
    row = run.summary["horizons"][1]
    assert (of.n, of.p_value) == (row["n"], row["p_value"])
    assert of.excess == pytest.approx(row["excess"], abs=1e-12)


def test_two_blocks_are_measured_against_the_base_rate_of_both(panel):
    found, spread = searched(panel), spread_of(panel, 5)
    of, each = measure_outside_on_panel(PanelPieces(found, 1, "excess"), [(50, 149, 0, 1), (200, 299, 2, -1)])
    rate, effects = np.nanmean(np.concatenate((spread[50:150], spread[200:300]))), []
    for (first, last, at, sign), (n, mean) in zip([(50, 149, 0, 1), (200, 299, 2, -1)], each, strict=True):
        trial = found.trials[at]
        values = spread[trial.day0, trial.asset]
        mine = np.isfinite(values) & (trial.day0 >= first) & (trial.day0 <= last)
        assert (n, mean) == (mine.sum(), pytest.approx(np.mean(sign * (values[mine] - rate))))
        effects += (sign * (values[mine] - rate)).tolist()
    assert of.excess == pytest.approx(np.mean(effects))


def test_a_block_behind_the_sample_of_its_set_adds_nothing(panel):
    found = searched(panel, {"episodes.until": [panel.common.sessions[at].item() for at in (199, 399)]})
    pieces = PanelPieces(found, 1, "excess")
    alone, [inside] = measure_outside_on_panel(pieces, [(100, 149, 0, 1)])
    both, each = measure_outside_on_panel(pieces, [(100, 149, 0, 1), (250, 349, 0, 1)])
    assert (both, each[0]) == (alone, inside)
    assert each[1][0] == 0


def test_choices_of_the_past_do_not_depend_on_what_comes_later():
    rules = Rules(blocks=4)
    for objective in ("p_adjusted", "excess", "worst_decade"):
        whole = walk_forward(PanelPieces(searched(panel_of()), 1, objective), rules).steps
        for at, step in enumerate(whole):
            again = walk_forward(PanelPieces(searched(panel_of(keep=step.first)), 1, objective), rules).steps[at]
            assert (again.chosen, again.n_past, again.sign) == (step.chosen, step.n_past, step.sign)
            assert again.inside == pytest.approx(step.inside, rel=1e-9)


@pytest.mark.parametrize("objective", ["p_adjusted", "excess", "t", "hit_rate", "worst_decade"])
def test_every_objective_has_all_of_the_evidence(found, objective):
    of = gather(found, objective, 0)
    assert of.recommended is not None
    assert of.walked.outside.n > 0
    assert of.overfitting.pbo is not None
    assert of.intervals.low[0, 0] < of.intervals.high[0, 0]
    assert 0 < of.curve.joint <= 1


def test_an_account_is_refused(found):
    with pytest.raises(StudyRefused, match="account holds one asset"):
        PanelPieces(found, 0, "sharpe")
