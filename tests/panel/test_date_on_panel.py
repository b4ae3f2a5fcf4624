"""The episodes of all assets are dated at once: each asset's events are those of its own history alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from backtest.detect.episodes import OUTSIDE, find_episodes, take_events, why_no_event
from backtest.model import Condition, Prices, SeriesInfo
from backtest.model.events import joined_episodes
from backtest.model.panel import Panel
from backtest.panel.event_origins import NOT_A_MEMBER, OUTSIDE_LIFE
from backtest.panel.on_every_asset import EpisodesOnPanel, date_on_panel
from backtest.spec.strategy import EpisodesTable


@st.composite
def cases(draw):
    shape = draw(array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))
    flags = arrays(np.bool_, shape)
    met, known, has = draw(flags), draw(flags), draw(flags)
    member = draw(st.one_of(st.none(), flags))
    pattern = draw(arrays(np.int64, shape, elements=st.integers(1, 4)))
    window = draw(st.tuples(st.integers(0, shape[0]), st.integers(-1, shape[0])))
    rules = EpisodesTable(day0=draw(st.sampled_from(["trigger", "start", "end"])), cooldown=draw(st.integers(0, 15)))
    return met & known, known, np.where(has, 5.0, np.nan), member, pattern, draw(st.integers(0, 1)), window, rules


def alone_at_both_ends():
    """Return an asset of four sessions with an episode on the first and the last, and a cooldown of more sessions."""
    met, flags = np.array([[True], [False], [False], [True]]), np.ones((4, 1), dtype=bool)
    rules = EpisodesTable(day0="trigger", cooldown=15)
    return met, flags, np.where(flags, 5.0, np.nan), None, np.ones((4, 1), dtype=np.int64), 0, (0, 3), rules


@given(cases())
@example(alone_at_both_ends())
def test_each_asset_is_dated_as_if_it_were_alone(case):
    met, known, close, member, pattern, since, window, rules = case
    n, assets = close.shape
    names = tuple(f"S{i}" for i in range(assets))
    common = Prices(np.datetime64("2001-01-01") + np.arange(n), {}, {})
    panel = Panel(names, {"close": close}, SeriesInfo("close", "Each", "price_index", ""), common, member=member)
    every = [find_episodes(Condition(met[:, i], known[:, i]), pattern[:, i]) for i in range(assets)]
    seen = np.tile([since, n - 1], (assets, 1))
    detectors = SimpleNamespace(lists={}, dates=(), told=())
    asset = np.repeat(np.arange(assets), [len(one) for one in every])
    found = date_on_panel(panel, EpisodesOnPanel(asset, joined_episodes(every), seen, detectors), rules, window)

    for i, episodes in enumerate(every):
        held = np.flatnonzero(np.isfinite(close[:, i]))
        life = (held[0], held[-1]) if len(held) else (n, -1)
        inside = max(window[0], life[0], since), min(window[1], life[1], n - 1)
        allowed = None if member is None else member[:, i]
        alone = take_events(episodes, rules.day0, rules.cooldown, inside, allowed)
        mine = found.asset == i
        assert found.day0[mine].tolist() == alone.day0.tolist()
        assert found.knowable[mine].tolist() == alone.knowable.tolist()
        assert found.origin.trigger[mine].tolist() == alone.episodes.trigger.tolist()
        expected = [inside[0] <= day <= inside[1] and (member is None or member[day, i]) for day in range(n)]
        assert found.eligible[:, i].tolist() == expected
        left = found.origin.left_out
        why = why_no_event(episodes, alone, rules.day0, rules.cooldown, inside).tolist()
        out = {
            int(t): reason for t, reason in zip(episodes.trigger, why, strict=True) if t not in alone.episodes.trigger
        }
        assert left.trigger[left.asset == i].tolist() == list(out)
        for trigger, reason in zip(left.trigger[left.asset == i], left.why[left.asset == i], strict=True):
            day = getattr(episodes, rules.day0)[episodes.trigger == trigger][0]
            if out[int(trigger)] == OUTSIDE and not life[0] <= day <= life[1]:
                assert reason == OUTSIDE_LIFE
            elif out[int(trigger)] in ("", "cooldown") and not (member is None or member[day, i]):
                assert reason == NOT_A_MEMBER
            else:
                assert reason == out[int(trigger)]
