from __future__ import annotations

import pytest

from backtest.detect.short_keys import full_keys, keys_of
from backtest.errors import StrategyInvalid
from backtest.plan import load_with_settings

SINGLE = """
schema = 1
title = "One"
[detector]
use = "streak"
"""
COMBINED = """
schema = 1
title = "Two"
[detector]
all = ["calm", "up"]
[conditions.calm]
use = "level"
series = "VIX"
threshold = 15.0
side = "below"
[conditions.up]
use = "move"
sessions = 5
"""


@pytest.fixture
def file_of(tmp_path):
    def write(text):
        path = tmp_path / "made.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("text", "given", "meant"),
    [
        (SINGLE, {"sessions": 4}, {"detector.sessions": 4}),
        (SINGLE, {"cooldown": 2, "asset": "A"}, {"episodes.cooldown": 2, "measure.asset": "A"}),
        (SINGLE, {"hold": 9}, {"trade.hold": 9}),  # the file has no [trade]; setting it in full makes one too
        (SINGLE, {"detector.sessions": 4}, {"detector.sessions": 4}),
        (SINGLE, {"title": "Other"}, {"title": "Other"}),
        # The detector that is set decides which keys there are, whichever way it is written.
        (SINGLE, {"detector.use": "drawdown", "lookback": 9}, {"detector.use": "drawdown", "detector.lookback": 9}),
        (SINGLE, {"lookback": 9, "use": "drawdown"}, {"detector.use": "drawdown", "detector.lookback": 9}),
        (COMBINED, {"sessions": 4, "side": "above"}, {"conditions.up.sessions": 4, "conditions.calm.side": "above"}),
        (COMBINED, {"calm.threshold": 9.0}, {"conditions.calm.threshold": 9.0}),
    ],
)
def test_a_key_that_can_mean_one_thing_means_it(file_of, text, given, meant):
    assert load_with_settings(file_of(text), given).overrides == meant


@pytest.mark.parametrize(
    ("text", "given", "refused"),
    [
        (
            SINGLE,
            {"entry": "close"},
            'entry = "close": may mean measure.entry or trade.entry. Write the full key.',
        ),
        (
            COMBINED,
            {"threshold": 1.0},
            ("threshold = 1.0: may mean conditions.calm.threshold or conditions.up.threshold. Write the full key."),
        ),
        (SINGLE, {"sesions": 4}, "sesions = 4: unknown key. Did you mean 'detector.sessions'?"),
        (SINGLE, {"nothing_like_it": 4}, "nothing_like_it = 4: unknown key. 'backtest show made' lists the keys."),
        (
            SINGLE,
            {"sessions": 4, "detector.sessions": 5},
            "sessions = 4: detector.sessions is given twice. Give it once.",
        ),
    ],
)
def test_any_other_is_refused_with_the_choices(file_of, text, given, refused):
    with pytest.raises(StrategyInvalid) as error:
        load_with_settings(file_of(text), given)
    assert str(error.value).endswith(f"made.toml as overridden: {refused}")


def test_every_key_is_listed_once(file_of):
    keys = keys_of(load_with_settings(file_of(COMBINED), {}))
    assert len(keys) == len(set(keys))
    assert {"detector.all", "conditions.up.against", "episodes.since", "measure.horizons", "trade.cost_bps"} <= set(
        keys
    )
    assert full_keys(load_with_settings(file_of(SINGLE), {}), {}) == {}
