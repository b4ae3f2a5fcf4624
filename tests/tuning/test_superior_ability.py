"""The bootstrap of a search against the published example of arch, loops over its draws, and planted effects."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

import backtest.tuning.superior_ability as module
from backtest.errors import StudyRefused
from backtest.tuning.evidence_json import evidence_json
from backtest.tuning.evidence_of_search import gather
from backtest.tuning.pieces import Pieces
from backtest.tuning.superior_ability import (
    DRAWS,
    SEED,
    block_for,
    bootstrapped,
    gains_of,
    load_arch,
    long_run_variance,
    superior_ability,
)

PUBLISHED = [0.520, 0.723, 0.733]
"""Lower, consistent and upper p of the example in arch's documentation, examples/multiple-comparison_examples.ipynb."""


@pytest.fixture(scope="module")
def arch():
    pytest.importorskip("arch", reason="needs arch, of the extra 'search'")
    return load_arch()


def example():
    """Squared errors of a benchmark less those of 500 models that predict as well, as in arch's own example."""
    draw = np.random.RandomState(23456)
    draw.randint(0, 2**31 - 1)
    factors = draw.randn(1000, 3)
    draw.randn(1000)
    y = factors @ [1.0, 0.5, 0.1]

    def losses():
        seen = factors + draw.randn(1000, 3)
        fitted = np.linalg.lstsq(seen[:500], y[:500], rcond=None)[0]
        return (y[500:] - seen[500:] @ fitted) ** 2

    benchmark = losses()
    return np.column_stack([benchmark - losses() for _ in range(500)])


def test_the_example_of_arch_has_about_the_p_that_is_published(arch):
    # Other draws, and here each model by its own standard error, which are much alike in this example.
    p, winners = bootstrapped(arch, example(), 22)
    assert p == pytest.approx(PUBLISHED, abs=0.09)
    assert p == sorted(p)
    assert winners == []


def slow_variance(gains, block):
    n, total = len(gains), 0.0
    centred = gains - gains.mean()
    for lag in range(n):
        stays = 1 - 1 / block
        weight = 1.0 if lag == 0 else 2 * ((1 - lag / n) * stays**lag + lag / n * stays ** (n - lag))
        total += weight * sum(centred[t] * centred[t + lag] for t in range(n - lag)) / n
    return total


def test_the_p_is_that_of_a_loop_over_the_draws(arch):
    rng = np.random.default_rng(3)
    gains = np.where(rng.random((120, 4)) < 0.3, rng.normal(0, [1.0, 50.0, 1.0, 3.0], (120, 4)), 0.0)
    gains[:, 0] += 0.2
    gains[:, 2] -= 0.6
    errors = [math.sqrt(slow_variance(gains[:, k], 6)) for k in range(4)]
    assert np.sqrt(long_run_variance(gains, 6)) == pytest.approx(errors, rel=1e-9)
    means = [float(gains[:, k].mean()) / errors[k] for k in range(4)]
    bound = -math.sqrt(2 * math.log(math.log(120)) / 120)
    centres = ([max(m, 0.0) for m in means], [m if m >= bound else 0.0 for m in means], means)
    assert centres[1] not in (centres[0], centres[2]) or min(means) < bound
    draws = arch.StationaryBootstrap(6, np.arange(120), seed=SEED)
    beyond = [0, 0, 0]
    for (order,), _ in draws.bootstrap(DRAWS):
        drawn = [float(gains[order, k].mean()) / errors[k] for k in range(4)]
        for i, centre in enumerate(centres):
            beyond[i] += max(d - c for d, c in zip(drawn, centre, strict=True)) > max(means)
    p, winners = bootstrapped(arch, gains, 6)
    assert p == [count / DRAWS for count in beyond]
    assert winners == ([0] if p[1] < 0.05 else [])
    assert bootstrapped(arch, gains * [1, 1, 1, 1000.0], 6) == (p, winners)  # the unit of one set decides nothing


def test_winners_are_those_of_arch_and_all_may_win_in_several_steps(arch):
    rng = np.random.default_rng(5)
    gains = rng.normal([0.0, 0.5, 0.12, 0.2, 0.15, 0.0], 1.0, (300, 6))
    scaled = gains / np.sqrt(long_run_variance(gains, 4))
    stepwise = arch.StepM(np.zeros(300), -scaled, size=0.05, block_size=4, reps=DRAWS, seed=SEED)
    stepwise.compute()
    assert bootstrapped(arch, gains, 4)[1] == sorted(stepwise.superior_models)
    everything = rng.normal(0, 1, (300, 1)) + rng.normal(0, 0.01, (300, 8)) + np.linspace(0.14, 2.0, 8)
    assert bootstrapped(arch, everything, 4)[1] == list(range(8))


def test_what_a_set_gains_is_its_excess(search_of):
    found = search_of({"detector.least": [1.0, 2.5, 3.0, 9.0], "episodes.cooldown": [0, 4]})
    pieces = Pieces(found, 1, "excess")
    gains, sets, longest = gains_of(pieces)
    assert sets == [0, 1, 2, 3]  # 2.5 and 3 have the same events, 9 has none
    assert longest == found.horizons[1]
    assert len(gains) == len(found.trials[0].base_rate.circles[1])
    assert np.count_nonzero(gains, axis=0).tolist() == found.n[sets, 1].tolist()
    assert gains.sum(axis=0) / found.n[sets, 1] == pytest.approx(found.excess[sets, 1], abs=1e-12)


def test_an_effect_is_found_in_its_direction(search_of, arch):
    found = search_of(effect=-0.03)
    three = [at for at, trial in enumerate(found.trials) if trial.parameters["detector.least"] == 3.0]
    both, gains = (superior_ability(Pieces(found, 0, objective)) for objective in ("p_adjusted", "excess"))
    assert both.p_value < 0.01
    assert set(three) <= set(both.winners)
    assert (both.two_sided, gains.two_sided) == (True, False)
    assert gains.p_value > 0.2
    assert gains.winners == []
    assert superior_ability(Pieces(search_of(effect=0.03), 0, "excess")).p_value < 0.01


def test_blocks_hold_two_windows_and_a_tenth_of_the_history_at_most():
    assert [block_for(6480, longest) for longest in (1, 21, 252)] == [19, 42, 504]
    assert block_for(400, 63) == 40
    assert block_for(0, 1) == 1


def test_where_there_is_no_answer_the_reason_is_given(search_of, arch, monkeypatch):
    none = superior_ability(Pieces(search_of({"detector.least": [9.0, 10.0]}), 0, "excess"))
    assert none.p_value is None
    assert none.reason == "no set has 5 events with a complete window that differ"
    monkeypatch.setattr(module, "MOST", 3)
    found = search_of()
    many = superior_ability(Pieces(found, 0, "excess"))
    assert many.reason == "more than 3 sets: a bootstrap of them takes too long"
    text = evidence_json(found, gather(found, "excess", 0, with_bootstrap=True))["superior_ability"]["text"]
    assert text == "A second opinion by bootstrap is not given: more than 3 sets: a bootstrap of them takes too long."


def test_the_record_says_what_was_drawn_and_only_where_it_was_asked_for(search_of, arch):
    found = search_of(effect=0.03)
    told = evidence_json(found, gather(found, "excess", 0, with_bootstrap=True))["superior_ability"]
    of = superior_ability(Pieces(found, 0, "excess"))
    assert (told["p_value"], told["p_lower"], told["p_upper"]) == (of.p_value, of.lower, of.upper)
    assert told["winners"] == [at + 1 for at in of.winners]
    assert f"finds set {told['winners'][0]}" in told["text"] or f"finds sets {told['winners'][0]}" in told["text"]
    assert f"{of.sessions:,} sessions 1,000 times in blocks of {of.block} on average" in told["text"]
    assert "superior_ability" not in evidence_json(found, gather(found, "excess", 0))


def test_without_arch_the_refusal_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "arch", None)
    with pytest.raises(StudyRefused, match="arch is not installed") as refused:
        load_arch()
    assert "episode-backtest[search]" in str(refused.value)
