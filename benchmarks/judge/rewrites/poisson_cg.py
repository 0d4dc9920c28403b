"""Poisson's equation on the unit square by conjugate gradients, written by hand."""

import numpy as np

n = 24
h = 1.0 / (n + 1)
tol = 1e-8
g = np.linspace(h, 1 - h, n)
X, Y = np.meshgrid(g, g, indexing="ij")
f = 10 * np.exp(-50 * ((X - 0.4) ** 2 + (Y - 0.6) ** 2)) + X * Y


def apply(p):
    q = 4 * p
    q[1:, :] -= p[:-1, :]
    q[:-1, :] -= p[1:, :]
    q[:, 1:] -= p[:, :-1]
    q[:, :-1] -= p[:, 1:]
    return q / h**2


u = np.zeros((n, n))
r = f - apply(u)
p = r.copy()
rho = np.sum(r * r)
norm0 = np.sqrt(rho)
iterations = 0
while np.sqrt(rho) > tol * norm0:
    ap = apply(p)
    alpha = rho / np.sum(p * ap)
    u = u + alpha * p
    r = r - alpha * ap
    new = np.sum(r * r)
    p = r + new / rho * p
    rho = new
    iterations += 1
print("iterations", iterations, "integral", u.sum() * h**2)
