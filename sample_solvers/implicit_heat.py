"""Heat equation on the unit square, backward Euler: a LIL matrix filled by loops, solved in every step.

    u_t = u_xx + u_yy,   u = 0 on the boundary,   u(x, y, 0) = sin(pi x) sin(pi y)

Exact: u = exp(-2 pi^2 t) sin(pi x) sin(pi y). The time step shrinks with the square of the spacing.
"""

import argparse

import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--n", type=int, default=130, help="cells along each side")
n = parser.parse_args().n

h = 1.0 / n
dt = 4 * h * h
steps = round(0.02 / dt)
m = n - 1
N = m * m

A = lil_matrix((N, N))
for i in range(m):
    for j in range(m):
        k = i * m + j
        A[k, k] = 1 + 4 * dt / h**2
        if i > 0:
            A[k, k - m] = -dt / h**2
        if i < m - 1:
            A[k, k + m] = -dt / h**2
        if j > 0:
            A[k, k - 1] = -dt / h**2
        if j < m - 1:
            A[k, k + 1] = -dt / h**2
A = A.tocsr()

x = np.linspace(h, 1.0 - h, m)
u = np.outer(np.sin(np.pi * x), np.sin(np.pi * x)).flatten()
history = []
for step in range(steps):
    u = spsolve(A, u)
    if step % 5 == 0:
        history.append(u.max())
        print(f"step {step:4d}  maximum {history[-1]:.12e}")

exact = np.exp(-2 * np.pi**2 * steps * dt) * np.outer(np.sin(np.pi * x), np.sin(np.pi * x)).flatten()
error = np.linalg.norm(u - exact) / np.linalg.norm(exact)
print(f"relative L2 error {error:.6e}")
