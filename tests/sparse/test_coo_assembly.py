"""Matrices built from triplets are those that the stores built, to the bit."""

import numpy as np
import pytest
import scipy.sparse
from rewriting import candidates, refusals, run

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse import lil_matrix, dok_matrix, csr_matrix
from scipy.sparse.linalg import spsolve
n = 6
N = n * n
h = 1.0 / (n + 1)
"""

SAME = {
    "a matrix that a function is given": """
def laplace(n):
    A = lil_matrix((n, n))
    for i in range(n):
        A[i, i] = 2.0
        if i > 0:
            A[i, i - 1] = -1.0
    return A
def advance(M, x, turns):
    for k in range(turns):
        x = x - 0.1 * M.dot(x) + 0.01 * (M @ x)
    return x
A = laplace(n)
u = advance(A, np.arange(1.0, n + 1), 3)
A = A.tocsr()
""",
    "five points in lil": """
A = lil_matrix((N, N))
for i in range(n):
    for j in range(n):
        k = i * n + j
        A[k, k] = 4 / h**2
        if i > 0:
            A[k, k - n] = -1 / h**2
        if i < n - 1:
            A[k, k + n] = -1 / h**2
        if j > 0:
            A[k, k - 1] = -1 / h**2
        if j < n - 1:
            A[k, k + 1] = -1 / h**2
A = A.tocsr()
""",
    "dok with additions": """
A = dok_matrix((N, N))
for i in range(N - 1):
    for a in range(2):
        for b in range(2):
            A[i + a, i + b] += (1 if a == b else -1) * 0.1 * (i + 1)
A = A.tocsr()
""",
    "elements of triangles": """
tri = np.array([[0, 1, 2], [1, 3, 2], [2, 3, 4], [3, 5, 4], [0, 2, 4]])
A = lil_matrix((N, N))
for e in range(len(tri)):
    ke = np.array([[0.1, 0.2, 0.3], [0.2, 0.7, 0.1], [0.3, 0.1, 1 / 3]]) * (e + 1)
    for a in range(3):
        for b in range(3):
            A[tri[e, a], tri[e, b]] += ke[a, b]
A = csr_matrix(A)
""",
    "elements by their rows": """
tri = [[0, 1, 2], [1, 3, 2], [2, 3, 4], [3, 5, 4], [0, 2, 4]]
A = lil_matrix((N, N))
for nodes in tri:
    for a in nodes:
        for b in nodes:
            A[a, b] += 0.1
A = A.tocsc()
""",
    "set, added and set again": """
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] += 0.1
    A[i, i] += 0.2
    A[i, 0] = 5.0
    A[i, i] -= 0.7 * i
    if i % 3 == 0:
        A[i, i] = 9.0
        A[i, i] += 0.3
A = A.tocsr()
""",
    "rows cleared for boundary conditions": """
A = lil_matrix((N, N))
for i in range(N - 1):
    A[i, i] += 2.0
    A[i, i + 1] += -1.0
    A[i + 1, i] += -1.0
for k in [0, n, N - 1]:
    A[k, :] = 0
    A[k, k] = 1.0
A[:, 3] = 0
A[3, 3] = 2.0
A = A.tocsr()
""",
    "zeros are not stored": """
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 1.0 * (i % 2)
    A[i, 0] += 1.5
    A[i, 0] -= 1.5
A = A.tocsr()
""",
    "csr stores zeros": """
A = csr_matrix((N, N))
for i in range(N):
    A[i, i] = 1.0 * (i % 2)
    A[i, 1] = i
""",
    "negative indices": """
A = lil_matrix((n, n))
for i in range(n):
    A[i, i - 1] = 1.0 + i
    A[-1, i] += 0.5
A = A.tocsr()
""",
    "complex": """
A = lil_matrix((N, N), dtype=complex)
for i in range(N):
    A[i, i] = 1j * i
    A[i, i] += 0.5
A = A.tocsr()
""",
    "read and written later": """
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 2.0
A[0, 1] = A[0, 0] + 1
A[2] = 7.0
x = A[0, 1]
""",
    "a while loop": """
A = lil_matrix((N, N))
i = 0
while i < N:
    A[i, i] = i
    i += 1
A = A.tocsr()
""",
    "a range that depends on the loop": """
A = lil_matrix((N, N))
for i in range(N):
    for j in range(i, min(i + 2, N)):
        A[i, j] += 1
A = A.tocsr()
""",
    "from another matrix": """
L = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(N, N)).tocsr()
A = L.tolil()
for i in [0, N - 1]:
    A[i, :] = 0
    A[i, i] = 1
A = A.tocsr()
""",
    "in a function": """
def build(n, h):
    A = lil_matrix((n, n))
    for i in range(1, n - 1):
        A[i, i - 1] = A_off
        A[i, i] = 2.0 / h**2
        A[i, i + 1] = A_off
    A[0, 0] = 1
    A[n - 1, n - 1] = 1
    return A.tocsc()
A_off = -1 / h**2
A = build(n, h)
""",
    "returned as it is": """
def build(n):
    K = dok_matrix((n, n))
    for i in range(n):
        K[i, i] = 2.0
    return K
A = build(n)
A = A.tocsr()
""",
    "an attribute": """
class Problem:
    def __init__(self, n):
        self.n = n
        self.K = lil_matrix((n, n))
        for i in range(self.n):
            self.K[i, self.col(i)] = 2.0
        self.K = self.K.tocsr()
    def col(self, i):
        return (i + 1) % self.n
A = Problem(n).K
""",
    "solved as it is": """
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 2.0 + i
    A[i, i - 1] = 0.5
u = spsolve(A, np.ones(N))
A = A.tocsc()
""",
    "two matrices in one loop": """
A = lil_matrix((N, N))
M = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 2.0
    M[i, i] += 1.0
A = A.tocsr() + M.tocsr()
""",
    "integers stored as floats": """
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 4
A = A.tocsr()
""",
    "both sides of the diagonal at once": """
A = lil_matrix((N, N))
for i in range(1, N - 1):
    A[i, i - 1] = A[i, i + 1] = -1.0 / h**2
    A[i, i] = 2.0
A = A.tocsr()
""",
    "conditions on one line": """
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 2.0; x = i
    if i > 0: A[i, i - 1] = -1.0
    if i < N - 1: A[i, i + 1] = -1.0
A[0, :] = 0; A[0, 0] = 1.0
A = A.tocsr()
x = float(x)
""",
    "continue": """
A = lil_matrix((N, N))
for i in range(n):
    for j in range(n):
        k = i * n + j
        if i == 0 or i == n - 1 or j in (0, n - 1):
            A[k, k] = 1.0
            continue
        A[k, k] = 4.0
        for_all = -1.0 if i > 2 else -0.5
        A[k, k + 1] = A[k, k - 1] = for_all
        if i % 2 == 0:
            A[k, k - n] = for_all
        elif j > i:
            A[k, k - n] -= 2 * for_all
        else:
            A[k, k + n] += 0.1
A = A.tocsr()
""",
    "blocks": """
tri = np.array([[0, 1, 2], [1, 3, 2], [2, 3, 4], [3, 5, 4], [0, 2, 4]])
A = lil_matrix((N, N))
for t in tri:
    ke = np.array([[0.1, 0.2, 0.3], [0.2, 0.7, 0.1], [0.3, 0.1, 1 / 3]]) * t.sum()
    A[np.ix_(t, t)] += ke
A[0, :] = 0
A[0, 0] = 1
A = A.tocsr()
""",
    "blocks whose nodes meet": """
A = lil_matrix((N, N))
for t in [[0, 1, 2], [1, 2, 1], [3, 3, 3]]:
    A[np.ix_(t, t)] += np.arange(1.0, 10.0).reshape(3, 3)
    A[np.ix_(t, [4, 5])] = 0.5
A = A.tocsr()
""",
    "indices by a method": """
class Grid:
    def __init__(self, n):
        self.n = n
    def k(self, i, j):
        return i * self.n + j
    def build(self):
        A = lil_matrix((N, N))
        for i in range(self.n):
            for j in range(1, self.n):
                A[self.k(i, j), self.k(i, j - 1)] = -1.0 / self.n
                A[self.k(i, j), self.k(i, j)] += i * 0.1 + j
        return A.tocsr()
A = Grid(n).build()
""",
    "indices that a dict has for places": """
numbers = {}
for i in range(4):
    for j in range(3):
        numbers[(i, j)] = len(numbers)
A = dok_matrix((12, 12))
for (i, j), row in numbers.items():
    A[row, row] = 4.0
    for step in (-1, 1):
        near = (i + step, j)
        if near in numbers:
            A[row, numbers[near]] = -1.0 - step
A = A.tocsr()
""",
    "rebuilt in a loop": """
for step in range(3):
    A = lil_matrix((N, N))
    for i in range(N):
        A[i, i] = 1.0 + step
    A = A.tocsr()
""",
    "nothing is stored": """
A = lil_matrix((N, N))
for i in range(N):
    if i > N:
        A[i, i] = 4
A = A.tocsr()
""",
}

REFUSED = {
    "read while it is filled": """
A = lil_matrix((N, N))
for i in range(1, N):
    A[i, i] = 1.0 + A[i - 1, i - 1]
""",
    "passed on while it is filled": """
def put(M, i):
    M[i, i] = M.nnz
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 1.0
    put(A, i)
""",
    "seen by a function": """
def count():
    return A.nnz
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 1.0 + count()
""",
    "integers": """
A = lil_matrix((N, N), dtype=int)
for i in range(N):
    A[i, i] += 1.7
""",
    "single precision": """
A = lil_matrix((N, N), dtype=np.float32)
for i in range(N):
    A[i, i] += 0.1
""",
    "arrays of indices": """
A = lil_matrix((N, N))
for i in range(3):
    rows = np.arange(3) + i
    A[rows, rows] = 1.0
""",
    "csr rows cleared": """
A = csr_matrix((N, N))
for i in range(n):
    A[i, i] = 1.0
    A[i, :] = 0
""",
    "under another name": """
A = lil_matrix((N, N))
for i in range(n):
    B = A
    A[i, i] = 1.0
    B[i, i] = 3.0
""",
}


@pytest.mark.parametrize("name", SAME)
def test_the_matrix_is_the_same_to_the_bit(name, tmp_path):
    text = HEAD + SAME[name]
    found = candidates(text, tmp_path, "coo-assembly")
    assert found, refusals(text, tmp_path, "coo-assembly")
    after = found[0].patches[0].after
    assert any(f"= {name}(" in after for name in ("assembled", "summed", "placed", "with_unit_rows"))
    before, printed = run(text, tmp_path)
    later, also = run(after, tmp_path)
    assert printed == also
    one, other = before["A"], later["A"]
    assert (type(one), one.dtype, one.shape, one.nnz) == (type(other), other.dtype, other.shape, other.nnz)
    one, other = scipy.sparse.csr_array(one), scipy.sparse.csr_array(other)
    np.testing.assert_array_equal(one.indptr, other.indptr)
    one.sort_indices()
    np.testing.assert_array_equal(one.indices, other.indices)
    np.testing.assert_array_equal(one.data, other.data)
    if "u" in before:
        np.testing.assert_array_equal(before["u"], later["u"])
    if "x" in before:
        assert before["x"] == later["x"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_more_than_stores_is_left_alone(name, tmp_path):
    text = HEAD + REFUSED[name]
    assert not candidates(text, tmp_path, "coo-assembly")
    assert refusals(text, tmp_path, "coo-assembly")


def test_an_index_out_of_bounds_fails_as_before(tmp_path):
    text = HEAD + SAME["five points in lil"]
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after.replace("if i > 0", "if i > -1")
    with pytest.raises((IndexError, ValueError)):
        run(after.replace("k - n", "k - 2 * N"), tmp_path)


@pytest.mark.parametrize("name", SAME)
def test_every_candidate_gives_the_same_matrix(name, tmp_path):
    text = HEAD + SAME[name]
    before = scipy.sparse.csr_array(run(text, tmp_path)[0]["A"])
    for candidate in candidates(text, tmp_path, "coo-assembly"):
        later = scipy.sparse.csr_array(run(candidate.patches[0].after, tmp_path)[0]["A"])
        assert before.dtype == later.dtype
        np.testing.assert_array_equal(before.toarray(), later.toarray())


def test_a_matrix_is_built_for_what_functions_and_cuts_do_with_it(tmp_path):
    text = (
        HEAD
        + """
def filled(n):
    K = lil_matrix((n, n))
    for i in range(n):
        K[i, i] = 2.0
        if i > 0:
            K[i, i - 1] = -1.0
    return K
def product(M, x):
    return M @ x
K = filled(n)
free = [0, 2, 3]
part = K[free, :][:, free]
x = spsolve(part.tocsc(), product(K, np.ones(n))[free])
"""
    )
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    assert ".tolil()" not in after
    np.testing.assert_array_equal(run(text, tmp_path)[0]["x"], run(after, tmp_path)[0]["x"])
    for more in ("K[0, 0] = 3.0", "rows = K.rows", "part[0, 1] = 2.0", "K.setdiag(1.0)"):
        after = candidates(text + more, tmp_path, "coo-assembly")[0].patches[0].after
        assert ".tolil()" in after


TWO = """
K = lil_matrix((n, n))
M = lil_matrix((n, n))
for i in range(n):
    K[i, i] += 2.0 + i
    M[i, (i + 1) % n] += 0.5
S = (K + M).tocsc()
"""


def test_matrices_that_are_only_summed_are_built_for_the_sum(tmp_path):
    text = HEAD + TWO
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    assert ".tolil()" not in after
    before, later = (run(one, tmp_path)[0]["S"] for one in (text, after))
    assert before.format == later.format
    np.testing.assert_array_equal(before.toarray(), later.toarray())
    for change in (
        ("M = lil", "M = dok"),
        ("S = ", "M = M.tocoo()\nS = "),
        ("S = ", "def f(M):\n    "),
    ):
        after = candidates(HEAD + TWO.replace(*change), tmp_path, "coo-assembly")[0].patches[0].after
        assert "K = summed(*K_stores, shape=(n, n)).tolil()" in after


def test_the_negative_of_what_was_filled_is_a_sum_of_rows(tmp_path):
    text = """import numpy as np
from scipy.sparse import lil_matrix, eye

n = 12
L = eye(n, format="csr") * 2.5
c = np.linspace(1, 2, n)
for k in range(6):
    F = lil_matrix((n, n))
    for i in range(n):
        F[i, i] = 3 * c[i] ** 2 - 1
    J = -F + 2.0 * L
    c = c + 0.1 * (J @ c)
"""
    found = [one.patches[0].after for one in candidates(text, tmp_path, "coo-assembly", patterns="all")]
    assert found
    for after in found:
        assert ".tolil()" not in after
        before, now = run(text, tmp_path)[0], run(after, tmp_path)[0]
        assert type(now["J"]) is type(before["J"]) and (now["c"] == before["c"]).all()


GIVEN_WITH_MORE = """
def assembled(c):
    K = lil_matrix((n, n))
    f = np.zeros(n)
    for i in range(n):
        K[i, i] += 2.0 + c * i
        f[i] += c
    return K, f
K, f = assembled(1.0)
u = spsolve(K.tocsr(), f)
for k in range(3):
    K, f = assembled(1.0 + k)
    u = u + spsolve(K.tocsr(), f)
"""


def test_matrices_given_back_with_more_are_built_for_what_the_callers_do(tmp_path):
    text = HEAD + GIVEN_WITH_MORE
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    assert ".tolil()" not in after
    np.testing.assert_array_equal(run(text, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"])
    for change in (
        ("u = spsolve", "K[0, 0] = 3.0\nu = spsolve"),
        ("return K, f", "return f, K"),
        ("    u = u +", "    K.setdiag(k)\n    u = u +"),
        ("K, f = assembled(1.0)\n", "K, *f = assembled(1.0)\nf = f[0]\n"),
        ("K, f = assembled(1.0)\n", "both = assembled(1.0)\nK, f = both\n"),
        ("for k in", "K = K.tolil()\nfor k in"),
    ):
        if change[1] == "return f, K":
            changed = text.replace("K, f = ass", "f, K = ass").replace(*change) + "K[0, 0] = 1.0\n"
        else:
            changed = text.replace(*change)
        after = candidates(changed, tmp_path, "coo-assembly")[0].patches[0].after
        assert ".tolil()" in after.replace("K = K.tolil()", "")
        np.testing.assert_array_equal(run(changed, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"])


NEIGHBOURS = """
def root(x):
    while abs(x * x - 2.0) > 1e-9:
        x = 0.5 * (x + 2.0 / x)
    return x
west = (-1, 0)
A = lil_matrix((40 * 30, 40 * 30))
for i in range(40):
    for j in range(30):
        for di, dj in [(1, 0), west, (0, 1), (0, -1)]:
            if 0 <= i + di < 40 and 0 <= j + dj < 30:
                A[i * 30 + j, i * 30 + j] += root(1.0 + i)
                A[i * 30 + j, (i + di) * 30 + j + dj] -= root(1.0 + i)
A = A.tocsr()
"""


def test_neighbours_that_are_written_out_are_counted(tmp_path):
    text = HEAD + NEIGHBOURS
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    assert "np.empty(2 * 40 * 30 * 4, dtype=np.int64)" in after
    before, now = (run(one, tmp_path)[0]["A"] for one in (text, after))
    np.testing.assert_array_equal(now.toarray(), before.toarray())
    starred = text.replace("[(1, 0), west, (0, 1), (0, -1)]", "(*[west, (1, 0), (0, 1)], (0, -1))")
    after = candidates(starred, tmp_path, "coo-assembly")[0].patches[0].after
    assert "A_rows = []" in after
    np.testing.assert_array_equal(
        run(after, tmp_path)[0]["A"].toarray(), run(starred, tmp_path)[0]["A"].toarray()
    )
