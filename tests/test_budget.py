"""An optimisation does not go on for ever."""

from pdeperf.pipeline.budget import LEAST_S, RUNS_COUNT, Budget, spoken


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_limit_follows_the_scripts_own_time() -> None:
    budget = Budget(clock=Clock())
    assert budget.limit_s == LEAST_S
    budget.settle(3.0)
    assert budget.limit_s == LEAST_S
    budget.settle(300.0)
    assert budget.limit_s == RUNS_COUNT * 300.0


def test_a_limit_of_the_users_own_is_kept() -> None:
    clock = Clock()
    budget = Budget(50.0, clock)
    budget.settle(300.0)
    clock.now_s += 20.0
    assert budget.left_s == 30.0
    assert not budget.spent
    clock.now_s += 40.0
    assert budget.left_s == 0.0
    assert budget.spent == "the 50 s that this may take are used up"


def test_long_times_are_told_in_minutes() -> None:
    assert [spoken(90.0), spoken(900.0)] == ["90 s", "15 min"]
