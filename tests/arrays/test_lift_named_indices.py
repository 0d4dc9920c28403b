"""Names for slices, and tuples and lists of them, mean what they stand for."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 7, 6
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
I = slice(1, -1)
INNER = np.s_[1:-1, 1:-1]
UP, DOWN = slice(2, None), slice(None, -2)
low = np.index_exp[:-1, ...]


def difference(q, axis):
    one, other = [slice(None)] * q.ndim, [slice(None)] * q.ndim
    one[axis], other[axis] = slice(1, None), slice(None, -1)
    return q[tuple(one)] - q[tuple(other)]


def sided(q, axis, n=1):
    lead = (slice(None),) * axis
    return q[lead + (slice(n, None),)] - q[lead + (slice(None, -n),)]


def fill(q, where, value=0.0):
    q[where] = value


def edges(q, axis=0):
    first = [slice(None)] * len(q.shape)
    last = list(first)
    first[axis], last[axis] = 0, -1
    q[tuple(first)] = 0.5 * q[tuple(last)]


class Box:
    def __init__(self):
        self.inner = (slice(1, -1), slice(1, -1))
        self.u = np.cos(u)

    def step(self):
        self.u[self.inner] += 0.1 * (self.u[2:, I] - self.u[self.inner])


box = Box()
"""

BODIES = {
    "module": "u[I, I] = 0.5 * (v[UP, I] + v[DOWN, I])\nv[INNER] += 0.1 * u[INNER]\nu[low] *= 0.9",
    "along an axis": "u[:-1] += 0.1 * difference(v, 0)\nu[:, 1:] -= 0.1 * difference(v, 1)",
    "tuples put together": "u[1:] = 0.9 * sided(v, 0)\nv[:, :-2] = sided(u, axis=1, n=2) * 0.5",
    "given to a function": "fill(u, I)\nfill(v, np.s_[:, 0], 0.25)\nu = u + 0.1 * v",
    "boundaries": "edges(u)\nedges(v, axis=1)\nu = u + 0.1 * v",
    "made each time": "k = slice(1, n - 1)\nu[k] = v[k] + 0.1 * v[2:]\nhere = np.s_[k, 2:4]\n"
    "v[here] -= u[here]",
    "of an object": "box.step()\nu = u + 0.1 * box.u",
    "reduced": "top = np.abs(u[INNER]).max()\nif u[I, 0].max() > -9:\n    u = u / (1 + top) + 0.1 * v",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_named_indices_compute_the_same(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    check(f"{HEAD}for t in range(4):  # hot\n{rows}", tmp_path)


KEPT = {
    "two names for one list": "a = [slice(None), slice(None)]\nb = a\nb[0] = slice(1, None)\n"
    "u = u + 0.1 * v\n"
    "u[tuple(a)] *= 0.5",
    "read afterwards": "where = slice(t, t + 2)\nu = 0.5 * u + 0.1 * v\nu[where] = 0",
    "bound by turns": "I = slice(2, -1) if t else slice(1, -1)\nu = 0.5 * u + 0.1 * v\nu[I] = 0",
    "changed by others": "a = [slice(1, None)]\na.append(0)\nu = 0.5 * u + 0.1 * v\nu[tuple(a)] = 0",
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT.keys())
def test_indices_that_change_compute_the_same(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    check(f"{HEAD}for t in range(3):\n{rows}    v = 0.5 * (v + np.roll(v, 1, 0))  # hot\n", tmp_path)
