# type: relax:p numpy.ndarray float64 2
# type: relax:b numpy.ndarray float64 2
"""Pressure by successive over-relaxation."""

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def relax(p, b, omega, h):
    change = 0.0
    ny, nx = p.shape
    for j in range(1, ny - 1):
        for i in range(1, nx - 1):
            # five points
            old = p[j, i]
            mean = 0.25 * (p[j + 1, i] + p[j - 1, i] + p[j, i + 1] + p[j, i - 1] - h * h * b[j, i])
            p[j, i] = (1 - omega) * old + omega * mean
            change = max(change, abs(p[j, i] - old))
    return change


p, b = np.zeros((40, 50)), np.ones((40, 50))
for n in range(50):  # hot: 0.95
    change = relax(p, b, 1.7, 0.02)
