"""Arrays that take turns within a loop are judged when it is over, in chaotic scripts too."""

import pytest

from pdeperf.model import Outcome

HEAD = """
import numpy as np

n = 12
x = 0.3 + 0.2 * np.sin(np.arange(n) * 0.37)[:, None] * np.cos(np.arange(n) * 0.11)[None, :]
step = 0
"""
CHAOTIC = (
    HEAD
    + """
while step < 301:
    old = x.copy()
    x[1:-1, 1:-1] = 3.51 * old[1:-1, 1:-1] * (1 - old[1:-1, 1:-1]) + 0.05 * (old[2:, 1:-1] + old[:-2, 1:-1])
    step += 1
print(x.mean())
"""
)
TURNS = (
    HEAD
    + """
def advance(now, new):
    new[...] = now
    new[1:-1, 1:-1] = 3.51 * now[1:-1, 1:-1] * (1 - now[1:-1, 1:-1]) + 0.05 * (now[2:, 1:-1] + now[:-2, 1:-1])

now, new = x, np.empty_like(x)
while step < 301:
    advance(now, new)
    now, new = new, now
    step += 1
if now is not x:
    x[...] = now
print(x.mean())
"""
)
FORGOTTEN = ("old", "loop x")


@pytest.fixture(scope="module")
def chaotic(bench):
    return bench(CHAOTIC)


def test_a_right_rewrite_agrees(chaotic):
    found = chaotic.verdict(TURNS, forgets=FORGOTTEN)
    assert found.outcome is Outcome.UNPROVEN and "agree" in found.reason  # it was not timed


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("3.51 * now", "3.5100001 * now"),
        ("    x[...] = now\n", "    pass\n"),
        ("now[:-2, 1:-1])", "now[1:-1, 1:-1])"),
        ("step < 301:\n    adv", "step < 300:\n    adv"),
    ],
)
def test_a_wrong_one_is_not_however_little_is_seen_within_the_loop(chaotic, right, wrong):
    assert right in TURNS
    found = chaotic.verdict(TURNS.replace(right, wrong), forgets=FORGOTTEN)
    assert found.outcome is Outcome.WRONG, found
