"""Sparse products, Krylov solves and dense linear algebra run where the arrays are."""

import pytest

from tests.gpu import strict_cupy
from tests.gpu.test_offload import checked, finding

pytestmark = pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")

HEAD = """
import sys
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import cg, gmres
n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
T = sp.diags([-np.ones(n - 1), 2 * np.ones(n), -np.ones(n - 1)], [-1, 0, 1])
A = (sp.kron(sp.identity(n), T) + sp.kron(T, sp.identity(n))).tocsr()
M = (sp.identity(n * n) + 0.1 * A).tocsr()
u = np.sin(0.3 * np.arange(n * n))
b = np.cos(0.2 * np.arange(n * n))
"""

ON_DEVICE = {
    "products with a sparse matrix": """
for it in range(5):  # hot
    u = u - 0.1 * (A @ u) + 0.01 * b
""",
    "products by dot, in place": """
for it in range(5):  # hot
    u -= 0.1 * A.dot(u)
    u *= 0.999
""",
    "solves by conjugate gradients": """
norms = []
for it in range(3):  # hot
    u, info = cg(M, u, x0=u, rtol=1e-10)
    norms.append(np.linalg.norm(u) / n)
    print(it, info)
norms = np.array(norms)
""",
    "conjugate gradients by hand": """
x = np.zeros(n * n)
r = b - M @ x
p = r.copy()
rs = r @ r
for it in range(4):  # hot
    Ap = M @ p
    alpha = rs / (p @ Ap)
    x += alpha * p
    r -= alpha * Ap
    rs_new = np.dot(r, r)
    p = r + (rs_new / rs) * p
    rs = rs_new
""",
    "conjugate gradients until they are done": """
def solve(M, b, tol):
    x = np.zeros_like(b)
    r = b - M @ x
    p = r.copy()
    rs = r @ r
    for it in range(40):  # hot
        Ap = M.dot(p)
        alpha = rs / np.dot(p, Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        new = r.dot(r)
        if np.sqrt(new) < tol:
            break
        p = r + (new / rs) * p
        rs = new
    return x
x = solve(M, b, 1e-9)
""",
    "a dense operator": """
D = M.toarray()
for it in range(4):  # hot
    k1 = D @ u
    k2 = D @ (u - 0.05 * k1)
    u = u - 0.05 * (k1 + k2) / 2
""",
    "a dense solve in each step": """
D = M.toarray()
for it in range(3):  # hot
    D[0, 0] += 0.1
    u = np.linalg.solve(D, u + b)
""",
    "a matrix of an object's": """
class Heat:
    def __init__(self, A, u):
        self.A, self.u, self.dt = A, u, 0.05
    def step(self):
        self.u = self.u - self.dt * (self.A @ self.u)
    def run(self, steps):
        for it in range(steps):  # hot
            self.step()
heat = Heat(A, u)
heat.run(4)
u = heat.u
""",
}
ON_HOST = {
    "a matrix that changes": """
for it in range(3):  # hot
    A.data[:] *= 0.9
    u = u - 0.1 * (A @ u)
""",
    "another matrix each time": """
for it in range(3):  # hot
    A = (A * 0.9).tocsr()
    u = u - 0.1 * (A @ u)
""",
    "a preconditioner": """
P = sp.diags(1.0 / M.diagonal())
for it in range(3):  # hot
    u, info = cg(M, u, rtol=1e-10, M=P)
    u = u * 0.9 + b
""",
}


@pytest.mark.parametrize("name", ON_DEVICE)
def test_nothing_but_numbers_moves_in_the_loop(name, tmp_path):
    found = checked(HEAD + ON_DEVICE[name], tmp_path, exact=False)
    assert "_gpu @" in found.text or "_gpu.dot" in found.text or "linalg." in found.text
    rows = found.text.split("else:\n")[-1].splitlines()
    loop = next(row for row in rows if row.lstrip().startswith(("for it in", "while ")))
    deep = " " * (len(loop) - len(loop.lstrip()) + 4)
    inside = [row for row in rows[rows.index(loop) :] if row.startswith(deep)]
    assert inside
    assert not [row for row in inside if "_gpu.get()" in row]
    other = finding(HEAD + ON_DEVICE[name], (("3",), ("7",)), tmp_path)
    assert other.word == "same", f"{other.details}\n{found.text}"


@pytest.mark.parametrize("name", ON_HOST)
def test_what_cannot_be_done_there_is_done_here(name, tmp_path):
    found = finding(HEAD + ON_HOST[name], (("3",),), tmp_path)
    assert found.word in ("same", "refused"), f"{found.details}\n{found.candidate}"
    assert "csr_matrix(" not in found.candidate
