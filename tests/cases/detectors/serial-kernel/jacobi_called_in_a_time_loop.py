import numpy as np
from numba import njit


@njit(cache=True)
def step(u, un, nx, ny):
    for i in range(1, nx - 1):  # expect: serial-kernel
        for j in range(1, ny - 1):
            un[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1])


u = np.zeros((500, 500))
un = u.copy()
for n in range(1000):  # hot: 0.95
    step(u, un, 500, 500)
    u, un = un, u
