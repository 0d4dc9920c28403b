"""Steps as people write them: what stood in the way of one kernel for all of it."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m, periodic = 8, 7, False
NG = 2
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
z = np.zeros((3, n, m))
z[0, 3, 3] = 1.0
log = []


def bounds(a, grid):
    assert grid in ("h", "u")
    if periodic:
        a[:, 0] = a[:, -2]
    elif grid == "u" and a is not None:
        a[:, -2] = 0.0
    return a


def ghosts(a):
    for g in range(NG):
        a[:, g] = a[:, NG]
        a[:, -1 - g] = a[:, -1 - NG]


def slope(a):
    ghosts(a)
    d = np.zeros_like(a)
    d[:, NG:-NG] = (a[:, 3:-1] - a[:, 1:-3]) / 2
    return d


def gradient(a):
    g = np.zeros((2,) + a.shape)
    g[0, 1:-1] = a[2:] - a[:-2]
    g[1, :, 1:-1] = a[:, 2:] - a[:, :-2]
    return g


class Wave:
    def __init__(self):
        self.dimy, self.dimx, self.damped = n, m, True
        self.u = z

    def step(self):
        self.u[2] = self.u[1]
        self.u[1] = self.u[0]
        h, w = self.dimy, self.dimx
        self.u[0, 1:h-1, 1:w-1] = 1.5 * self.u[1, 1:h-1, 1:w-1] - self.u[2, 1:h-1, 1:w-1] + 0.1 * (
            self.u[1, 2:h, 1:w-1] + self.u[1, 0:h-2, 1:w-1])
        if self.damped:
            self.u[0, :, w-1] = self.u[1, :, w-2] + 0.5 * self.u[0, :, w-2]


wave = Wave()
"""

WHOLE = {
    "checked arguments": "u = bounds(u, 'h')\nv[1:-1] += 0.1 * (u[2:] - u[:-2])\n"
    "v = bounds(v, 'u')\nu = 0.9 * u",
    "counted ghosts": "u = u + 0.1 * slope(v)\nv = v - 0.1 * slope(u)",
    "sizes of an object": "wave.step()\nu = u + 0.1 * wave.u[0]",
    "states of one more axis": "g = gradient(u)\nu = u + 0.1 * (g[0] + g[1] * v)",
    "padded alike": "p = np.pad(u, 1, mode='edge')\nq = np.pad(u, 1, mode='edge')\nq[0] = 0.5\n"
    "u = u + 0.1 * (p[2:, 1:-1] - q[:-2, 1:-1])\nv = v + 0.1 * np.pad(u, 1, mode='edge')[:-2, 2:]",
    "other names of fields": "f, g = u, 0.5 * v * u\nu[1:-1] -= 0.1 * (g[2:] - g[:-2])\nv = v + 0.1 * f",
}


@pytest.mark.parametrize("body", WHOLE.values(), ids=WHOLE.keys())
def test_a_step_is_one_kernel(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    text = check(f"{HEAD}for t in range(4):  # hot\n{rows}", tmp_path)
    kernel = text[text.index("@njit") : text.index("n, m, periodic")]
    assert "for t in range(4)" in kernel


def test_extremes_that_are_kept_now_and_then_are_a_kernel_of_their_own(tmp_path):
    text = check(
        f"""{HEAD}err, it = 1.0, 0
while err > 1e-5 and it < 9:  # hot
    w = v[1:-1, 1:-1] + 0.1 * u[2:, 1:-1]
    u[1:-1, 1:-1] = 0.5 * w
    if it % 4 == 0:
        err = max(np.abs(w).max(), np.abs(u).max())
        log.append(err)
    it += 1
""",
        tmp_path,
    )
    assert text.count("@njit") > 1
