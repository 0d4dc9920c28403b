# type: step:u numpy.ndarray float64 2
# type: step:un numpy.ndarray float64 2
import numpy as np
from numba import njit


@njit
def step(u, un):
    n, m = u.shape
    for i in range(1, n - 1):  # expect: serial-kernel
        for j in range(1, m - 1):
            un[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1])


u, un = np.zeros((40, 50)), np.zeros((40, 50))
for n in range(50):  # hot: 0.95
    step(u, un)
    u, un = un, u
