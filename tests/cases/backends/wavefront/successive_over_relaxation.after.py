# type: relax:p numpy.ndarray float64 2
# type: relax:b numpy.ndarray float64 2
"""Pressure by successive over-relaxation."""

import numpy as np
from numba import njit


@njit(cache=True)
def overlap(a, b):
    """Whether the stretches of memory that two arrays lie in overlap."""
    a_low = a_high = a.ctypes.data
    for k in range(a.ndim):
        reach = (a.shape[k] - 1) * a.strides[k]
        if reach < 0:
            a_low += reach
        else:
            a_high += reach
    b_low = b_high = b.ctypes.data
    for k in range(b.ndim):
        reach = (b.shape[k] - 1) * b.strides[k]
        if reach < 0:
            b_low += reach
        else:
            b_high += reach
    return a_low < b_high + b.itemsize and b_low < a_high + a.itemsize


@njit(cache=True, error_model="numpy")
def relax_cell(p, b, omega, h, j, i, change):
    """One cell of the sweep in `relax`."""
    # five points
    old = p[j, i]
    mean = 0.25 * (p[j + 1, i] + p[j - 1, i] + p[j, i + 1] + p[j, i - 1] - h * h * b[j, i])
    p[j, i] = (1 - omega) * old + omega * mean
    change = max(change, abs(p[j, i] - old))
    return change


@njit(cache=True, error_model="numpy")
def relax(p, b, omega, h):
    change = 0.0
    ny, nx = p.shape
    if overlap(p, b):  # one array under two names: cell by cell
        for j in range(1, ny - 1):
            for i in range(1, nx - 1):
                change = relax_cell(p, b, omega, h, j, i, change)
    else:
        # 8 rows at a time, each one column behind the row before it: no row waits for
        # another, and every cell sees the values that it saw when they came in order.
        for j_top in range(1, ny - 1, 8):
            for i_top in range(1, nx + 6):
                if j_top + 8 <= ny - 1 and 8 <= i_top < nx - 1:
                    for k in range(8):
                        change = relax_cell(p, b, omega, h, j_top + k, i_top - k, change)
                else:
                    for k in range(8):
                        if j_top + k < ny - 1 and 1 <= i_top - k < nx - 1:
                            change = relax_cell(p, b, omega, h, j_top + k, i_top - k, change)
    return change


p, b = np.zeros((40, 50)), np.ones((40, 50))
for n in range(50):  # hot: 0.95
    change = relax(p, b, 1.7, 0.02)
