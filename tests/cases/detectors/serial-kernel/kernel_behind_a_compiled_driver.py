import numpy as np
from numba import njit


@njit
def flux(a, b):
    return 0.5 * (a + b) - 0.5 * abs(b - a)


@njit
def update(q, r, n, m):
    for i in range(1, n - 1):  # expect: serial-kernel
        for j in range(1, m - 1):
            r[i, j] = flux(q[i, j], q[i, j + 1]) - flux(q[i, j - 1], q[i, j])


@njit
def run(q, r, n, m, steps):
    for k in range(steps):
        update(q, r, n, m)
        for i in range(n):  # expect: serial-kernel
            for j in range(m):
                q[i, j] -= 0.1 * r[i, j]


q = np.ones((300, 300))
r = np.zeros_like(q)
run(q, r, 300, 300, 500)  # hot: 0.97
