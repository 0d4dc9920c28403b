"""Loops over elements, rows and faces give the same when all turns are computed at once."""

import numpy as np
import pytest
from rewriting import at_once, candidates, run
from test_batched_loops import HEAD

from pdeperf.sparse.batched_values import NotAtOnce

HEAD += """
from scipy.linalg import solve_banded
from scipy.sparse import diags
from scipy.sparse.linalg import splu, spsolve
m = 7
u = np.sin(np.arange(5.0 * m)).reshape(5, m)
ab = np.array([[0, 1, 1, 1, 1], [4, 4, 4, 4, 4.5], [1, 1, 1, 1, 0.0]])
T = diags([1.0, 4.0, 1.5], [-1, 0, 1], shape=(5, 5), format="csc")
"""

SAME = {
    "triplets in lists": """
def stiffness(p):
    J = np.array([p[1] - p[0], p[2] - p[0]]).T
    G = np.linalg.inv(J).T @ np.array([[-1, 1, 0], [-1, 0, 1]])
    area = abs(np.linalg.det(J)) / 2
    return area * (G.T @ G), area / 12 * (np.ones((3, 3)) + np.eye(3))
rows, columns, values, masses = [], [], [], []
elements = [tuple(e) for e in triangles.tolist()]
for tri in elements:  # LOOP
    ke, me = stiffness(points[list(tri)])
    for a in range(3):
        for b in range(3):
            rows.append(tri[a])
            columns.append(tri[b])
            values.append(ke[a, b])
            masses.extend([me[a, b], -me[a, b]])
""",
    "columns, then rows": """
half = np.zeros_like(u)
for j in range(m):  # LOOP
    left = u[:, j - 1] if j > 0 else np.zeros(5)
    right = u[:, j + 1] if j < m - 1 else np.zeros(5)
    half[:, j] = solve_banded((1, 1), ab, 0.1 * left + u[:, j] + 0.2 * right)
""",
    "rows with a sparse matrix": """
v = u.T.copy()
half = np.zeros_like(v)
for i in range(m):  # LOOP
    rhs = v[i] * 2
    rhs[0] += 1.0
    half[i, :] = spsolve(T, rhs)
""",
    "factors and inner rows": """
v = u.T.copy()
lu = splu(T)
half = v.copy()
for i in range(1, m - 1):  # LOOP
    half[i] = lu.solve(v[i - 1] - 2 * v[i] + v[i + 1])
""",
    "dense systems with one matrix": """
B = T.toarray()
half = np.zeros((m, 5))
for i in range(m):  # LOOP
    half[i, :] = np.linalg.solve(B, u[:, i])
""",
    "volumes of cells": """
def volume(c):
    a, b, d = points[c]
    return 0.5 * abs(np.linalg.det(np.array([b - a, d - a])))
areas = np.zeros(len(triangles))
total = np.zeros(N)
for k, c in enumerate(triangles):  # LOOP
    areas[k] = volume(c)
    for node in c:
        total[node] += volume(c) / 3
""",
    "triplets by a function within": """
def laplacian(nx, ny):
    width = nx
    rows, columns, values = [], [], []
    def idx(i, j):
        "The place of a cell."
        return j * width + i
    for j in range(ny):  # LOOP
        for i in range(nx):
            d = 0.0
            if i > 0:
                rows.append(idx(i, j)); columns.append(idx(i - 1, j)); values.append(1.5); d += 1.5
            if j < ny - 1:
                rows.append(idx(i, j)); columns.append(idx(i, j + 1)); values.append(-2 * j); d += 2.0
            rows.append(idx(i, j)); columns.append(idx(i, j)); values.append(-d)
    return rows, columns, values
rows, columns, values = laplacian(16, 15)
""",
    "elements that are set, added to and set again": """
rows = []
total = np.arange(12.0)
half = np.zeros((6, 7))
for k in range(14):  # LOOP
    rows.append(k)
    total[k % 5] += 0.1 * k
    if k % 3 == 0:
        total[-2 - k % 4] = 1.0 + k
        total[11 - k // 2] -= 0.3
    total[(3 * k) % 12] += 2.0
    half[k % 6, (k * k) % 7] = k
    half[(k + 1) % 6, 2] += 0.7
""",
    "one column": """
half = np.zeros((5, 1))
for j in range(1):  # LOOP
    half[:, j] = spsolve(T, u[:, j])
""",
}

REFUSED = {
    "a line that needs the last": """
half = np.zeros_like(u)
for j in range(1, m):  # LOOP
    half[:, j] = solve_banded((1, 1), ab, u[:, j] + half[:, j - 1])
""",
    "another matrix for each line": """
half = np.zeros_like(u)
for j in range(m):  # LOOP
    ab[1, :] = 4 + j
    half[:, j] = solve_banded((1, 1), ab, u[:, j])
""",
    "columns that meet": """
half = np.zeros_like(u)
for j in range(m):  # LOOP
    half[:, j // 2] = solve_banded((1, 1), ab, u[:, j])
""",
    "a view of what is stored into": """
half = np.zeros_like(u)
other = half[:]
for j in range(1, m):  # LOOP
    half[:, j] = solve_banded((1, 1), ab, u[:, j] + other[:, j - 1])
""",
    "a list that is read": """
kept = []
for j in range(m):  # LOOP
    kept.append(np.linalg.norm(u[:, j]) + len(kept))
""",
    "a function that reads what an earlier turn of its loop has bound": """
def total(e):
    s = 0.0
    for q in range(3):
        if (e + q) % 2 == 0:
            w = 1.0 + e + q
        if q > 0 or e % 2 == 0:
            s += w
    return s
half = np.zeros(9)
for e in range(9):  # LOOP
    half[e] = total(e)
""",
    "a stop": """
kept = []
for j in range(m):  # LOOP
    if np.linalg.norm(u[:, j]) > 2:
        break
    kept.append(np.linalg.norm(u[:, j]))
""",
}


@pytest.mark.parametrize("name", SAME)
def test_all_turns_at_once_store_the_same(name, tmp_path):
    text = HEAD + SAME[name]
    before, after = run(text, tmp_path)[0], run(at_once(text, tmp_path), tmp_path)[0]
    for one in ("half", "rows", "columns", "values", "masses", "areas", "total", "u", "v"):
        if one in before:
            np.testing.assert_allclose(before[one], after[one], rtol=1e-13, atol=1e-15)
            assert type(before[one]) is type(after[one])


@pytest.mark.parametrize("name", REFUSED)
def test_turns_that_need_one_another_stay_a_loop(name, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + REFUSED[name], tmp_path)


HELPERS = """
import numpy as np
points = np.random.default_rng(1).random((9, 2))
cells = [(0, 1, 2), (2, 3, 4), (4, 5, 6), (6, 7, 8)]

# twice the area
def double(p):
    return (p[1, 0] - p[0, 0]) * (p[2, 1] - p[0, 1]) - (p[2, 0] - p[0, 0]) * (p[1, 1] - p[0, 1])

def stiffness(p):
    B = np.array([[1.0, -1.0, 0.0], [0.5, 0.5, -1.0]])
    return double(p) * B.T @ B

values = []
for cell in cells:
    ke = stiffness(points[list(cell)])
    for a in range(3):
        values.append(ke[a, a])
"""


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ("", ""),
        ("print(double(points[:3]))\n", "double"),
        ("keep = {'f': stiffness}\n", "stiffness double"),
        ("if __name__ == '__main__':\n    print(sum(values))\n", "stiffness double"),
    ],
)
def test_functions_that_nobody_calls_any_more_go_with_their_comments(more, left, tmp_path):
    text = HELPERS + more
    after = candidates(text, tmp_path, "vectorise")[0].patches[0].after
    for name in ("double", "stiffness"):
        assert (f"def {name}(" in after) == (name in left)
    assert ("# twice" in after) == ("double" in left)
    one, other = (np.array(run(each, tmp_path)[0]["values"]) for each in (text, after))
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_few_turns_within_a_turn_are_no_loop_of_their_own(tmp_path):
    text = """
half = np.zeros(N)
k = 0
while k < len(triangles):
    for a in range(3):
        half[triangles[k, a]] += a + 1.0
    k += 1
"""
    assert not candidates(HEAD + text, tmp_path, "vectorise")
    assert candidates(
        HEAD + text.replace("range(3)", "range(0, 30)").replace(", a]", ", a % 3]"), tmp_path, "vectorise"
    )


def test_what_each_element_builds_is_not_kept_where_all_are_computed_at_once(tmp_path):
    text = """
from scipy.sparse import lil_matrix
def rotation(c, s):
    T = np.zeros((3, 3))
    T[0, 0] = c
    T[0, 1] = s
    T[1, 0] = -s
    T[1, 1] = c
    T[2, 2] = 1
    return T
K = lil_matrix((N, N))
for e in triangles:
    c, s = points[e[0], 0] > 0.5, 1.0
    T = rotation(float(c), s)
    ke = T.T @ np.array([[2.0, -1, 0], [-1, 2, -1], [0, -1, 2]]) @ T
    for a in range(3):
        for b in range(3):
            K[e[a], e[b]] += ke[a, b]
K = K.tocsr()
"""
    assert "at once" in candidates(HEAD + text, tmp_path, "coo-assembly")[0].title
    assert not candidates(HEAD + text, tmp_path, "build-once", patterns=True)
    assert candidates(
        HEAD + text.replace("        for b", "        if ke[a, a] > 9: break\n        for b"),
        tmp_path,
        "build-once",
    )
