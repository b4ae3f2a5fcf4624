"""Leaks that were planted are found, with their series and a session; honest detectors, and all of ours, are not."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backtest.data.store.read import load_dataset
from backtest.detect.tree import condition_of
from backtest.errors import BacktestError, NotFound
from backtest.lookahead.audit import audit
from backtest.lookahead.audited import LEAKS, AuditedCondition
from backtest.lookahead.counterfactual import FUTURES, counterfactual
from backtest.lookahead.cutoffs import FULL, SAMPLE, Effort, choose_cuts, search_cuts
from backtest.lookahead.difference import first_difference
from backtest.lookahead.sample import seed_of
from backtest.model import Condition, Contracts, Indicator, Prices, SeriesInfo
from backtest.plan import Plan, plan_on
from backtest.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
STRATEGIES = sorted(path.stem for path in (ROOT / "strategies").glob("*.toml"))
N = 700


def _planted() -> ModuleType:
    spec = importlib.util.spec_from_file_location("planted", Path(__file__).with_name("planted.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


planted = _planted()
BOTH = pytest.mark.parametrize(("effort", "gaps"), [(FULL, True), (SAMPLE, False)], ids=["audit", "sample"])
TOML = 'schema = 1\ntitle = "Planted"\n[detector]\nuse = "own.py"\n[measure]\nasset = "A"\nbenchmark = "B"\n'


def made(gaps: bool = True, lag: int = 0, n: int = N) -> Prices:
    """Two level series; with gaps, a late begin and single missing values."""
    rng = np.random.default_rng(3)
    levels = 100 * np.exp(np.cumsum(rng.normal(0.0003, 0.01, (2, n)), axis=1))
    if gaps:
        levels[:, :20] = np.nan
        levels[:, [at for at in (100, 101, 333, 500) if at < n]] = np.nan
    sessions = np.busday_offset("2000-01-03", np.arange(n)).astype("datetime64[D]")
    series = {name: SeriesInfo(name, name, "price_index", "points") for name in "AB"}
    series["A"] = replace(series["A"], publication_lag=lag)
    return Prices(sessions, dict(zip("AB", levels, strict=True)), series)


@pytest.fixture
def plan_with(workspace: Workspace, dataset_of) -> Callable[..., Plan]:
    def build(text: str, prices: Prices | None = None) -> Plan:
        folder = workspace.root / "strategies"
        (folder / "own.py").write_text(text, encoding="utf-8")
        (folder / "own.toml").write_text(TOML, encoding="utf-8")
        return plan_on(dataset_of(made() if prices is None else prices), workspace, "own")

    return build


def judge(plan: Plan, effort: Effort) -> AuditedCondition:
    return audit(plan.recipe, plan.dataset.prices, effort, seed_of(plan))[0]


def ask(plan: Plan, prices: Prices) -> Condition:
    return condition_of(plan.recipe, prices)


def sliced(prices: Prices, n: int) -> Prices:
    """The first sessions, cut by hand."""
    return Prices(prices.sessions[:n], {k: prices.columns[k][:n].copy() for k in prices.columns}, prices.series)


@BOTH
@pytest.mark.parametrize("name", planted.LEAKS)
def test_a_planted_leak_is_found_with_its_series(plan_with, name, effort, gaps):
    plan = plan_with(planted.source(name), made(gaps))
    found = judge(plan, effort)
    assert found.leak is not None
    assert not found.clean
    assert {finding.series for finding in found.findings if finding.kind in LEAKS} == {("A",)}
    assert found.leak.session <= found.leak.last
    assert found.leak.session in found.leak.text


@BOTH
@pytest.mark.parametrize("name", planted.HONEST)
def test_an_honest_detector_is_not_accused(plan_with, name, effort, gaps):
    found = judge(plan_with(planted.source(name), made(gaps)), effort)
    assert found.findings == ()
    assert found.clean
    assert found.asked > 50


@pytest.mark.parametrize("name", ["shifted", "centred", "rolled", "week_on_monday"])
def test_the_first_session_is_the_first_of_all_truncations(plan_with, name):
    prices = made(n=300)
    plan = plan_with(planted.source(name), prices)
    whole = ask(plan, prices)
    first = None
    for n in range(1, len(prices)):  # the slow obvious twin
        wrong = np.flatnonzero(ask(plan, sliced(prices, n)).met != whole.met[:n])
        if len(wrong) and (first is None or wrong[0] < first):
            first = int(wrong[0])
    assert first is not None
    found = {finding.kind: finding for finding in judge(plan, FULL).findings}
    assert found["truncation"].session == str(prices.sessions[first])


@pytest.mark.parametrize("name", ["taken_back", "month_low"])
def test_the_first_session_is_found_in_series_that_begin_late(plan_with, name):
    prices = made(gaps=False, n=4200)
    for values in prices.columns.values():
        values[:3000] = np.nan
    plan = plan_with(planted.source(name).replace("0.012", "0.02"), prices)
    whole = ask(plan, prices)
    firsts = {}
    for n in range(3000, 4200):  # the slow obvious twin
        wrong = np.flatnonzero(ask(plan, sliced(prices, n)).met != whole.met[:n])
        firsts.update({int(wrong[0]): n} if len(wrong) else {})
    found = {finding.kind: finding for finding in judge(plan, FULL).findings}
    assert found["truncation"].session == str(prices.sessions[min(firsts)])


@pytest.mark.parametrize("effort", [FULL, SAMPLE], ids=["audit", "sample"])
@pytest.mark.parametrize("name", planted.REMEMBER)
def test_a_memory_hides_no_leak(plan_with, name, effort):
    prices = made()
    found = judge(plan_with(planted.source(name), prices), effort)
    assert found.leak is not None
    assert "A or B" in found.leak.text
    at, last = (
        int(np.searchsorted(prices.sessions, np.datetime64(day))) for day in (found.leak.session, found.leak.last)
    )
    whole, then = (ask(plan_with(planted.source(name)), history) for history in (prices, sliced(prices, last + 1)))
    assert whole.met[at] != then.met[at]  # two copies that were asked nothing else


def test_a_memory_in_a_module_beside_hides_no_leak(plan_with, workspace, monkeypatch):
    helper = "SEEN = {}\ndef mean(a):\n    return SEEN.setdefault('mean', a.mean())\n"
    (workspace.root / "strategies" / "beside_planted.py").write_text(helper, encoding="utf-8")
    monkeypatch.syspath_prepend(workspace.root / "strategies")
    text = planted.HEAD.replace("import numpy", "import beside_planted\nimport numpy")
    try:
        plan = plan_with(text + "    return trend & (a > beside_planted.mean(a))\n")
        first = sys.modules["beside_planted"]
        assert judge(plan, SAMPLE).leak is not None
        assert sys.modules["beside_planted"] is first
    finally:
        sys.modules.pop("beside_planted", None)


def test_a_file_is_executed_once_more_for_an_audit(plan_with, workspace):
    log = workspace.root / "executed"
    plan = plan_with(
        f"with open({str(log)!r}, 'a') as f:\n    f.write('x')\nprint('twice')\n" + planted.source("trailing")
    )
    assert log.read_text() == "x"
    judge(plan, SAMPLE)
    assert log.read_text() == "xx"


@pytest.mark.parametrize("name", ["z_score", "year_total", "by_maximum", "sorted_by_future"])
def test_the_session_that_is_named_does_change(plan_with, name):
    prices = made()
    plan = plan_with(planted.source(name), prices)
    leak = {finding.kind: finding for finding in judge(plan, SAMPLE).findings}["truncation"]
    at, last = (int(np.searchsorted(prices.sessions, np.datetime64(day))) for day in (leak.session, leak.last))
    assert ask(plan, prices).met[at] != ask(plan, sliced(prices, last + 1)).met[at]


ONLY = planted.HEAD + "    from backtest.model import Condition, Indicator\n    never = np.zeros(len(x), dtype=bool)\n"
ONLY_KNOWN = ONLY + "    return Condition(never, np.isfinite(a.shift(-1).to_numpy()))\n"
ONLY_INDICATOR = ONLY + "    return Condition(never, ~never, Indicator('next', 'points', a.shift(-1).to_numpy()))\n"


@pytest.mark.parametrize("text", [ONLY_KNOWN, ONLY_INDICATOR], ids=["known", "indicator"])
def test_what_is_known_and_the_indicator_may_not_leak_either(plan_with, text):
    found = judge(plan_with(text, made(gaps=False)), FULL)
    assert found.leak is not None
    assert found.leak.series == ("A",)
    # nothing turns in such an answer, so that only the search finds that it begins on the first session
    assert found.leak.session == "2000-01-03"


def test_a_detector_that_refuses_to_be_cut_off_is_caught_by_other_futures(plan_with):
    kinds = {finding.kind for finding in judge(plan_with(planted.source("long_histories")), SAMPLE).findings}
    assert "future" in kinds
    refusing = planted.source("long_histories").replace("600", str(N))
    found = judge(plan_with(refusing), FULL)
    assert {finding.kind for finding in found.findings} == {"future", "fails"}


def test_what_stands_in_for_a_missing_value_is_seen_where_none_is_missing(plan_with):
    found = judge(plan_with(planted.source("backfill"), made(gaps=False)), SAMPLE)
    assert [finding.kind for finding in found.findings] == ["gap"]


BEHIND = planted.HEAD + "    return np.asarray(trend) & (prices.columns._raw['A'] > x)\n"


@pytest.mark.parametrize("effort", [FULL, SAMPLE], ids=["audit", "sample"])
def test_what_was_not_published_yet_may_not_matter(plan_with, effort):
    prices = made(lag=3)
    assert judge(plan_with(planted.source("trailing"), prices), effort).findings == ()
    found = judge(plan_with(BEHIND, prices), effort)
    assert {finding.kind for finding in found.findings} >= {"publication"}
    assert found.leak is not None
    assert found.leak.series == ("A",)
    assert "3 sessions late" in next(one.text for one in found.findings if one.kind == "publication")


def test_a_history_that_forgets_its_publication_lags_is_caught(plan_with, monkeypatch):
    plan = plan_with(planted.source("trailing"), made(lag=3))
    monkeypatch.setattr(Prices, "published", lambda self: self)
    found = judge(plan, FULL)
    assert [(finding.kind, finding.series) for finding in found.findings] == [("publication", ("A",))]


RANDOM = planted.HEAD + "    return np.random.default_rng().random(len(x)) > 0.5\n"
REMEMBERS = (
    "SEEN = []\n"
    + planted.HEAD
    + f"    before = bool(SEEN)\n    SEEN.extend([1] * (len(x) < {N}))\n    return (x > 100) ^ before\n"
)
TIRES = "SEEN = []\n" + planted.HEAD + "    SEEN.append(1)\n    assert len(SEEN) < 5, 'tired'\n    return x > 100\n"


TURNS = "SEEN = set()\n" + planted.HEAD + f"    SEEN.update({{x[-1]}} if len(x) == {N} else {{}})\n"
TURNS += "    return (x > 100) ^ (len(SEEN) > 1)\n"


@pytest.mark.parametrize("text", [RANDOM, REMEMBERS, TIRES, TURNS], ids=["random", "remembers", "tires", "turns"])
def test_what_cannot_be_repeated_is_not_accused_of_look_ahead(plan_with, text):
    found = judge(plan_with(text), SAMPLE)
    assert found.findings[0].kind == "not repeatable"
    assert found.leak is None
    assert not found.clean


def test_a_detector_that_needs_some_history_is_judged_on_the_rest(plan_with):
    needs = planted.HEAD + "    assert len(x) > 300, 'too short'\n    return trend & (a > a.shift(1))\n"
    found = judge(plan_with(needs), FULL)
    assert found.clean
    assert [finding.kind for finding in found.findings] == ["fails"]
    assert "too short" in found.findings[0].text
    assert 0 < found.failed < found.asked


def test_nothing_but_dates_ahead_is_named_so(plan_with):
    month = planted.HEAD + "    m = pd.Series(a.index.month, a.index)\n    return m != m.shift(-1, fill_value=0)\n"
    found = judge(plan_with(month), FULL)
    assert found.leak is not None
    assert (found.leak.kind, found.leak.series) == ("truncation", ())
    assert "the number or the dates of the sessions" in found.leak.text


def test_the_same_is_found_again(plan_with):
    plan = plan_with(planted.source("z_score"))
    assert judge(plan, SAMPLE) == judge(plan, SAMPLE)


@pytest.fixture(scope="module")
def sample():
    return load_dataset(ROOT / "datasets" / "sample")


def test_there_are_strategies():
    assert {"streak5", "ratecut", "rotation"} <= set(STRATEGIES)


@pytest.mark.parametrize("name", STRATEGIES)
def test_no_strategy_of_ours_looks_ahead(sample, name):
    if name.endswith("_panel"):  # each asset is asked alone: one that has all closes stands for them
        panel = load_dataset(ROOT / "datasets" / "sample-panel").panel.read()
        longest = int(np.isfinite(panel.close).sum(axis=0).argmax())
        sample = replace(sample, prices=panel.prices(longest))
    plan = plan_on(sample, Workspace(ROOT, marked=True), name)
    try:
        judged = audit(plan.recipe, sample.prices, FULL, seed_of(plan))
    except NotFound as error:
        pytest.skip(f"needs series that the sample has not: {error}")
    assert ask(plan, sample.prices.published()).met.any()
    assert [(one.key, finding.text) for one in judged for finding in one.findings] == []
    # One that reads no series, only dates, has no other future than a shorter history.
    assert all(one.clean and one.asked > 100 for one in judged)


@given(
    last=st.integers(0, 58),
    future=st.sampled_from(FUTURES),
    gap=st.integers(0, 3),
    kind=st.sampled_from(["price_index", "rate", "percent_return"]),
)
def test_another_future_leaves_the_past_and_the_others_alone(last, future, gap, kind):
    raw = made(gaps=False, n=60)
    raw = replace(raw, series={**raw.series, "A": replace(raw.series["A"], kind=kind)})
    other = counterfactual(raw, "A", last, future, 5, gap)
    old, new = raw.close("A"), other.close("A")
    kept = max(last + 1 - gap, 0)
    np.testing.assert_array_equal(new[:kept], old[:kept])
    assert np.isnan(new[kept : last + 1]).all()
    assert not np.isclose(new[last + 1 :], old[last + 1 :], rtol=1e-12).any()
    assert other.close("B") is raw.close("B")
    if future == "up":
        assert (new[last + 1 :].mean() if last < 57 else 1e9) > old[last + 1 :].mean()


@given(last=st.integers(0, 18), future=st.sampled_from(FUTURES))
def test_another_future_of_futures(last, future):
    session = np.repeat(np.arange(20), 3)
    table = Contracts(session, 360 + np.tile(np.arange(3), 20), 95 + 0.01 * np.arange(60.0))
    info = SeriesInfo("ZQ", "ZQ", "futures", "points")
    raw = Prices(made(gaps=False, n=20).sessions, {}, {"ZQ": info}, {}, {"ZQ": table})
    new = counterfactual(raw, "ZQ", last, future, 5).contracts("ZQ")
    past = new.session <= last
    np.testing.assert_array_equal(new.price[past], table.price[session <= last])
    np.testing.assert_array_equal(new.month[past], table.month[session <= last])
    later = new.price[~past]
    assert len(later) == (0 if future == "missing" else 3 * (19 - last))
    if len(later):
        moved = (later - table.price[session > last]).reshape(-1, 3)
        assert (moved != 0).all()
        np.testing.assert_allclose(moved, moved[:, :1] * np.ones(3), atol=1e-10)  # the curve moves as a whole


@given(n=st.integers(1, 80), many=st.integers(4, 60), seed=st.integers(0, 5))
@example(n=11, many=8, seed=0)
def test_cuts_leave_something_and_cut_something(n, many, seed):
    prices = made(gaps=False, n=n)
    met = np.arange(n) % 7 == 3
    base = Condition(met, np.ones(n, dtype=bool))
    cuts = choose_cuts(prices, base, ("A",), many, np.random.default_rng(seed))
    assert ((cuts >= 1) & (cuts < n)).all()
    assert (np.diff(cuts) > 0).all()
    assert len(cuts) <= many
    if n > 10:
        assert (
            2 in cuts or many < 8
        )  # an eighth of the cuts lie at the first change, from just before it; others are drawn
        assert 3 in cuts or many < 16


def test_cuts_lie_where_an_event_may_have_been_taken_back():
    prices = made(gaps=False, n=400)
    prices.columns["A"][[200, 201]] *= 1.2, 0.9  # up a fifth, then down by more
    base = Condition(np.zeros(400, dtype=bool), np.ones(400, dtype=bool))
    for many in (8, 48):
        assert 201 in choose_cuts(prices, base, ("A",), many, np.random.default_rng(0))
    met, values = np.arange(400) % 9 == 3, np.where(np.arange(400) % 9 == 3, 5.0, 1.0)
    values[250] = 5.0  # as on the sessions that are met, but the answer is no
    base = Condition(met, np.ones(400, dtype=bool), Indicator("i", "1", values))
    assert 251 in choose_cuts(prices, base, ("A",), 48, np.random.default_rng(0))


def test_nothing_is_cut_before_the_series_that_are_read_begin():
    prices = made(gaps=False, n=400)
    prices.columns["A"][:300] = np.nan
    base = Condition(np.zeros(400, dtype=bool), np.ones(400, dtype=bool))
    assert choose_cuts(prices, base, ("A",), 40, np.random.default_rng(0)).min() >= 300
    assert search_cuts(prices, ("A",), 350, 1000).tolist() == list(range(300, 351))
    assert choose_cuts(prices, base, ("A", "B"), 40, np.random.default_rng(0)).min() < 299
    assert choose_cuts(prices, base, (), 40, np.random.default_rng(0)).min() < 299


def test_indicators_are_compared_up_to_rounding():
    flags = np.ones(3, dtype=bool)

    def of(*values: float) -> Condition:
        return Condition(flags, flags, Indicator("i", "1", np.array(values)))

    assert first_difference(of(1, 2, 1e6), of(1 + 1e-5, 2, 1e6), 3) is None  # 1e-11 of the largest
    assert first_difference(of(1, 2, 1e6), of(1, 2.1, 1e6), 3) == 1
    assert first_difference(of(1, 2, 3), of(1, 2, np.nan), 3) == 2
    assert first_difference(of(1, 2, 3), of(1, 2, 4), 2) is None


def test_a_history_until_a_session_reads_only_what_is_asked_for():
    class Refuses(dict):
        def __getitem__(self, key):
            if key != "A":
                raise AssertionError(f"{key} was read")
            return super().__getitem__(key)

    raw = made()
    past = replace(raw, columns=Refuses(raw.columns)).until(50)
    assert len(past.close("A")) == 50


def test_a_detector_that_fails_on_the_whole_history_is_refused(plan_with):
    with pytest.raises(BacktestError, match="no good"):
        judge(plan_with(planted.HEAD + "    raise ValueError('no good')\n"), SAMPLE)


def test_nobody_can_write_into_the_data_of_a_process(sample):
    prices = sample.prices
    shared = [
        prices.sessions,
        prices.close("small_index"),
        prices.columns["SIM_SMALL_INDEX"],
        prices.close("small")[5:],
    ]
    for values in shared:
        while isinstance(values, np.ndarray):
            with pytest.raises(ValueError, match="WRITEABLE"):
                values.flags.writeable = True
            values = values.base


def test_where_an_event_of_its_own_begins_is_compared():
    met = np.array([True, True, True])
    one = Condition(met, met, begins=np.array([True, False, True]))
    other = Condition(met, met, begins=np.array([True, True, True]))
    assert first_difference(one, other, 3) == 1
    assert first_difference(one, other, 1) is None
