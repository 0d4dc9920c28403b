"""Numbers that methods make of arrays are known to be numbers where the methods are put in."""

import pytest

from tests.arrays.in_process import finding, proposals, rewritten

pytestmark = pytest.mark.usefixtures("interpreted")

WATER = """\
import numpy as np


class Water:
    def __init__(self, n):
        self.q = np.cos(np.arange(2.0 * n)).reshape(2, n) + 3
        self.h = 1 / n

    def speed(self):
        h, m = self.q
        return max(np.max(np.abs(m / h) + h), np.max(h))

    def step(self):
        top = self.speed()
        dt = 0.4 * self.h / top
        q = self.q
        f = 0.5 * (q[:, 1:] + q[:, :-1]) - 0.5 * top * (q[:, 1:] - q[:, :-1])
        self.q[:, 1:-1] -= dt / self.h * (f[:, 1:] - f[:, :-1])  # hot
        return dt


water = Water(9)
t = 0.0
while t < 0.3:
    dt = water.step()
    t += dt
result = water.q
"""


def test_what_is_computed_with_the_greater_of_two_maxima_becomes_loops(tmp_path):
    assert finding(WATER, (), tmp_path).word == "same"
    texts = [rewritten(one) for one in proposals(WATER, tmp_path) or [] if hasattr(one, "patches")]
    kernels = [text.partition("@njit")[2].partition("class Water")[0] for text in texts]
    assert kernels
    assert not any("[:, 1:" in kernel for kernel in kernels)
