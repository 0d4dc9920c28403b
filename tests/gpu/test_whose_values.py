"""Programs for the GPU in which it is easily the wrong array, or the wrong moment, that is read."""

import pytest

from tests.gpu import strict_cupy
from tests.gpu.offloaded import finding

HEAD = """import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
k = int(sys.argv[2]) if len(sys.argv) > 2 else 0
u = np.linspace(0.0, 1.0, n) ** 2
v = [np.sin(np.arange(n)), u[::-1]][k]
w = np.arange(n)
Q = np.arange(3.0 * n).reshape(3, n) ** 1.5
"""

SAME = {
    "a row beside one that has just been rolled": """
for step in range(3):  # hot
    Q[2] = np.roll(Q[2], 1)
    Q[2] = Q[2] * 0.25 + Q[0]
    Q[0] = Q[0] * 0.9
""",
    "a view that the host's own statements change": """
for step in range(3):  # hot
    u[::2] = np.maximum(u[w][::2], 0.3) + v[::2]
    Q += v - np.roll(Q, 1, axis=1)
""",
}

REFUSED = {
    "integers and floats take turns": (
        """
a = np.zeros(n)
for step in range(2):  # hot
    a[:] = np.abs(a - v)
    w, a = a, w
""",
        "several types",
    ),
    "a mask's name is a number's too": (
        """
c = 2.0
for step in range(2):  # hot
    some = w[1:] < c
    u[1:][some] += 1.0
    some = c < c
    u[1:][some] += 0.5
""",
        "",
    ),
    "an array has two names in the end": (
        """
def solve(u, v):
    a = np.zeros_like(u)
    for step in range(2):  # hot
        u[1:] = u[:-1] + v[1:]
        v = a
    return u, v, a
result = solve(u, v)
shared = np.shares_memory(result[1], result[2])
""",
        "another name of an array",
    ),
}


@pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")
@pytest.mark.parametrize("name", SAME)
def test_what_is_read_is_what_numpy_reads(name, tmp_path):
    found = finding(HEAD + SAME[name], (("5",), ("9", "1")), tmp_path)
    assert found.word == "same", f"{found.details} {found.argv}\n{found.candidate}"


@pytest.mark.parametrize("name", REFUSED)
def test_names_that_mean_something_else_later_are_refused(name, tmp_path):
    text, reason = REFUSED[name]
    found = finding(HEAD + text, (("5",),), tmp_path)
    assert found.word == "refused", found.candidate
    assert reason in found.details
