# type: solve:u numpy.ndarray float64 2
# type: solve:f numpy.ndarray float64 2
# type: solve:n int
# type: solve:h float
# type: solve:tol float
# type: solve:err float
# type: solve:count int
import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def iterate_u(u, f, tol, n, h):
    """Updates u in place; returns count."""
    err = 1.0
    count = 0
    while err > tol:
        err = 0.0
        for i in range(1, n - 1):  # hot: 0.99
            for j in range(1, n - 1):
                old = u[i, j]
                u[i, j] = 0.25 * (u[i+1, j] + u[i-1, j] + u[i, j+1] + u[i, j-1] - h*h*f[i, j])
                err = max(err, abs(u[i, j] - old))
        count += 1
    return count


def solve(u, f, n, h, tol):
    count = iterate_u(u, f, tol, n, h)
    return u, count


u, count = solve(np.zeros((40, 40)), np.ones((40, 40)), 40, 1 / 39, 1e-5)
print(count)
