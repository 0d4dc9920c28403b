"""A dense matrix that is filled by entries and solved with becomes a sparse one, if nobody could tell."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
n = 64
edges = [(i, i + 1, 1.0 + 0.1 * i) for i in range(n - 1)] + [(i, i + 8, 0.5) for i in range(n - 8)]
f = np.zeros(n)
f[5] = 1.0
"""

FILL = """
K = np.zeros((n, n))
for a, b, k in edges:
    K[a, a] += k
    K[b, b] += k
    K[a, b] -= k
    K[b, a] -= k
"""

SPARSE = {
    "a row for the boundary": FILL
    + """
K[0, :] = 0
K[0, 0] = 1
u = np.linalg.solve(K, f)
""",
    "a block is cut out": FILL
    + """
free = np.arange(1, n)
u = np.zeros(n)
u[free] = np.linalg.solve(K[np.ix_(free, free)], f[free])
r = K @ u - f
""",
    "a block with a name": FILL
    + """
free = np.setdiff1d(np.arange(n), [0, 3])
Kff = K[np.ix_(free, free)]
u = np.zeros(n)
u[free] = np.linalg.solve(Kff, f[free])
r = np.dot(K, u)
""",
    "functions": """
def assemble(edges):
    K = np.zeros((n, n))
    F = np.zeros(n)
    for a, b, k in edges:
        K[a, a] += k
        K[b, b] += k
        K[a, b] -= k
        K[b, a] -= k
        F[a] += 0.1
    return K, F
def fix(K, F, nodes):
    for d in nodes:
        K[d, :] = 0
        K[d, d] = 1
        F[d] = 0
    return K, F
K, F = assemble(edges)
K, F = fix(K, F, [0, 7])
u = np.linalg.solve(K, F)
""",
    "an object": """
class Truss:
    def __init__(self, n):
        self.K = np.zeros((n, n))
    def assemble(self, edges):
        for a, b, k in edges:
            for i, s in ((a, 1), (b, -1)):
                self.K[i, a] += s * k
                self.K[i, b] -= s * k
    def solve(self, f, fixed):
        free = np.setdiff1d(np.arange(len(f)), fixed)
        u = np.zeros(len(f))
        u[free] = np.linalg.solve(self.K[np.ix_(free, free)], f[free])
        return u
t = Truss(n)
t.assemble(edges)
u = t.solve(f, [0])
""",
    "complex numbers": FILL.replace("(n, n)", "(n, n), dtype=complex")
    + """
K[0, 0] += 1j
u = np.linalg.solve(K, f + 0j)
""",
}

DENSE = {
    "a column as right side": FILL + "K[0, 0] += 1\nu = np.linalg.solve(K, f.reshape(-1, 1)).ravel()\n",
    "entries are read": FILL + "K[0, 0] = K[1, 1]\nu = np.linalg.solve(K, f)\n",
    "it is summed": FILL + "K[0, 0] += 1\nu = np.linalg.solve(K, f) * K.sum()\n",
    "it is scaled in place": FILL + "K[0, 0] += 1\nK *= 2\nu = np.linalg.solve(K, f)\n",
    "another name": FILL + "M = K\nM[0, 0] += 1\nu = np.linalg.solve(K, f)\n",
    "it is printed": FILL + "K[0, 0] += 1\nprint(K)\nu = np.linalg.solve(K, f)\n",
    "a row is set": FILL + "K[0] = f\nK[0, 0] += 9\nu = np.linalg.solve(K, f)\n",
    "integers": FILL.replace("(n, n)", "(n, n), dtype=int") + "K[0, 0] += 1\nu = np.linalg.solve(K, f)\n",
    "a function that two call": """
def solve(A, b):
    return np.linalg.solve(A, b)
"""
    + FILL
    + "K[0, 0] += 1\nu = solve(K, f) + solve(np.eye(n), f)\n",
    "an error is caught": FILL
    + """
try:
    u = np.linalg.solve(K, f)
except np.linalg.LinAlgError:
    K[0, 0] += 1
    u = np.linalg.solve(K, f)
""",
    "elements far apart are all there": FILL + "K += 1.0\nu = np.linalg.solve(K, f)\n",
}


def made_sparse(text, tmp_path):
    found = candidates(text, tmp_path, "sparse-operator", patterns="all")
    return [one.patches[0].after for one in found if one.title.startswith("fill ")]


@pytest.mark.parametrize("name", SPARSE)
def test_a_matrix_that_is_filled_and_solved_with_is_sparse_from_the_start(name, tmp_path):
    text = HEAD + SPARSE[name]
    (after,) = made_sparse(text, tmp_path)
    assert "np.zeros((n, n)" not in after
    np.testing.assert_allclose(
        run(after, tmp_path)[0]["u"], run(text, tmp_path)[0]["u"], rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("name", DENSE)
def test_a_matrix_of_which_more_is_asked_stays_dense(name, tmp_path):
    assert not made_sparse(HEAD + DENSE[name], tmp_path)


def test_a_matrix_that_is_another_in_each_step_is_sparse_too(tmp_path):
    loop = "".join(f"    {line}\n" for line in FILL.strip().splitlines())
    text = HEAD + "u = f.copy()\nfor step in range(9):\n" + loop
    text += "    for i in range(n):\n        K[i, i] += 1 + u[i] ** 2\n        K[i, n - 1 - i] += 0.1\n"
    text += "    u = np.linalg.solve(K, f + u)\n"
    (after,) = made_sparse(text, tmp_path)
    assert "K = np.zeros" not in after
    np.testing.assert_allclose(
        run(after, tmp_path)[0]["u"], run(text, tmp_path)[0]["u"], rtol=1e-9, atol=1e-12
    )
