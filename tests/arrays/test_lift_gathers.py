"""Elements at computed places are read where each cell computes them."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 8, 6
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
F = np.sin(np.arange(3 * n * m) * 0.3).reshape(3, n, m)
line = np.cos(np.arange(n) * 0.9)
X, Y = np.meshgrid(np.arange(n) * 1.0, np.arange(m) * 1.0, indexing="ij")
order = np.array([5, 0, 3, 3, 7, 1, 2, 6])


def between(f, x, y):
    i0 = np.floor(x).astype(int)
    j0 = np.floor(y).astype(int)
    a, b = x - i0, y - j0
    i1 = (i0 + 1) % n
    j1 = (j0 + 1) % f.shape[1]
    i0 = i0 % n
    j0 = np.mod(j0, f.shape[1])
    low, high = (1 - a) * f[i0, j0] + a * f[i1, j0], (1 - a) * f[i0, j1] + a * f[i1, j1]
    return (1 - b) * low + b * high


"""

BODIES = {
    "semi-Lagrangian": "xd = X - 0.7 * v\nyd = Y - 0.3 * u\nu = between(u, xd, yd)\nv = v - 0.1 * u",
    "of a temporary": "w = 0.5 * (u + v)\nu = between(w, X - v, Y + w)\nv = w + 0.1 * v",
    "in place": "i0 = np.clip((X + 2 * u).astype(int), 0, n - 1)\n"
    "u[1:-1] = 0.5 * u[i0, 0][1:-1] + 0.4 * v[1:-1]",
    "negative places": "j = (X - Y).astype(np.int64) % m\n"
    "u = u[order, :] * 0.5 + v[-1 - order][:, j[0]] * 0.4",
    "a slice between": "j = np.minimum((2 * np.abs(line)).astype(int), m - 1)\n"
    "F[:, 2, :] = 0.9 * F[1, j, 1:4].T[:, :m]",
    "components": "i = (3 * np.abs(v)).astype(int)\n"
    "F[0] = F[1] * 0.5\n"
    "F[1] = F[i % 3, 2, 1] * 0.9\n"
    "F[2] += 0.1 * F[0]",
    "a part": "i = (2 * np.abs(u[1:-1, 1:-1])).astype(int)\nu[1:-1, 1:-1] = 0.6 * v[2:, 1:][i, 1 + i] + 0.1",
    "a row around": "line = 0.5 * line[order] + 0.4 * np.roll(line, 1)[order]\n"
    "u = 0.9 * u + 0.1 * line[:, None]",
    "truncated": "k = np.array(u * 3, dtype=float).astype(np.int64)\nu = 0.9 * u + 0.01 * k + 0.05 * line[k]",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_computed_places_compute_the_same(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    check(f"{HEAD}for t in range(4):  # hot\n{rows}", tmp_path)


def test_interpolation_is_part_of_the_kernel(tmp_path):
    body = "for t in range(4):  # hot\n    u = between(u, X - 0.7 * v, Y - 0.3 * v)\n    v = v - 0.1 * u\n"
    after = check(HEAD + body, tmp_path)
    assert "f = between" not in after and "u[i0_next_here, j1_here]" in after


def test_places_out_of_an_array_are_an_error_as_in_numpy(tmp_path):
    body = "    i0 = np.floor(X[:, 0] - c).astype(int)\n    line = 0.5 * line[i0] + 0.25 * np.roll(line, 1)\n"
    after = check(f"{HEAD}c = 1.0\nfor t in range(4):  # hot\n{body}", tmp_path)
    assert "line[checked_place(i0_here, line.shape[0])]" in after


def test_places_that_a_remainder_keeps_in_an_array_are_not_looked_at(tmp_path):
    body = "    i0 = np.floor(X[:, 0] - c).astype(int)\n    i1 = i0 % n\n"
    body += (
        "    line = 0.5 * line[i1] + 0.25 * np.roll(line, 1)\n    line += 0.1 * line[np.clip(i0, 0, n - 1)]\n"
    )
    after = check(f"{HEAD}c = 1.0\nfor t in range(4):  # hot\n{body}", tmp_path)
    assert "checked_place" not in after
