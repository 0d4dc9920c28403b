"""Matrices of finite elements, assembled for all elements at once, are those of the loops."""

import numpy as np
import pytest
import scipy.sparse
from rewriting import candidates, run

HEAD = """
import math
import numpy as np
from scipy.sparse import lil_matrix, dok_matrix, coo_matrix
n = 4
points = np.array([[x + 0.1 * y * y, y] for y in np.linspace(0, 1, n) for x in np.linspace(0, 1, n)])
triangles = np.array(
    [[j * n + i, j * n + i + 1, j * n + n + i] for j in range(n - 1) for i in range(n - 1)]
    + [[j * n + i + 1, j * n + n + i + 1, j * n + n + i] for j in range(n - 1) for i in range(n - 1)]
)
squares = np.array(
    [[j * n + i, j * n + i + 1, j * n + n + i + 1, j * n + n + i] for j in range(n - 1) for i in range(n - 1)]
)
N = n * n
gauss = [-1 / np.sqrt(3), 1 / np.sqrt(3)]
D = np.array([[1.0, 0.3, 0], [0.3, 1, 0], [0, 0, 0.35]])
"""

AT_ONCE = {
    "a helper with matrix products": """
def stiffness(xy):
    x, y = xy[:, 0], xy[:, 1]
    area = 0.5 * ((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))
    b = np.array([y[1] - y[2], y[2] - y[0], y[0] - y[1]])
    c = np.array([x[2] - x[1], x[0] - x[2], x[1] - x[0]])
    B = np.vstack([b, c]) / (2 * area)
    return area * B.T @ B, area
A = lil_matrix((N, N))
b = np.zeros(N)
for e in triangles:
    ke, area = stiffness(points[e])
    xc, yc = points[e].mean(axis=0)
    for i in range(3):
        b[e[i]] += area * np.sin(xc) / 3
        for j in range(3):
            A[e[i], e[j]] += ke[i, j]
A = A.tocsr()
""",
    "quadrature and arrays filled element by element": """
def derivatives(xi, eta):
    return 0.25 * np.array([[eta - 1, 1 - eta, 1 + eta, -(1 + eta)], [xi - 1, -(1 + xi), 1 + xi, 1 - xi]])
def stiffness(xy, t=0.5):
    ke = np.zeros((8, 8))
    for xi in gauss:
        for eta in gauss:
            dN = derivatives(xi, eta)
            J = dN @ xy
            dNdx = np.linalg.inv(J) @ dN
            B = np.zeros((3, 8))
            for a in range(4):
                B[0, 2 * a] = dNdx[0, a]
                B[1, 2 * a + 1] = dNdx[1, a]
                B[2, 2 * a] = dNdx[1, a]
                B[2, 2 * a + 1] = dNdx[0, a]
            ke += B.T @ D @ B * np.linalg.det(J) * t
    return ke
A = dok_matrix((2 * N, 2 * N))
for element in squares:
    ke = stiffness(points[element])
    dofs = []
    for node in element:
        dofs.extend([2 * node, 2 * node + 1])
    for i in range(8):
        for j in range(8):
            A[dofs[i], dofs[j]] += ke[i, j]
A = A.tocsc()
""",
    "what is put together of numbers that are the same for all": """
def derivatives(r, s):
    dr = np.array([s - 1, 1 - s, 1 + s, -(1 + s)])
    ds = np.array([r - 1, -(1 + r), 1 + r, 1 - r])
    return 0.25 * np.vstack([dr, ds]), np.stack((dr, ds), axis=1), np.hstack((dr, ds))
A = lil_matrix((N, N))
b = np.zeros(N)
for conn in squares:
    xy = points[conn]
    ke = np.zeros((4, 4))
    for r in gauss:
        for s in gauss:
            dN, turned, both = derivatives(r, s)
            G = np.linalg.solve(dN @ xy, dN)
            ke += G.T @ G * np.linalg.det(dN @ xy) + 0.1 * turned @ dN + both[0]
    for i in range(4):
        for j in range(4):
            A[conn[i], conn[j]] += ke[i, j]
A = A.tocsr()
""",
    "blocks and vectors by lists of unknowns": """
A = lil_matrix((2 * N, 2 * N))
b = np.zeros(2 * N)
for k, element in enumerate(squares):
    dofs = [d for node in element for d in (2 * node, 2 * node + 1)]
    me = np.outer(np.arange(8.0), np.ones(8)) * (k + 1)
    A[np.ix_(dofs, dofs)] += me
    b[dofs] += me.sum(axis=1)
A = A.tocsr()
""",
    "lists that grow by sums": """
A = lil_matrix((2 * N, 2 * N))
for k, element in enumerate(squares):
    dofs = []
    for node in element:
        dofs += [2 * node, 2 * node + 1]
    for i in dofs:
        for j in dofs:
            A[i, j] += points[element[0], 0] + k
A = A.tocsr()
""",
    "faces that have names": """
ends = {"left": 1.5, "right": -2.0}
A = lil_matrix((N, N))
b = np.zeros(N)
for k in range(N):
    for name, step in (("W", -1), ("E", 1)):
        other = k + step
        if 0 <= other < N:
            A[k, other] -= 1.0
        elif name == "W":
            A[k, k] += 2.0
            b[k] += ends["left"]
        elif name in ("E", "N"):
            b[k] += ends["right"] * k
A = A.tocsr()
""",
    "blocks by slices": """
A = lil_matrix((2 * N, 2 * N))
for k in range(len(triangles)):
    i, j = triangles[k][0], triangles[k][1]
    ke = np.array([[1.0, 0.5], [0.25, 2.0]]) * (k + 1)
    A[2 * i:2 * i + 2, 2 * i:2 * i + 2] += ke
    A[2 * i:2 * (i + 1), 2 * j:2 * j + 2] -= ke
    A[2 * j:2 * j + 2, 2 * i:2 * i + 2] -= ke.T
    A[2 * j:2 * j + 2, 2 * j:2 * j + 2] += np.eye(2)
A = A.tocsr()
""",
    "rows of a stencil by slices": """
A = lil_matrix((N, N))
A[0, 0:2] = [1.0, -1.0]
for i in range(1, N - 1):
    A[i, i - 1:i + 2] = np.array([1.0, -2.0, 1.0]) * i
A[N - 1, N - 2:N] = [0.5, 2.5]
A = A.tocsr()
""",
    "rows and columns out of one number": """
A = lil_matrix((N, N))
for row in range(N):
    i, j = divmod(row, n)
    A[row, row] = 4.0 + i
    if j != 0:
        A[row, row - 1] = -1.0
    if i != n - 1:
        A[row, row + n] = -1.0 - j
A = A.tocsr()
""",
    "members of a class": """
class Truss:
    def __init__(self):
        self.nodes = [(float(i), float(i % 2)) for i in range(n)]
        self.members = [(i, i + 1) for i in range(n - 1)] + [(i, i + 2) for i in range(n - 2)]
        self.EA = 3.0
    def local(self, m):
        (x1, y1), (x2, y2) = self.nodes[m[0]], self.nodes[m[1]]
        L = np.hypot(x2 - x1, y2 - y1)
        c, s = (x2 - x1) / L, (y2 - y1) / L
        k = self.EA / L * np.array([[c * c, c * s], [c * s, s * s]])
        return np.block([[k, -k], [-k, k]])
    def assemble(self):
        K = lil_matrix((2 * n, 2 * n))
        for m in self.members:
            ke = self.local(m)
            dofs = [2 * m[0], 2 * m[0] + 1, 2 * m[1], 2 * m[1] + 1]
            for a, row in enumerate(dofs):
                for b, column in enumerate(dofs):
                    K[row, column] += ke[a, b]
        return K.tocsr()
A = Truss().assemble()
""",
    "neighbours by a list of offsets": """
A = lil_matrix((N, N))
for i in range(n):
    for j in range(n):
        k = i * n + j
        total = 0.0
        for di, dj in [(1, 0), (-1, 0), (0, 1), (0, -1)]:
            p, q = i + di, j + dj
            if 0 <= p < n and 0 <= q < n:
                A[k, p * n + q] = -points[k, 0] - points[p * n + q, 0]
                total += points[k, 0] + points[p * n + q, 0]
            else:
                total += 1.0
        A[k, k] = total
A = A.tocsr()
""",
    "weights in a dict, and what is left out": """
weights = {(0, 0): 20, (1, 0): -8, (-1, 0): -8, (0, 2): 1}
A = lil_matrix((N, N))
for i in range(n):
    for j in range(n):
        for (di, dj), w in weights.items():
            p, q = i + di, j + dj
            if p == -1 or p == n:
                A[i * n + j, i * n + j] += w
                continue
            if 0 <= q < n:
                A[i * n + j, p * n + q] += w
A = A.tocsr()
""",
    "a dict of edges": """
edges = {(i, (i * 3 + 1) % N): 0.5 * i for i in range(1, N)}
A = lil_matrix((N, N))
for (a, c), g in edges.items():
    A[a, a] += g
    A[c, c] += g
    A[a, c] -= g
    A[c, a] -= g
A[N - 1, :] = 0
A[N - 1, N - 1] = 1
A = A.tocsr()
""",
    "an element's own copy of a number": """
A = lil_matrix((N, N))
for e in triangles:
    ke = np.zeros((3, 3))
    ke[0, 0] = points[e[0], 0] + 1
    first = ke[0, 0]
    ke[0, 0] = 7.0
    A[e[0], e[1]] += first
    A[e[1], e[2]] += ke[0, 0]
A = A.tocsr()
""",
    "what is stored before an array changes": """
def pair(p):
    ke = np.zeros((2, 2))
    ke[0, 0] = p[0]
    return ke[0, 0], ke
A = lil_matrix((N, N))
b = np.zeros(N)
for e in triangles:
    ke = np.outer(points[e[0]], points[e[1]])
    dofs = np.zeros(2, dtype=int)
    dofs[0] = e[0]
    for k in range(2):
        A[dofs[0], e[1]] += ke[0, 1]
        A[np.ix_(e[:2], e[1:])] += ke
        b[e[:2]] += ke[0]
        b[e[2]] += ke[1, 0]
        ke += 1.0
        ke[1, 0] = -5.0
        dofs[0] = e[2]
    first, other = pair(points[e[2]])
    other += 3.0
    b[e[0]] += first
A = A.tocsr()
""",
    "views of an element's array": """
A = lil_matrix((N, N))
for e in triangles:
    ke = np.zeros((3, 3))
    row = ke[1]
    ke[1, 2] = points[e[2], 0] + 1
    ke += np.eye(3) * e[0]
    A[e[0], e[1]] += row[2] + row[1]
A = A.tocsr()
""",
    "einsum, norms and systems": """
def local(p):
    J = np.array([p[1] - p[0], p[2] - p[0]]).T
    G = np.linalg.solve(J.T, np.array([[-1, 1, 0], [-1, 0, 1.0]]))
    u = np.linalg.solve(J, p[0])
    return np.einsum("ki,kj->ij", G, G) * abs(np.linalg.det(J)) + np.linalg.norm(p[0] - p[1]) + np.dot(u, u)
A = lil_matrix((N, N))
for t in range(len(triangles)):
    nodes = triangles[t]
    ke = local(points[nodes, :])
    for a in range(len(nodes)):
        for b in range(len(nodes)):
            if a != b:
                A[nodes[a], nodes[b]] += ke[a, b]
A = A.tocsr()
""",
    "complex numbers": """
A = lil_matrix((N, N), dtype=complex)
for e in triangles:
    ke = np.outer(points[e, 0], points[e, 1]) * 1j + np.eye(3)
    for i, a in enumerate(e):
        for j, c in enumerate(e):
            A[a, c] += ke[i, j]
A = A.tocsr()
""",
    "another matrix to begin with": """
A = coo_matrix((np.ones(N), (np.arange(N), np.arange(N))), shape=(N, N)).tolil()
for e in triangles:
    A[e[0], e[1]] += points[e[0], 0]
A = A.tocsr()
""",
    "nodes of a boundary": """
fixed = {0, 3, 5}
A = lil_matrix((N, N))
for i in range(N):
    if i in fixed:
        A[i, i] = 1.0
    else:
        A[i, i] = points[i, 0] + 4
        if i + 1 < N:
            A[i, i + 1] = -points[i + 1, 0]
A = A.tocsr()
""",
}

OTHERWISE = {
    "slices that differ in length": """
A = lil_matrix((N, N))
for i in range(1, 4):
    A[i, i:2 * i + 1] = 3.0
A = A.tocsr()
""",
    "slices with a step, and from the end": """
A = lil_matrix((N, N))
for i in range(1, 4):
    A[i, i:i + 4:2] = np.array([1.0, 2.0])
    A[i:i + 2, -2:] = np.ones((2, 2)) * i
A = A.tocsr()
""",
    "one number in a block": """
A = lil_matrix((N, N))
for i in range(1, 4):
    A[i:i + 2, i:i + 3] = 2.0 * i
    A[i + 4:i + 6, 0:2] = 0
A = A.tocsr()
""",
    "blocks that lie over each other": """
A = lil_matrix((N, N))
for i in range(6):
    A[i:i + 3, i:i + 3] = np.arange(9.0).reshape(3, 3) * (i + 1)
    A[i + 1:i + 3, i:i + 2] += np.ones((2, 2))
A = A.tocsr()
""",
    "a function that returns early": """
def weight(x):
    if x > 0.5:
        return 2.0
    return 1.0
A = lil_matrix((N, N))
for e in triangles:
    A[e[0], e[1]] += weight(points[e[0], 0])
A = A.tocsr()
""",
    "a loop left early by some": """
A = lil_matrix((N, N))
for i in range(N):
    for k in range(3):
        if points[i, 0] > 0.3 * k:
            break
        A[i, k] += 1.0
A = A.tocsr()
""",
    "a branch of some ends the turn of all": """
limit = 2
A = lil_matrix((N, N))
for i in range(N):
    for k in range(4):
        if points[i, 0] > 0.5:
            if k == limit:
                continue
            A[i, k] += 1.0
        A[i, k + 1] += 2.0
A = A.tocsr()
""",
    "some are done before all leave": """
limit = 2
A = lil_matrix((N, N))
for i in range(N):
    for k in range(4):
        if points[i, 0] > 0.5:
            continue
        if k == limit:
            break
        A[i, k + 1] += 2.0
A = A.tocsr()
""",
    "an array that the loop reads and stores into": """
b = np.ones(N)
A = lil_matrix((N, N))
for i in range(1, N):
    b[i] += b[i - 1]
    A[i, i] = b[i]
A = A.tocsr()
""",
    "two names of one array": """
b = np.ones(N)
c = b
A = lil_matrix((N, N))
for i in range(1, N):
    b[i] += 1.0
    A[i, i] = c[i - 1]
A = A.tocsr()
""",
    "a helper that changes what it is given": """
def shifted(xy):
    xy += 1.0
    return xy[0, 0]
A = lil_matrix((N, N))
for i in range(N - 1):
    A[i, i] = shifted(points[i : i + 2])
A = A.tocsr()
""",
    "a helper that changes a row of a table": """
def shifted(row):
    row[0] = row[0] + 1.0
    return row[0]
A = lil_matrix((N, N))
for i in range(N - 1):
    A[i, i] = shifted(points[i // 2])
A = A.tocsr()
""",
    "a helper that counts": """
calls = 0
def local(x):
    global calls
    calls += 1
    return x * calls
A = lil_matrix((N, N))
for e in triangles:
    A[e[0], e[1]] += local(points[e[0], 0])
A = A.tocsr()
""",
    "a list that lives on": """
seen = []
A = lil_matrix((N, N))
for e in triangles:
    seen.append(e[0])
    A[e[0], e[1]] += len(seen)
A = A.tocsr()
""",
    "a list that lives on, grown by sums": """
seen = []
A = lil_matrix((N, N))
for e in triangles:
    dofs = seen
    dofs += [e[0], e[1]]
    A[e[0], e[1]] += len(dofs)
A = A.tocsr()
""",
    "an item of a dict that the loop changes": """
ends = {"left": 1.5}
A = lil_matrix((N, N))
for k in range(N):
    A[k, k] += ends["left"]
    ends["left"] += 1.0
A = A.tocsr()
""",
    "an item of a dict that has two names": """
ends = {"left": 1.5}
other = ends
A = lil_matrix((N, N))
for k in range(N):
    A[k, k] += ends["left"]
    other["left"] = 1.0 * k
A = A.tocsr()
""",
    "an item of a dict that a function changes": """
ends = {"left": 1.5}
def moved(k):
    ends["left"] += 1.0
    return k
A = lil_matrix((N, N))
for k in range(N):
    A[k, moved(k)] += ends["left"]
A = A.tocsr()
""",
    "a text that is counted with": """
A = lil_matrix((N, N))
for k in range(N):
    for name, step in (("1", 1), ("2", -1)):
        A[k, k] += len(name * k) + step
A = A.tocsr()
""",
    "a text that changes": """
A = lil_matrix((N, N))
for k in range(N):
    for name, step in (("W", 1), ("E", -1)):
        if k > 3:
            name = "W"
        if name == "W":
            A[k, k] += step
A = A.tocsr()
""",
    "numbers that are carried": """
total = 0.0
A = lil_matrix((N, N))
for e in triangles:
    total += points[e[0], 0]
    A[e[0], e[1]] += total
A = A.tocsr()
""",
    "one array under two names": """
A = lil_matrix((N, N))
for e in triangles:
    ke = np.zeros((2, 2))
    other = ke
    other[0, 0] = points[e[0], 0]
    A[e[0], e[1]] += ke[0, 0]
A = A.tocsr()
""",
    "numbers divided by Python's zero": """
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = 1.0 / i if i > 0 else 5.0
A = A.tocsr()
""",
    "rows of different lengths": """
rows = [[0, 1], [2], [3, 4, 5]]
A = lil_matrix((N, N))
for k, row in enumerate(rows):
    for node in row:
        A[k, node] += 1.0
A = A.tocsr()
""",
    "elements that are looked up beyond the end": """
A = lil_matrix((N, N))
for i in range(N):
    A[i, i] = points[i, 0]
    if i + 1 < N:
        A[i, i + 1] = points[i + 1, 0]
A = A.tocsr()
""",
    "whole numbers in an array of integers": """
A = lil_matrix((N, N))
counts = np.zeros(N, dtype=int)
for e in triangles:
    counts[e[0]] += 1
    A[e[0], e[1]] += 1.0
A = A.tocsr()
""",
    "a name that hides Python's own": """
max = 3
all = 4
A = lil_matrix((N, N))
for e in triangles:
    A[e[0], e[1]] += max
A = A.tocsr()
""",
}


def same(text, after, folder):
    """The matrix, the vector and what was printed, of both."""
    before, printed = run(text, folder)
    later, also = run(after, folder)
    assert printed == also
    one, other = before["A"], later["A"]
    assert (type(one), one.dtype, one.shape) == (type(other), other.dtype, other.shape)
    one, other = scipy.sparse.csr_array(one), scipy.sparse.csr_array(other)
    np.testing.assert_allclose(one.toarray(), other.toarray(), rtol=1e-13, atol=1e-15)
    for name in {"b", "points", "counts", "seen", "calls", "total"} & before.keys():
        if name in later or name in ("points", "counts", "seen", "calls"):
            np.testing.assert_allclose(before[name], later[name], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", AT_ONCE)
def test_all_elements_at_once_make_the_same_matrix(name, tmp_path):
    text = HEAD + AT_ONCE[name]
    found = candidates(text, tmp_path, "coo-assembly")
    assert "at once" in found[0].title
    for candidate in found:
        same(text, candidate.patches[0].after, tmp_path)


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_differs_from_element_to_element_keeps_its_meaning(name, tmp_path):
    text = HEAD + OTHERWISE[name]
    for candidate in candidates(text, tmp_path, "coo-assembly"):
        same(text, candidate.patches[0].after, tmp_path)


def test_a_mesh_may_be_empty_in_another_run(tmp_path):
    for name in (
        "a helper with matrix products",
        "blocks and vectors by lists of unknowns",
        "complex numbers",
    ):
        text = HEAD + AT_ONCE[name]
        after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
        empty = [
            one.replace("\nA = lil", "\ntriangles, squares = triangles[:0], squares[:0]\nA = lil")
            for one in (text, after)
        ]
        same(
            empty[0],
            empty[1].replace("\nA_stores =", "\ntriangles, squares = triangles[:0], squares[:0]\nA_stores ="),
            tmp_path,
        )


def test_a_star_import_of_numpy_leaves_the_written_functions_alone(tmp_path):
    text = "from numpy import *\n" + HEAD.replace("import numpy as np\n", "import numpy as np\n")
    text += AT_ONCE["weights in a dict, and what is left out"]
    found = candidates(text, tmp_path, "coo-assembly")
    assert "at once" in found[0].title
    for candidate in found:
        same(text, candidate.patches[0].after, tmp_path)
