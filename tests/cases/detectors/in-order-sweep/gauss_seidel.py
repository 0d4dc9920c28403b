# type: relax:u numpy.ndarray float64 2
# type: relax:f numpy.ndarray float64 2
import numpy as np
from numba import njit


@njit
def relax(u, f):
    n, m = u.shape
    for i in range(1, n - 1):  # expect: in-order-sweep
        for j in range(1, m - 1):
            u[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - f[i, j])


u, f = np.zeros((40, 50)), np.ones((40, 50))
for step in range(50):  # hot: 0.95
    relax(u, f)
