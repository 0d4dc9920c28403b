"""A plate heated at one edge, Jacobi's iteration, point by point, to a tolerance."""

import numpy as np

n = 12
tol = 1e-4
T = np.zeros((n, n))
T[0, :] = 100.0
T[:, -1] = 25.0
err = 1.0
sweeps = 0
while err > tol:
    old = T.copy()
    err = 0.0
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            T[i, j] = 0.25 * (old[i - 1, j] + old[i + 1, j] + old[i, j - 1] + old[i, j + 1])
            err = max(err, abs(T[i, j] - old[i, j]))
    sweeps += 1
    if sweeps >= 400:
        break
print("%d sweeps, middle %.6f" % (sweeps, T[n // 2, n // 2]))
