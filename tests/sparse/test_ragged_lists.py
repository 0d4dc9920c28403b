"""Lists of neighbours, longer for some elements than for others, with all turns of the loop at once."""

import numpy as np
import pytest
from rewriting import at_once, candidates, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import numpy as np
from scipy.sparse import lil_matrix
nx, ny = 6, 5
N = nx * ny
u = np.sin(np.arange(1.0 * N))
r = np.zeros(N)
K = np.zeros((N, N))
offsets = [(1, 0), (-1, 0), (0, 1), (0, -1)]
def number(i, j):
    return i * ny + j
def neighbours(i, j):
    found = []
    if i > 0:
        found.append(number(i - 1, j))
    if i < nx - 1:
        found.append(number(i + 1, j))
    if j > 0:
        found += [number(i, j - 1)]
    if j < ny - 1:
        found.extend([number(i, j + 1)])
    return found
"""

SAME = {
    "what a function gives": """
for i in range(nx):  # LOOP
    for j in range(ny):
        k = number(i, j)
        total = 0.0
        for m in neighbours(i, j):
            total += 1.0 / (u[m] - u[k])
            K[k, m] -= 1.5
            K[k, k] += 1.5
        r[k] = total
""",
    "how many there are": """
for i in range(nx):  # LOOP
    for j in range(ny):
        near = neighbours(i, j)
        r[number(i, j)] = len(near) * 0.5
        for m in near:
            K[number(i, j), m] = 1.0 / len(near)
""",
    "some that are there in any case": """
for i in range(nx):  # LOOP
    for j in range(ny):
        k = number(i, j)
        near = [k, number(i, (j + 1) % ny)]
        if i > 2:
            near.append(number(i - 3, j))
        near.append(number((i + 1) % nx, j))
        for m in near:
            r[k] += u[m]
""",
    "pairs out of a table": """
for i in range(nx):  # LOOP
    for j in range(ny):
        k = number(i, j)
        near = []
        for di, dj in offsets:
            if 0 <= i + di < nx and 0 <= j + dj < ny:
                near.append((number(i + di, j + dj), 2.0 if di else 0.5))
        for m, w in near:
            K[k, m] -= w
            K[k, k] += w
""",
    "turns that are left out, and conditions within": """
for i in range(nx):  # LOOP
    for j in range(ny):
        k = number(i, j)
        if (i + j) % 3 == 0:
            continue
        for m in neighbours(i, j):
            if u[m] > 0.5:
                continue
            r[k] += u[m]
            if m > k:
                K[k, m] = 2.0
            else:
                K[k, m] = u[k] / 3
""",
    "one list after the other, over the same": """
for i in range(nx):  # LOOP
    for j in range(ny):
        k = number(i, j)
        for m in neighbours(i, j):
            r[k] += 1.0
        for m in neighbours(j, i % 4):
            if m < N:
                r[k] += u[m]
""",
}
REFUSED = {
    "the first of them": """
for i in range(nx):  # LOOP
    for j in range(ny):
        r[number(i, j)] = neighbours(i, j)[0]
""",
    "the largest of them": """
for i in range(nx):  # LOOP
    for j in range(ny):
        r[number(i, j)] = max(neighbours(i, j))
""",
    "their sum": """
for i in range(nx):  # LOOP
    for j in range(ny):
        r[number(i, j)] = sum(neighbours(i, j))
""",
    "the last one, read afterwards": """
for i in range(nx):  # LOOP
    for j in range(ny):
        for m in neighbours(i, j):
            K[number(i, j), m] = 1.0
        r[number(i, j)] = m
""",
    "counted while they are gone through": """
for i in range(nx):  # LOOP
    for j in range(ny):
        for place, m in enumerate(neighbours(i, j)):
            K[number(i, j), m] = place
""",
    "under a second name": """
for i in range(nx):  # LOOP
    for j in range(ny):
        near = [number(i, j)]
        other = near
        if i > 0:
            near.append(number(i - 1, j))
        for m in other:
            K[number(i, j), m] = 1.0
""",
    "until one is found": """
for i in range(nx):  # LOOP
    for j in range(ny):
        for m in neighbours(i, j):
            if u[m] > 0:
                break
            r[number(i, j)] += 1.0
""",
}


@pytest.mark.parametrize("name", SAME)
def test_each_element_has_its_own_neighbours(name, tmp_path):
    text = HEAD + SAME[name]
    before, after = run(text, tmp_path)[0], run(at_once(text, tmp_path), tmp_path)[0]
    np.testing.assert_allclose(before["K"], after["K"], rtol=1e-14)
    np.testing.assert_allclose(before["r"], after["r"], rtol=1e-14)
    assert np.any(before["K"]) or np.any(before["r"])


@pytest.mark.parametrize("name", REFUSED)
def test_other_uses_of_such_lists_stay_a_loop(name, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + REFUSED[name], tmp_path)


def test_a_matrix_of_a_graph_is_computed_at_once(tmp_path):
    text = HEAD + SAME["what a function gives"].replace("K[", "A[").replace("# LOOP", "")
    text = text.replace("for i in range(nx):  \n", "A = lil_matrix((N, N))\nfor i in range(nx):\n", 1)
    text += "A = A.tocsr()\n"
    found = candidates(text, tmp_path, "coo-assembly")[0]
    assert "at once" in found.title
    before, after = (run(one, tmp_path)[0]["A"].toarray() for one in (text, found.patches[0].after))
    np.testing.assert_allclose(before, after, rtol=1e-14)
