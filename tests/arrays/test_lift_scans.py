"""Sums along a long axis and running sums are loops in NumPy's order."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m, l = 41, 30, 33
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
q = np.sin(np.arange(l * 3 * 4) * 0.3).reshape(l, 3, 4)
w = np.sin(np.arange(200) * 0.4)
u[3, 4] = v[5, 6] = -0.0


def field(f):
    rho = 1.0 - f.sum(axis=1) * 0.1
    E = np.cumsum(rho) * 0.1
    return E - E.mean()
"""

BODIES = {
    "down": "a = u.sum(axis=0)\nu = u + 0.01 * a\nv = v - 0.1 * np.mean(v, axis=0)",
    "in rows": "total = u.sum(axis=1, keepdims=True)\nu = u + 0.01 * total\n"
    "v = v / (1 + v.mean(axis=1))[:, None]",
    "extremes": "u = u / (1 + np.abs(u).max(axis=1))[:, None]\nv = v - 0.1 * v.min(axis=0)",
    "of three": "q = q - 0.1 * q.mean(axis=0)\nq = q - 0.1 * (q * q).sum(0)",
    "running": "p = -np.cumsum(u * v, axis=0) * 0.1\nu = u + 0.1 * (p - p.mean(axis=0))\n"
    "v = v + 0.01 * v.cumsum(1)",
    "running in a line": "w = w - 0.001 * np.cumsum(w)\nw[1:] += 0.01 * w.cumprod()[:-1]",
    "in a function": "E = field(u)\nu = u + 0.01 * E[:, None]",
    "flattened": "r = np.linalg.norm((u - v).ravel(), np.inf)\nu = u / (1 + r)\n"
    "v = v - 0.01 * (v * u).flatten().sum() + 0.01 * np.ravel(u[1:, :-1]).mean()\n"
    "v += 0.01 * u[:-1].copy().sum()",
    "in place": "u -= u.mean(axis=0)\nv[:, :] = v + 0.001 * np.cumsum(v, 0)",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_they_add_up_as_numpy_does(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    text = check(f"{HEAD}for t in range(3):  # hot\n{rows}", tmp_path)
    kernel = text[text.index("@njit") : text.index("n, m, l = ")]
    assert not any(call in kernel for call in ("axis=", "cumsum", "cumprod", "flatten", "norm"))
