"""What is watched is not counted as the script's time."""

import time

from pdeperf.guest.watching import Watching, counter_s, now


def test_what_a_block_takes_is_added_up() -> None:
    watching = Watching(*now())
    with watching():
        time.sleep(0.05)
    assert watching.wall_s >= 0.05
    assert watching.cpu_s < 0.05


def test_a_counter_takes_some_nanoseconds_and_more_at_the_top_level() -> None:
    inside, outside = counter_s(inside=True), counter_s(inside=False)
    assert 0 < inside < 1e-5
    assert 0 < outside < 1e-5


def test_many_counters_are_counted_and_few_are_not_worth_a_try() -> None:
    watching = Watching(*now())
    before_s = watching.wall_s
    watching.add_counters(100, 100)
    assert watching.wall_s == before_s
    watching.add_counters(10**9, 0)
    assert watching.wall_s - before_s > 1.0
