import numba as nb
import numpy as np


@nb.njit(parallel=True)
def step(u, un, n):
    for i in nb.prange(1, n - 1):
        for j in range(1, n - 1):
            un[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1])


u = np.zeros((100, 100))
un = u.copy()
step(u, un, 100)  # hot: 0.9
