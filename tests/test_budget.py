"""An optimisation does not go on for ever."""

from dataclasses import replace

from pdeperf.model import Diagnosis, Kind, Span
from pdeperf.pipeline.budget import LEAST_S, RUNS_COUNT, Budget, spoken
from pdeperf.pipeline.settings import Settings
from pdeperf.pipeline.worth import MORE_TIME, unrewarded
from tests.conftest import make_report


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


def test_a_small_gain_is_not_tried_for_minutes() -> None:
    clock = Clock()
    budget = Budget(clock=clock)
    budget.settle(4.0)
    clock.now_s += 50.0
    assert not budget.unrewarded(1.1)
    clock.now_s += 60.0
    assert budget.unrewarded(1.3).startswith("after 110 s it is not tried: 1.3x is the most")
    assert not budget.unrewarded(1.6)
    own = Budget(900.0, clock)
    clock.now_s += 500.0
    assert not own.unrewarded(1.1)
    long = Budget(clock=clock)
    long.settle(60.0)
    clock.now_s += 500.0
    assert not long.unrewarded(1.2)


def test_what_may_be_gained_counts_the_places_alike() -> None:
    clock = Clock()
    budget = Budget(clock=clock)
    budget.settle(4.0)
    clock.now_s += 100.0
    evidence = make_report().evidence
    one, other = (
        Diagnosis(rule="serial-kernel", kind=Kind.LOOP, where=span, message="", share=0.3, headroom=2.0)
        for span in (Span(file="a.py", first=line, last=line) for line in (3, 9))
    )
    said = unrewarded(one, [one], evidence, Settings(), budget)
    assert said is not None and "1.2x is the most" in said.reason and said.advice == MORE_TIME
    assert unrewarded(one, [one], evidence, Settings(min_speedup=0.5), budget) is None
    assert unrewarded(replace(one, headroom=0.0), [one, other], evidence, Settings(), budget) is None
    assert unrewarded(one, [replace(other, rule="scalar-loop")], evidence, Settings(), budget) is not None
