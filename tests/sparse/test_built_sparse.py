"""Matrices of diagonals, identities and Kronecker products are the same when they are made sparse."""

import numpy as np
import pytest
import scipy.sparse
from rewriting import observed, run

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source.edits import apply
from pdeperf.sparse.built_sparse import written_sparse
from pdeperf.sparse.written import Additions

HEAD = """
import numpy as np
from scipy import sparse
n = 6
h = 1.0 / (n + 1)
dt = 0.01
u = np.sin(np.arange(1.0, n + 1))
"""

SAME = {
    "second differences": """
L = (np.diag(-2 * np.ones(n)) + np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)) / h**2
for k in range(3):
    u = u + 1e-3 * L @ u
""",
    "shifted identities": """
D = (np.eye(n, k=1) - np.eye(n, n, -1)) / (2 * h)
for k in range(2):
    u = D.dot(u) + np.dot(D.T, u) - 2 * (u @ D)
""",
    "kronecker products, and systems": """
T = np.diag(np.full(n, 2.0) * np.ones(n)) - np.eye(n, k=1) - np.eye(n, k=-1)
I = np.identity(n)
A = np.kron(T, I) + np.kron(I, T)
B = np.eye(n * n) + dt * A
u = np.outer(u, u).ravel()
for k in range(3):
    u = np.linalg.solve(B, u - dt * (A @ u))
""",
    "within a function": """
def advance(u, c):
    m = u.size
    T = -2 * np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1)
    return np.linalg.solve(np.eye(n) - c * T, (np.eye(n) + c * T) @ u)
for k in range(3):
    u = advance(u, 0.1)
""",
    "many right sides": """
x = np.linspace(0, 1, n)
V = 0.5 * np.exp(-x) ** 2
L = np.diag(V) @ np.diag(-x / 2) + np.eye(n)
for k in range(2):
    v = L @ np.outer(u, [1.0, 2.0])
    u = np.linalg.solve(L, v).sum(axis=1)
""",
    "complex diagonals": """
x = np.linspace(0, 1, n)
H = np.diag(np.exp(1j * x)) + 0.5j * np.eye(n, k=1)
for k in range(2):
    u = H @ u
""",
    "read by a function": """
L = np.eye(n, k=1) - np.eye(n)
def rate(u):
    return L @ u
for k in range(3):
    u = u + dt * rate(u)
""",
}

LEFT_ALONE = {
    "an entry is set": """
L = np.eye(n, k=1) - np.eye(n)
L[0, 0] = 3.0
u = L @ u
""",
    "an entry is read": """
L = np.eye(n, k=1) - np.eye(n)
u = L @ u + L[0, 1]
""",
    "the diagonal of a matrix": """
M = np.outer(u, u)
L = np.diag(np.diag(M))
x = np.diag(M)
u = np.diag(np.diag(M)) @ u
""",
    "integers": """
d = np.arange(n)
L = np.diag(d)
u = L @ d
""",
    "elementwise": """
L = np.eye(n) * u
u = L @ u
""",
    "a number is added": """
L = np.eye(n) + 1.0
u = L @ u
""",
    "bound again": """
L = np.eye(n)
for k in range(3):
    u = L @ u
    L = L + np.eye(n, k=1)
""",
    "handed on": """
L = np.eye(n)
def rate(M, u):
    return M.sum() * (M @ u)
u = L @ u + rate(L, u)
""",
    "another sparse matrix": """
L = np.eye(n)
S = sparse.csr_matrix(np.eye(n))
u = (L @ S) @ u
""",
    "a global that a function binds": """
L = np.eye(n)
def change():
    global L
    L = np.ones((n, n))
change()
u = L @ u
""",
    "a singular system is caught": """
L = np.eye(n, k=1)
try:
    u = np.linalg.solve(L, u)
except np.linalg.LinAlgError:
    u = -u
""",
}


def rewritten(text, folder):
    project = observed(text, folder)
    module = project["script.py"]
    added = Additions(module)
    found = written_sparse(Meaning(project), module, added)
    return None if found is None else apply(text, [*added.edits(), *found.edits])


@pytest.mark.parametrize("name", SAME)
def test_operators_made_sparse_give_the_same(name, tmp_path):
    text = HEAD + SAME[name]
    after = rewritten(text, tmp_path)
    assert after is not None
    before, later = run(text, tmp_path)[0], run(after, tmp_path)[0]
    assert type(before["u"]) is type(later["u"])
    np.testing.assert_allclose(before["u"], later["u"], rtol=1e-12, atol=1e-13)
    for one in ("L", "D", "A", "B", "H"):
        if one in before:
            assert scipy.sparse.issparse(later[one]) and later[one].format == "csr"
            np.testing.assert_allclose(before[one], later[one].toarray(), rtol=1e-14)


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_is_more_than_an_operator_stays_dense(name, tmp_path):
    assert rewritten(HEAD + LEFT_ALONE[name], tmp_path) is None
