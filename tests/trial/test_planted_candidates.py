"""Candidates whose right verdict is known reach it, end to end."""

from collections.abc import Callable

import pytest

from pdeperf.model import Outcome

SLOW = """
import numpy as np
n = 40
u = np.zeros((n, n))
u[10:20, 15:30] = 1.0
for step in range(STEPS):
    un = u.copy()
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] = un[i, j] + 0.2 * (un[i+1, j] + un[i-1, j] + un[i, j+1] + un[i, j-1] - 4 * un[i, j])
print(f"sum {u.sum():.8f}")
"""
FAST = """
import numpy as np
n = 40
u = np.zeros((n, n))
u[10:20, 15:30] = 1.0
for step in range(STEPS):
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.2 * (
        un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2] - 4 * un[1:-1, 1:-1])
print(f"sum {u.sum():.8f}")
"""
FORGOTTEN = ("i", "j")


def few(source: str) -> str:
    return source.replace("STEPS", "8")


def many(source: str) -> str:
    return source.replace("STEPS", "120")


@pytest.fixture(scope="module")
def slow(bench: Callable) -> object:
    return bench(few(SLOW))


def test_a_fast_and_equal_version_is_accepted(bench: Callable) -> None:
    found = bench(many(SLOW)).verdict(many(FAST), timed=True, forgets=FORGOTTEN)
    assert found.outcome is Outcome.ACCEPTED, found
    assert found.speedup > 1.05
    assert found.first_run_speedup > 0


def test_an_identical_version_is_never_accepted_as_faster(slow) -> None:
    assert slow.verdict(few(SLOW), timed=True).outcome in {Outcome.SLOWER, Outcome.UNPROVEN}


def test_a_slowed_version_is_slower(slow) -> None:
    slowed = few(SLOW) + "import time; time.sleep(1.0)\n"
    assert slow.verdict(slowed, timed=True).outcome is Outcome.SLOWER


def test_a_wrong_answer_is_wrong_however_fast(slow) -> None:
    wrong = few(FAST).replace("0.2 *", "(0.2 + 1e-8) *")
    found = slow.verdict(wrong, timed=True, forgets=FORGOTTEN)
    assert found.outcome is Outcome.WRONG
    assert "differs by" in found.reason


def test_a_wrong_answer_is_not_timed(slow) -> None:
    trial = slow.trial(few(FAST).replace("0.2 *", "0.3 *"), timed=True, forgets=FORGOTTEN)
    assert trial.after_s == ()


def test_another_order_of_addition_is_right(slow) -> None:
    other = few(FAST).replace(
        "un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2]",
        "(un[1:-1, 2:] + un[2:, 1:-1]) + (un[1:-1, :-2] + un[:-2, 1:-1])",
    )
    trial = slow.trial(other, forgets=FORGOTTEN)
    assert trial.differences
    assert all(difference.within for difference in trial.differences)
    assert any(difference.l2 > 0 for difference in trial.differences)


def test_single_precision_is_wrong(slow) -> None:
    assert (
        slow.verdict(few(FAST).replace("(n, n)", "(n, n), np.float32"), forgets=FORGOTTEN).outcome
        is Outcome.WRONG
    )


def test_a_crash_fails_with_its_place(slow) -> None:
    found = slow.verdict(few(FAST) + "print(u[40, 0])\n")
    assert found.outcome is Outcome.FAILED
    assert "solver.py:11: IndexError" in found.reason


def test_a_hanging_version_fails_within_its_limit(slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdeperf.trial.trial.NEIGHBOURS_ALLOWANCE_S", -3.5)
    found = slow.verdict("while True: pass\n")
    assert found.outcome is Outcome.FAILED
    assert "time limit" in found.reason


def test_a_version_that_differs_from_run_to_run_is_wrong(slow) -> None:
    racing = few(FAST) + "import os; u[5, 5] += 1e-6 * os.getpid()\n"
    assert slow.verdict(racing, forgets=FORGOTTEN).outcome is Outcome.WRONG


def test_a_name_that_is_gone_is_wrong_unless_it_may_be_forgotten(slow) -> None:
    found = slow.verdict(few(FAST), forgets=("i",))
    assert found.outcome is Outcome.WRONG
    assert found.reason == "j: missing"


def test_numba_is_compiled_once_and_bounds_are_checked(bench: Callable) -> None:
    source = """
        import numpy as np
        def fill(a):
            for i in range(a.size):
                a[i] = i * i
        a = np.zeros(2000)
        fill(a)
        """
    script = bench(source)
    kernel = source.replace(
        "        def fill", "        import numba\n        @numba.njit(cache=True)\n        def fill"
    )
    trial = script.trial(kernel)
    assert not trial.failure
    assert all(difference.within for difference in trial.differences)
    caches = list((script.setting.store / "cache").rglob("*.fill-*.nbi"))
    assert len(caches) == 2  # with bounds checks and without
    beyond = script.trial(kernel.replace("range(a.size)", "range(a.size + 1)"))
    assert "IndexError" in beyond.failure
