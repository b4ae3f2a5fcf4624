"""On a panel of one asset the verdict is that of a study of the asset, which is computed by other code.

The windows are few: the scale of a panel leaves out what the base rate takes away, that of one asset does not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.calibration.panel_task import judged, panel_of
from backtest.calibration.panel_worlds import PANELS, simulate_panel
from backtest.inference.circle import flags_of
from backtest.inference.circular_shift import Shifts, shift_p_values
from backtest.inference.effect import effect_of
from backtest.measure.forward import Leg
from backtest.model import horizons_of
from backtest.study.base_rate import BaseRate, measure_legs

EVENTS = 9


@pytest.mark.parametrize("seed", range(3))
def test_the_verdict_is_that_of_a_study_of_the_asset(seed):
    rng = np.random.default_rng(seed)
    drawn = simulate_panel(replace(PANELS[0], assets=1), rng, 1200)
    day0 = np.sort(rng.choice(1000, EVENTS, replace=False)) + 50
    horizons = horizons_of([1, 5, 21])
    found = judged(drawn, day0, np.zeros(EVENTS, dtype=int), horizons).inference
    panel = panel_of(drawn)
    legs = [Leg(level, level) for level in (panel.close[:, 0], panel.common.close("market"))]
    alone = BaseRate(measure_legs(legs, horizons, 0, panel.common.sessions), np.ones(1201, dtype=bool))
    for column, circle in enumerate(alone.circles):
        places = circle.ranks(day0)
        shifts = Shifts(circle, flags_of(circle, [places]))
        look = found.shifts[column]
        assert np.corrcoef(look.statistic, shifts.statistic[0])[0, 1] > 0.995
        np.testing.assert_allclose(look.effect, shifts.deviation[0], rtol=1e-6, atol=1e-9)
        assert found.p_value[column] == pytest.approx(shift_p_values(shifts.statistic)[0], abs=0.04)
        effect = effect_of(circle, places, shifts)
        assert found.kept[column] == pytest.approx(effect.kept, abs=0.01)
        width = effect.high - effect.low
        assert (found.low[column], found.high[column]) == pytest.approx((effect.low, effect.high), abs=0.05 * width)
        assert found.detectable[column] == pytest.approx(effect.detectable, rel=0.08)
