# type: relax:u numpy.ndarray float64 2
import numpy as np
from numba import njit


@njit
def relax(u):
    n, m = u.shape
    total = 0.0
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            u[i, j] = 0.5 * (u[i - 1, j] + u[i, j - 1])
            total += u[i, j]
    return total


u = np.random.default_rng(1).random((40, 50))
for step in range(50):  # hot: 0.95
    relax(u)
