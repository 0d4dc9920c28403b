"""A nonlinear boundary value problem and an eigenvalue problem by Chebyshev collocation."""

import numpy as np


def cheb(n):
    x = np.cos(np.pi * np.arange(n + 1) / n)
    c = np.ones(n + 1)
    c[0] = c[n] = 2.0
    c *= (-1.0) ** np.arange(n + 1)
    D = np.zeros((n + 1, n + 1))
    for i in range(n + 1):
        for j in range(n + 1):
            if i != j:
                D[i, j] = c[i] / c[j] / (x[i] - x[j])
    for i in range(n + 1):
        D[i, i] = -D[i].sum()
    return D, x


D, x = cheb(24)
D2 = (D @ D)[1:-1, 1:-1]
u = np.zeros(23)
corrections = []
for iteration in range(30):
    residual = D2 @ u - np.exp(u)
    correction = np.linalg.solve(D2 - np.diag(np.exp(u)), -residual)
    u = u + correction
    corrections.append(np.abs(correction).max())
    if corrections[-1] < 1e-12:
        break
print("u(0) =", u[11], "in", len(corrections), "iterations")
values = np.sort(-np.linalg.eigvals(D2).real)[:5]
for value in values:
    print(f"eigenvalue {value:.8f}")
