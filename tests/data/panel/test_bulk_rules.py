"""The firewall of a panel: rules counted against a loop, assets set aside, hostile input refused in one line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from backtest.data.firewall.stored import check_dataset
from backtest.data.ingest.importing import check_files
from backtest.data.manifest.panel_table import PanelChecks
from backtest.data.panel.bulk_rules import rows_of_closes
from backtest.errors import BacktestError, DataRefused, ManifestInvalid

CSV = 'file = "stocks.csv"'


def counts_of(findings):
    return {one.rule: (one.rows, one.assets) for one in findings}


def by_loop(close, down, up, stale):
    """Each rule, close by close."""
    found = {"missing_sessions": [], "jump": [], "stale": []}
    for values in close.T.tolist():
        known = [t for t, value in enumerate(values) if value == value]
        missing = jump = unchanged = 0
        if known:
            missing = sum(values[t] != values[t] for t in range(known[0], known[-1] + 1))
        for before, now in pairwise(values):
            change = now / before - 1
            jump += change <= down or change >= up
        run = 1
        for t in range(1, len(values) + 1):
            if t < len(values) and values[t] == values[t - 1]:
                run += 1
            else:
                unchanged += run if run >= max(stale, 2) else 0
                run = 1
        for rule, count in (("missing_sessions", missing), ("jump", jump), ("stale", unchanged)):
            found[rule].append(count)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_rules_of_closes_count_what_a_loop_counts(seed):
    rng = np.random.default_rng(seed)
    close = rng.choice([1.0, 1.0, 1.0, 2.0, 40.0, np.nan], (60, 12))
    close[:, 3] = np.nan
    close[:, 4] = 7.0
    checks = PanelChecks(jump_down=-0.95, jump_up=5.0, stale=3)
    counted = rows_of_closes(close, checks)
    for rule, expected in by_loop(close, -0.95, 5.0, 3).items():
        assert counted[rule].tolist() == expected, rule
    assert "stale" not in rows_of_closes(close, PanelChecks(stale=0))


def damaged(frame, days):
    """Rows of every kind of damage that the firewall of a panel knows."""
    rows = frame.assign(open=frame["open"].astype(float))
    worse = [
        ("S0", pd.Timestamp("2024-07-13").date(), 1.0, 1.0),  # a Saturday
        ("S0", pd.Timestamp("1850-01-01").date(), 1.0, 1.0),
        ("S4", days[3], -5.0, 1.0),
        ("S5", days[3], np.inf, 1.0),
        ("NONE", days[3], np.nan, 1.0),
        ("NEVER", pd.Timestamp("2024-07-14").date(), 1.0, 1.0),
        (" s6", days[3], 5.0, 0.0),
    ]
    rows = rows[~((rows["symbol"].isin(["S4", "S5"])) & (rows["session"] == days[3]))]
    rows = pd.concat([rows, pd.DataFrame(worse, columns=["symbol", "session", "close", "open"])])
    again = rows[(rows["symbol"] == "S7") & (rows["session"] == days[2])]
    other = again.assign(symbol="S8", close=1.0)
    return pd.concat([rows, again, other])


def test_damage_is_counted_and_bad_assets_are_set_aside(delivery, frame, days, small_blocks):
    delivery.deliver(damaged(frame, days))
    lock = delivery.run()
    assert counts_of(lock.panel.findings) == {
        "off_session": (3, 2),
        "repeated": (1, 1),
        "conflict": (1, 1),
        "nonpositive": (2, 2),
        "no_close": (2, 2),
        "blanked": (1, 1),
        "missing_sessions": (3, 1),
        "near_names": (2, 2),
    }
    aside = {one.asset: one.rule for one in lock.panel.set_aside}
    assert aside == {
        "S4": "nonpositive",
        "S5": "nonpositive",
        "S8": "conflict",
        "NONE": "no_close",
        "NEVER": "no_close",
    }
    panel = delivery.load().panel.read(("open",))
    assert panel.assets == (" s6", "S0", "S1", "S2", "S3", "S6", "S7", "S9")
    assert np.isnan(panel.fields["open"][:, 0]).all(), "an open of zero is unknown, and its close stays"
    assert np.isfinite(panel.close[:, 0]).sum() == 1


def test_the_same_is_found_without_an_import_and_in_the_stored_data(delivery, frame, days, small_blocks):
    delivery.deliver(damaged(frame, days))
    before = [one for one in check_files("many", delivery.source, delivery.workspace) if one.series == "panel"]
    assert not (delivery.folder / "lock.json").exists()
    delivery.run()
    after = [one for one in check_dataset("many", delivery.workspace) if one.series == "panel"]
    assert before == after
    assert [one.count for one in after if one.rule == "missing_sessions"] == [3]
    assert all(len(one.text) < 400 for one in after)


def test_thresholds_and_rules_that_set_aside(delivery, frame):
    jumps = frame.assign(close=np.where(frame["symbol"] == "S9", 10.0, frame["close"]))
    delivery.deliver(jumps)
    checks = '[panel.checks]\nstale = 5\nset_aside = ["stale", "missing_sessions"]\n'
    delivery.describe(delivery.manifest + checks)
    lock = delivery.run()
    assert {one.asset: one.rule for one in lock.panel.set_aside} == {"S2": "missing_sessions", "S9": "stale"}
    assert [one.set_aside for one in lock.panel.findings] == [True, True]
    panel = delivery.load().panel.read()
    assert len(panel) == 8
    assert np.isfinite(panel.close[-1]).sum() == 7, "the columns are those of the assets that are left"


def test_only_some_assets(delivery, frame):
    delivery.deliver(frame)
    delivery.describe(delivery.manifest + 'symbols = ["S3", "S0", "ABSENT"]\n')
    lock = delivery.run()
    assert delivery.load().panel.assets == ("S0", "S3")
    assert counts_of(lock.panel.findings) == {"not_delivered": (1, 1)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"symbol": ""}, "holds '', which is no name of an asset"),
        ({"symbol": "A" * 1000}, "1,000 characters"),
        ({"symbol": "A\x1b[31m"}, "which is no name of an asset"),
        ({"symbol": "A\nB"}, r"holds 'A\\nB', which is no name of an asset"),
        ({"symbol": " "}, "holds ' ', which is no name of an asset"),
        ({"symbol": "A\u200b"}, r"holds 'A\\u200b', which is no name of an asset"),
        ({"symbol": [None, *["A"] * 377]}, "1 row without an asset in 'symbol'. Fill it in"),
        ({"session": [None, *[pd.Timestamp("2024-07-16")] * 377]}, "1 row without a date in 'session'. Fill it in"),
        ({"session": "16/07/2024"}, "column 'session' must hold dates: .*16/07/2024.*Convert it to days"),
        ({"session": pd.Timestamp("2024-07-16 16:00")}, "has times of day.*Convert it to days"),
        ({"session": pd.Timestamp("2024-07-16", tz="America/New_York")}, "must hold dates. Convert it to days"),
        ({"close": "12"}, "column 'close' is (large_)?string: must hold numbers"),
        ({"close": True}, "column 'close' is bool: must hold numbers"),
        ({"close": np.nan}, "no asset is left: there is no close"),
        ({"close": -1.0}, "no asset is left: a close is not a number above zero"),
        ({"session": pd.Timestamp("1700-01-01").date()}, "no asset is left: rows on days that are no session"),
    ],
)
def test_hostile_rows_are_refused_in_one_line(delivery, frame, change, said):
    delivery.deliver(frame.assign(**change))
    with pytest.raises(DataRefused, match=said) as refused:
        delivery.run()
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 2_000
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_an_empty_table_is_refused(delivery, frame, suffix):
    delivery.deliver(frame.head(0), f"stocks.{suffix}")
    delivery.describe(delivery.manifest.replace("stocks.parquet", f"stocks.{suffix}"))
    with pytest.raises(DataRefused, match="no asset is left"):
        delivery.run()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"\x00" * 100, b"\xff\xfe\x00", b"symbol,session,close\n\xff,x,\n"])
@pytest.mark.parametrize("suffix", ["parquet", "csv", "csv.gz"])
def test_a_file_that_is_no_table_is_refused(delivery, content, suffix):
    (delivery.source / f"stocks.{suffix}").write_bytes(content)
    delivery.describe(delivery.manifest.replace("stocks.parquet", f"stocks.{suffix}"))
    with pytest.raises(DataRefused, match=rf"stocks\.{suffix}: ") as refused:
        delivery.run()
    assert str(refused.value).isprintable()


def test_a_missing_column_is_named_with_what_is_near(delivery, frame):
    delivery.deliver(frame.rename(columns={"close": "Close"}))
    with pytest.raises(DataRefused, match=r"has no column 'close'.*Did you mean 'Close'"):
        delivery.run()


def test_names_like_columns_and_folders(delivery, frame):
    names = {"S0": "session", "S1": "close", "S2": "a/b", "S3": "../x", "S4": "asset", "S5": "Ä ö", "S6": "s7"}
    delivery.deliver(frame.assign(symbol=frame["symbol"].replace(names)))
    delivery.run()
    panel = delivery.load().panel.read()
    assert panel.assets == tuple(sorted([*names.values(), "S7", "S8", "S9"]))
    assert counts_of(panel.findings)["near_names"] == (2, 2)


def test_dates_may_be_text_and_a_field_may_be_all_missing(delivery, frame, days):
    delivery.deliver(frame.assign(session=frame["session"].astype(str), open=None))
    delivery.run()
    panel = delivery.load().panel.read(("open",))
    assert np.isfinite(panel.close).sum() == len(frame)
    assert np.isnan(panel.fields["open"]).all()


def test_one_asset_with_one_close(delivery, frame):
    delivery.deliver(frame.head(1))
    delivery.run()
    panel = delivery.load().panel.read()
    assert panel.close.shape == (1, 1)
    assert panel.close[0, 0] == frame["close"].iloc[0]


@pytest.mark.parametrize("close", [1e-310, 1e308, float("inf"), 0.0])
def test_a_close_beyond_all_prices_sets_its_asset_aside(delivery, days, close):
    rows = pd.DataFrame({"symbol": ["BAD", "GOOD"], "session": days[0], "close": [close, 1.0], "open": 1.0})
    delivery.deliver(rows)
    assert counts_of(delivery.run().panel.findings) == {"nonpositive": (1, 1)}


def test_whole_numbers_that_are_not_exact_are_refused(delivery, days):
    rows = pd.DataFrame({"symbol": ["A"], "session": days[0], "close": np.array([2**63 + 1], dtype=np.uint64)})
    delivery.deliver(rows.assign(open=1.0))
    with pytest.raises(DataRefused, match="column 'close' holds whole numbers above 9,007,199,254,740,992"):
        delivery.run()


def test_many_bad_assets_give_few_lines(delivery, days):
    names = [f"A{i:05}" for i in range(3_000)]
    rows = pd.DataFrame({"symbol": names, "session": days[0], "close": -1.0, "open": 1.0})
    good = pd.DataFrame({"symbol": ["GOOD"], "session": days[0], "close": 1.0, "open": 1.0})
    delivery.deliver(pd.concat([rows, good]))
    lock = delivery.run()
    assert counts_of(lock.panel.findings) == {"nonpositive": (3_000, 3_000)}
    (finding,) = [one for one in check_dataset("many", delivery.workspace) if one.series == "panel"]
    assert len(finding.text) < 200
    assert len(lock.panel.set_aside) == 3_000


@pytest.mark.parametrize(
    "checks", ["jump_down = 0.5", "jump_up = -1.0", "stale = -1", 'set_aside = ["nonsense"]', "unknown = 1"]
)
def test_checks_that_cannot_be_are_refused(delivery, checks):
    delivery.describe(f"{delivery.manifest}[panel.checks]\n{checks}\n")
    with pytest.raises(ManifestInvalid, match=r"panel\.checks"):
        delivery.run()


@pytest.mark.parametrize("kind", ["price_index", "rate", 1])
def test_a_wrong_kind_is_refused(delivery, frame, kind):
    delivery.deliver(frame)
    said = f'"{kind}"' if isinstance(kind, str) else kind
    delivery.describe(delivery.manifest.replace('kind = "total_return_index"', f"kind = {said}"))
    if kind == "price_index":
        delivery.run()
        assert delivery.load().panel.read().info.kind == kind
    else:
        with pytest.raises(BacktestError, match=r"panel\.kind"):
            delivery.run()
