"""Smoothing from one array to the other; the caller makes sure that there are two."""

import numpy as np
from numba import njit, prange


@njit(parallel=True, cache=True)
def smooth(a, b):
    for i in prange(1, a.shape[0] - 1):
        for j in range(1, a.shape[1] - 1):
            b[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])


def run(u, v, steps):
    if u.shape == v.shape and not np.may_share_memory(v, u):
        for _ in range(steps):  # hot: 0.97
            smooth(u, v)
            smooth(v, u)


u = np.ones((60, 60))
u[20:30] = 3.0
v = u.copy()
run(u, v, 10)
print(u.sum(), v.sum())
