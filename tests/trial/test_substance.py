"""A grid that agrees proves nothing about the solution."""

from collections.abc import Callable

import pytest

from pdeperf.judge import verdict
from pdeperf.model import Outcome
from pdeperf.trial.substance import inert_globals


@pytest.mark.parametrize(
    ("source", "inert"),
    [
        ("import numpy as np\nn = 5\nx = np.linspace(0, 1, n)\nx[0] = 1\n", {"n", "x"}),
        ("u = [0.0]\nfor k in range(3):\n    u[0] += 1\n", {"k"}),
        ("u = [0.0]\nwhile u:\n    t = u.pop()\n", set()),
        ("def go(v):\n    v[0] = 1\nu = [0.0]\ngo(u)\nn = 3\n", {"n"}),
        ("import lib\nu = lib.solve(3)\nerror = abs(u - 1)\nn = 3\n", {"n"}),
        ("def go():\n    global u\n    u = 1.0\nu = 0.0\ngo()\n", set()),
        ("u = 0.0\nfor k in range(3):\n    u = u + 1\nerror = u - 3\nh = 0.1\n", {"k", "h"}),
        ("import numpy as np\nA = np.eye(3)\nu = np.linalg.solve(A, A[0])\n", {"A"}),
        (
            "import numpy as np\nA = np.eye(3)\nB = np.linalg.inv(A)\nu = np.linalg.inv(A) @ B[0]\n",
            {"A", "B"},
        ),
    ],
)
def test_what_is_settled_is_told_from_what_is_computed(source: str, inert: set[str]) -> None:
    assert inert_globals(source) == inert


HIDDEN = """
import numpy as np
def hide(u):
    return lambda: u
n = 30
x = np.linspace(0.0, 1.0, n)
fields = hide(np.sin(x))
t = 0.0
for k in range(20):
    u = fields()
    u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    t += 0.1
del u
"""


def test_a_solution_that_cannot_be_seen_is_not_proven(bench: Callable) -> None:
    found = verdict(bench(HIDDEN).trial(HIDDEN.replace("0.2 *", "0.3 *")))
    assert found.outcome is Outcome.UNPROVEN
    assert found.reason.startswith("no numeric results to compare: ")


def test_one_number_that_depends_on_it_is_enough(bench: Callable) -> None:
    seen = HIDDEN.replace("del u", "total = u.sum(); del u")
    script = bench(seen)
    same = script.trial(seen.replace("u[2:] - 2 * u[1:-1] + u[:-2]", "u[2:] - (2 * u[1:-1]) + u[:-2]"))
    assert same.differences
    assert verdict(script.trial(seen.replace("0.2 *", "0.3 *"))).outcome is Outcome.WRONG


def test_a_script_of_scalars_is_judged_by_what_its_loops_compute(bench: Callable) -> None:
    source = "s = 0.0\nfor k in range(50):\n    s = s + k * 0.5\n"
    script = bench(source)
    assert script.trial(source.replace("k * 0.5", "0.5 * k")).differences
    only_settled = "n = 3\nh = 0.5\nfor k in range(n):\n    pass\n"
    assert bench(only_settled).trial(only_settled).differences == ()


UNSEEDED = """
import os
import numpy as np
u = np.zeros((40, 40))
u[0] = 0.5 + np.frombuffer(os.urandom(2), np.uint8)[0]
for k in range(64):
    v = u.copy()
    u[1:-1] = 0.5 * (v[2:] + v[:-2])
"""


def test_what_is_still_zero_at_an_early_turn_proves_nothing_of_a_field_that_differs_each_time(
    bench: Callable,
) -> None:
    trial = bench(UNSEEDED).trial(UNSEEDED.replace("v[:-2])", "v[:-2]) + (k > 40)"))
    assert not trial.differences
    assert verdict(trial).reason.startswith("two runs of the original differ in all that could be compared (")
    times = "import time\ntimes = []\n" + HIDDEN.replace("del u", "")
    times = times.replace("    t +=", "    times.append(time.time())\n    t +=")
    assert bench(times).trial(times).differences
