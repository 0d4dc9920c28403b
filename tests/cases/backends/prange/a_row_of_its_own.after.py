"""Tridiagonal systems, one a row, of two arrays that take turns."""

import numpy as np
from numba import njit, prange


@njit(parallel=True, cache=True)
def solve(u, c, steps):
    old = u
    new = np.empty_like(u)
    for _ in range(steps):
        zeros = 0
        for i in prange(u.shape[0]):
            upper = np.empty(u.shape[1])
            upper[0] = c
            new[i, 0] = old[i, 0]
            for j in range(1, u.shape[1]):
                zeros += 1.0 + 2.0 * c - c * upper[j - 1] == 0
                upper[j] = c / (1.0 + 2.0 * c - c * upper[j - 1])
                new[i, j] = (old[i, j] + c * old[i, j - 1]) * upper[j]
        if zeros > 0:
            raise ZeroDivisionError("division by zero")
        old, new = new, old
    if old is not u:
        for i in range(u.shape[0]):
            for j in range(u.shape[1]):
                u[i, j] = old[i, j]


u = np.cos(np.arange(2500.0)).reshape(50, 50)
solve(u, 0.1, 20)  # hot: 0.95
