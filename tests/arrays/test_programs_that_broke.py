"""What random programs and adversarial scripts once broke: the same results, or no rewrite."""

import pytest

from tests.arrays.in_process import finding

HEAD = """\
import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 7
u = np.sin(np.arange(n * 1.0))
v = np.cos(np.arange(n * 1.0))


def outside(z):
    try:
        return np.flip(z) * 0.5
    finally:
        pass


"""

SAME = {
    "a step that begins with the names that it shares": """\
def step(t):
    global u, w
    a1 = outside(w)
    w = 0.5 * (a1 + u)  # hot
    w[:n - 2] += (r[1:-1] - a0[::-1][:n - 2]) ** 2
w, r, a0 = u + 1, v * 2, 0 * u
for t in range(3):
    step(t)
""",
}


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("title", SAME)
def test_a_rewrite_computes_the_same(title, tmp_path):
    found = finding(HEAD + SAME[title], (("1",), ("2",), ("12",)), tmp_path)
    assert (found.word, found.details) == ("same", "")
