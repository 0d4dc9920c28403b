"""Divisors that the script writes down are not checked; all others are."""

import pytest

from tests.kernel.in_process import difference, proposals, rewritten

LOOP = """
u = np.zeros(9)
u[4] = 1.0
un = u.copy()
for step in range(3):
    for i in range(1, 8):  # hot
        un[i] = u[i] + 0.1 / dx**2 * (u[i - 1] + u[i + 1])
    u, un = un, u
    print(u.sum())
"""
WRITTEN = {
    "a number": "dx = 0.5\n",
    "of others": "L, n = 2.0, 9\ndx = L / (n - 1)\n",
    "of pi": "dx = 2 * np.pi / 8\n",
}
UNKNOWN = {
    "zero": "dx = 3.0 - 3\n",
    "bound twice": "dx = 1.0\ndx = dx * u0\n",
    "in a branch": "if u0 > 0:\n    dx = 1.0\nelse:\n    dx = 0.0\n",
    "changed by a function": "dx = 1.0\ndef finer():\n    global dx\n    dx = 0.5 * u0\nfiner()\n",
    "too small a square": "dx = 1e-200\n",
    "of a divisor that is zero": "n = 1\ndx = 1.0 if n == 1 else 2.0 / (n - 1)\n",
}
HEAD = "import numpy as np\nu0 = float(len('a'))\n"


@pytest.mark.parametrize("name", WRITTEN)
def test_a_divisor_that_is_written_down_is_not_checked(name, tmp_path):
    text = HEAD + WRITTEN[name] + LOOP
    found, _ = proposals(text, tmp_path)
    assert found and all("ZeroDivisionError" not in rewritten(one) for one in found)
    assert difference(text, [[]], tmp_path) == ("same", "")


@pytest.mark.parametrize("name", UNKNOWN)
def test_any_other_divisor_is_checked(name, tmp_path):
    text = HEAD + UNKNOWN[name] + "if dx**2 == 0:\n    dx, u0 = 1.0, 0.0\n" * (name == "zero") + LOOP
    found, _ = proposals(text, tmp_path) or ([], [])
    assert all("ZeroDivisionError" in rewritten(one) or "@njit\n" in rewritten(one) for one in found)


def test_a_parameter_is_not_the_constant_of_its_name(tmp_path):
    text = """import numpy as np
import sys
dx = 0.5

def step(u, un, dx):
    for i in range(1, len(u) - 1):  # hot
        un[i] = u[i] + 1.0 / dx * (u[i - 1] + u[i + 1])

u = np.ones(9)
un = u.copy()
try:
    step(u, un, float(sys.argv[1]) if len(sys.argv) > 1 else dx)
except ZeroDivisionError:
    print("no")
print(un.sum())
"""
    assert difference(text, [["0"]], tmp_path)[0] in ("same", "refused")


def test_an_attribute_is_not_the_constant_of_its_name(tmp_path):
    text = """import numpy as np
import sys
dx = 0.5

class Heat:
    def __init__(self, dx):
        self.dx = dx
        self.u = np.ones(9)

    def step(self):
        for i in range(1, 8):  # hot
            self.u[i] = self.u[i] + 1.0 / self.dx * self.u[i - 1]

heat = Heat(float(sys.argv[1]) if len(sys.argv) > 1 else dx)
heat.step()
print(heat.u.sum())
"""
    assert difference(text, [["0"]], tmp_path)[0] == "same"
