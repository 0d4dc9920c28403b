"""Which runs a trial makes, and which it need not make again."""

from collections.abc import Callable

import pytest

from pdeperf.judge import verdict
from pdeperf.model import Outcome
from pdeperf.trial import Effort, try_candidate
from pdeperf.trial import run as runs
from pdeperf.trial.pairs import raced

TAKING = """
total = sum(k * 0.5 for k in range(1000))
print(total)
# takes {seconds} s
"""


@pytest.fixture
def counted(told_times: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The text of each version that is run, in order."""
    made: list[str] = []

    def launch_beside(commands: list) -> list:
        made.extend((one.cwd / "solver.py").read_text() for one in commands)
        return original(commands)

    original = runs.launch_beside
    monkeypatch.setattr(runs, "launch_beside", launch_beside)
    return made


def attempt(script, before: str, after: str, **effort: object):
    return try_candidate(
        script.workload,
        script.place,
        {"solver.py": before},
        {"solver.py": after},
        script.original,
        effort=Effort(min_speedup=1.1, **effort),
    )


def test_what_was_proved_and_timed_is_not_run_again(bench: Callable, counted: list[str]) -> None:
    slow, fast = TAKING.format(seconds=120), TAKING.format(seconds=10)
    script = bench(slow)
    once = attempt(script, slow, fast)
    assert verdict(once, min_speedup=1.1).outcome is Outcome.ACCEPTED
    counted.clear()
    again = attempt(script, slow, fast)
    assert counted == []
    assert again.after_s == once.after_s
    assert again.differences == once.differences


def test_small_gains_are_timed_anew(bench: Callable, counted: list[str]) -> None:
    slow, little = TAKING.format(seconds=50), TAKING.format(seconds=40)
    script = bench(slow)
    attempt(script, slow, little, pairs_count=2)
    counted.clear()
    attempt(script, slow, little, pairs_count=2)
    assert sorted(set(counted)) == sorted([slow, little])
    assert len(counted) == 4, "two pairs, and no run for the results alone"


def test_what_is_behind_its_rival_is_neither_compared_nor_paired(bench: Callable, counted: list[str]) -> None:
    slow, best, behind = (TAKING.format(seconds=seconds) for seconds in (160, 10, 120))
    script = bench(slow)
    assert attempt(script, slow, best).before_s
    counted.clear()
    found = attempt(script, slow, behind, rival={"solver.py": best})
    assert (len(found.after_s), found.before_s, found.differences) == (1, (), ())
    assert counted == [behind, behind, best]


@pytest.mark.parametrize(
    ("shares", "is_won", "runs_count"),
    [((0.5,), True, 1), ((1.5,), False, 1), ((0.97, 1.01, 0.98), False, 3), ((0.95, 0.93, 0.94), True, 3)],
)
def test_a_race_ends_when_one_is_ahead_and_a_tie_goes_to_the_rival(
    bench: Callable, shares: tuple[float, ...], is_won: bool, runs_count: int
) -> None:
    left = iter(shares)

    def run(files, *, functions=None):
        took_s = 1.0 if files == {"solver.py": "rival"} else next(left)
        return runs.Run(wall_s=took_s, cpu_s=took_s)

    script = bench(TAKING.format(seconds=10))
    race = raced(run, {"solver.py": "new"}, {"solver.py": "rival"}, script.original)
    assert (race.is_won, len(race.runs)) == (is_won, runs_count)


FIRST_RUNS = (
    (1.05, 3.0, 5, True),  # 3 + 4 * 1.05 against 5 + 4
    (1.6, 3.0, 5, False),
    (0.9, 9.0, 5, False),  # a gain that does not pay for what it takes to compile
    (0.9, 9.0, 100, True),
    (0.2, 9.0, 5, False),
    (0.2, 5.5, 5, True),
    (1.01, 4.5, 5, False),  # first runs as long as neighbours make them: a tie
    (0.5, 5.1, 1, True),
    (0.5, 7.0, 1, False),  # the user looks at first runs alone
    (0.97, 0.0, 5, False),  # not known
)
"""Seconds of a run and of the first run, where a rival takes 1 and 5; how many runs count; is it ahead?"""


def test_what_takes_less_in_its_first_runs_is_ahead(bench: Callable, told_times: None) -> None:
    reference = bench(TAKING.format(seconds=10)).original
    for took_s, first_s, runs_count, is_won in FIRST_RUNS:

        def run(files, *, functions=None, took_s=took_s):
            return runs.Run(wall_s=(now := 1.0 if files == {"solver.py": "rival"} else took_s), cpu_s=now)

        firsts = {"first_s": first_s, "rival_first_s": 5.0, "runs_count": runs_count}
        race = raced(run, {"solver.py": "new"}, {"solver.py": "rival"}, reference, **firsts)
        assert race.is_won == is_won, (took_s, first_s, runs_count)


def test_a_trial_knows_what_the_first_run_of_its_rival_took(bench: Callable, told_times: None) -> None:
    slow, best, alike = (TAKING.format(seconds=seconds) for seconds in (160, 40, 41))
    found = attempt(bench(slow), slow, alike, rival={"solver.py": best}, rival_first_s=400.0, pairs_count=1)
    assert found.before_s


def test_what_is_ahead_of_its_rival_is_compared_and_paired(bench: Callable, told_times: None) -> None:
    slow, best, ahead = (TAKING.format(seconds=seconds) for seconds in (60, 40, 10))
    script = bench(slow)
    attempt(script, slow, best)
    found = attempt(script, slow, ahead, rival={"solver.py": best})
    assert len(found.before_s) >= 2
    wrong = ahead.replace("print(total)", "print(total + 1)")
    found = attempt(script, slow, wrong, rival={"solver.py": best})
    assert verdict(found, min_speedup=1.1).outcome is Outcome.WRONG


def test_a_hopeless_candidate_is_given_up_after_few_pairs(bench: Callable, told_times: None) -> None:
    same = TAKING.format(seconds=100)
    script = bench(same)
    assert len(attempt(script, same, same + "# once\n", gives_up=True).before_s) == 2
    assert len(attempt(script, same, same + "# twice\n").before_s) > 2


@pytest.mark.slow  # by the clock; tests/guest/test_turns.py counts the counters
def test_counting_the_turns_of_a_loop_is_not_the_scripts_time(bench: Callable) -> None:
    script = bench("total = 0.0\nfor k in range(5_000_000):\n    total += 0.5\n")
    watched = min(one.cpu_s for one in script.original.runs)
    where = script.workload, script.place, script.files, script.setting
    alone = min(runs.run_once(*where, runs.Terms(functions=False)).cpu_s for _ in range(2))
    assert watched < 1.6 * alone, "counting alone takes about as long as this loop"


@pytest.mark.parametrize(("test", "runs_count"), [("k < 5", 0), ("error > 1e-6", 1)])
def test_what_has_no_tolerance_is_not_run_with_a_tighter_one(
    bench: Callable, counted: list[str], test: str, runs_count: int
) -> None:
    source = f"""
        import numpy as np
        u, error, k = np.ones(8), 1.0, 0
        while {test}:
            u, error, k = 0.5 * u, 0.5 * error, k + 1
        """
    script = bench(source)
    script.original.noise()
    counted.clear()
    assert bool(script.original.eased.slack) is bool(runs_count)
    assert len(counted) == runs_count


def test_what_is_plainly_slower_is_neither_compared_nor_paired(bench: Callable, counted: list[str]) -> None:
    quick, slow = (TAKING.format(seconds=seconds) for seconds in (10, 60))
    script = bench(quick)
    assert script.original.runs
    counted.clear()
    trial = attempt(script, quick, slow, gives_up=True)
    assert counted == [slow] * 3, "once to compile, and once beside each run of the original"
    found = verdict(trial, min_speedup=1.1)
    assert (found.outcome, trial.differences) == (Outcome.SLOWER, ())
    assert found.speedup < 0.9
    assert "not compared" in found.reason


def test_a_run_that_is_not_slower_counts_as_the_first_of_its_pairs(
    bench: Callable, counted: list[str]
) -> None:
    slow, quick = (TAKING.format(seconds=seconds) for seconds in (60, 10))
    script = bench(slow)
    assert script.original.runs
    counted.clear()
    trial = attempt(script, slow, quick, gives_up=True, pairs_count=2)
    assert verdict(trial, min_speedup=1.1).outcome is Outcome.ACCEPTED
    assert counted.count(quick) == 1 + len(trial.after_s)
