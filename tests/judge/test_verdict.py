"""Right before fast, and unproven is not accepted."""

import math
import random
from math import inf

import numpy as np
import pytest

from pdeperf.judge import is_decided, median_interval, verdict
from pdeperf.judge.speed import is_hopeless, rank_interval
from pdeperf.model import Difference, Outcome, Trial

EQUAL = Difference(observable="u", l2=0.0, linf=0.0, allowed=1e-13)
WRONG = Difference(observable="v", l2=1e-3, linf=2e-3, allowed=1e-13, worst_index=(4, 5))


def trial(before: tuple[float, ...], after: tuple[float, ...], **changes: object) -> Trial:
    settled: dict = {"before_s": before, "after_s": after, "differences": (EQUAL,), "first_run_s": 2.0}
    return Trial(**{**settled, **changes})


def test_clearly_faster_is_accepted_with_its_interval() -> None:
    found = verdict(trial((10.0, 11.0, 10.0), (1.0, 1.0, 1.0)))
    assert found.outcome is Outcome.ACCEPTED
    assert (found.speedup, found.speedup_low, found.speedup_high) == (10.0, 10.0, 11.0)
    assert found.first_run_speedup == 5.0


def test_wrong_comes_before_fast() -> None:
    found = verdict(trial((10.0, 10.0), (1.0, 1.0), differences=(WRONG, EQUAL)))
    assert found.outcome is Outcome.WRONG
    assert found.reason == "v differs by 0.002 at (4, 5), allowed 1e-13"


def test_the_other_sign_of_an_array_is_told() -> None:
    other = Difference(observable="psi", l2=2.0, linf=2.0, allowed=1e-13, worst_index=(4,))
    found = verdict(trial((2.0,), (1.0,), differences=(other,)))
    assert found.outcome is Outcome.WRONG
    assert "its sign is the other one" in found.reason and "--observe" in found.reason
    number = Difference(observable="x", l2=2.0, linf=2.0, allowed=1e-13)
    assert "sign" not in verdict(trial((2.0,), (1.0,), differences=(number,))).reason


def test_a_failure_comes_before_all() -> None:
    found = verdict(trial((10.0,), (1.0,), failure="solver.py:3: KeyError", differences=(WRONG,)))
    assert (found.outcome, found.reason) == (Outcome.FAILED, "solver.py:3: KeyError")


def test_nothing_compared_is_unproven_however_fast() -> None:
    assert verdict(trial((10.0, 10.0), (1.0, 1.0), differences=())).outcome is Outcome.UNPROVEN
    assert "chaotic" in verdict(trial((), (), differences=(), unjudged=("u",))).reason


def test_slower_is_slower() -> None:
    assert verdict(trial((1.0, 1.0, 1.0), (2.0, 2.1, 2.2))).outcome is Outcome.SLOWER


def test_a_gain_below_what_is_asked_for_is_refused() -> None:
    assert verdict(trial((1.02,) * 5, (1.0,) * 5)).outcome is Outcome.SLOWER
    assert verdict(trial((1.2,) * 5, (1.0,) * 5), min_speedup=1.5).outcome is Outcome.SLOWER


def test_an_interval_that_spans_one_is_unproven() -> None:
    assert verdict(trial((1.0, 1.5, 1.4), (1.1, 1.0, 1.2))).outcome is Outcome.UNPROVEN


def test_cpu_time_is_the_witness_where_the_wall_clock_is_noisy() -> None:
    noisy = {"before_cpu_s": (1.4, 1.4, 1.4), "after_cpu_s": (1.0, 1.0, 1.0)}
    pairs = (1.0, 1.5, 1.4), (1.1, 1.0, 1.2)
    assert verdict(trial(*pairs, **noisy)).outcome is Outcome.ACCEPTED
    assert verdict(trial(*pairs, **noisy, threaded=True)).outcome is Outcome.UNPROVEN


def test_a_lucky_wall_clock_is_not_believed_against_cpu_time() -> None:
    same = {"before_cpu_s": (1.0,) * 7, "after_cpu_s": (1.0, 1.01, 0.99, 1.0, 1.0, 1.02, 0.98)}
    pairs = (1.1, 1.2, 1.08, 1.1, 1.2, 1.1, 1.1), (1.0,) * 7
    assert verdict(trial(*pairs, **same)).outcome is Outcome.SLOWER
    assert verdict(trial(*pairs, **same, threaded=True)).outcome is Outcome.ACCEPTED


def test_one_pair_proves_nothing() -> None:
    assert verdict(trial((10.0,), (1.0,))).outcome is Outcome.UNPROVEN


def test_a_validation_accepts_a_small_loss_and_not_a_large_one() -> None:
    least = 1 / 1.2
    assert verdict(trial((1.0,) * 5, (1.1,) * 5), min_speedup=least).outcome is Outcome.ACCEPTED
    assert verdict(trial((1.0,) * 5, (1.3,) * 5), min_speedup=least).outcome is Outcome.SLOWER


def test_a_difference_with_a_note_is_told_by_it() -> None:
    missing = Difference(observable="u", l2=inf, linf=inf, allowed=0.0, note="missing")
    assert verdict(trial((), (), differences=(missing,))).reason == "u: missing"


@pytest.mark.parametrize(
    ("count", "low", "high", "coverage"),
    [(3, 1, 3, 0.75), (5, 1, 5, 0.9375), (8, 2, 7, 0.9297), (15, 4, 12, 0.9648)],
)
def test_the_interval_states_its_coverage(count: int, low: int, high: int, coverage: float) -> None:
    found = median_interval([float(number) for number in range(1, count + 1)])
    assert (found.low, found.high) == (low, high)
    assert found.coverage == pytest.approx(coverage, abs=1e-4)


@pytest.mark.parametrize("count", [5, 8, 12])
def test_the_stated_coverage_is_kept(count: int) -> None:
    draw = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        found = median_interval(list(draw.lognormal(sigma=0.3, size=count)))
        held += found.low <= 1.0 <= found.high
    assert held / 2000 == pytest.approx(median_interval(range(1, count + 1)).coverage, abs=0.025)


def test_pairs_end_when_they_decide() -> None:
    assert is_decided(trial((10.0, 10.0), (1.0, 1.1)))
    assert is_decided(trial((1.0, 1.0), (3.0, 3.0)))
    assert not is_decided(trial((10.0,), (1.0,)))
    assert not is_decided(trial((1.1, 1.1, 1.0), (1.0, 1.0, 1.0)))


def test_pairs_end_when_a_gain_is_not_to_be_expected() -> None:
    cpu = {"before_cpu_s": (1.0,) * 2, "after_cpu_s": (1.0,) * 2}
    assert not is_hopeless(trial((1.0,), (1.0,)), 1.1)
    assert is_hopeless(trial((1.0,) * 2, (1.0,) * 2, **cpu), 1.1)
    assert not is_hopeless(trial((1.0,) * 2, (1.0,) * 2), 1.1), "the wall clock alone needs a third pair"
    assert is_hopeless(trial((1.0,) * 3, (1.0, 0.8, 1.0)), 1.1), "by its median"
    assert not is_hopeless(trial((1.2,) * 3, (1.0,) * 3), 1.1)
    assert not is_hopeless(
        trial((1.08, 1.2), (1.0, 1.0), before_cpu_s=(1.08, 1.2), after_cpu_s=(1.0, 1.0)), 1.1
    )


def test_waiting_is_not_hidden_by_equal_cpu_times() -> None:
    cpu = {"before_cpu_s": (1.0,) * 5, "after_cpu_s": (1.0,) * 5}
    assert verdict(trial((1.0,) * 5, (1.5,) * 5, **cpu), min_speedup=1 / 1.2).outcome is Outcome.SLOWER


def test_a_gain_that_only_cpu_time_shows_is_told_in_cpu_time() -> None:
    cpu = {"before_cpu_s": (1.3, 1.28, 1.31, 1.3, 1.29), "after_cpu_s": (1.0,) * 5}
    found = verdict(trial((3.0, 3.1, 3.0, 2.9, 3.2), (3.0, 3.0, 2.9, 3.0, 2.95), **cpu), min_speedup=1.1)
    assert found.outcome is Outcome.ACCEPTED
    assert (found.by_cpu, found.speedup) == (True, pytest.approx(1.3, abs=0.01))
    assert "the wall clock of a busy machine shows 1.03x" in found.reason
    quiet = verdict(trial((1.3, 1.28, 1.31, 1.3, 1.29), (1.0,) * 5, **cpu), min_speedup=1.1)
    assert not quiet.by_cpu


def test_busy_neighbours_do_not_make_an_equal_version_slower() -> None:
    cpu = {"before_cpu_s": (1.0,) * 5, "after_cpu_s": (1.01, 1.0, 0.99, 1.0, 1.01)}
    found = verdict(trial((1.0, 1.1, 1.0, 1.2, 1.0), (1.4, 1.6, 1.3, 1.01, 1.5), **cpu), min_speedup=1 / 1.05)
    assert found.outcome is Outcome.ACCEPTED


def test_a_loss_that_is_allowed_is_mentioned() -> None:
    found = verdict(trial((1.0,) * 5, (1.1,) * 5), min_speedup=1 / 1.2)
    assert found.outcome is Outcome.ACCEPTED
    assert "slower" in found.warnings[0]


def test_ranks_cover_as_tables_of_wilcoxons_test_say() -> None:
    for count, coverage in ((5, 0.9375), (8, 0.9219), (10, 0.9160)):
        interval = rank_interval([1.01**power for power in range(count)])
        assert interval.coverage == pytest.approx(coverage, abs=1e-3)
        assert interval.low < interval.middle < interval.high


def test_ranks_hold_the_truth_as_often_as_they_say_and_are_narrower() -> None:
    draw = random.Random(5)
    held, narrower = 0, 0
    for _ in range(400):
        ratios = [0.9 * math.exp(draw.gauss(0.0, 0.15)) for _ in range(21)]
        ranks, orders = rank_interval(ratios), median_interval(ratios)
        held += ranks.low <= 0.9 <= ranks.high
        narrower += ranks.high / ranks.low < orders.high / orders.low
    assert 0.86 < held / 400 < 0.96
    assert narrower > 300


def test_one_wild_pair_moves_the_ranks_little() -> None:
    calm = [1.0 + 0.01 * (number % 5 - 2) for number in range(15)]
    assert rank_interval([*calm, 50.0]).high < 1.03
