"""Steady convection and diffusion in two dimensions by implicit pseudo-time steps; the matrix is not symmetric.

    u_t + a . grad u = nu (u_xx + u_yy) + f,   u = 0 on the boundary

Manufactured: u = sin(pi x) sin(pi y). The matrix is a CSR matrix that is inserted into.
"""

import argparse
import warnings

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import splu

warnings.simplefilter("ignore", sparse.SparseEfficiencyWarning)

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=56, help="cells along each side")
n = parser.parse_args().n

nu, ax, ay = 0.05, 1.0, 0.5
h = 1.0 / n
m = n - 1


I = sparse.identity(m)
D = sparse.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(m, m)) / h**2
C = sparse.diags([-1.0, 1.0], [-1, 1], shape=(m, m)) / (2 * h)
A = nu * (sparse.kron(I, D) + sparse.kron(D, I)) + ax * sparse.kron(I, C) + ay * sparse.kron(C, I)
A = A.tocsr()
points = np.linspace(h, 1 - h, m)
X, Y = np.meshgrid(points, points)
sx, sy, cx, cy = np.sin(np.pi * X), np.sin(np.pi * Y), np.cos(np.pi * X), np.cos(np.pi * Y)
b = (2 * nu * np.pi**2 * sx * sy + np.pi * (ax * cx * sy + ay * sx * cy)).ravel()

dt = 0.5
M = splu((sparse.identity(m * m) / dt + A).tocsc())
u = np.zeros(m * m)
change = 1.0
count = 0
while change > 1e-9:
    new = M.solve(u / dt + b)
    change = np.linalg.norm(new - u) / np.linalg.norm(new)
    u = new
    count += 1

x = np.linspace(h, 1 - h, m)
exact = np.outer(np.sin(np.pi * x), np.sin(np.pi * x)).ravel()
print(f"{count} steps, residual {np.linalg.norm(A @ u - b):.3e}")
print(f"relative L2 error {np.linalg.norm(u - exact) / np.linalg.norm(exact):.6e}")
