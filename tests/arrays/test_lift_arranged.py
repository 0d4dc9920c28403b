"""Arrays put together of others, lists of arrays, and what NumPy makes of them become loops."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m, dt = 7, 6, 0.1
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
print(n)
w = 0.3 * u + v
u[0, 0], v[1, 1], w[2, 2] = -0.0, np.nan, np.inf
p = np.sin(np.arange(20) * 0.3)
W = [1 / 3, 0.5, 0.75]
C = np.array([[0, 1], [1, 0], [-1, 1]])


def stepped(state, c):
    slopes = [0.5 * (np.roll(q, -1, 0) - np.roll(q, 1, 0)) for q in state]
    return tuple(q - c * s for q, s in zip(state, slopes))


def waves(a, b, c=0.1):
    return c * np.roll(b, 1, 0), -c * a * b
"""

BODIES = {
    "extremes of a list": "low = np.min([u, v, w], axis=0)\nhigh = np.max(np.array([u, v, w]), axis=0)\n"
    "u = u + 0.1 * (high - low)",
    "reduced": "u = u + 0.1 * np.maximum.reduce([u, v, w]) - 0.1 * np.minimum.reduce((u, v), axis=0)",
    "sums of lists": "u = u + 0.1 * np.sum([u, v, w], axis=0) + 0.1 * np.mean([u, v], axis=0)\n"
    "v = np.add.reduce([v, w])",
    "Python's sum": "u = 0.1 * sum([u, u * v])\nv = v + 0.1 * sum(0.5 * a for a in (u, v, w))",
    "rows upon rows": "e = np.vstack((u[-1:], u, u[0]))\nu = u + 0.1 * (e[2:] - e[:-2])",
    "columns": "e = np.column_stack((u[:, -1], u, u[:, 0]))\nu = u + 0.1 * (e[:, 2:] - e[:, :-2])\n"
    "e = np.c_[v[:, 0], v]\nv = v - 0.1 * e[:, 1:] * e[:, :-1]",
    "in one line": "e = np.append(np.append(p[-1], p), p[0])\np = p + 0.1 * (e[2:] - e[:-2])\n"
    "e = np.r_[p[-1], p, 0.0]\np = p + 0.1 * (e[2:] - e[:-2]) + np.insert(p, 0, p[-1])[:-1]",
    "outer": "u = u + 0.01 * np.outer(p[:n], p[-m:])",
    "reversed": "u = u + 0.01 * np.flip(v, 1) + 0.01 * np.fliplr(u) + 0.1 * np.flipud(v) - np.flip(w)",
    "selected": "u = u - 0.1 * np.select([u > 0.5, u < -0.5], [u, v], default=0.0)\n"
    "v = np.select([v > 0.1], [v * u])",
    "clipped": "u = (u + 0.2 * v).clip(-0.5, 0.5)\nv = v.clip(min=0)",
    "copied": "np.copyto(w, u)\nu[:-1] = w[1:] * 0.9\nnp.copyto(u, 0.5, where=v > 0.3)\n"
    "np.putmask(v, v > 0.5, 0.5)\nw.fill(0)\nw[1:-1] += u[2:] - u[:-2]",
    "differences with ends": "d = np.diff(p, prepend=p[0]) + np.diff(p, append=p[-1:])\n"
    "p = p - 0.1 * d * np.sign(d) + 0.01 * np.diff(p, prepend=0, append=[0.5])[1:]",
    "differences with edges": "d = np.diff(u, axis=0, prepend=u[-1:]) - np.diff(v, append=v[:, :1], axis=1)\n"
    "u = u + 0.1 * d - 0.01 * np.diff(u * v, n=2, axis=0, prepend=0.0, append=u[:1])",
    "differences of few": "d = np.diff(u[:1], axis=0, prepend=u[-1:])\n"
    "u = u + 0.1 * d[0, 0] * np.diff(p[:1], append=2.0)",
    "starred arrays": "s = np.stack([u, v])\nf, g = waves(*s)\nu = u + 0.1 * f\n"
    "v = v - 0.1 * waves(*(0.5 * s[:2]))[1]\nw = w + 0.1 * g",
    "starred arguments": "s = (u, v)\nk = waves(*s)\n"
    "l = waves(*[a + 0.5 * b for a, b in zip(s, k)], c=0.2)\nm = waves(*(k[0], w), *[0.3])\n"
    "u, v = [a + 0.1 * (b + c) * d for a, b, c, d in zip(s, k, l, m)]",
    "parts in parts": "k = []\nk.append((p * 0.5, p))\nk.append((p[::-1], 0.1 * p))\n"
    "(a, b), (c, d) = k\np = p + waves(a * d, b * c)[0]",
    "appended": "k = []\nk.append(u * v - u)\nk.append((u + 0.5 * dt * k[0]) * v)\n"
    "k.append((u + dt * k[-1]) * v)\nu = u + dt / 6 * (k[0] + 2 * k[1] + k[2])",
    "stages": "k = [None] * 3\nA = [0.0, 0.5, 0.75]\nfor s in range(3):\n"
    "    k[s] = (u + dt * A[s] * (k[s - 1] if s > 0 else 0)) * v\nu = u + dt / 6 * (k[0] + 2 * k[1] + k[2])",
    "one value for several": "u[0] = u[-1] = v[0]\nu[1:-1] += 0.1 * (v[2:] - v[:-2])\n"
    "u[:, 0] = v[:, -1] = 0.0\nu[1] = v[0] = u[1] * 0.5",
    "rolled by a table": "w = np.zeros_like(u)\nfor q in range(3):\n"
    "    w += np.roll(u, shift=tuple(C[q]), axis=(0, 1)) - 0.3 * np.roll(v, C[q], (0, 1))\nu = 0.1 * w",
    "a sum over stages": "k = []\nfor s in range(3):\n    a = u if s == 0 else u + W[s] * dt * k[s - 1]\n"
    "    k.append(a * v - a)\nu = u + dt * sum(x * y for x, y in zip(W, k))",
    "axes turned": "a = np.moveaxis(u, 1, 0)\na[0] = a[-2]\nv = v + 0.1 * a.swapaxes(0, 1)\n"
    "w = 0.5 * np.transpose(w.T, (1, 0)) + 0.1 * np.expand_dims(p[:m], 0) + 0.1 * u[:1].squeeze(axis=0)\n"
    "u += 0.1 * v.transpose(1, 0).T",
    "turned where it was made": "a = u * v - 0.5\nb = 0.1 * a.T\nw += b.T * 0.3\nu[0] = a.T[:, -1]",
    "boxes where a mask holds": "k = (u * v > 0) & (w < 1)\n"
    "w[k] = np.where(np.abs(u[k]) < np.abs(v[k]), u[k], v[k] * 0.5)\nu[~k] = np.arctan2(v[~k], 2.0)",
    "comprehensions in functions": "u, v, w = stepped((u, v, w), 0.1)",
    "a comprehension": "f = [0.5 * a**2 for a in (u, v, w)]\nd = [g - np.roll(g, 1, axis=0) for g in f]\n"
    "u, v, w = [a - dt * b for a, b in zip((u, v, w), d)]",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_it_computes_the_same_without_arrays_in_between(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    text = check(f"{HEAD}for t in range(3):  # hot\n{rows}", tmp_path)
    kernel = text[text.index("@njit") : text.index("n, m, dt = ")]
    calls = ("stack", "append", "reduce", "select", "outer", "flip", "copyto", "fill", "sum(", "np.max(")
    assert not any(call in kernel for call in calls)


KEPT = {
    "changed by another name": "k = [u, v]\nq = k\nq.append(w)\nu = u + 0.1 * len(k) * k[0]",
    "changed by the second of two": "k = [u, v]\np, q = k, k\nq.append(w)\nu = u + 0.1 * len(p) * p[0]",
    "read afterwards": "k = [u, v]\nu = u + 0.1 * k[1]\nlast = k",
    "longer each time": "w = np.append(w, [0.5])\nu = u + 0.1 * v",
    "with places filled later": "k = [0.5 * u, v]\nu = u + 0.1 * k[1]\nfor s in (0, 1):\n    k[s] = u",
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT.keys())
def test_lists_that_others_see_stay_lists(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    text = f"{HEAD}z = u.copy()\nfor t in range(3):\n    z = 0.5 * (z + np.roll(z, 1, 0))  # hot\n{rows}"
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path)):
        check(text, tmp_path)


REFUSED = {
    "single precision beside a number": "p = p + 0.1 * np.diff(f, append=0.5)",
    "an axis by a name": "u[1:6, 1:] += 0.1 * np.diff(u, axis=a)[:5, :5]",
    "as many arguments as a list has": "k.append(u)\nu = sum(waves(*k[-2:]))",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_known_stays_as_it_is(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    text = f"{HEAD}f = p.astype(np.float32)\na = int(n > 9)\nk = [u, v]\nfor t in range(3):  # hot\n{rows}"
    assert not any(isinstance(one, Candidate) for one in proposals(text, tmp_path))
