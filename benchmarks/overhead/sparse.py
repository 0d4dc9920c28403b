"""Implicit heat equation: one sparse solve a step."""

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla

n = 70
laplacian = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(n, n))
A = sp.eye(n * n) + 0.1 * (sp.kron(sp.eye(n), laplacian) + sp.kron(laplacian, sp.eye(n)))
A = A.tocsc()
u = np.zeros(n * n)
u[n * n // 2] = 1.0
for _ in range(200):
    u = spla.spsolve(A, u)
print(u.sum())
