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
