"""Tridiagonal systems, one a row."""

import numpy as np
from numba import njit


@njit(cache=True)
def solve(u, c):
    for i in range(u.shape[0]):
        upper = np.empty(u.shape[1])
        upper[0] = c
        for j in range(1, u.shape[1]):
            upper[j] = c / (1.0 + 2.0 * c - c * upper[j - 1])
            u[i, j] = (u[i, j] + c * u[i, j - 1]) * upper[j]


u = np.cos(np.arange(2500.0)).reshape(50, 50)
for n in range(20):  # hot: 0.95
    solve(u, 0.1)
