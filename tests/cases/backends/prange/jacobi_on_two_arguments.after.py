"""Heat in a plate."""

import numpy as np
from numba import njit, prange


@njit(cache=True)
def step_serial(u, un, nx, ny, c):
    # five points
    for i in range(1, nx - 1):
        for j in range(1, ny - 1):
            un[i, j] = u[i, j] + c * (
                u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4 * u[i, j]  # the Laplacian
            )


@njit(parallel=True, cache=True)
def step_parallel(u, un, nx, ny, c):
    # five points
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            un[i, j] = u[i, j] + c * (
                u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4 * u[i, j]  # the Laplacian
            )


def step(u, un, nx, ny, c):
    """Run `step_parallel`, or `step_serial` where arrays share memory."""
    if np.may_share_memory(u, un):
        step_serial(u, un, nx, ny, c)
    else:
        step_parallel(u, un, nx, ny, c)


u = np.zeros((50, 50))
u[20:30, 20:30] = 1.0
un = u.copy()
for n in range(20):  # hot: 0.95
    step(u, un, 50, 50, 0.1)
    u, un = un, u
