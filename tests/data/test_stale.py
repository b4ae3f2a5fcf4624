"""Quotes of futures that stand still: left out on request, listed, found all the same, and never lost."""

import numpy as np
import pytest

from backtest.data.firewall.stale import without_stale_contracts
from backtest.data.firewall.stored import check_dataset
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused, ManifestInvalid, NotFound
from backtest.model import Contracts

from . import damage
from .test_firewall import Place

ASKED = '\n[checks.repair]\nstale_futures = "drop"\n'
HELD = next(item for item in damage.DAMAGES if item.plant is damage._hold_contract)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def held():
    files = damage.good()
    HELD.plant(files)
    return files


def repeated(files):
    """Name what must go, read from the rows themselves: contract 2022-03 before 2021-06, all but the first."""
    days = [row[0] for row in files["futures"][1:] if row[1] == "2022-03" and row[0] < "2021-06"]
    return days[1:]


def stored(place):
    prices = load_dataset(place.folder).prices
    table = prices.contracts("FUTURES")
    months = table.month.astype("datetime64[M]").astype(str)
    return list(zip(prices.sessions[table.session].astype(str), months, table.price, strict=True))


def test_they_are_left_out_from_the_second_on_and_listed(place):
    files = held()
    lock, gone = place.deliver(files, checks=ASKED).run(), repeated(files)
    assert len(gone) > 42
    expected = [(d, m, float(p)) for d, m, p in files["futures"][1:] if not (m == "2022-03" and d in gone)]
    assert sorted(stored(place)) == sorted(expected)
    (dropped,) = lock.series["FUTURES"].dropped
    assert dropped.reason == "repaired on request: stale_futures = drop (contract 2022-03 at 93.425)"
    assert (dropped.rows, [str(day) for day in dropped.dates]) == (len(gone), gone)
    note = f"Rows repaired on request: stale_futures = drop: FUTURES {len(gone)}; lock.json lists them."
    assert note in lock.notes


def test_the_finding_stays_and_says_so(place):
    (before,) = place.deliver(held()).findings()
    lock = place.deliver(held(), checks=ASKED).run()
    (found,) = lock.findings
    assert (found.rule, found.first, found.last, found.count) == ("stale", before.first, before.last, before.count)
    assert found.text == before.text.rstrip(".") + "; left out after the first quote of each run."
    assert check_dataset("mine", place.workspace) == [found]
    assert place.run().findings == [found]  # again, over what was left out before


def test_what_is_left_out_is_not_lost(place):
    place.deliver(held()).run()
    lock = place.deliver(held(), checks=ASKED + "[checks]\nlost_rows = 0.001\n").run()
    assert [item.rule for item in lock.findings] == ["stale"]


def test_by_the_command_line_too_and_never_unasked(place):
    files = held()
    place.deliver(files).run()
    assert len(stored(place)) == len(files["futures"]) - 1
    place.run(stale_futures="drop")
    assert len(stored(place)) == len(files["futures"]) - 1 - len(repeated(files))


def test_it_needs_its_rule(place):
    place.deliver(held(), checks="\n[checks]\nstale_futures = 0\n" + ASKED)
    with pytest.raises(DataRefused, match=r"stale_futures = drop needs its rule, but checks\.stale_futures = 0"):
        place.run()


def test_it_is_strict(place):
    place.deliver(held(), checks=ASKED.replace("drop", "blank"))
    with pytest.raises(ManifestInvalid, match=r"checks\.repair\.stale_futures"):
        place.run()


def slow(days, table, threshold):
    """Walk every contract quote by quote."""
    gone = set()
    for month in set(table.month.tolist()):
        run = []
        for i in sorted(np.flatnonzero(table.month == month), key=lambda i: table.session[i]):
            day = days[table.session[i]].item()
            if month - ((day.year - 1970) * 12 + day.month - 1) < 3:
                break
            if run and table.price[i] != table.price[run[-1]]:
                run = []
            run.append(i)
            if len(run) == threshold + 1:
                gone |= set(run[1:])
            elif len(run) > threshold + 1:
                gone.add(i)
    return gone


@pytest.mark.parametrize("threshold", [1, 2, 5])
@pytest.mark.parametrize("seed", range(10))
def test_against_a_slow_twin(seed, threshold):
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2024-01-01"), np.datetime64("2024-06-01"), 3)
    pairs = rng.permutation([(s, 648 + m) for s in range(len(days)) for m in range(3, 9) if rng.random() < 0.9])
    table = Contracts(pairs[:, 0], pairs[:, 1], rng.choice([94.0, 95.0], len(pairs), p=[0.8, 0.2]))
    kept, dropped = without_stale_contracts(days, table, threshold)
    gone = slow(days, table, threshold)
    assert gone
    left = [i for i in range(len(pairs)) if i not in gone]
    np.testing.assert_array_equal(kept.session, table.session[left])
    np.testing.assert_array_equal(kept.month, table.month[left])
    np.testing.assert_array_equal(kept.price, table.price[left])
    assert sum(item.rows for item in dropped) == len(gone)
    assert without_stale_contracts(days, kept, threshold)[1] == []  # nothing is left to be left out


class TestDeclaredSince:
    """A series or role that only the changed manifest has: the refusal says how to bring it."""

    NEW = '\n[series.TWICE]\ntitle = "T"\nkind = "rate"\nunit = "percent"\nsum = ["RATE", "RATE"]\n'

    def test_a_series_and_a_role(self, place):
        place.deliver(damage.good()).run()
        text = damage.SERIES.replace("[roles]\n", self.NEW + '[roles]\npolicy_rate = "RATE"\n')
        place.deliver(damage.good(), text)
        prices = load_dataset(place.folder).prices
        hint = "The manifest has changed since the data were imported, and declares it: backtest data import mine"
        for view in (prices, prices.until(10), prices.published()):
            for name in ("TWICE", "policy_rate"):
                with pytest.raises(NotFound) as refused:
                    view.close(name)
                assert refused.value.hint.startswith(hint)
                assert refused.value.hint.endswith(" --from DIR.")
            with pytest.raises(NotFound) as refused:
                view.close("TWISE")
            assert "declares it" not in refused.value.hint
        place.run()
        assert load_dataset(place.folder).prices.declared == {}
        assert load_dataset(place.folder).prices.name("policy_rate") == "RATE"
