"""Results that rounding moves far though the solution is sharp: drifts of sums, angles of no gradient."""

from collections.abc import Callable

import pytest

from pdeperf.model import Outcome

DRIFT = """\
import numpy as np
x = np.linspace(0.0, 6.0, 400)
u = 2.0 + np.sin(x)
mass = []
for step in range(40):
    u = u + 0.2 * (np.roll(u, 1) - 2.0 * u + np.roll(u, -1))
    mass.append(np.sum(u))
print("mass drift", mass[-1] - mass[0])
"""
OTHERWISE = "mass.append(float(sum(u[::-1].tolist())))"
ANGLES = """\
import numpy as np
u = np.sin(np.linspace(0.0, 3.0, 64))
angle = np.zeros(64)
for step in range(40):
    u = u + 0.1 * (np.roll(u, 1) - 2.0 * u + np.roll(u, -1))
    slope = u - np.roll(u, 1)
    slope[:16] = (0.1 * u * 3.0 - 0.3 * u)[:16]
    angle[:] = np.arctan2(slope, np.roll(slope, 1))
print(u.sum())
"""
ROUNDED = (
    "0.1 * (np.roll(u, 1) - 2.0 * u + np.roll(u, -1))",
    "0.1 * (np.roll(u, 1) + np.roll(u, -1) - 2.0 * u)",
)


def test_the_drift_of_a_sum_may_move_as_the_order_of_its_terms_moves_it(bench: Callable) -> None:
    script = bench(DRIFT)
    assert script.trial(DRIFT.replace("mass.append(np.sum(u))", OTHERWISE)).differences
    found = script.trial(DRIFT.replace("mass.append(np.sum(u))", OTHERWISE))
    assert all(one.within for one in found.differences) and found.differences


@pytest.mark.parametrize("error", ["1e-9 * step", "1e-11 * step"])
def test_a_drift_of_its_own_is_wrong(bench: Callable, error: str) -> None:
    found = bench(DRIFT).verdict(DRIFT.replace("np.sum(u))", f"np.sum(u) + {error})"))
    assert found.outcome is Outcome.WRONG


def test_angles_are_judged_where_there_is_a_gradient(bench: Callable) -> None:
    script = bench(ANGLES)
    found = script.trial(ANGLES.replace(*ROUNDED))
    assert "angle" in {one.observable for one in found.differences if one.within} and not found.unjudged
    wrong = script.trial(ANGLES.replace(*ROUNDED).replace("np.roll(slope, 1))", "np.roll(slope, 1) * 1.001)"))
    assert not all(one.within for one in wrong.differences) or not wrong.differences
