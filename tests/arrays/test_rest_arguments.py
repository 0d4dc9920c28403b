"""Functions that pass the rest of their arguments on are put in where they are called."""

import pytest

from pdeperf.model import Refusal
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

STEPS = """\
import numpy as np

x = np.linspace(0, 1, 12)
u = np.sin(6 * x)


def burgers(u, dx, nu=0.1):
    d = np.zeros_like(u)
    d[1:-1] = nu * (u[2:] - 2 * u[1:-1] + u[:-2]) / dx**2 - u[1:-1] * (u[2:] - u[:-2]) / (2 * dx)
    return d


def decay(u):
    return -0.1 * u


{step}


for k in range(3):  # hot
    {call}
print(u.sum())
"""
HEUN = """\
def heun(f, u, dt, *args):
    k1 = f(u, *args)
    k2 = f(u + dt * k1, *args)
    return u + 0.5 * dt * (k1 + k2)"""


@pytest.mark.parametrize(
    "call",
    [
        "u = heun(burgers, u, 1e-3, 0.1, 0.2)",
        "u = heun(burgers, u, 1e-3, x[1])",
        "u = heun(decay, u, 1e-3)",
    ],
)
def test_arguments_that_are_passed_on_are_written_out(call, tmp_path):
    after = check(STEPS.format(step=HEUN, call=call), tmp_path)
    assert "heun" not in after.partition("@njit")[2].partition("def burgers")[0]


@pytest.mark.parametrize(
    ("change", "call"),
    [
        ("    k1 = f(u, *args)", "    args = args[::-1]\n    k1 = f(u, *args)"),
        ("    k1 = f(u, *args)", "    k1 = f(u, *args) * len(args)"),
        ("    k1 = f(u, *args)", "    args_0 = 2.0\n    k1 = args_0 * f(u, *args)"),
    ],
)
def test_arguments_that_are_used_otherwise_stay(change, call, tmp_path):
    text = STEPS.format(step=HEUN.replace(change, call), call="u = heun(burgers, u, 1e-3, 0.1)")
    found = proposals(text, tmp_path)
    assert found and any(isinstance(one, Refusal) and "heun" in one.reason for one in found)
