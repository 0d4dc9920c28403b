"""Rows beside numbers, axes that an index adds, and choices of which one alone differs, for all elements."""

import numpy as np
import pytest
from rewriting import at_once, candidates, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import numpy as np
n = 6
rng = np.random.default_rng(2)
elements = [[k, k + 1, k + 3] for k in range(n)]
near = rng.integers(0, n, (n, 4))
points = rng.random((n, 2))
u = rng.random(2 * n + 4)
r = np.zeros(n)
flag = n > 3
K = np.zeros((2 * n + 4, 2 * n + 4))
"""

SAME = {
    "a row and one more": """
for e in range(n):  # LOOP
    nodes = elements[e]
    dofs = list(nodes) + [n + 4 + e]
    for a in range(4):
        for b in range(4):
            K[dofs[a], dofs[b]] += u[dofs[a]] * (a + b)
""",
    "two rows": """
for nodes in elements:  # LOOP
    dofs = nodes + [m + 2 for m in nodes]
    for a in range(6):
        K[dofs[a], dofs[0]] += u[dofs[a]]
""",
    "distances of all to all": """
for i in range(n):  # LOOP
    X = points[near[i]]
    d = ((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2)
    e = X[:, np.newaxis, 0] - X[:, 1]
    r[i] = d.sum() + e[2, 1]
""",
    "one choice differs": """
for i in range(n):  # LOOP
    for a in range(3):
        L = u[i] + 1.0
        K[i, a] += 2.0 * (1.0 if a % 3 != 2 else L ** 2)
        K[i, i] += L if flag else 3.0
""",
    "sums and largest of several": """
for i in range(n):  # LOOP
    v = [u[i], u[i + 1], -u[i]]
    L = sum(abs(v[a] - u[a]) for a in range(3)) + sum([x * x for x in v]) + sum(v)
    K[i, 0] += L / sum(u[i] > 0.3 for a in range(2)) if L > 1e9 else sum(v[a] > 0 for a in range(3))
    r[i] = max(L, v[2], 2.5) + min(v[0], v[1], 0.5, L)
""",
    "systems of some elements": """
for i in range(n):  # LOOP
    A = np.array([[u[i], 1.0], [1.0, 1.0]])
    if i % 2 == 0:
        A[0, 1] = u[i]
        A[1, 1] = 1.0 + (i < 0)
    else:
        w = np.linalg.solve(A, np.array([1.0, 2.0]))
        r[i] = w[0] + np.linalg.inv(A)[0, 1]
""",
}


@pytest.mark.parametrize("loop", SAME.values(), ids=SAME.keys())
def test_the_numbers_stay_the_same(loop, tmp_path):
    text = HEAD + loop
    old, new = run(text, tmp_path)[0], run(at_once(text, tmp_path), tmp_path)[0]
    assert np.allclose(old["K"], new["K"], rtol=1e-13, atol=0)
    assert np.allclose(old["r"], new["r"], rtol=1e-13, atol=0)


def test_more_indices_than_axes_are_refused(tmp_path):
    text = HEAD + "for i in range(n):  # LOOP\n    r[i] = points[None, i, 0, 0].sum()\n"
    with pytest.raises(Exception, match=r"too many indices|more indices"):
        at_once(text.replace("points[None, i, 0, 0]", "points[i][None, 0, 0]"), tmp_path)
    with pytest.raises((NotAtOnce, IndexError)):
        at_once(text, tmp_path)


def test_arrays_of_elements_are_not_kept_where_all_elements_go_at_once(tmp_path):
    text = (
        HEAD
        + """
from scipy.sparse import lil_matrix
A = lil_matrix((n, n))
for k in range(n):
    T = np.zeros((2, 2))
    T[0, 1] = u[k]
    A[k, 0] += (T.T @ T)[1, 1]
for step in range(3):
    f = np.zeros(n)
    f[0] = step
    r[0] += f[0]
"""
    )
    texts = [one.patches[0].after for one in candidates(text, tmp_path, "hoist-allocation")]
    assert texts and not any("T.fill(0)" in one for one in texts)
