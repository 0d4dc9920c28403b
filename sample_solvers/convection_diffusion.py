"""Steady convection and diffusion in two dimensions by implicit pseudo-time steps; the matrix is not symmetric.

    u_t + a . grad u = nu (u_xx + u_yy) + f,   u = 0 on the boundary

Manufactured: u = sin(pi x) sin(pi y). The matrix is a CSR matrix that is inserted into.
"""

import argparse
import warnings

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve

warnings.simplefilter("ignore", sparse.SparseEfficiencyWarning)

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=56, help="cells along each side")
n = parser.parse_args().n

nu, ax, ay = 0.05, 1.0, 0.5
h = 1.0 / n
m = n - 1


def index(i, j):
    return i + m * j


A = sparse.csr_matrix((m * m, m * m))
b = np.zeros(m * m)
for j in range(m):
    for i in range(m):
        x, y = (i + 1) * h, (j + 1) * h
        k = index(i, j)
        A[k, k] += 4 * nu / h**2
        if i > 0:
            A[k, index(i - 1, j)] += -nu / h**2 - ax / (2 * h)
        if i < m - 1:
            A[k, index(i + 1, j)] += -nu / h**2 + ax / (2 * h)
        if j > 0:
            A[k, index(i, j - 1)] += -nu / h**2 - ay / (2 * h)
        if j < m - 1:
            A[k, index(i, j + 1)] += -nu / h**2 + ay / (2 * h)
        sx, sy, cx, cy = np.sin(np.pi * x), np.sin(np.pi * y), np.cos(np.pi * x), np.cos(np.pi * y)
        b[k] = 2 * nu * np.pi**2 * sx * sy + np.pi * (ax * cx * sy + ay * sx * cy)

dt = 0.5
M = sparse.identity(m * m) / dt + A
u = np.zeros(m * m)
change = 1.0
count = 0
while change > 1e-9:
    new = spsolve(M, u / dt + b)
    change = np.linalg.norm(new - u) / np.linalg.norm(new)
    u = new
    count += 1

x = np.linspace(h, 1 - h, m)
exact = np.outer(np.sin(np.pi * x), np.sin(np.pi * x)).ravel()
print(f"{count} steps, residual {np.linalg.norm(A @ u - b):.3e}")
print(f"relative L2 error {np.linalg.norm(u - exact) / np.linalg.norm(exact):.6e}")
