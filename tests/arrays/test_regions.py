"""Where a loop does what cannot be written, the statements in it that call the hot function can."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

SCRIPT = """\
import numpy as np

n = 8
X = np.sin(np.arange(12.0)).reshape(6, 2) + 2.0
u = np.cos(np.arange(n * n * 2) * 0.7).reshape(n, n, 2)


def interp(u, X):
    U = np.zeros_like(X)
    i0 = np.floor(X).astype(int)
    for a in range(2):
        i = i0[:, 0] + a
        U += (0.5 * i)[:, None] * u[i % n, i0[:, 1]]
    return U


def spread(F, X):
    f = np.zeros((n, n, 2))
    i0 = np.floor(X).astype(int)
    for a in range(2):
        i = i0[:, 0] + a
        np.add.at(f, (i % n, i0[:, 1]), (0.5 * i)[:, None] * F)
    return f


def lap(v):
    return np.roll(v, 1, 0) + np.roll(v, -1, 0) + np.roll(v, 1, 1) + np.roll(v, -1, 1) - 4 * v  # hot


for t in range(4):
    U = interp(u, X)
    X = X + 0.01 * U
    f = spread(np.roll(X, 1, 0) - X, X)
    u = u + 0.1 * (0.5 * lap(u) + f)
"""


def test_a_statement_that_calls_the_hot_function_is_written(tmp_path):
    text = check(SCRIPT, tmp_path)
    kernel = text[text.index("@njit") : text.index("n = 8")]
    assert "np.roll" not in kernel
    assert "    f = spread(np.roll(X, 1, 0) - X, X)" in text


DIAGNOSED = """\
import numpy as np

u = np.sin(np.arange(42.0)).reshape(7, 6)


def energy(p):
    return np.roll(p, 1, 0) + np.roll(p, -1, 0) - 2 * p  # hot


def rhs(p):
    return 0.5 * energy(p)


for k in range(28):
    k1 = rhs(u)
    u = u + 0.1 * rhs(u + 0.05 * k1)
    if k % 10 == 0:
        print(k, np.vdot(u, energy(u)))
"""


def test_a_function_that_diagnostics_call_too_is_taken_in_with_the_step(tmp_path):
    after = check(DIAGNOSED, tmp_path)
    loop = after.partition("\nfor k in range(28)")[2]
    assert "energy(u)" in loop and "rhs(" not in loop


STEPPED = """\
import numpy as np


class Spots:
    def __init__(self, n):
        self.fields = {"u": np.sin(np.arange(n * n) * 0.3).reshape(n, n), "v": np.ones((n, n))}
        self.seen = []

    def lap(self, f):
        d1 = np.roll(f, 1, 0) - 2 * f + np.roll(f, -1, 0)  # hot
        d2 = np.roll(f, 1, 1) - 2 * f + np.roll(f, -1, 1)
        return d1 + d2

    def rhs(self, u, v):
        uuv = u * u * v
        return 0.1 * self.lap(u) + uuv, 0.2 * self.lap(v) - uuv

    def step(self, dt):
        u, v = self.fields["u"], self.fields["v"]
        k1, l1 = self.rhs(u, v)
        k2, l2 = self.rhs(u + dt * k1, v + dt * l1)
        self.fields["u"] = np.clip(u + 0.5 * dt * (k1 + k2), 0.0, None)
        self.fields["v"] = v + 0.5 * dt * (l1 + l2)

    def run(self, callback):
        for k in range(6):
            self.step(0.01)
            if k % 2 == 0:
                self.seen.append(float(self.fields["u"].mean()))
                callback(k, self)


def report(k, spots):
    print(f"{k} {spots.fields['u'].std():.12e}")


spots = Spots(7)
spots.run(report)
u, v, seen = spots.fields["u"], spots.fields["v"], spots.seen
"""


def test_the_widest_function_is_written_where_the_loop_that_calls_it_cannot(tmp_path):
    text = check(STEPPED, tmp_path)
    step = text[text.index("def step(") : text.index("def run(")]
    assert "rhs" not in step.partition("else:")[0]
    assert "for k in range(6):\n            self.step(0.01)\n" in text
