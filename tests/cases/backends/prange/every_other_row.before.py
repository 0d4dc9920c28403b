import numpy as np
from numba import njit


@njit(cache=True)
def odd_rows(u, n):
    for i in range(1, n - 1, 2):  # refuse: steps of one only
        for j in range(n):
            u[i, j] = 0.5 * (u[i - 1, j] + u[i + 1, j])


u = np.ones((20, 20))
odd_rows(u, 20)  # hot: 0.9
