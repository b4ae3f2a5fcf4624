"""What ``backtest compare`` prints where there is much of it."""

from __future__ import annotations

FOURTEEN = "detector.threshold=0.001:0.014:0.001"


def test_many_studies_fit_on_sixty_lines_and_the_rest_is_in_the_report(backtest):
    done = backtest("compare", "streak5", "--vary", FOURTEEN, "--set", "measure.horizons=5,21")
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert "14 studies of streak5 over 21 sessions" in done.out
    assert sum(line.startswith("threshold=0.0") for line in lines) == 14
    assert "Settings that differ: detector.threshold. Every setting and every horizon stands" in done.out
    assert len(lines) <= 60


def test_horizons_that_do_not_fit_side_by_side_stand_below_each_other(backtest):
    both = "measure.horizons=1,5,1w,10,21,1m,63,3m,126,6m,252,1y"
    done = backtest("compare", "streak5", "--vary", "detector.sessions=4,5", "--set", both)
    assert max(map(len, done.out.splitlines())) <= 80
    rows = [line.split() for line in done.out.splitlines()]
    at = next(i for i, row in enumerate(rows) if row[:1] == ["horizon"])
    assert [row[0] for row in rows[at + 1 : at + 13]] == both.partition("=")[2].split(",")
    assert all(len(row) == 3 for row in rows[at + 1 : at + 13])


def test_an_unknown_name_is_answered_with_the_nearest_or_with_where_names_are(backtest):
    assert backtest("run", "streak5", "--no-trade", "--name", "baseline").status == 0
    near = backtest("compare", "streak5", "basline").err
    assert "Did you mean 'baseline'?" in near
    far = backtest("compare", "streak5", "qqqqqqqq").err
    assert "'backtest list' shows strategies and runs." in far
    assert "rotation" not in far
