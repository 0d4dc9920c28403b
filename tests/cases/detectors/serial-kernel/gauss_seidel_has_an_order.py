import numpy as np
from numba import njit


@njit
def sweep(u, n):
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1])


u = np.zeros((100, 100))
for k in range(1000):  # hot: 0.9
    sweep(u, 100)
