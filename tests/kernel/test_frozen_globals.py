"""Globals of other modules stay globals of what is compiled there, if no run changes them."""

import pytest

MAIN = """
from riemann import godunov
rho = [0.1 * (k % 7) for k in range(30)]
import numpy as np
rho = np.array(rho)
flux = np.zeros(31)
for step in range(3):
    for i in range(1, 30):  # hot
        flux[i] = godunov(rho[i - 1], rho[i])
    rho[1:-1] -= 0.1 * (flux[2:30] - flux[1:29])
print(rho.tolist())
"""
GRID = """
import math
N, L = 30, 2.0
DX = L / N
V_MAX = -3 * math.pi + 10.0
"""
RIEMANN = """
from grid import V_MAX, DX as H
LIMIT: float = 0.5

def f(rho):
    return V_MAX * rho * (1.0 - rho) / H

def godunov(left, right):
    return min(f(min(left, LIMIT)), f(max(right, LIMIT)))
"""


@pytest.mark.parametrize("starred", (False, True))
def test_numbers_that_other_modules_tell_are_frozen(same_output, starred):
    riemann = RIEMANN.replace("V_MAX, DX as H", "*").replace("/ H", "/ DX") if starred else RIEMANN
    done = same_output(MAIN, grid=GRID, riemann=riemann)
    for candidate in done.candidates:
        told = [one for one in candidate.assumes if "cache is cleared" in one]
        assert told == ["Numba's cache is cleared when grid.py, riemann.py is edited"]


@pytest.mark.parametrize(
    ("file", "more"),
    (
        ("grid", "def faster():\n    global V_MAX\n    V_MAX = 4.0\n"),
        ("grid", "V_MAX += 1.0\n"),
        ("grid", "if L > 1:\n    DX = 0.5\n"),
        ("grid", "import os\nDX = float(os.environ.get('DX', '0.1'))\n"),
        ("riemann", "def faster():\n    global H\n    H = 4.0\n"),
        ("riemann", "import grid\ngrid.V_MAX = 3.0\n"),
        ("script", "import riemann\ndef faster():\n    riemann.V_MAX = 3.0\n"),
        ("script", "import grid\nsetattr(grid, 'V_MAX', 3.0)\n"),
        ("riemann", "for V_MAX in (1.0, 2.0):\n    pass\n"),
    ),
)
def test_what_a_run_may_change_is_not(rewrite, file, more):
    texts = {"script": MAIN, "grid": GRID, "riemann": RIEMANN}
    texts[file] += more
    done = rewrite(texts.pop("script"), **texts)
    assert not done.candidates
    assert "in riemann.py" in done.reasons
