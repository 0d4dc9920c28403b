import numpy as np
from numba import njit


@njit
def run(u, un, n, steps):
    for k in range(steps):
        for i in range(1, n - 1):
            un[i] = u[i] + 0.1 * (u[i + 1] - 2 * u[i] + u[i - 1])
        u, un = un, u


u = np.zeros(100)
run(u, u.copy(), 100, 100000)  # hot: 0.97
